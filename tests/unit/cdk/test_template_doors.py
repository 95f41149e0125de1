"""What opens a guarded function to anybody, as templates have it."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.cdk.template_doors import open_doors
from gateleg.cdk.written_templates import Templates
from tests.unit.cdk.test_template_rules import resource

FUNCTION = resource("Lambda::Function")
ARN: Any = {"Fn::GetAtt": ["Own", "Arn"]}
URI: Any = {
    "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":apigateway:eu-west-1:lambda:path/2015-03-31/functions/", ARN, "/invocations"]]
}
ALIAS = {
    "Live": resource("Lambda::Alias", FunctionName={"Ref": "Own"}, FunctionVersion={"Fn::GetAtt": ["One", "Version"]}),
    "One": resource("Lambda::Version", FunctionName={"Ref": "Own"}),
}
ANY_ARN = "arn:aws:execute-api:eu-west-1:*:*/*"
OUR_ARN: Any = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:x/*"}


def found(resources: dict[str, Any], asking: str = "Own", **more: Any) -> dict[str, str]:
    """What is told of the doors of a template, by the resource and with the severity in front."""
    templates = Templates({"a.json": {"Resources": {"Own": FUNCTION, "Socket": FUNCTION, **resources}}}, **more)
    told = open_doors(templates, lambda: {("a.json", asking): "GET /secret of h"}, lambda: {("a.json", "Socket"): "$connect of s"})
    return {each.resource: f"{each.severity}: {each.said}" for each in told}


def one(door: dict[str, Any], **resources: Any) -> str | None:
    """What is told of one door."""
    told = found({"Door": door, **resources})
    assert told.keys() <= {"Door"}
    return told.get("Door")


def test_a_door_is_told_with_the_function_the_route_and_what_to_write() -> None:
    assert one(resource("Lambda::Url", AuthType="NONE", TargetFunctionArn=ARN)) == (
        "error: Door is a function URL that asks for no signature, and leads to Own, whose app guards GET /secret of h; "
        "write auth_type=FunctionUrlAuthType.AWS_IAM, or say why it is so: "
        "Validations.of(it).acknowledge(Acknowledgment(id='gateleg::door', reason='...'))"
    )


@pytest.mark.parametrize("target", [ARN, {"Ref": "Own"}, {"Ref": "Live"}])
def test_a_function_url_asks_for_a_signature(target: Any) -> None:
    for kind in ("NONE", {"Ref": "Given"}):
        assert one(resource("Lambda::Url", AuthType=kind, TargetFunctionArn=target), **ALIAS) is not None
    assert one(resource("Lambda::Url", AuthType="AWS_IAM", TargetFunctionArn=target), **ALIAS) is None


STORED = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/own"}


@pytest.mark.parametrize("target", [{"Ref": "Stored"}, "{{resolve:ssm:/own}}", "{{resolve:ssm:/own:3}}", {"Fn::GetAtt": ["Kept", "Value"]}])
def test_what_the_app_writes_into_a_parameter_is_read_from_there(target: Any) -> None:
    def told(value: Any) -> list[str]:
        kept = resource("SSM::Parameter", Name="/own", Value=value)
        door = resource("Lambda::Url", AuthType="NONE", TargetFunctionArn=target)
        written = {"Resources": {"Own": FUNCTION, "Kept": kept, "Door": door}, "Parameters": {"Stored": STORED}}
        doors = open_doors(Templates({"a.json": written}), lambda: {("a.json", "Own"): "GET /secret of h"}, dict)
        return [each.resource for each in doors]

    assert told(ARN) == ["Door"]
    assert told("another") == []
    assert told({"Ref": "Stored"}) == []  # holds itself


def test_functions_that_guard_nothing_are_open_to_whom_they_like() -> None:
    door = resource("Lambda::Url", AuthType="NONE", TargetFunctionArn=ARN)
    assert found({"Door": door}, asking="Another") == {}


def test_nobody_is_asked_what_is_guarded_where_nothing_is_open() -> None:
    def asked() -> dict[tuple[str, str], str]:
        raise AssertionError

    assert list(open_doors(Templates({"a.json": {"Resources": {"Own": FUNCTION}}}), asked, asked)) == []


def permission(principal: Any = "*", action: str = "lambda:InvokeFunction", function: Any = ARN, **more: Any) -> dict[str, Any]:
    return resource("Lambda::Permission", Action=action, FunctionName=function, Principal=principal, **more)


OPEN_PERMISSIONS = {
    "anybody": (permission(), "lets anybody invoke it"),
    "anybody, every action": (permission(action="*"), "lets anybody invoke it"),
    "anybody, every action of Lambda": (permission(action="lambda:*"), "lets anybody invoke it"),
    "anybody, an alias": (permission(function={"Ref": "Live"}), "lets anybody invoke it"),
    "anybody from any source": (permission(SourceArn="*"), "lets anybody invoke it"),
    "anybody's URL": (permission(action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE"), "lets anybody invoke it"),
    "whoever has an AWS account": (permission(action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM"), "lets anybody invoke it"),
    "every API": (permission("apigateway.amazonaws.com"), "lets the APIs of every account invoke it"),
    "the APIs of every account": (permission("apigateway.amazonaws.com", SourceArn=ANY_ARN), "lets the APIs of every account invoke it"),
}


@pytest.mark.parametrize("name", OPEN_PERMISSIONS)
def test_a_permission_says_who(name: str) -> None:
    door, told = OPEN_PERMISSIONS[name]
    said = one(door, **ALIAS)
    assert said is not None
    assert said.startswith(f"error: Door {told}, and leads to Own")


@pytest.mark.parametrize(
    "door",
    [
        permission("123456789012"),
        permission("events.amazonaws.com"),
        permission(PrincipalOrgID="o-1"),
        permission(SourceAccount="123456789012"),
        permission(SourceArn=OUR_ARN),
        permission("apigateway.amazonaws.com", SourceArn=OUR_ARN),
        permission("apigateway.amazonaws.com", SourceAccount="123456789012"),
        permission(action="lambda:GetFunction"),
        permission(function="another"),
    ],
)
def test_a_permission_that_says_who_is_no_door(door: dict[str, Any]) -> None:
    assert one(door) is None


def test_what_a_distribution_signs_is_asked_by_its_viewers() -> None:
    said = one(permission("cloudfront.amazonaws.com", "lambda:InvokeFunctionUrl", SourceArn="arn:aws:cloudfront::1:distribution/x"))
    assert said is not None
    assert said.startswith("warning: Door lets a CloudFront distribution sign for whoever asks it")


def test_an_open_url_is_told_once_with_the_permissions_that_belong_to_it() -> None:
    url = resource("Lambda::Url", AuthType="NONE", TargetFunctionArn=ARN)
    halves = {
        "One": permission(action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE"),
        "Two": permission(InvokedViaFunctionUrl=True),
    }
    assert found({"Url": url, **halves}).keys() == {"Url"}
    assert found({"Url": url, **halves, "Three": permission()}).keys() == {"Url", "Three"}


REST = resource("ApiGateway::RestApi")
HTTP = resource("ApiGatewayV2::Api", ProtocolType="HTTP")
CALLED = {"Type": "AWS_PROXY", "Uri": URI}


def method(**more: Any) -> dict[str, Any]:
    return resource("ApiGateway::Method", **{"RestApiId": {"Ref": "Api"}, "HttpMethod": "ANY", "Integration": CALLED} | more)


def route(**more: Any) -> dict[str, Any]:
    return resource("ApiGatewayV2::Route", **{"ApiId": {"Ref": "Api"}, "RouteKey": "$default", "Target": TARGET} | more)


TARGET: Any = {"Fn::Join": ["", ["integrations/", {"Ref": "Called"}]]}
INTEGRATION = resource("ApiGatewayV2::Integration", ApiId={"Ref": "Api"}, IntegrationType="AWS_PROXY", IntegrationUri=ARN)


def body(kind: str = "ApiGateway::RestApi", asking: dict[str, Any] | None = None, **integration: Any) -> dict[str, Any]:
    called = {"x-amazon-apigateway-integration": integration or {"type": "aws_proxy", "uri": URI}, **(asking or {})}
    return resource(kind, Body={"paths": {"/{proxy+}": {"x-amazon-apigateway-any-method": called}}})


@pytest.mark.parametrize("kind", ["NONE", None, {"Ref": "Given"}])
def test_a_route_without_an_authorizer_is_a_door(kind: Any) -> None:
    given = {} if kind is None else {"AuthorizationType": kind}
    told = one(method(**given), Api=REST)
    assert told is not None
    assert "Door lets anybody call its ANY, and leads to Own" in told
    told = one(route(**given), Api=HTTP, Called=INTEGRATION)
    assert told is not None
    assert "Door lets anybody call $default, and leads to Own" in told


@pytest.mark.parametrize(
    ("door", "resources"),
    [
        (method(AuthorizationType="AWS_IAM"), {"Api": REST}),
        (method(ApiKeyRequired=True), {"Api": REST}),
        (method(Integration={"Type": "MOCK"}), {"Api": REST}),
        (method(), {"Api": resource("ApiGateway::RestApi", EndpointConfiguration={"Types": ["PRIVATE"]})}),
        (route(AuthorizationType="JWT"), {"Api": HTTP, "Called": INTEGRATION}),
        (route(), {"Api": resource("ApiGatewayV2::Api", ProtocolType="WEBSOCKET"), "Called": INTEGRATION}),
        (body(asking={"security": [{"iam": []}]}), {}),
        (body(asking={"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}), {}),
        (body(type="http_proxy", uri="http://example.com/"), {}),
    ],
)
def test_a_route_that_asks_somebody_is_none(door: dict[str, Any], resources: dict[str, Any]) -> None:
    assert one(door, **resources) is None


EVERYBODY: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
NOT_OURS = {**EVERYBODY, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}}
BY_TLS = {**EVERYBODY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
NOT_BY_TLS = {**EVERYBODY, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
FROM_ANYWHERE = {**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}}
FROM_US = {**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
IDENTITIES = {**EVERYBODY, "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}}
ALL_DENIED = {**EVERYBODY, "Effect": "Deny"}
SAYING_NOTHING = {
    "everybody": [EVERYBODY],
    "everybody, and some": [IDENTITIES, {**EVERYBODY, "Principal": {"AWS": "*"}}],
    "everybody by TLS": [BY_TLS],
    "nobody without TLS": [EVERYBODY, NOT_BY_TLS],
    "every address": [FROM_ANYWHERE],
    "some identities are denied": [EVERYBODY, {**IDENTITIES, "Effect": "Deny"}],
}
SAYING_WHO = {
    "addresses": [FROM_US],
    "not other addresses": [EVERYBODY, NOT_OURS],
    "identities": [IDENTITIES],
    "nobody": [EVERYBODY, ALL_DENIED],
    "nothing allowed": [],
}


def with_policy(kind: str, statements: list[dict[str, Any]]) -> str | None:
    policy: dict[str, Any] = {"Version": "2012-10-17", "Statement": statements}
    if kind == "body":
        door = body()
        door["Properties"]["Body"]["x-amazon-apigateway-policy"] = policy
        return one(door)
    return one(method(), Api=resource("ApiGateway::RestApi", Policy=policy))


@pytest.mark.parametrize("kind", ["resource", "body"])
@pytest.mark.parametrize("name", SAYING_NOTHING)
def test_a_policy_that_lets_everybody_in_says_nothing(kind: str, name: str) -> None:
    assert "lets anybody call" in (with_policy(kind, SAYING_NOTHING[name]) or "")


@pytest.mark.parametrize("kind", ["resource", "body"])
@pytest.mark.parametrize("name", SAYING_WHO)
def test_a_policy_that_says_who_may_call_is_believed(kind: str, name: str) -> None:
    assert with_policy(kind, SAYING_WHO[name]) is None


def test_a_policy_that_cloudformation_makes_is_believed() -> None:
    assert one(method(), Api=resource("ApiGateway::RestApi", Policy={"Fn::Transform": {"Name": "AWS::Include"}})) is None


OPEN_OPERATIONS: list[dict[str, Any]] = [{}, {"security": []}, {"security": [{}]}, {"x-amazon-apigateway-auth": {"type": "NONE"}}]


@pytest.mark.parametrize("kind", ["ApiGateway::RestApi", "ApiGatewayV2::Api"])
@pytest.mark.parametrize("asking", OPEN_OPERATIONS)
def test_an_operation_of_a_body_is_a_door_as_well(kind: str, asking: dict[str, Any]) -> None:
    told = one(body(kind, asking))
    assert told is not None
    assert "Door lets anybody call ANY /{proxy+}" in told


def test_an_api_with_a_target_has_a_route() -> None:
    assert one(resource("ApiGatewayV2::Api", ProtocolType="HTTP", Target=ARN)) is not None


def test_what_a_gateway_calls_itself_is_judged_by_its_routes() -> None:
    assert found({"Door": body()}, apis={"${a.json.Door}": "Test/Rest"}) == {}


STATES = "arn:aws:apigateway:eu-west-1:states:action"
STARTED: Any = {"application/json": {"Fn::Sub": '{"stateMachineArn": "${Machine}", "input": "$input.body"}'}}
MACHINE = resource("StepFunctions::StateMachine", DefinitionString={"Fn::Join": ["", ['{"Resource":"', ARN, '"}']]})
MACHINE_WITH_PARTS = resource("StepFunctions::StateMachine", DefinitionString="${F}", DefinitionSubstitutions={"F": ARN})
SUBTYPE: dict[str, Any] = {
    "IntegrationSubtype": "StepFunctions-StartSyncExecution",
    "RequestParameters": {"StateMachineArn": {"Ref": "Machine"}},
}


@pytest.mark.parametrize("machine", [MACHINE, MACHINE_WITH_PARTS])
@pytest.mark.parametrize("action", ["StartSyncExecution", "StartExecution"])
def test_a_state_machine_passes_on_what_it_is_sent(machine: dict[str, Any], action: str) -> None:
    starting: dict[str, Any] = {"type": "aws", "uri": f"{STATES}/{action}", "requestTemplates": STARTED}
    own = body(**starting)
    for apis in ({}, {"${a.json.Door}": "Test/Rest"}):
        told = found({"Door": own, "Machine": machine}, apis=apis)["Door"]
        assert "warning: Door lets anybody call ANY /{proxy+}, which passes on what it is sent by Machine, and leads to Own" in told
    plain = method(Integration={"Type": "AWS", "Uri": f"{STATES}/{action}", "RequestTemplates": STARTED})
    assert one(plain, Api=REST, Machine=machine) is not None
    called = resource("ApiGatewayV2::Integration", ApiId={"Ref": "Api"}, **SUBTYPE)
    assert one(route(), Api=HTTP, Called=called, Machine=machine) is not None
    in_body: dict[str, Any] = {
        "type": "aws_proxy",
        "integrationSubtype": SUBTYPE["IntegrationSubtype"],
        "requestParameters": SUBTYPE["RequestParameters"],
    }
    assert one(body("ApiGatewayV2::Api", **in_body), Machine=machine) is not None


@pytest.mark.parametrize("action", ["StopExecution", "DescribeExecution"])
def test_what_starts_no_execution_passes_on_nothing(action: str) -> None:
    other: dict[str, Any] = {"type": "aws", "uri": f"{STATES}/{action}", "requestTemplates": STARTED}
    assert one(body(**other), Machine=MACHINE) is None


GROUP = resource("ElasticLoadBalancingV2::TargetGroup", TargetType="lambda", Targets=[{"Id": ARN}])
FORWARD = {"Type": "forward", "TargetGroupArn": {"Ref": "Door"}}


@pytest.mark.parametrize("kind", ["Listener", "ListenerRule"])
def test_a_load_balancer_asks_who_calls(kind: str) -> None:
    def told(*actions: dict[str, Any]) -> str | None:
        part = "DefaultActions" if kind == "Listener" else "Actions"
        return one(GROUP, Listener=resource(f"ElasticLoadBalancingV2::{kind}", **{part: list(actions)}))

    assert told(FORWARD) is not None
    assert told({"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "Door"}}]}}) is not None
    assert told({"Type": "authenticate-oidc"}, FORWARD) is None
    assert told({"Type": "jwt-validation"}, FORWARD) is None
    for asked in ("authenticate", "deny"):
        assert told({"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"OnUnauthenticatedRequest": asked}}, FORWARD) is None
    for named in ("Oidc", "Cognito"):
        allowing = {"Type": f"authenticate-{named.lower()}", f"Authenticate{named}Config": {"OnUnauthenticatedRequest": "allow"}}
        assert (told(allowing, FORWARD) or "").startswith("error: Door is a target of a load balancer that asks nobody")
    assert told({"Type": "fixed-response"}) is None
    assert one(resource("ElasticLoadBalancingV2::TargetGroup", TargetType="ip", Targets=[{"Id": "10.0.0.1"}])) is None


@pytest.mark.parametrize("scheme", ["internal", "internet-facing", None])
def test_a_load_balancer_in_a_vpc_is_no_door_to_the_whole_world(scheme: str | None) -> None:
    made = {
        "Balancer": resource("ElasticLoadBalancingV2::LoadBalancer", **({} if scheme is None else {"Scheme": scheme})),
        "Listener": resource("ElasticLoadBalancingV2::Listener", LoadBalancerArn={"Ref": "Balancer"}, DefaultActions=[FORWARD]),
    }
    rule = {
        "Listener": resource("ElasticLoadBalancingV2::Listener", LoadBalancerArn={"Ref": "Balancer"}),
        "Rule": resource("ElasticLoadBalancingV2::ListenerRule", ListenerArn={"Ref": "Listener"}, Actions=[FORWARD]),
    }
    facing = resource("ElasticLoadBalancingV2::Listener", LoadBalancerArn={"Ref": "Another"}, DefaultActions=[FORWARD])
    wanted = (
        "warning: Door is a target of a load balancer in a VPC" if scheme == "internal" else "error: Door is a target of a load balancer"
    )
    for listening in ({}, rule):
        assert (one(GROUP, **made | listening) or "").startswith(wanted)
        for order in ({**made, **listening, "Facing": facing}, {"Facing": facing, **made, **listening}):
            assert (one(GROUP, **order) or "").startswith("error: Door is a target of a load balancer that asks nobody")


def socket(*, own: str = "Socket", **connect: Any) -> dict[str, Any]:
    """A WebSocket API of somebody; without anything said of `$connect`, with no such route."""
    api = {"ApiId": {"Ref": "Door"}}
    uri: Any = {
        "Fn::Join": ["", ["arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/", {"Fn::GetAtt": [own, "Arn"]}, "/invocations"]]
    }
    send = {"RouteKey": "send", "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Called"}]]}}
    made = {
        "Door": resource("ApiGatewayV2::Api", ProtocolType="WEBSOCKET"),
        "Called": resource("ApiGatewayV2::Integration", IntegrationType="AWS_PROXY", IntegrationUri=uri, **api),
        "Send": resource("ApiGatewayV2::Route", **api, **send),
    }
    return made | ({"Connect": resource("ApiGatewayV2::Route", RouteKey="$connect", **api, **connect)} if connect else {})


@pytest.mark.parametrize("connect", [{}, {"AuthorizationType": "NONE"}, {"Target": "integrations/x"}])
@pytest.mark.parametrize("apis", [{}, {"${a.json.Door}": "Test/Public"}])
def test_a_socket_of_whoever_connects_is_a_door_to_messages(connect: dict[str, Any], apis: dict[str, str]) -> None:
    said = (
        "error: Door lets anybody connect, and leads to Socket, whose app guards $connect of s; give its $connect an authorizer, or say why"
    )
    told = found(socket(**connect), apis=apis)
    assert told.keys() == {"Door"}
    assert told["Door"].startswith(said)


def test_a_socket_that_asks_who_connects_is_none() -> None:
    assert found(socket(AuthorizationType="CUSTOM", AuthorizerId="a")) == {}


def test_a_socket_sends_no_requests() -> None:
    assert found(socket(own="Own")) == {}


def test_what_sends_requests_is_a_door_to_messages_too() -> None:
    door = permission(function={"Ref": "Socket"})
    assert "whose app guards $connect of s" in (one(door) or "")


BY_VARIABLE = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:${stageVariables.fn}/invocations"
)
INVOKING: dict[str, Any] = {"Principal": "apigateway.amazonaws.com", "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Own"}}
OF_DOOR = resource("Lambda::Permission", SourceArn={"Fn::Sub": "arn:aws:execute-api:eu-west-1:1:${Door}/*/GET/a"}, **INVOKING)
OF_ANOTHER = resource("Lambda::Permission", SourceArn={"Fn::Sub": "arn:aws:execute-api:eu-west-1:1:${Other}/*/GET/a"}, **INVOKING)


def by_variable(stage: dict[str, Any], api: str = "Door") -> dict[str, Any]:
    """An API of plain CDK whose route names a function by a stage variable."""
    method = {"HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": {"Uri": BY_VARIABLE}, "RestApiId": {"Ref": "Door"}}
    stages = {"Stage": resource("ApiGateway::Stage", RestApiId={"Ref": api}, **stage)} if stage else {}
    return {"Door": resource("ApiGateway::RestApi"), "Method": resource("ApiGateway::Method", **method), **stages}


@pytest.mark.parametrize(
    "stage",
    [
        {"Variables": {"fn": "shop"}},
        {"Variables": {"fn": {"Ref": "Own"}}},
        {"Variables": {"fn": "other"}, "CanarySetting": {"StageVariableOverrides": {"fn": "shop:live"}}},
    ],
)
def test_a_stage_variable_is_followed_to_the_function_that_it_names(stage: dict[str, Any]) -> None:
    told = found(by_variable(stage) | {"Own": resource("Lambda::Function", FunctionName="shop")})
    assert told.keys() == {"Method"}
    assert told["Method"].startswith("error: Method lets anybody call its GET, and leads to Own")


@pytest.mark.parametrize("stage", [{"Variables": {"fn": "other"}}, {"Variables": {"fn": {"Ref": "Socket"}, "gn": {"Ref": "Own"}}}])
def test_a_stage_variable_that_names_another_function_is_no_door(stage: dict[str, Any]) -> None:
    assert found(by_variable(stage) | {"Permission": OF_DOOR}).get("Method", "").count("leads to Own") == 0


def test_a_stage_of_another_api_sets_nothing_here() -> None:
    other = {"Other": resource("ApiGateway::RestApi"), "Permission": OF_DOOR}
    assert found(by_variable({"Variables": {"fn": {"Ref": "Own"}}}, "Other") | other).keys() == {"Door"}


def test_a_stage_variable_that_nobody_sets_is_told_where_the_api_may_invoke_the_function() -> None:
    stages: list[dict[str, Any]] = [{}, {"Variables": {"gn": "shop"}}]
    for stage in stages:
        told = found(by_variable(stage) | {"Permission": OF_DOOR})
        assert told.keys() == {"Door"}
        assert told["Door"].startswith(
            "warning: Door lets anybody call its GET, which names what it calls by a stage variable that no stage of the app sets, and may invoke a function"
        )
        assert found(by_variable(stage) | {"Permission": OF_ANOTHER, "Other": resource("ApiGateway::RestApi")}) == {}
    assert found(by_variable({"Variables": {"fn": "other"}}) | {"Permission": OF_DOOR}) == {}


@pytest.mark.parametrize("kind", ["ApiGateway::RestApi", "ApiGatewayV2::Api"])
def test_routes_that_are_in_s3_are_told_where_the_api_may_invoke_the_function(kind: str) -> None:
    said = "warning: Door has its routes in S3, where nobody reads who may call them, and may invoke a function, and leads to Own"
    door = resource(kind, BodyS3Location={"Bucket": "b", "Key": "k"})
    assert (one(door, Permission=OF_DOOR) or "").startswith(said)
    assert one(door) is None
    closed = resource(kind, BodyS3Location={"Bucket": "b", "Key": "k"}, Policy={"Statement": []})
    assert one(closed, Permission=OF_DOOR) is None


@pytest.mark.parametrize(
    "stack",
    ["Shop", "arn:aws:cloudformation:eu-west-1:1:stack/Shop/*", {"Fn::Sub": "arn:${AWS::Partition}:cloudformation:eu:1:stack/Shop/*"}],
)
def test_an_output_of_another_stack_is_followed(stack: Any) -> None:
    output = {"Fn::GetStackOutput": {"StackName": stack, "OutputName": "Arn"}}
    by_name: dict[str, Any] = {
        "a.json": {"Resources": {"Own": FUNCTION}, "Outputs": {"Arn": {"Value": ARN}}},
        "b.json": {"Resources": {"Door": resource("Lambda::Url", AuthType="NONE", TargetFunctionArn=output)}},
    }
    guarded = {("a.json", "Own"): "GET /secret of h"}

    def told(**stacks: list[str]) -> list[str]:
        return [each.resource for each in open_doors(Templates(by_name, stacks=stacks), lambda: guarded, dict)]

    assert told(Shop=["a.json"]) == told(Shop=["c.json", "a.json"]) == ["Door"]
    assert told(Shop=["c.json"]) == told(Other=["a.json"]) == []
