"""What the stage of a WebSocket API takes beside its routes, and who may send to its connections."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_s3 as s3

from gateleg.cdk import (
    DirectRoute,
    Domain,
    ExecutionLogs,
    HttpGateway,
    IamAuthorizer,
    ModelTable,
    Quota,
    RestGateway,
    ServiceFunction,
    Throttle,
    TrustStore,
    UsagePlan,
    WebSocketGateway,
)
from gateleg.cdk.integrations import Mock
from gateleg.description import App as Described
from gateleg.description import Route, Use
from gateleg.errors import DeclarationError, RouteError
from tests.templates.constructs.samples import CHAT, Template, synthesized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.cdk import HandlerCode

APP = Described(
    "svc.socket:app",
    "websocket",
    (Route("$connect", "svc.socket:connect"), Route("send", "svc.socket:send", uses=(Use("chat", "Message", "put"),))),
)
STAGE, ARN = "AWS::ApiGatewayV2::Stage", "arn:aws:acm:eu-north-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
PLANS = {"partners": UsagePlan(["acme"], Throttle(10, 5), Quota(1_000, "DAY"))}


def certificate(stack: Stack) -> Any:
    return acm.Certificate.from_certificate_arn(stack, "Certificate", ARN)


def socket(stack: Stack, code: HandlerCode, **props: Any) -> WebSocketGateway:
    given: dict[str, Any] = {"app": APP, "authorizer": IamAuthorizer(), "function_options": {"code": code}}
    return WebSocketGateway(stack, "Socket", tables=[ModelTable(stack, "Table", table=CHAT)], **(given | props))


@pytest.fixture(scope="module")
def template(code: HandlerCode) -> Template:
    def build(stack: Stack) -> None:
        socket(
            stack,
            code,
            throttles={"send": Throttle(20, 10), "$connect": Throttle(2, 1)},
            domain=Domain("chat.example.com", certificate(stack), "v1"),
            variables={"shop": "main"},
            execution_logs=ExecutionLogs("INFO", data_trace=True),
            usage_plans=PLANS,
        )

    return synthesized(build, region="eu-north-1", account="123456789012")


def test_routes_are_throttled_by_themselves_and_logged_as_the_stage_is(template: Template) -> None:
    stage = template.one(STAGE)
    rest = {"DetailedMetricsEnabled": True, "DataTraceEnabled": True, "LoggingLevel": "INFO"}
    assert stage["RouteSettings"] == {
        "send": {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 10, **rest},
        "$connect": {"ThrottlingRateLimit": 2, "ThrottlingBurstLimit": 1, **rest},
    }
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 50, **rest}
    assert stage["StageVariables"] == {"shop": "main"}


def test_the_domain_leads_to_the_stage_and_functions_post_past_it(template: Template) -> None:
    mapping = template.one("AWS::ApiGatewayV2::ApiMapping")
    assert (mapping["ApiMappingKey"], mapping["Stage"]) == ("v1", "live")
    assert template.id_of(STAGE) in next(iter(template.all("AWS::ApiGatewayV2::ApiMapping").values()))["DependsOn"]
    assert mapping["ApiId"] == {"Ref": template.id_of("AWS::ApiGatewayV2::Api")}
    assert template.one("AWS::ApiGatewayV2::DomainName")["DomainNameConfigurations"][0]["SecurityPolicy"] == "TLS_1_2"
    [url] = [one["Value"] for name, one in template.data["Outputs"].items() if name.endswith("Url") or "Url" in name]
    assert url == "wss://chat.example.com/v1"


def test_a_connection_takes_a_key_and_nothing_else_does(template: Template) -> None:
    keyed = {
        one["Properties"]["RouteKey"]: one["Properties"].get("ApiKeyRequired") for one in template.all("AWS::ApiGatewayV2::Route").values()
    }
    assert keyed == {"$connect": True, "send": None}
    plan = template.one("AWS::ApiGateway::UsagePlan")
    assert plan["ApiStages"] == [{"ApiId": {"Ref": template.id_of("AWS::ApiGatewayV2::Api")}, "Stage": "live"}]
    assert (plan["Throttle"], plan["Quota"]) == ({"RateLimit": 10, "BurstLimit": 5}, {"Limit": 1000, "Period": "DAY"})
    assert template.one("AWS::ApiGateway::UsagePlanKey")["KeyId"] == {"Ref": template.id_of("AWS::ApiGateway::ApiKey")}
    [resource] = template.all("AWS::ApiGateway::UsagePlan").values()
    assert template.id_of(STAGE) in resource["DependsOn"]


def test_without_them_a_stage_logs_errors_and_asks_for_no_key(code: HandlerCode) -> None:
    found = synthesized(lambda stack: socket(stack, code))
    stage = found.one(STAGE)
    assert (stage["DefaultRouteSettings"]["LoggingLevel"], stage["DefaultRouteSettings"]["DataTraceEnabled"]) == ("ERROR", False)
    assert {"RouteSettings", "StageVariables"} & stage.keys() == set()
    assert not found.all("AWS::ApiGateway::UsagePlan")
    assert all("ApiKeyRequired" not in one["Properties"] for one in found.all("AWS::ApiGatewayV2::Route").values())


def test_a_function_that_gives_no_pages_knows_no_cursor_secret(template: Template, code: HandlerCode) -> None:
    def told(found: Template) -> tuple[bool, bool]:
        [function] = [one["Properties"] for name, one in found.all("AWS::Lambda::Function").items() if name.startswith("SocketSvc")]
        policies = json.dumps([one for name, one in found.all("AWS::IAM::Policy").items() if name.startswith("SocketSvc")])
        return "GATELEG_CURSOR_SECRET_CHAT" in function["Environment"]["Variables"], "secretsmanager:" in policies

    paging = Described("svc.socket:app", "websocket", (Route("$connect", "h"), Route("list", "h", uses=(Use("chat", "Message", "query"),))))
    assert told(template) == (False, False)
    assert told(synthesized(lambda stack: socket(stack, code, app=paging))) == (True, True)


def test_a_publisher_of_another_stack_may_post_and_nothing_else(code: HandlerCode) -> None:
    app = App()
    api, jobs = Stack(app, "Api"), Stack(app, "Jobs")
    gateway = socket(api, code)
    job = ServiceFunction(jobs, "Job", handler="svc.socket:run", code=code, described=Described("svc.socket:run", "function"))
    gateway.add_publisher(job)
    made = app.synth()
    template = made.get_stack_by_name("Jobs").template
    assert [each.id for each in made.get_stack_by_name("Jobs").dependencies if each.id == "Api"] == ["Api"]
    assert not [each.id for each in made.get_stack_by_name("Api").dependencies if each.id == "Jobs"]
    statements = [
        statement
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy"
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "execute-api:ManageConnections"
    ]
    [statement] = statements
    assert json.dumps(statement["Resource"]).count("/live/POST/@connections/*") == 1


REFUSED: Mapping[str, tuple[dict[str, Any], type[Exception], str]] = {
    "a route that is not there": (
        {"throttles": {"sned": Throttle(1, 1)}},
        RouteError,
        r"names no route of the gateway; write one of 'send'",
    ),
    "no throttle": ({"throttles": {"send": 5}}, DeclarationError, r"such as Throttle\(10, 5\)"),
    "no domain": ({"domain": "chat.example.com"}, DeclarationError, r"such as Domain\('chat.example.com', certificate\)"),
    "a name that no variable has": ({"variables": {"a b": "x"}}, DeclarationError, "variables"),
    "logs that are off": (
        {"execution_logs": ExecutionLogs("INFO"), "access_log_retention": None},
        DeclarationError,
        "leave one of the two out",
    ),
    "no logs": ({"execution_logs": "INFO"}, DeclarationError, r"such as ExecutionLogs\('INFO'\)"),
    "a plan of routes": (
        {"usage_plans": {"a": UsagePlan(["k"], throttles={"send": Throttle(1, 1)})}},
        DeclarationError,
        r"write WebSocketGateway\(throttles=...\)",
    ),
    "no plan": ({"usage_plans": {"a": ["k"]}}, DeclarationError, r"such as \{'partners': UsagePlan"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_stage_has_is_refused(case: str, code: HandlerCode) -> None:
    props, error, told = REFUSED[case]
    with pytest.raises(error, match=told):
        socket(Stack(App(), "Test"), code, **props)


@pytest.mark.parametrize(("given", "argument"), [({"level": "DEBUG"}, "level"), ({"data_trace": "yes"}, "data_trace")])
def test_logs_of_no_kind_are_refused(given: Any, argument: str) -> None:
    with pytest.raises(DeclarationError, match=argument):
        ExecutionLogs(**given)


def test_a_domain_that_asks_for_certificates_is_refused(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    trusted = TrustStore(s3.Bucket(stack, "Bucket"), "authorities.pem")
    with pytest.raises(DeclarationError, match="leave trust_store out"):
        socket(stack, code, domain=Domain("chat.example.com", certificate(stack), trust_store=trusted))


def test_sockets_share_no_domain_with_other_apis_whichever_came_first(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    names = [
        apigatewayv2.DomainName(
            stack,
            f"Name{at}",
            domain_name=f"api{at}.example.com",
            certificate=certificate(stack) if not at else acm.Certificate.from_certificate_arn(stack, "Other", ARN),
        )
        for at in (0, 1)
    ]
    HttpGateway(stack, "Http", domain=Domain(names[0], mapping_key="http"), function_options={"code": code})
    options: Any = {
        "app": APP,
        "authorizer": IamAuthorizer(),
        "tables": [ModelTable(stack, "Table", table=CHAT)],
        "function_options": {"code": code},
    }
    with pytest.raises(DeclarationError, match=r"Test/Http/.* maps api0.example.com to a REST or HTTP API.*give it a Domain of its own"):
        WebSocketGateway(stack, "Socket", domain=Domain(names[0], mapping_key="socket"), **options)
    for name in ("a", "b"):
        WebSocketGateway(stack, f"Socket-{name}", domain=Domain(names[1], mapping_key=name), **options)
    for other in (HttpGateway, RestGateway):
        with pytest.raises(
            DeclarationError, match=r"Test/Socket-a/.* maps api1.example.com to a WebSocket API, and a REST or HTTP API shares no"
        ):
            other(stack, other.__name__, domain=Domain(names[1], mapping_key="other"), function_options={"code": code})
    mock = {"GET /health": DirectRoute(Mock({"status": "ok"}), public="probes carry no token")}
    RestGateway(stack, "Rest", domain=Domain(names[0], mapping_key="rest"), routes=mock)


def test_the_document_tells_of_the_key(code: HandlerCode) -> None:
    document = socket(Stack(App(), "Test"), code, usage_plans=PLANS).asyncapi()
    assert document["channels"]["socket"]["bindings"]["ws"]["headers"]["required"] == ["x-api-key"]


def test_logs_may_be_off(code: HandlerCode) -> None:
    found = synthesized(lambda stack: socket(stack, code, access_log_retention=None))
    assert found.one(STAGE)["DefaultRouteSettings"]["LoggingLevel"] == "OFF"
