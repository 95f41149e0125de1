"""What plain CDK opens of a guarded app is refused, whichever construct makes the door, unless somebody says why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import Acknowledgment, CfnOutput, Fn, NestedStack, Stack, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as http_integrations
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_cognito_identitypool as identitypool
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as events_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as stepfunctions
from aws_cdk import aws_stepfunctions_tasks as tasks

from gateleg import description as said
from gateleg.cdk import DirectRoute, IamAuthorizer, RestGateway, WebSocketGateway
from gateleg.cdk.integrations import AwsService, EventBridgePut, SqsSend, StepFunctionsStart
from gateleg.description import Route
from tests.templates.constructs.samples import function, gateway, judged, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

INLINE = lambda_.Code.from_inline("def handler(event, context): ...")
NONE = lambda_.FunctionUrlAuthType.NONE
SECRET, OPEN = Route("GET /secret", "svc.rest:secret"), Route("GET /open", "svc.rest:open_", public="prices are public")


def machine(stack: Stack, function: lambda_.Function) -> stepfunctions.StateMachine:
    calling = stepfunctions.DefinitionBody.from_chainable(tasks.LambdaInvoke(stack, "Call", lambda_function=cast("Any", function)))
    return stepfunctions.StateMachine(stack, "M", definition_body=calling, state_machine_type=stepfunctions.StateMachineType.EXPRESS)


def specified(stack: Stack, function: lambda_.Function) -> None:
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function.function_arn}/invocations"
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": integration}}},
    }
    apigateway.SpecRestApi(stack, "Door", api_definition=apigateway.ApiDefinition.from_inline(document))


def started(stack: Stack, function: lambda_.Function) -> None:
    api = apigateway.RestApi(stack, "Door", cloud_watch_role=False)
    api.root.add_method("POST", apigateway.StepFunctionsIntegration.start_execution(cast("Any", machine(stack, function))))


def of_a_gateway(stack: Stack, function: lambda_.Function) -> None:
    route = DirectRoute(StepFunctionsStart(machine(stack, function), sync=True), public="why")
    RestGateway(stack, "Door", routes={"POST /start": route})


def with_policy(stack: Stack, function: lambda_.Function) -> None:
    anybody = iam.PolicyStatement(
        principals=[cast("Any", iam.AnyPrincipal())], actions=["execute-api:Invoke"], resources=["execute-api:/*"]
    )
    apigateway.LambdaRestApi(stack, "Door", handler=cast("Any", function), policy=iam.PolicyDocument(statements=[anybody]))


def http(stack: Stack, function: lambda_.Function) -> None:
    integration = http_integrations.HttpLambdaIntegration("I", cast("Any", function))
    apigatewayv2.HttpApi(stack, "Door", default_integration=integration)


def balanced(stack: Stack, function: lambda_.Function, *, facing: bool = True) -> None:
    vpc: Any = ec2.Vpc(stack, "Door")
    balancer = balancing.ApplicationLoadBalancer(stack, "Balancer", vpc=vpc, internet_facing=facing)
    balancer.add_listener("L", port=80, open=facing).add_targets("Door", targets=[targets.LambdaTarget(cast("Any", function))])


def distributed(stack: Stack, function: lambda_.Function) -> None:
    url = function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
    origin: Any = origins.FunctionUrlOrigin.with_origin_access_control(cast("Any", url))
    cloudfront.Distribution(stack, "Door", default_behavior=cloudfront.BehaviorOptions(origin=origin))


def exported(stack: Stack, function: lambda_.Function) -> None:
    CfnOutput(stack, "Out", value=function.function_arn, export_name="shop")
    other = Stack(cast("Any", stack.node.root), "Other")
    lambda_.CfnUrl(other, "Door", auth_type="NONE", target_function_arn=Fn.import_value("shop"))


def weakly(stack: Stack, function: lambda_.Function) -> None:
    CfnOutput(stack, "Out", value=function.function_arn)
    other = Stack(cast("Any", stack.node.root), "Other")
    lambda_.CfnUrl(other, "Door", auth_type="NONE", target_function_arn=Fn.get_stack_output(stack.stack_name, "Out"))


def stored(stack: Stack, function: lambda_.Function) -> None:
    ssm.StringParameter(stack, "Out", parameter_name="/shop", string_value=function.function_arn)
    other = Stack(cast("Any", stack.node.root), "Other")
    arn = ssm.StringParameter.value_for_string_parameter(other, "/shop")
    lambda_.CfnUrl(other, "Door", auth_type="NONE", target_function_arn=arn)


def nested(stack: Stack, function: lambda_.Function) -> None:
    lambda_.CfnUrl(NestedStack(stack, "Door"), "Url", auth_type="NONE", target_function_arn=function.function_arn)


def run_again(stack: Stack, function: lambda_.Function) -> None:
    own = lambda_.Function(stack, "Door", handler="index.handler", code=INLINE, runtime=lambda_.Runtime.PYTHON_3_13)
    cast("Any", own.node.default_child).add_property_override("Handler", cast("Any", function.node.default_child).handler)
    own.add_function_url(auth_type=NONE)


def put(stack: Stack, function: lambda_.Function) -> None:
    bus = events.EventBus(stack, "Bus")
    target = events_targets.LambdaFunction(cast("Any", function), event=events.RuleTargetInput.from_event_path("$.detail"))
    events.Rule(stack, "Rule", event_bus=cast("Any", bus), event_pattern=events.EventPattern(source=["a"]), targets=[cast("Any", target)])
    RestGateway(stack, "Door", routes={"POST /put": DirectRoute(EventBridgePut(bus, source="a", detail_type="b"), public="why")})


def wrapped(stack: Stack, function: lambda_.Function) -> None:
    bus = events.EventBus(stack, "Bus")
    target: Any = events_targets.LambdaFunction(cast("Any", function))
    events.Rule(stack, "Rule", event_bus=cast("Any", bus), event_pattern=events.EventPattern(source=["a"]), targets=[target])
    queue = sqs.Queue(stack, "Queue")
    function.add_event_source(cast("Any", event_sources.SqsEventSource(cast("Any", queue))))
    routes = {"POST /put": EventBridgePut(bus, source="a", detail_type="b"), "POST /send": SqsSend(queue)}
    RestGateway(stack, "Door", routes={key: DirectRoute(one, public="why") for key, one in routes.items()})


def piped(stack: Stack, function: lambda_.Function) -> None:
    queue, role = sqs.Queue(stack, "Queue"), iam.Role(stack, "Role", assumed_by=cast("Any", iam.ServicePrincipal("pipes.amazonaws.com")))
    parameters = pipes.CfnPipe.PipeTargetParametersProperty(input_template="<$.body>")
    arns: dict[str, Any] = {"source": queue.queue_arn, "target": function.function_arn, "role_arn": role.role_arn}
    pipes.CfnPipe(stack, "Pipe", target_parameters=parameters, **arns)
    RestGateway(stack, "Door", routes={"POST /send": DirectRoute(SqsSend(queue), public="why")})


def by_a_test(stack: Stack, _: lambda_.Function) -> None:
    api = cast("RestGateway", stack.node.find_child("Rest")).api
    allowed = {f"arn:aws:apigateway:eu-west-1::/restapis/{api.rest_api_id}/resources/*": ["apigateway:POST"]}
    calling = AwsService("apigateway", allowed, path=f"restapis/{api.rest_api_id}/resources/abc/methods/GET")
    RestGateway(stack, "Door", routes={"POST /test": DirectRoute(calling, public="why")})


DOORS: dict[str, Callable[[Stack, lambda_.Function], object]] = {
    "a function URL": lambda _, function: function.add_function_url(auth_type=NONE),
    "a function URL of an alias": lambda _, function: function.add_alias("live").add_function_url(auth_type=NONE),
    "a LambdaRestApi": lambda stack, function: apigateway.LambdaRestApi(stack, "Door", handler=cast("Any", function)),
    "a SpecRestApi": specified,
    "an HttpApi": http,
    "a CfnApi": lambda stack, function: apigatewayv2.CfnApi(stack, "Door", name="d", protocol_type="HTTP", target=function.function_arn),
    "a permission": lambda _, function: function.grant_invoke(iam.AnyPrincipal()),
    "every API": lambda _, function: function.grant_invoke(iam.ServicePrincipal("apigateway.amazonaws.com")),
    "an API whose policy lets everybody in": with_policy,
    "a load balancer": balanced,
    "another stack": exported,
    "an output that another stack reads": weakly,
    "another stack by a parameter": stored,
    "a nested stack": nested,
    "another function with its handler": run_again,
}
INFERRED: dict[str, Callable[[Stack, lambda_.Function], object]] = {
    "a state machine": started,
    "a gateway's state machine": of_a_gateway,
    "a distribution": distributed,
    "a rule that gives the detail": put,
    "a pipe that gives the body": piped,
    "a test of a method": by_a_test,
    "a load balancer in a VPC": lambda stack, function: balanced(stack, function, facing=False),
}


def build(door: Callable[[Stack, lambda_.Function], object], stack: Stack, code: HandlerCode, *routes: Route) -> Any:
    rest = gateway(stack, code, apps=[rest_description(*routes)])
    return door(stack, rest.functions["svc.rest:app"].function)


@pytest.mark.parametrize("name", DOORS)
def test_a_door_to_a_guarded_app_is_refused(name: str, code: HandlerCode) -> None:
    told = judged(lambda stack: build(DOORS[name], stack, code, SECRET, OPEN), refused=True)
    assert "whose app guards GET /secret of svc.rest:secret" in told
    assert "gateleg::door" in told


@pytest.mark.parametrize("name", INFERRED)
def test_a_door_that_is_inferred_is_a_warning(name: str, code: HandlerCode) -> None:
    assert "whose app guards GET /secret of svc.rest:secret" in judged(lambda stack: build(INFERRED[name], stack, code, SECRET, OPEN))


@pytest.mark.parametrize("name", [*DOORS, *INFERRED])
def test_an_app_that_guards_nothing_is_left_alone(name: str, code: HandlerCode) -> None:
    assert "whose app guards" not in judged(lambda stack: build((DOORS | INFERRED)[name], stack, code, OPEN))


APP = rest_description(SECRET)
RUN_BY: dict[str, said.App] = {
    "svc.rest:app": said.App("svc.rest:handler", "function", apps=(APP,)),
    "svc.rest:handler": said.App("svc.rest:handler", "function", apps=(APP,)),
    "svc.auth:handler": said.App("svc.auth:handler", "function", beside=(APP,)),
}


@pytest.mark.parametrize("handler", RUN_BY)
def test_an_app_is_known_by_every_handler_that_runs_it(handler: str, code: HandlerCode) -> None:
    def opened(stack: Stack) -> None:
        gateway(stack, code)
        described = RUN_BY[handler]
        own = function(stack, code, "Own", handler=described.name, described=described).function
        if described.apps:
            own = lambda_.Function(stack, "Door", handler="index.handler", code=INLINE, runtime=lambda_.Runtime.PYTHON_3_13)
            cast("Any", own.node.default_child).add_property_override("Handler", handler.replace(":", "."))
        own.add_function_url(auth_type=NONE)

    assert "whose app guards GET /secret of svc.rest:secret" in judged(opened, refused=True)


AGAIN = [(".", "svc.rest.handler"), (".", "svc/rest.handler"), ("svc", "rest.handler"), ("svc", "rest.app")]


def plain(stack: Stack, folder: str, handler: str) -> lambda_.Function:
    return lambda_.Function(stack, "Door", code=lambda_.Code.from_asset(folder), handler=handler, runtime=lambda_.Runtime.PYTHON_3_13)


@pytest.mark.parametrize(("folder", "handler"), AGAIN)
def test_an_app_is_known_in_the_code_of_a_plain_function(folder: str, handler: str, code: HandlerCode) -> None:
    def opened(stack: Stack) -> None:
        gateway(stack, code, apps=[rest_description(SECRET)])
        plain(stack, str(Path(code.root, folder)), handler).add_function_url(auth_type=NONE)

    assert "whose app guards GET /secret of svc.rest:secret" in judged(opened, refused=True)


def test_a_public_route_to_a_plain_function_that_runs_the_app_is_refused(code: HandlerCode) -> None:
    def opened(stack: Stack) -> None:
        own = plain(stack, str(code.root), "svc.rest.handler")
        gateway(stack, code, apps=[rest_description(SECRET)], routes={"ANY /{proxy+}": DirectRoute(cast("Any", own), public="open")})

    assert "GET /secret" in judged(opened, refused=True)


@pytest.mark.parametrize("handler", ["svc.admin.handler", "rest.handler"])
def test_a_plain_function_of_another_module_is_left_alone(handler: str, code: HandlerCode, tmp_path: Path) -> None:
    (tmp_path / "rest.py").write_text("def handler(event, context): ...\n")

    def opened(stack: Stack) -> None:
        gateway(stack, code, apps=[rest_description(SECRET)])
        plain(stack, str(tmp_path if handler.startswith("rest") else code.root), handler).add_function_url(auth_type=NONE)

    assert "whose app guards" not in judged(opened)


def test_a_door_that_is_meant_says_why(code: HandlerCode) -> None:
    def opened(stack: Stack) -> None:
        url = build(DOORS["a function URL"], stack, code, SECRET)
        Validations.of(url).acknowledge(Acknowledgment(id="gateleg::door", reason="the handler asks for a signature of its own"))

    assert "whose app guards" not in judged(opened)


@pytest.mark.parametrize("reason", ["", "  "])
@pytest.mark.parametrize("at", ["stack", "app"])
@pytest.mark.parametrize("name", ["a function URL", "a state machine"])
def test_a_door_that_is_meant_for_no_reason_is_refused(name: str, at: str, reason: str, code: HandlerCode) -> None:
    def opened(stack: Stack) -> None:
        build((DOORS | INFERRED)[name], stack, code, SECRET)
        Validations.of(stack if at == "stack" else stack.node.root).acknowledge(Acknowledgment(id="gateleg::door", reason=reason))

    told = judged(opened, refused=True)
    assert f"{'Test' if at == 'stack' else 'the app'} acknowledges 'gateleg::door' and says no reason; write why it is meant" in told


def test_a_route_that_guests_may_call_is_open_to_anybody(code: HandlerCode) -> None:
    def build(stack: Stack, kind: str, *, why: bool = False) -> None:
        pool = identitypool.IdentityPool(stack, "Pool", allow_unauthenticated_identities=True)
        role: Any = getattr(pool, f"{kind}_role")
        gateway(stack, code).grant_invoke(role, "GET /rooms/{room}/messages")
        if why:
            Validations.of(role).acknowledge(Acknowledgment(id="gateleg::door", reason="guests may read"))

    synthesized(lambda stack: build(stack, "authenticated"))
    synthesized(lambda stack: build(stack, "unauthenticated", why=True))
    told = "a role that a guest of an identity pool may take on, and it may call GET /rooms/{room}/messages of Test/Rest"
    assert told in judged(lambda stack: build(stack, "unauthenticated"), refused=True)


def test_what_the_constructs_make_is_no_door(code: HandlerCode) -> None:
    def signed(stack: Stack) -> None:
        rest = gateway(stack, code)
        rest.functions["svc.rest:app"].function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)

    assert "whose app guards" not in judged(signed)


def test_what_wraps_what_it_is_sent_is_no_door(code: HandlerCode) -> None:
    assert "whose app guards" not in judged(lambda stack: build(wrapped, stack, code, SECRET))


def plain_socket(stack: Stack, function: lambda_.Function) -> None:
    integration = http_integrations.WebSocketLambdaIntegration("I", cast("Any", function))
    apigatewayv2.WebSocketApi(stack, "Door", connect_route_options=apigatewayv2.WebSocketRouteOptions(integration=integration))


def public_gateway(stack: Stack, function: lambda_.Function) -> None:
    WebSocketGateway(stack, "Door", routes={"$connect": DirectRoute(cast("Any", function), public="why")})


SOCKET_DOORS = {
    name: DOORS[name] for name in ("a permission", "every API", "a function URL", "an HttpApi", "another function with its handler")
} | {
    "a WebSocketApi": plain_socket,
    "a gateway to which anybody connects": public_gateway,
}


def with_socket(door: Callable[[Stack, lambda_.Function], object], stack: Stack, code: HandlerCode, public: str | None) -> None:
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "svc.socket:connect"), Route("send", "svc.socket:send")))
    who: dict[str, Any] = {"authorizer": IamAuthorizer()} if public is None else {"public": public}
    made = WebSocketGateway(stack, "Socket", app=app, function_options={"code": code}, **who)
    door(stack, made.functions[app.name].function)


@pytest.mark.parametrize("name", SOCKET_DOORS)
def test_a_door_to_an_app_that_asks_who_connects_is_refused(name: str, code: HandlerCode) -> None:
    assert "whose app guards $connect of svc.socket:app" in judged(
        lambda stack: with_socket(SOCKET_DOORS[name], stack, code, None), refused=True
    )


@pytest.mark.parametrize("name", SOCKET_DOORS)
def test_an_app_to_which_anybody_connects_is_left_alone(name: str, code: HandlerCode) -> None:
    assert "whose app guards" not in judged(lambda stack: with_socket(SOCKET_DOORS[name], stack, code, "a chat for everyone"))


OPENED: dict[str, Callable[[Any], object]] = {
    "no authorizer": lambda route: route.add_property_override("AuthorizationType", "NONE"),
    "nothing said": lambda route: route.add_property_deletion_override("AuthorizationType"),
    "another key": lambda route: route.add_property_override("RouteKey", "hello"),
}


@pytest.mark.parametrize("name", OPENED)
def test_an_override_that_lets_anybody_connect_is_no_reason(name: str, code: HandlerCode) -> None:
    def overridden(stack: Stack, _: lambda_.Function) -> None:
        OPENED[name](stack.node.find_child("Socket").node.find_child("Route$connect"))

    told = judged(lambda stack: with_socket(overridden, stack, code, None), refused=True)
    assert "SocketApiF12253BF lets anybody connect" in told
    assert "whose app guards $connect of svc.socket:app" in told
