"""What is acknowledged of cdk-nag's findings, each on its one resource, hides nothing else; test_judges.py has that nothing is left of the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Environment, Stack, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks

from gateleg import description as said
from gateleg.cdk import (
    ApiGatewayAccount,
    Cache,
    CachedRoute,
    Compliance,
    Cors,
    HttpGateway,
    IamAuthorizer,
    JwtAuthorizer,
    ModelTable,
    NoWebAcl,
    Replication,
    RequestAuthorizer,
    RestGateway,
    TableBackups,
    TableExport,
    Throttle,
    TokenAuthorizer,
    UsagePlan,
    WebAcl,
    WebSocketGateway,
)
from gateleg.cdk.integrations import AwsService, S3Get
from gateleg.description import Route
from tests.templates.constructs.samples import CHAT, READ, ROUTES, function, http_description, rest_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow
OFF = NoWebAcl("CloudFront stands before it")

ACKNOWLEDGED = "aws:cdk:acknowledged-rules"


DEFAULT: tuple[Any, ...] = (AwsSolutionsChecks, ServerlessChecks)
STRICT: tuple[Any, ...] = (*DEFAULT, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks)


def findings(build: Callable[[Stack], object], packs: tuple[Any, ...] = DEFAULT) -> list[str]:
    """`rule at construct` of every finding that is left."""
    app = App(context={"gateleg:runtime": "python3.14"})  # of an older one AwsSolutions-L1 would tell
    build(Stack(app, "Test", env=Environment(account="123456789012", region="eu-west-1")))
    Validations.of(app).add_plugins(*(pack(app) for pack in packs))
    try:
        app.synth()
    except RuntimeError as error:
        assert "ValidationFailed" in str(error)  # noqa: PT017 (it is raised or not, as there are findings)
    report = json.loads(Path(app.outdir, "validation-report.json").read_text(encoding="utf-8"))
    return [
        f"{violation['ruleName']} at {construct['constructPath']}"
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def whole(stack: Stack, code: HandlerCode, web_acl: WebAcl | NoWebAcl | str | None = OFF, **rest: Any) -> WebSocketGateway:
    table = ModelTable(stack, "Table", table=CHAT)
    auth = function(stack, code)
    RestGateway(
        stack,
        "Rest",
        apps=[rest_description(*ROUTES)],
        tables=[table],
        authorizers={"token": TokenAuthorizer(auth)},
        cors=Cors(["https://a.example"]),
        function_options={"code": code},
        usage_plans={"partners": UsagePlan(["acme"], Throttle(1, 1))},
        web_acl=web_acl,
        **rest,
    )
    HttpGateway(
        stack,
        "Http",
        apps=[http_description(*ROUTES)],
        tables=[table],
        authorizers={"people": JwtAuthorizer("https://login.example.com/", ["shop"])},
        cors=Cors(["https://a.example"]),
        throttles={"GET /docs": Throttle(1, 1)},
        function_options={"code": code},
    )
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h", uses=(READ,))))
    ApiGatewayAccount(stack, "Account")
    return WebSocketGateway(
        stack,
        "Socket",
        app=app,
        tables=[table],
        authorizer=RequestAuthorizer(auth.function, ["querystring.token"]),
        function_options={"code": code},
    )


def test_a_web_acl_is_on_or_off_with_the_author_s_reason_or_missing(code: HandlerCode) -> None:
    assert findings(lambda stack: whole(stack, code, WebAcl())) == []
    assert findings(lambda stack: whole(stack, code, None)) == ["AwsSolutions-APIG3 at Test/Rest/Stage/Resource"]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("*", "AwsSolutions-IAM5[Resource::*] at Test/Socket/SvcSocket/Role/DefaultPolicy/Resource"),
        ("arn:aws:s3:::bucket/*", "AwsSolutions-IAM5"),
    ],
)
def test_an_acknowledgement_hides_nothing_that_a_user_adds(arn: str, expected: str, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        socket = whole(stack, code)
        statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=[arn])
        socket.functions["svc.socket:app"].function.add_to_role_policy(statement)

    found = findings(build)
    assert [one for one in found if one.startswith(expected)]


def test_a_key_with_parameters_is_explained_and_a_wildcard_of_the_user_is_not() -> None:
    def build(stack: Stack) -> None:
        notes = s3.Bucket(stack, "Notes")
        allow = {"arn:aws:kinesis:eu-west-1:123456789012:stream/a*": ["kinesis:PutRecord"]}
        own = AwsService("kinesis", allow, action="PutRecord", template='{"Data": "$input.body"}')
        routes = {"GET /notes/{name}": S3Get(notes, key="notes/{name}.txt"), "POST /counts": own}
        RestGateway(stack, "Rest", routes=routes, authorizers={"aws": IamAuthorizer()}, web_acl=OFF)

    assert [one.split(" at ")[0] for one in findings(build) if "IAM5" in one] == [
        "AwsSolutions-IAM5[Resource::arn:aws:kinesis:eu-west-1:123456789012:stream/a*]"
    ]


def test_a_public_socket_is_acknowledged_with_its_reason_and_an_added_route_is_not(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        from aws_cdk import aws_apigatewayv2 as apigatewayv2

        app = said.App("svc.socket:app", "websocket", (Route("$connect", "h", public="prices are public"),))
        socket = WebSocketGateway(stack, "Socket", app=app, function_options={"code": code})
        apigatewayv2.CfnRoute(stack, "Own", api_id=socket.api.api_id, route_key="own")

    assert findings(build) == ["AwsSolutions-APIG4 at Test/Own"]


def reasons(socket: WebSocketGateway, route: str) -> list[str]:
    found = [entry.data for entry in socket.node.find_child(f"Route{route}").node.metadata if entry.type == "aws:cdk:acknowledged-rules"]
    return [reason for rules in found for reason in rules.values()]


def test_a_guarded_connect_route_is_never_acknowledged_and_a_public_one_with_the_authors_reason(code: HandlerCode) -> None:
    guarded = whole(Stack(App(), "Test"), code)
    assert reasons(guarded, "$connect") == []
    assert ["opens with $connect" in reason for reason in reasons(guarded, "send")] == [True, True]
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h", public="prices are public"),))
    public = WebSocketGateway(Stack(App(), "Test"), "Socket", app=app, function_options={"code": code})
    assert reasons(public, "$connect") == ["Anyone may connect: prices are public"] * 2


WEB_ACL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/x/y"


def strict(stack: Stack, code: HandlerCode, **rest: Any) -> WebSocketGateway:
    Compliance(kms.Key(stack, "Key", enable_key_rotation=True), reserved_concurrency=5).apply(stack)
    return whole(stack, code, **({"web_acl": WEB_ACL} | rest))


def test_compliance_explains_nothing_that_it_was_not_asked_for(code: HandlerCode) -> None:
    """A function behind no API, a role that reaches into a VPC, an HTTP backend, a stage without a web ACL, a cache in the clear."""

    def build(stack: Stack) -> None:
        backend = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://backend.example.com"}
        socket = strict(stack, code, web_acl=None, routes={"GET /backend": backend}, cache=Cache({"GET /docs": CachedRoute(keys=[])}))
        socket.functions["svc.socket:app"].function.add_to_role_policy(
            iam.PolicyStatement(actions=["elasticache:Connect"], resources=["arn:aws:elasticache:eu-west-1:123456789012:user:x"])
        )
        function(stack, code, "Alone")  # behind no API
        rest: Any = stack.node.find_child("Rest")
        settings = stack.resolve(rest.stage.node.default_child.method_settings)
        setting: Any = apigateway.CfnStage.MethodSettingProperty
        plain = [setting(**{**_snake(entry), "cache_data_encrypted": False}) for entry in settings]
        rest.stage.node.default_child.method_settings = plain
        statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::bucket/key"])
        document = iam.PolicyDocument(statements=[statement])
        iam.Role(stack, "Own", assumed_by=cast("Any", iam.AccountRootPrincipal()), inline_policies={"x": document})

    found = findings(build, STRICT)
    for expected in (
        "HIPAA.Security-LambdaInsideVPC at Test/Socket/SvcSocket/Resource/Resource",
        "HIPAA.Security-LambdaDLQ at Test/Alone/Resource/Resource",
        "NIST.800.53.R4-LambdaInsideVPC at Test/Socket/SvcSocket/Resource/Resource",
        "PCI.DSS.321-APIGWSSLEnabled at Test/Rest/Stage/Resource",
        "NIST.800.53.R5-APIGWAssociatedWithWAF at Test/Rest/Stage/Resource",
        "HIPAA.Security-APIGWCacheEnabledAndEncrypted at Test/Rest/Stage/Resource",
        "HIPAA.Security-IAMNoInlinePolicy at Test/Own/Resource",
    ):
        assert expected in found
    assert not [one for one in found if "IAMNoInlinePolicy" in one and "Own" not in one]


def _snake(entry: dict[str, Any]) -> dict[str, Any]:
    return {re.sub("([A-Z])", r"_\1", name).lower(): value for name, value in entry.items()}


def test_the_reasons_of_compliance_are_read_from_what_is_built(code: HandlerCode) -> None:
    app = App()
    stack = Stack(app, "Test", env=Environment(account="123456789012", region="eu-west-1"))
    strict(stack, code, cache=Cache({"GET /docs": CachedRoute(keys=[])}))
    app.synth()
    rest: Any = stack.node.find_child("Rest")
    function = rest.functions["svc.rest:app"].function
    stage, own = told(rest.stage), told(function.node.default_child)
    assert stage["APIGWCacheEnabledAndEncrypted"].endswith("answers to GET /docs; those to others are not kept.")
    assert ": aws_proxy answer" in stage["APIGWSSLEnabled"]
    assert "may reach dynamodb, kms, logs, secretsmanager, xray alone" in own["LambdaInsideVPC"]
    assert "waits for its answer" in own["LambdaDLQ"]
    assert function.node.default_child.reserved_concurrent_executions == 5


def told(construct: Any) -> dict[str, str]:
    """The reasons for HIPAA by rule."""
    entries = [entry.data for entry in construct.node.metadata if entry.type == ACKNOWLEDGED]
    return {rule.partition("HIPAA.Security-")[2]: reason for rules in entries for rule, reason in rules.items() if "HIPAA" in rule}


def test_a_table_with_all_that_guards_it_has_no_findings() -> None:
    def build(stack: Stack) -> None:
        bucket = s3.Bucket(stack, "Bucket", enforce_ssl=True, server_access_logs_prefix="log/")
        shop = ModelTable(stack, "Shop", table=CHAT, replication=Replication(["eu-west-2"]))
        plain = ModelTable(stack, "Plain", table=CHAT, resource_type="AWS::DynamoDB::Table")
        for name, every in (("OnDemand", None), ("Hourly", Duration.hours(1))):
            TableExport(stack, name, table=shop, bucket=bucket, prefix=name, every=every, incremental=every is not None)
        TableBackups(stack, "Backups", tables=[shop, plain])

    assert findings(build) == []
