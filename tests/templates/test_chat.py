"""What the chat stack deploys, asserted on its template: meaning first, snapshots as a second net."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk import DirectRoute, RestGateway
from gateleg.cost.bill import bill
from gateleg.cost.load import load
from gateleg.testing import TemplateView, logical_ids
from stacks.chat import TAKING_BACK, ChatStack
from tests.templates.pictures import check_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk
    from syrupy.assertion import SnapshotAssertion

    from gateleg.testing import Synth

REST, SOCKET, AUTHORIZER, REFERENCE = "chat-rest", "chat-socket", "chat-authorizer-handler", "reference-handler"


def chat_stack(app: aws_cdk.App) -> ChatStack:
    return ChatStack(app, "Chat")


@pytest.fixture(scope="session")
def chat(synth: Synth) -> TemplateView:
    return synth(chat_stack)


def test_only_the_page_the_reference_and_sign_in_are_public(chat: TemplateView) -> None:
    public = {route.key for route in chat.routes() if route.public_reason}

    assert public == {"GET /", "GET /docs", "GET /docs/{file}", "POST /sessions"}


def test_every_other_route_asks_the_authorizer(chat: TemplateView) -> None:
    guarded = {route.key: route.authorizer for route in chat.routes() if not route.public_reason and route.key != TAKING_BACK}

    assert guarded == dict.fromkeys(
        (
            "GET /rooms",
            "POST /rooms",
            "GET /rooms/{room}/messages",
            "POST /rooms/{room}/messages",
            "POST /rooms/{room}/messages/{message_id}/likes",
            "GET /authors/{author}/messages",
            "GET /rooms/{room}/presence",
        ),
        "session",
    )


def test_what_was_said_is_taken_back_by_identities_of_moderators_alone(chat: TemplateView) -> None:
    route = chat.route(TAKING_BACK)
    [group] = chat.resources("AWS::Cognito::UserPoolGroup")
    given = chat.only("AWS::Cognito::IdentityPoolRoleAttachment").properties
    [mapping] = given["RoleMappings"].values()
    [moderators] = [role for role in chat.resources("AWS::IAM::Role") if role.logical_id in str(group.properties["RoleArn"])]
    [trusted] = moderators.properties["AssumeRolePolicyDocument"]["Statement"]
    pool = chat.only("AWS::Cognito::IdentityPool")

    assert (route.authorizer, route.authorizer_type) == ("moderators", "AWS_IAM")
    assert chat.access().grants == {moderators.path.removeprefix("Chat/"): {"live/DELETE/rooms/*/messages/*"}}
    assert chat.access().callers(TAKING_BACK) == chat.access().grants.keys()
    assert moderators.logical_id not in str(given["Roles"])
    assert (mapping["Type"], mapping["AmbiguousRoleResolution"]) == ("Token", "AuthenticatedRole")
    assert trusted["Condition"]["StringEquals"] == {"cognito-identity.amazonaws.com:aud": {"Ref": pool.logical_id}}
    assert trusted["Condition"]["ForAnyValue:StringLike"] == {"cognito-identity.amazonaws.com:amr": "authenticated"}
    assert pool.properties["AllowUnauthenticatedIdentities"] is False
    assert chat.only("AWS::Cognito::UserPool").properties["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_one_function_answers_all_rest_routes(chat: TemplateView) -> None:
    functions = {route.function.service for route in chat.routes() if route.function is not None and "/docs" not in route.key}

    assert functions == {REST}
    assert {route.integration_type for route in chat.routes()} == {"AWS_PROXY"}
    assert all(route.function is not None for route in chat.routes())


def test_only_this_stage_of_this_api_calls_the_functions(chat: TemplateView) -> None:
    api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
    rest, socket = chat.only("AWS::ApiGateway::RestApi").logical_id, chat.only("AWS::ApiGatewayV2::Api").logical_id
    found = [(permission.function.service, permission.source_arn) for permission in chat.permissions() if permission.function is not None]

    assert {permission.principal for permission in chat.permissions()} == {"apigateway.amazonaws.com"}
    assert sorted(found) == [
        (AUTHORIZER, f"{api}${{{rest}}}/authorizers/*"),
        (AUTHORIZER, f"{api}${{{socket}}}/authorizers/*"),
        (REST, f"{api}${{{rest}}}/live/*/*"),
        (SOCKET, f"{api}${{{socket}}}/live/*"),
        (REFERENCE, f"{api}${{{rest}}}/live/*/*"),
    ]
    assert "AWS::Lambda::Url" not in chat.types


def test_both_apis_ask_one_function_who_calls(chat: TemplateView) -> None:
    session, connect = chat.authorizer("session"), chat.authorizer("connect")

    assert session.function == connect.function == chat.function(AUTHORIZER)
    assert (session.ttl, session.identity_sources) == (300, ("method.request.header.Authorization",))
    assert (connect.ttl, connect.identity_sources) == (None, ("route.request.querystring.token",))


def test_the_rest_api_is_regional_without_a_policy_and_for_its_own_pages(chat: TemplateView) -> None:
    api = chat.only("AWS::ApiGateway::RestApi").properties

    assert (api["EndpointConfiguration"], api.get("Policy")) == ({"Types": ["REGIONAL"]}, None)
    assert [route.key for route in chat.routes() if route.method == "OPTIONS"] == []
    for refusal in api["Body"]["x-amazon-apigateway-gateway-responses"].values():
        assert refusal.keys() == {"responseTemplates"}
        [template] = refusal["responseTemplates"].values()
        assert template.count("$context") == template.count("$context.requestId") + template.count("$context.error.messageString")


def test_the_socket_has_its_routes_and_guards_the_connection(chat: TemplateView) -> None:
    routes = {route.key: route.authorizer is not None for route in chat.websocket_routes()}

    assert routes == {"$connect": True, **dict.fromkeys(("$disconnect", "$default", "join", "leave", "send", "ping"), False)}


def test_the_rest_handlers_may_do_what_their_routes_declare_and_nothing_else(chat: TemplateView) -> None:
    rest, table = chat.function(REST), chat.table("chat")

    assert rest.allowed_actions(on=table) == {
        "dynamodb:Query",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
    }
    assert rest.allowed_actions(on=table.index("by_author")) == {"dynamodb:Query"}


def test_the_socket_handlers_cannot_read_the_author_index(chat: TemplateView) -> None:
    socket, table = chat.function(SOCKET), chat.table("chat")

    assert socket.allowed_actions(on=table) == {
        f"dynamodb:{name}" for name in ("Query", "GetItem", "PutItem", "DeleteItem", "ConditionCheckItem")
    }
    assert socket.allowed_actions(on=table.index("by_author")) == set()


def test_the_authorizer_cannot_touch_the_table(chat: TemplateView) -> None:
    table = chat.table("chat")

    assert chat.function(AUTHORIZER).allowed_actions(on=table) == set()
    assert chat.function(AUTHORIZER).allowed_actions(on=table.index("by_author")) == set()


def test_beside_the_table_a_function_may_log_trace_post_and_read_its_secrets(chat: TemplateView) -> None:
    [key] = [secret.logical_id for secret in chat.resources("AWS::SecretsManager::Secret") if "SessionKey" in secret.logical_id]
    stage = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{chat.only('AWS::ApiGatewayV2::Api').logical_id}}}/live"
    connections = {REST: {f"{stage}/POST/@connections/*"}, SOCKET: {f"{stage}/*/@connections/*"}}
    reads = {REST: {key, "TableCursorSecret"}, SOCKET: set[str](), AUTHORIZER: {key}, REFERENCE: set[str]()}
    for function in chat.functions():
        others = {
            resource: actions
            for resource, actions in function.permissions.items()
            if not any(one.startswith("dynamodb:") for one in actions)
        }
        secrets = {resource for resource, actions in others.items() if "secretsmanager:GetSecretValue" in actions}

        assert {secret.strip("${}").removesuffix("752A1798") for secret in secrets} == reads[str(function.service)]
        assert ("GATELEG_CURSOR_SECRET_CHAT" in function.environment) == ("TableCursorSecret" in reads[str(function.service)])
        assert others.pop("*") == {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
        posts = connections.get(str(function.service), set())
        assert {resource for resource in others if "@connections" in resource} == posts
        [logs] = others.keys() - secrets - posts
        assert others[logs] == {"logs:CreateLogStream", "logs:PutLogEvents"}
        assert function.role.properties["AssumeRolePolicyDocument"]["Statement"] == [
            {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
        ]


def test_a_function_knows_names_and_no_secrets(chat: TemplateView) -> None:
    assert {function.service: function.handler for function in chat.functions()} == {
        REST: "lambdas.chat.rest.handler",
        SOCKET: "lambdas.chat.socket.app",
        AUTHORIZER: "lambdas.chat.authorizer.handler",
        REFERENCE: "reference.handler",
    }
    for function in chat.functions():
        given = {name: value for name, value in function.environment.items() if name != "POWERTOOLS_SERVICE_NAME"}
        assert all("${" in value for value in given.values()), given


def test_nobody_may_scan_or_use_every_index(chat: TemplateView) -> None:
    for function in chat.functions():
        for statement in function.statements:
            assert "dynamodb:Scan" not in statement.actions
            assert not any(resource.endswith("index/*") for resource in statement.resources)


def test_the_table_is_as_declared_and_hard_to_lose(chat: TemplateView) -> None:
    table = chat.only("AWS::DynamoDB::GlobalTable")
    [replica] = table.properties["Replicas"]

    assert chat.table("chat").key_schema == {"HASH": "pk", "RANGE": "sk"}
    assert chat.table("chat").index("by_author").key_schema == {"HASH": "gsi1pk", "RANGE": "gsi1sk"}
    assert chat.table("chat").index("by_author").projection == "ALL"
    assert table.properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table.properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert replica["DeletionProtectionEnabled"] is True
    assert (table.definition["DeletionPolicy"], table.definition["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_every_function_traces_logs_and_ends_before_the_gateway_gives_up(chat: TemplateView) -> None:
    assert {function.service for function in chat.functions()} == {REST, SOCKET, AUTHORIZER, REFERENCE}
    for function in chat.functions():
        assert function.properties["TracingConfig"] == {"Mode": "Active"}
        assert function.properties["Timeout"] < 29
        assert "LogGroup" in function.properties["LoggingConfig"]


def test_every_log_group_forgets(chat: TemplateView) -> None:
    groups = chat.resources("AWS::Logs::LogGroup")

    assert len(groups) == 8
    assert all(group.properties["RetentionInDays"] > 0 for group in groups)


def test_both_stages_throttle_trace_and_log_without_bodies(chat: TemplateView) -> None:
    rest, socket = chat.only("AWS::ApiGateway::Stage").properties, chat.only("AWS::ApiGatewayV2::Stage").properties
    [settings] = rest["MethodSettings"]

    assert rest["TracingEnabled"] is True
    assert chat.text(rest["DeploymentId"]) == f"${{{chat.only('AWS::ApiGateway::Deployment').logical_id}}}"
    assert (settings["HttpMethod"], settings["ResourcePath"], settings.get("CachingEnabled")) == ("*", "/*", None)
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"], settings["DataTraceEnabled"]) == (100, 50, False)
    assert socket["DefaultRouteSettings"]["ThrottlingRateLimit"] == 100
    assert socket["DefaultRouteSettings"]["DataTraceEnabled"] is False
    for stage, key in ((rest, "AccessLogSetting"), (socket, "AccessLogSettings")):
        logged = stage[key]["Format"].lower()
        assert "requestid" in logged
        assert not {"token", "body", "authorization"} & set(logged.replace('"', " ").replace(".", " ").split())


def test_the_account_is_left_alone(chat: TemplateView) -> None:
    assert "AWS::ApiGateway::Account" not in chat.types


def test_every_answer_to_bad_input_is_the_handlers(chat: TemplateView) -> None:
    assert not any(route.validates_body or route.validates_parameters for route in chat.routes())


def test_public_routes_say_why(chat: TemplateView) -> None:
    assert {route.key: route.public_reason for route in chat.routes() if route.public_reason} == {
        "GET /": "the page is for everybody; it asks for a name",
        **dict.fromkeys(("GET /docs", "GET /docs/{file}"), "the reference holds no data"),
        "POST /sessions": "this is where a token comes from",
    }


def test_the_template_holds(chat: TemplateView, template_snapshot: SnapshotAssertion) -> None:
    assert chat == template_snapshot


def test_no_logical_id_moves(chat: TemplateView, template_snapshot: SnapshotAssertion) -> None:
    """A moved id of the table would deploy an empty one in its place."""
    assert logical_ids(chat.json) == template_snapshot


@pytest.mark.slow
def test_cloudformation_would_take_it(synth: Synth) -> None:
    assert synth(chat_stack, validated=True).count() > 0


@pytest.mark.slow
def test_cdk_nag_finds_nothing_that_is_not_acknowledged(synth: Synth) -> None:
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    found = synth.findings(chat_stack, lambda app: [AwsSolutionsChecks(app), ServerlessChecks(app)])

    assert [str(finding) for finding in found] == []


class BrandedChat(ChatStack):
    """As a user would: the chat with a route more, and a longer memory for one function."""

    def __init__(self, scope: aws_cdk.App, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.rest.add_route("GET /health", DirectRoute(self.authorizer.function, public="a load balancer asks"))


def branded_chat(app: aws_cdk.App) -> ChatStack:
    return BrandedChat(app, "Chat")


def test_a_subclass_adds_to_the_chat_without_moving_it(synth: Synth, chat: TemplateView) -> None:
    branded = synth(branded_chat)

    assert {route.key for route in branded.routes()} - {route.key for route in chat.routes()} == {"GET /health"}
    # The Deployment, whose id says what is deployed, is the only one that may move.
    gone = logical_ids(chat.json).keys() - logical_ids(branded.json).keys()
    assert gone == set()


Document = dict[str, Any]

EDITS: dict[str, Callable[[Document], object]] = {
    "a path goes": lambda document: document["paths"].pop("/rooms"),
    "a description": lambda document: document["info"].update(description="edited"),
    "the gateway responses": lambda document: document["x-amazon-apigateway-gateway-responses"].clear(),
    "an authorizer's cache": lambda document: document["components"]["securitySchemes"]["session"]["x-amazon-apigateway-authorizer"].update(
        authorizerResultTtlInSeconds=1
    ),
    "a reason": lambda document: document["paths"]["/"]["get"].update({"x-gateleg-public": "edited"}),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.slow
def test_an_edit_of_any_part_of_the_api_makes_a_new_deployment(
    synth: Synth, chat: TemplateView, edit: Callable[[Document], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(_self: RestGateway, document: Document) -> Document:
        edit(document)
        return document

    monkeypatch.setattr(RestGateway, "_render_body", edited)
    changed = synth(lambda app: ChatStack(app, "Chat", description=f"edited {edit}"))

    assert changed.only("AWS::ApiGateway::Deployment").logical_id != chat.only("AWS::ApiGateway::Deployment").logical_id


def test_the_picture_of_the_docs_is_the_chat_s(chat: TemplateView, request: pytest.FixtureRequest) -> None:
    check_picture("chat", chat, request)


def test_the_picture_of_a_change_is_the_chat_s_too(chat: TemplateView, request: pytest.FixtureRequest) -> None:
    before = json.loads(json.dumps(chat.json))
    resources = before["Resources"]
    del resources[chat.table("chat").logical_id]["Properties"]["GlobalSecondaryIndexes"]
    resources[chat.function(REST).logical_id]["Properties"]["MemorySize"] = 512
    [paths] = [one["Properties"]["Body"]["paths"] for one in resources.values() if one["Type"] == "AWS::ApiGateway::RestApi"]
    del paths["/rooms/{room}/messages/{message_id}/likes"]
    del paths["/rooms"]["get"]["security"]
    paths["/rooms"]["get"]["x-gateleg-public"] = "there is nothing to hide yet"

    check_picture("change", chat, request, since=TemplateView.of(replace(chat, json=before)))


def test_the_bill_of_the_chat_is_what_a_person_reckons(chat: TemplateView) -> None:
    """`examples/cost/chat.toml` by hand, from AWS's pages: no code of the package counts here."""
    million, gigabyte = 1_000_000, 1024 * 1024  # of KB
    rest = 3 * 3.50
    socket = 6.6 * 1.00 + 1.8 * 0.25
    calls = (3_000_000 + 700_000 + 130_000 + 1_000) * 0.20 / million
    # A GB of memory each, on Graviton.
    compute = (3_000_000 * 0.025 + 700_000 * 0.060 + 130_000 * 0.012 + 1_000 * 0.020) * 0.0000133334
    # KB of functions, then of the access logs of both APIs; kept 90 days, which is three months.
    logged = 3_000_000 * 1.2 + 700_000 * 1.2 + 130_000 * 0.8 + 1_000 * 0.5 + 3_000_000 * 0.6 + 720_000 * 0.1
    logs = logged / gigabyte * (0.50 + 3 * 0.03)
    # Items of half a KB: one unit for the table, one for the index; connections have no index.
    writes = (600_000 * 2 + 200_000 * 2 + 60_000) * 0.625 / million
    # 25 KB are seven steps of 4 KB, 12.5 KB are four, at half a unit each; 3 KB are one, read consistently.
    reads = (1_500_000 * 3.5 + 100_000 * 2 + 600_000 * 1) * 0.125 / million
    storage = 2 * (0.25 + 0.20)
    secrets = 2 * 0.40 + 30_000 * 0.05 / 10_000
    transfer = 20 * 0.09
    by_hand = rest + socket + calls + compute + logs + writes + reads + storage + secrets + transfer

    made = bill([chat], load(Path(__file__).parents[2] / "examples/cost/chat.toml"))

    assert abs(made.total - Decimal(by_hand)) <= Decimal("0.01")
    assert made.lacking == ()
