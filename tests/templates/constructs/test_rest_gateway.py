"""A REST API from descriptions: few resources, least privilege, denied by default."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from gateleg import description as said
from gateleg.cdk import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    Cors,
    DirectRoute,
    HandlerCode,
    IamAuthorizer,
    ModelTable,
    RequestAuthorizer,
    RestApp,
    RestGateway,
    ServiceFunction,
    TokenAuthorizer,
)
from gateleg.description import Route, Use
from gateleg.errors import AuthorizerError, DeclarationError, RouteError, UsesError
from tests.templates.constructs.samples import CHAT, ROUTES, Template, function, gateway, inline, rest_description, synthesized

if TYPE_CHECKING:
    from pathlib import Path

API, PERMISSION, STAGE = "AWS::ApiGateway::RestApi", "AWS::Lambda::Permission", "AWS::ApiGateway::Stage"


def body(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = template.one(API)["Body"]
    return found


def sources(template: Template) -> list[str]:
    return sorted(permission["Properties"]["SourceArn"]["Fn::Join"][1][-1] for permission in template.all(PERMISSION).values())


@pytest.mark.slow
def test_resources_do_not_grow_with_routes(chat: Template, code: HandlerCode) -> None:
    many = rest_description(*ROUTES, *(Route(f"GET /x/y{number}", "h") for number in range(290)))
    assert {name[:12] for name in synthesized(lambda stack: gateway(stack, code, apps=[many])).resources} == {
        name[:12] for name in chat.resources
    }
    assert len(chat.resources) <= 13


def test_integrations_name_the_function_by_a_substitution(chat: Template) -> None:
    function_id = chat.id_of("AWS::Lambda::Function")
    uri = body(chat)["paths"]["/docs"]["get"]["x-amazon-apigateway-integration"]["uri"]
    assert uri == {
        "Fn::Sub": f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function_id}.Arn}}/invocations"
    }


def test_an_overridden_logical_id_is_followed(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        resource = gateway(stack, code).functions["svc.rest:app"].function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        resource.override_logical_id("Renamed")

    assert "${Renamed.Arn}" in json.dumps(body(synthesized(build)))


def test_one_permission_lets_the_stage_invoke_the_function(chat: Template) -> None:
    assert sources(chat) == ["/live/*/*"]
    assert chat.one(PERMISSION)["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_a_function_of_the_apps_may_do_what_its_routes_declare_and_nothing_else(code: HandlerCode) -> None:
    admin = rest_description(Route("DELETE /rooms/{room}", "svc.admin:drop", uses=(Use("chat", "Room", "delete"),)), app="svc.admin:app")
    template = synthesized(lambda stack: gateway(stack, code, apps=[rest_description(*ROUTES), admin]))
    actions = {
        name: sorted(
            {
                action
                for one in template.statements(name)
                for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
            }
        )
        for name in template.all("AWS::IAM::Role")
    }
    assert {name.removeprefix("Rest")[:8]: found for name, found in actions.items()} == {
        "SvcRestR": ["dynamodb:PutItem", "dynamodb:Query", "secretsmanager:GetSecretValue"],
        "SvcAdmin": ["dynamodb:DeleteItem"],
    }
    assert sources(template) == ["/live/*/*", "/live/*/*"]


def test_an_app_without_uses_gets_no_policy_but_knows_the_table(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code, apps=[rest_description(Route("GET /x", "h"))]))
    assert template.all("AWS::IAM::Policy") == {}
    variables = template.one("AWS::Lambda::Function")["Environment"]["Variables"]
    assert variables == {"POWERTOOLS_SERVICE_NAME": "svc-rest", "GATELEG_TABLE_CHAT": {"Ref": template.id_of("AWS::DynamoDB::GlobalTable")}}


def test_a_function_that_queries_finds_the_cursor_secret(chat: Template) -> None:
    variables = chat.one("AWS::Lambda::Function")["Environment"]["Variables"]
    assert variables["GATELEG_CURSOR_SECRET_CHAT"] == {"Ref": chat.id_of("AWS::SecretsManager::Secret")}


def test_uses_of_a_table_that_the_gateway_was_not_given_are_refused(code: HandlerCode) -> None:
    with pytest.raises(UsesError, match=r"svc\.rest:app uses Message \(query\) of the table 'chat'"):
        synthesized(lambda stack: gateway(stack, code, tables=[]))


def test_without_an_authorizer_every_route_must_say_why_it_is_public(code: HandlerCode) -> None:
    with pytest.raises(AuthorizerError, match=r"GET /rooms/\{room\}/messages of svc\.rest:list_messages"):
        synthesized(lambda stack: gateway(stack, code, authorizers={}))
    open_app = rest_description(Route("GET /x", "h", public="prices are public"))
    assert body(synthesized(lambda stack: gateway(stack, code, authorizers={}, apps=[open_app])))["paths"]["/x"]["get"]["security"] == []


def test_each_authorizer_is_rendered_and_may_be_invoked(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        pool = cognito.UserPool(stack, "Pool")
        guarded = [Route(f"GET /{name}", "h", security=({name: []},)) for name in ("token", "request", "users", "iam", "key")]
        authorizers = {
            "token": TokenAuthorizer(function(stack, code), ttl=Duration.seconds(60), pattern="^Bearer .+$"),
            "request": RequestAuthorizer(inline(stack, "Judge"), ["header.X-Key", "querystring.t"], ttl=Duration.seconds(0)),
            "users": CognitoAuthorizer([pool]),
            "iam": IamAuthorizer(),
            "key": ApiKeyAuthorizer(),
        }
        gateway(stack, code, apps=[rest_description(*guarded)], authorizers=authorizers)

    template = synthesized(build)
    schemes = body(template)["components"]["securitySchemes"]
    settings = {name: scheme.get("x-amazon-apigateway-authorizer", {}) for name, scheme in schemes.items()}
    types = {name: scheme.get("x-amazon-apigateway-authtype") for name, scheme in schemes.items()}
    assert types == {"token": "custom", "request": "custom", "users": "cognito_user_pools", "iam": "awsSigv4", "key": None}
    assert schemes["key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}
    assert settings["token"]["type"] == "token"
    assert settings["token"]["authorizerResultTtlInSeconds"] == 60
    assert settings["token"]["identityValidationExpression"] == "^Bearer .+$"
    assert settings["request"]["identitySource"] == "method.request.header.X-Key, method.request.querystring.t"
    assert settings["request"]["authorizerResultTtlInSeconds"] == 0
    assert settings["users"]["providerARNs"] == [{"Fn::GetAtt": [template.id_of("AWS::Cognito::UserPool"), "Arn"]}]
    assert sources(template) == ["/authorizers/*", "/authorizers/*", "/live/*/*"]


def test_a_function_that_judges_and_answers_has_one_permission_for_the_api(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        both = inline(stack, "Both")
        gateway(stack, code, authorizers={"token": TokenAuthorizer(both)}, routes={"GET /me": both, "GET /you": both})

    assert sources(synthesized(build)) == ["/*", "/live/*/*"]


def test_direct_routes_take_functions_and_integrations(code: HandlerCode) -> None:
    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://status.example.com"}

    def build(stack: Stack) -> None:
        rest = gateway(
            stack, code, routes={"GET /health": DirectRoute(inline(stack, "Health"), public="for the load balancer"), "GET /status": proxy}
        )
        added = inline(stack, "Late")
        assert rest.add_route("ANY /late/{proxy+}", added) is added

    template = synthesized(build)
    paths = body(template)["paths"]
    assert paths["/health"]["get"]["security"] == []
    assert paths["/status"]["get"]["x-amazon-apigateway-integration"] == proxy
    assert paths["/status"]["get"]["security"] == [{"iam": []}]
    assert set(paths["/late/{proxy+}"]) == {"x-amazon-apigateway-any-method"}
    assert sources(template) == ["/live/*/*"] * 3


def test_a_version_and_an_alias_are_held_to_what_their_function_is(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    slow = function(stack, code, "Slow", timeout=Duration.seconds(30)).function
    rest = gateway(stack, code, functions="all")
    own = rest.functions["svc.rest:app"].function
    for named in (slow.current_version, slow.add_alias("live")):
        with pytest.raises(DeclarationError, match=r"Test/Slow/Resource answers GET /slow and may run for 30 s"):
            rest.add_route("GET /slow", named)
    for each in (own, own.current_version, own.add_alias("live")):
        with pytest.raises(RouteError, match=r"GET /all is answered by the function of all apps, .*; give it a function of its own"):
            rest.add_route("GET /all", each)
    assert rest.add_route("GET /all", function(stack, code).function.add_alias("live"))


def test_an_app_answers_what_no_route_has_under_the_guard_of_its_routes(code: HandlerCode) -> None:
    """Behind another path it goes by its own patterns, which match `/a/` too, and would run what is guarded for anybody."""
    rest = gateway(Stack(App(), "Test"), code)
    own = rest.functions["svc.rest:app"]
    with pytest.raises(AuthorizerError, match=r"takes for ANY /\{proxy\+\} of .* \(public\) may be answered by .*; guard both alike"):
        rest.add_route("ANY /{proxy+}", DirectRoute(own, public="its own 404"))
    assert rest.add_route("ANY /{proxy+}", DirectRoute(own, authorizer="iam"))
    assert rest.add_route("GET /elsewhere", DirectRoute(own, public="a path that no pattern of the app matches"))


def test_latest_is_refused_for_which_lambda_takes_no_permission(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    rest, own = gateway(stack, code), cast("Any", inline(stack, "Health"))
    far = lambda_.Function.from_function_arn(stack, "Far", "arn:aws:lambda:eu-west-1:123456789012:function:far:$LATEST")
    for path, latest in (("/latest", own.latest_version), ("/far", far)):
        with pytest.raises(DeclarationError, match=r"is \$LATEST, .*; give the function itself, which is the same, or an alias"):
            rest.add_route(f"GET {path}", latest)
    assert rest.add_route("GET /itself", own)
    assert rest.add_route("GET /alias", own.add_alias("live"))


def test_an_alias_is_invoked_as_the_alias(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        version: Any = inline(stack, "Health").current_version
        alias = lambda_.Alias(stack, "Live", alias_name="live", version=version)
        gateway(stack, code, apps=[], routes={"GET /health": alias})

    template = synthesized(build)
    alias_id = template.id_of("AWS::Lambda::Alias")
    assert f"functions/${{{alias_id}}}/invocations" in json.dumps(body(template))
    assert template.one(PERMISSION)["FunctionName"] == {"Ref": alias_id}


def test_functions_of_other_stacks_are_invoked_without_a_cycle(code: HandlerCode) -> None:
    app = App()
    functions, api = Stack(app, "Functions"), Stack(app, "Test")
    gateway(
        api, code, apps=[], routes={"GET /x": inline(functions, "Far")}, authorizers={"token": TokenAuthorizer(inline(functions, "Judge"))}
    )
    template = Template(app.synth().get_stack_by_name("Test").template)
    assert "Fn::ImportValue" in json.dumps(body(template)["paths"]["/x"])
    assert len(template.all(PERMISSION)) == 2


def test_a_function_of_another_account_is_opened_by_its_owner(code: HandlerCode) -> None:
    """A permission on it could not be made, and the stack would fail."""

    def build(stack: Stack) -> None:
        ours = lambda_.Function.from_function_arn(stack, "Ours", "arn:aws:lambda:eu-west-1:111111111111:function:ours")
        theirs = lambda_.Function.from_function_arn(stack, "Theirs", "arn:aws:lambda:eu-west-1:222222222222:function:theirs")
        gateway(stack, code, apps=[], routes={"GET /ours": ours, "GET /theirs": theirs})

    template = synthesized(build, account="111111111111", region="eu-west-1")
    assert template.one(PERMISSION)["FunctionName"].endswith(":ours")
    [told] = [message for message in template.messages if "add-permission" in message]
    assert "--function-name arn:aws:lambda:eu-west-1:222222222222:function:theirs" in told
    assert "--source-account 111111111111" in told
    assert len(synthesized(build).all(PERMISSION)) == 2, "a stack that knows no account may be theirs"


def test_a_duplicate_of_an_apps_route_is_refused_with_both_handlers(code: HandlerCode) -> None:
    with pytest.raises(RouteError, match=r"GET /docs is answered by .*Health and by svc\.rest:docs"):
        synthesized(lambda stack: gateway(stack, code, routes={"GET /docs": inline(stack, "Health")}))


def test_a_stage_that_no_url_can_hold_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="'my stage'"):
        synthesized(lambda stack: gateway(stack, code, stage_name="my stage"))


def test_an_app_may_be_named_like_a_part_of_the_gateway(tmp_path: Path) -> None:
    (tmp_path / "stage.py").write_text("app = None")
    app = rest_description(Route("GET /x", "h"), app="stage:app")
    template = synthesized(lambda stack: gateway(stack, HandlerCode(tmp_path), apps=[app]))
    assert template.one("AWS::Lambda::Function")["Handler"] == "stage.app"


def test_an_app_given_twice_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="give each app once"):
        synthesized(lambda stack: gateway(stack, code, apps=[rest_description(), rest_description()]))


def test_a_websocket_app_belongs_to_the_other_gateway(code: HandlerCode) -> None:
    with pytest.raises(RouteError, match="WebSocketGateway"):
        synthesized(lambda stack: gateway(stack, code, apps=[said.App("svc.rest:app", "websocket")]))


def test_a_function_that_outlasts_the_gateway_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="29 s"):
        synthesized(lambda stack: gateway(stack, code, function_options={"code": code, "timeout": Duration.seconds(29)}))
    with pytest.raises(DeclarationError, match="GET /x"):
        synthesized(lambda stack: gateway(stack, code, routes={"GET /x": inline(stack, "Slow", timeout=Duration.minutes(1))}))


def test_one_cors_feeds_preflights_errors_and_handlers(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code, cors=Cors(["https://a.example"])))
    assert all("options" in item for item in body(template)["paths"].values())
    assert "https://a.example" in json.dumps(body(template)["x-amazon-apigateway-gateway-responses"]["DEFAULT_4XX"])
    assert (
        json.loads(template.one("AWS::Lambda::Function")["Environment"]["Variables"]["GATELEG_CORS"])["allow_origin"] == "https://a.example"
    )
    assert any("svc.rest:app" in message and "CORSConfig" in message for message in template.messages)


def test_the_stage_logs_json_without_secrets_traces_and_throttles(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code, throttling_rate_limit=7, throttling_burst_limit=3))
    stage = template.one(STAGE)
    [settings] = stage["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (7, 3)
    assert (settings["DataTraceEnabled"], settings["MetricsEnabled"], settings["LoggingLevel"]) == (False, True, "ERROR")
    assert stage["TracingEnabled"] is True
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert {"requestId", "status", "resourcePath"} <= set(logged)
    assert not [
        value for value in logged.values() if "header" in value.lower() or "querystring" in value.lower() or value == "$context.path"
    ]


def test_logs_may_be_turned_off(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code, access_log_retention=None))
    assert "AccessLogSetting" not in template.one(STAGE)
    assert "LoggingLevel" not in template.one(STAGE)["MethodSettings"][0]
    assert len(template.all("AWS::Logs::LogGroup")) == 1


def test_the_stage_waits_for_the_group_that_api_gateway_would_make_itself(chat: Template) -> None:
    [stage] = chat.all(STAGE).values()
    [group] = [name for name, one in chat.all("AWS::Logs::LogGroup").items() if "LogGroupName" in one["Properties"]]
    assert group in stage["DependsOn"]


def test_every_log_group_forgets(chat: Template) -> None:
    groups = chat.all("AWS::Logs::LogGroup").values()
    assert len(groups) == 3
    assert all(group["Properties"]["RetentionInDays"] == 90 for group in groups)


def test_the_accounts_role_is_left_alone(chat: Template) -> None:
    assert chat.all("AWS::ApiGateway::Account") == {}


def test_a_web_acl_policy_and_tls_are_passed_on(code: HandlerCode) -> None:
    own: Any = iam.AccountRootPrincipal()
    policy = iam.PolicyDocument(statements=[iam.PolicyStatement(principals=[own], actions=["execute-api:Invoke"], resources=["*"])])
    template = synthesized(
        lambda stack: gateway(
            stack,
            code,
            apps=[rest_description(*ROUTES[:2])],
            web_acl="arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/b",
            policy=policy,
            security_policy="SecurityPolicy_TLS13_1_3_2025_09",
            binary_media_types=["image/png"],
        )
    )
    found = template.one(API)
    assert found["Policy"]["Statement"][0]["Action"] == "execute-api:Invoke"
    assert (found["SecurityPolicy"], found["EndpointAccessMode"]) == ("SecurityPolicy_TLS13_1_3_2025_09", "BASIC")
    assert found["BinaryMediaTypes"] == ["image/png"]
    assert len(template.all("AWS::WAFv2::WebACLAssociation")) == 1


def test_the_url_is_an_output(chat: Template) -> None:
    [(name, output)] = chat.data["Outputs"].items()
    assert name.startswith("RestUrl")
    parts = output["Value"]["Fn::Join"][1]
    assert (parts[0], parts[1], parts[-1]) == ("https://", {"Ref": chat.id_of(API)}, "/live/")


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ({}, "the type None, which is not one of aws, aws_proxy, http, http_proxy, mock"),
        ({"type": "proxy"}, "the type 'proxy'"),
        ({"type": "http_proxy", "uri": "https://a.example"}, "no httpMethod"),
        ({"type": "HTTP"}, "no httpMethod and no uri"),
        ({"type": "aws_proxy", "httpMethod": "GET", "uri": "arn:..."}, "httpMethod='GET', and functions are invoked by POST"),
    ],
)
def test_an_integration_that_aws_would_not_deploy_is_refused(target: dict[str, str], problem: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(problem)):
        DirectRoute(target)
    advised = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://..."}
    assert DirectRoute(advised).target == advised


def test_a_policy_may_grow_because_it_is_part_of_the_api(code: HandlerCode) -> None:
    own: Any = iam.AccountRootPrincipal()
    statement = iam.PolicyStatement(principals=[own], actions=["execute-api:Invoke"], resources=["execute-api:/*"])
    template = synthesized(lambda stack: gateway(stack, code, apps=[rest_description(*ROUTES[:2])]).api.add_to_resource_policy(statement))
    assert template.one(API)["Policy"]["Statement"][0]["Action"] == "execute-api:Invoke"


def test_the_l2s_stay_at_hand(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = gateway(stack, code)
        plan = rest.api.add_usage_plan("Plan", throttle=apigateway.ThrottleSettings(rate_limit=1, burst_limit=1))
        plan.add_api_stage(stage=rest.stage)
        rest.api.metric_client_error().create_alarm(stack, "Errors", threshold=1, evaluation_periods=1)
        rest.functions["svc.rest:app"].function.add_environment("EXTRA", "yes")

    template = synthesized(build)
    assert template.one("AWS::ApiGateway::UsagePlan")["ApiStages"][0]["ApiId"] == {"Ref": template.id_of(API)}
    assert template.one("AWS::CloudWatch::Alarm")["Dimensions"][0]["Name"] == "ApiName"
    assert template.one("AWS::Lambda::Function")["Environment"]["Variables"]["EXTRA"] == "yes"


def test_an_app_says_how_its_function_runs(code: HandlerCode) -> None:
    app = RestApp(
        rest_description(*ROUTES), handler="svc.rest:handler", options={"memory_size": 256}, uses=[Use("chat", "Message", "scan")]
    )
    template = synthesized(lambda stack: gateway(stack, code, apps=[app]))
    found = template.one("AWS::Lambda::Function")
    assert (found["Handler"], found["MemorySize"]) == ("svc.rest.handler", 256)
    assert found["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == "svc-rest"
    assert "dynamodb:Scan" in json.dumps(template.all("AWS::IAM::Policy"))


def test_what_an_app_says_goes_before_what_the_gateway_says_of_all(code: HandlerCode) -> None:
    own: Any = {"memory_size": 256, "environment": {"LEVEL": "own", "OWN": "yes"}}
    every: Any = {"code": code, "memory_size": 512, "environment": {"LEVEL": "all", "ALL": "yes"}}
    app = RestApp(rest_description(*ROUTES), options=own)
    found = synthesized(lambda stack: gateway(stack, code, apps=[app], function_options=every)).one("AWS::Lambda::Function")
    variables = found["Environment"]["Variables"]
    assert found["MemorySize"] == 256
    assert {name: variables[name] for name in ("LEVEL", "OWN", "ALL")} == {"LEVEL": "own", "OWN": "yes", "ALL": "yes"}


class CompanyFunction(ServiceFunction):
    """A subclass as a company would write one."""

    def _define_function(self, **props: Any) -> lambda_.Function:
        return super()._define_function(**(props | {"memory_size": 2048}))


class CompanyGateway(RestGateway):
    """A subclass that uses each documented hook."""

    def _define_function(self, id: str, *, handler: str, options: Any) -> ServiceFunction:  # noqa: A002 (the construct grammar of CDK)
        return CompanyFunction(self, id, handler=handler, **options)

    def _define_stage(self, **props: Any) -> apigateway.Stage:
        return super()._define_stage(**props, description="company stage")

    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        responses = document["x-amazon-apigateway-gateway-responses"] | {"UNAUTHORIZED": {"statusCode": 401}}
        return super()._render_body(document | {"x-amazon-apigateway-gateway-responses": responses})


def test_a_subclass_in_another_stack_may_change_function_stage_and_body(code: HandlerCode) -> None:
    class CompanyStack(Stack):
        def __init__(self, stack: Stack) -> None:
            super().__init__(stack, "Nested")
            table = ModelTable(self, "Table", table=CHAT)
            options: Any = {"code": code}
            CompanyGateway(
                self,
                "Rest",
                apps=[rest_description(*ROUTES)],
                tables=[table],
                authorizers={"iam": IamAuthorizer()},
                function_options=options,
            )

    app = App()
    CompanyStack(Stack(app, "Outer"))
    template = _nested(app)
    assert template.one("AWS::Lambda::Function")["MemorySize"] == 2048
    assert template.one(STAGE)["Description"] == "company stage"
    assert body(template)["x-amazon-apigateway-gateway-responses"]["UNAUTHORIZED"] == {"statusCode": 401}
    assert set(body(template)["paths"]) == {"/rooms/{room}/messages", "/docs"}


def _nested(app: Any) -> Template:
    [artifact] = [stack for stack in app.synth().stacks if stack.template.get("Resources")]
    return Template(artifact.template)


def test_a_hook_that_makes_no_function_is_told_so(code: HandlerCode) -> None:
    class Forgetful(RestGateway):
        def _define_function(self, *arguments: Any, **given: Any) -> Any:
            super()._define_function(*arguments, **given)

    with pytest.raises(
        DeclarationError,
        match=r"_define_function\(\) is to return the ServiceFunction of svc\.rest:app, and returned None; write return super\(\)\._def",
    ):
        Forgetful(
            Stack(App(), "Test"),
            "Rest",
            apps=[rest_description(Route("GET /x", "svc.rest:x"))],
            authorizers={"iam": IamAuthorizer()},
            function_options={"code": code},
        )
