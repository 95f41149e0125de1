"""Whatever weakens the chat's template is found by what its tests say of it, without any snapshot."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from stacks.chat import TAKING_BACK
from tests.templates import test_chat
from tests.templates.test_chat import chat_stack
from tests.templates.weaker import checks_of, killers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.testing import Synth

Json = dict[str, Any]
BY_PATHS = {"test_the_bill_of_the_chat_is_what_a_person_reckons"}
"""What names resources by their construct paths, which a plain template does not hold."""
CHECKS = checks_of(test_chat, "chat", but=BY_PATHS)
REST, SOCKET, AUTHORIZER = "RestChatRest", "SocketChatSocket", "Authorizer"


def every(template: Json, kind: str, hint: str = "") -> list[Json]:
    """The resources of a type, those whose logical id holds a hint."""
    return [one for name, one in template["Resources"].items() if one["Type"] == kind and hint in name]


def one(template: Json, kind: str, hint: str = "") -> Json:
    """The first of them."""
    return every(template, kind, hint)[0]


def properties(template: Json, kind: str, hint: str = "") -> Json:
    found: Json = one(template, kind, hint)["Properties"]
    return found


def name_of(template: Json, kind: str, hint: str = "") -> str:
    names: list[str] = [name for name, each in template["Resources"].items() if each["Type"] == kind and hint in name]
    return names[0]


def body(template: Json) -> Json:
    found: Json = properties(template, "AWS::ApiGateway::RestApi")["Body"]
    return found


def operation(template: Json, key: str) -> Json:
    method, path = key.split(" ")
    found: Json = body(template)["paths"][path][method.lower()]
    return found


def judge(template: Json) -> Json:
    found: Json = body(template)["components"]["securitySchemes"]["session"]["x-amazon-apigateway-authorizer"]
    return found


def settings(template: Json) -> Json:
    found: Json = properties(template, "AWS::ApiGateway::Stage")["MethodSettings"][0]
    return found


def replica(template: Json) -> Json:
    found: Json = properties(template, "AWS::DynamoDB::GlobalTable")["Replicas"][0]
    return found


def statements(template: Json, function: str) -> list[Json]:
    """Of the policy of a function's role."""
    found: list[Json] = properties(template, "AWS::IAM::Policy", function)["PolicyDocument"]["Statement"]
    return found


def allow(template: Json, function: str, actions: Any, resource: Any) -> None:
    statements(template, function).append({"Effect": "Allow", "Action": actions, "Resource": resource})


def table_arn(template: Json, suffix: str = "") -> Any:
    arn = {"Fn::GetAtt": [name_of(template, "AWS::DynamoDB::GlobalTable"), "Arn"]}
    return {"Fn::Join": ["", [arn, suffix]]} if suffix else arn


def socket_routes(template: Json) -> Iterator[Json]:
    return (route["Properties"] for route in every(template, "AWS::ApiGatewayV2::Route"))


def connect(template: Json) -> Json:
    return next(route for route in socket_routes(template) if route["RouteKey"] == "$connect")


def called(template: Json, function: str) -> Json:
    """The integration URI of a function."""
    return {"Fn::GetAtt": [name_of(template, "AWS::Lambda::Function", function), "Arn"]}


def add(template: Json, kind: str, **given: Any) -> None:
    template["Resources"]["Added"] = {"Type": kind, "Properties": given}


def dropped(found: Json, *names: str) -> None:
    for name in names:
        del found[name]


ROOM = "GET /rooms/{room}/messages"
API, STAGE, LAMBDA, ROLE = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "AWS::Lambda::Function", "AWS::IAM::Role"
PERMISSION, TABLE, LOGS, SOCKET_STAGE = (
    "AWS::Lambda::Permission",
    "AWS::DynamoDB::GlobalTable",
    "AWS::Logs::LogGroup",
    "AWS::ApiGatewayV2::Stage",
)

MUTATIONS: dict[str, Callable[[Json], object]] = {
    "a route loses its authorizer": lambda it: operation(it, ROOM).update(security=[]),
    "a route says nothing of security": lambda it: dropped(operation(it, ROOM), "security"),
    "a route asks for an authorizer that is not there": lambda it: operation(it, ROOM).update(security=[{"nobody": []}]),
    "a route takes either the authorizer or nobody": lambda it: operation(it, ROOM)["security"].append({}),
    "a public route forgets why": lambda it: dropped(operation(it, "POST /sessions"), "x-gateleg-public"),
    "a public route says another reason": lambda it: operation(it, "POST /sessions").update({"x-gateleg-public": "because"}),
    "another function judges": lambda it: judge(it).update(authorizerUri=called(it, REST)),
    "answers of the authorizer are kept for an hour": lambda it: judge(it).update(authorizerResultTtlInSeconds=3_600),
    "the authorizer reads another header": lambda it: judge(it).update(identitySource="method.request.header.X-Token"),
    "the authorizer is a plain key": lambda it: dropped(
        body(it)["components"]["securitySchemes"]["session"], "x-amazon-apigateway-authorizer"
    ),
    "a route goes": lambda it: body(it)["paths"].pop("/authors/{author}/messages"),
    "a route comes": lambda it: body(it)["paths"].update({"/new": {"get": operation(it, "POST /sessions")}}),
    "a method comes": lambda it: body(it)["paths"]["/rooms"].update(delete=operation(it, "POST /sessions")),
    "a route calls another function": lambda it: operation(it, ROOM)["x-amazon-apigateway-integration"].update(uri=called(it, AUTHORIZER)),
    "a route goes to somebody's server": lambda it: operation(it, ROOM).update(
        {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "http://a.example"}}
    ),
    "a route answers without its function": lambda it: operation(it, ROOM).update({"x-amazon-apigateway-integration": {"type": "mock"}}),
    "the gateway checks bodies": lambda it: (
        body(it).update(
            {"x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}}}
        ),
        operation(it, "POST /rooms").update({"x-amazon-apigateway-request-validator": "all"}),
    ),
    "refusals tell what was checked": lambda it: body(it)["x-amazon-apigateway-gateway-responses"]["DEFAULT_5XX"].update(
        responseTemplates={"application/json": "$context.error.message"}
    ),
    "everybody's pages may read refusals": lambda it: body(it)["x-amazon-apigateway-gateway-responses"]["DEFAULT_4XX"].update(
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
    ),
    "pages of everybody may call": lambda it: body(it)["paths"]["/rooms"].update(
        options={"security": [], "responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}
    ),
    "the API has a policy for everybody": lambda it: properties(it, API).update(
        Policy={"Statement": [{"Effect": "Allow", "Principal": "*"}]}
    ),
    "the API is an edge one": lambda it: properties(it, API).update(EndpointConfiguration={"Types": ["EDGE"]}),
    "the stage traces nothing": lambda it: properties(it, STAGE).update(TracingEnabled=False),
    "the stage logs bodies": lambda it: settings(it).update(DataTraceEnabled=True),
    "the stage has no rate": lambda it: dropped(settings(it), "ThrottlingRateLimit"),
    "the stage takes any burst": lambda it: settings(it).update(ThrottlingBurstLimit=5_000),
    "the stage's settings are of one method": lambda it: settings(it).update(HttpMethod="GET"),
    "the stage caches in the clear": lambda it: settings(it).update(CachingEnabled=True, CacheDataEncrypted=False),
    "the stage logs no access": lambda it: dropped(properties(it, STAGE), "AccessLogSetting"),
    "access logs hold tokens": lambda it: properties(it, STAGE)["AccessLogSetting"].update(
        Format='{"requestId":"$context.requestId","token":"$context.x"}'
    ),
    "the stage shows an old deployment": lambda it: properties(it, STAGE).update(DeploymentId="abc123"),
    "anybody may invoke": lambda it: [each["Properties"].update(Principal="*") for each in every(it, PERMISSION)],
    "any API may invoke": lambda it: [each["Properties"].pop("SourceArn") for each in every(it, PERMISSION)],
    "every stage and route may invoke": lambda it: properties(it, PERMISSION, "Rest").update(SourceArn="arn:aws:execute-api:*:*:*"),
    "one more may invoke": lambda it: add(it, PERMISSION, Action="lambda:*", Principal="s3.amazonaws.com", FunctionName=called(it, REST)),
    "nobody may invoke the authorizer": lambda it: [
        it["Resources"].pop(name)
        for name, each in list(it["Resources"].items())
        if each["Type"] == PERMISSION and "Authorizer" in str(each["Properties"]["FunctionName"])
    ],
    "a function has a URL for everybody": lambda it: add(it, "AWS::Lambda::Url", AuthType="NONE", TargetFunctionArn=called(it, REST)),
    "a function may do anything to the table": lambda it: allow(it, REST, "dynamodb:*", table_arn(it)),
    "a function may scan": lambda it: allow(it, REST, ["dynamodb:Scan"], table_arn(it)),
    "a function may use every index": lambda it: allow(it, SOCKET, "dynamodb:Query", table_arn(it, "/index/*")),
    "a function may query every table": lambda it: allow(it, AUTHORIZER, "dynamodb:Query", "*"),
    "a function may do all but little": lambda it: statements(it, AUTHORIZER).append(
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
    ),
    "a function may read every secret": lambda it: [
        each.update(Resource="*") for each in statements(it, AUTHORIZER) if "secretsmanager:GetSecretValue" in str(each["Action"])
    ],
    "a function may post to every API": lambda it: allow(it, REST, "execute-api:ManageConnections", "*"),
    "a function may not write": lambda it: statements(it, REST).append({"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"}),
    "a function loses a statement": lambda it: statements(it, SOCKET).pop(0),
    "a role is an administrator's": lambda it: properties(it, ROLE, REST).update(
        ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]
    ),
    "everybody may take a role": lambda it: properties(it, ROLE, REST)["AssumeRolePolicyDocument"]["Statement"][0].update(Principal="*"),
    "a function takes longer than the gateway waits": lambda it: properties(it, LAMBDA, REST).update(Timeout=60),
    "a function traces nothing": lambda it: dropped(properties(it, LAMBDA, SOCKET), "TracingConfig"),
    "a function logs where nobody deletes": lambda it: dropped(properties(it, LAMBDA, AUTHORIZER), "LoggingConfig"),
    "a function has another handler": lambda it: properties(it, LAMBDA, REST).update(Handler="elsewhere.handler"),
    "a function knows a secret": lambda it: properties(it, LAMBDA, REST)["Environment"]["Variables"].update(CHAT_SESSION_SECRET="hunter2"),
    "logs are kept for ever": lambda it: dropped(properties(it, LOGS), "RetentionInDays"),
    "the table cannot be restored": lambda it: replica(it).update(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}),
    "the table can be deleted": lambda it: replica(it).update(DeletionProtectionEnabled=False),
    "the table goes with the stack": lambda it: one(it, TABLE).update(DeletionPolicy="Delete"),
    "the table goes when it is replaced": lambda it: one(it, TABLE).pop("UpdateReplacePolicy"),
    "items stay for ever": lambda it: dropped(properties(it, TABLE), "TimeToLiveSpecification"),
    "the stream goes": lambda it: dropped(properties(it, TABLE), "StreamSpecification"),
    "the stream tells keys alone": lambda it: properties(it, TABLE).update(StreamSpecification={"StreamViewType": "KEYS_ONLY"}),
    "the index holds keys alone": lambda it: properties(it, TABLE)["GlobalSecondaryIndexes"][0].update(
        Projection={"ProjectionType": "KEYS_ONLY"}
    ),
    "the index goes": lambda it: dropped(properties(it, TABLE), "GlobalSecondaryIndexes"),
    "the table's keys change places": lambda it: (
        properties(it, TABLE)["KeySchema"].reverse() or properties(it, TABLE)["KeySchema"][0].update(KeyType="HASH")
    ),
    "anybody connects": lambda it: (connect(it).pop("AuthorizerId"), connect(it).update(AuthorizationType="NONE")),
    "another function judges who connects": lambda it: properties(it, "AWS::ApiGatewayV2::Authorizer").update(
        AuthorizerUri=called(it, SOCKET)
    ),
    "who connects is judged by another part of the request": lambda it: properties(it, "AWS::ApiGatewayV2::Authorizer").update(
        IdentitySource=["route.request.header.Origin"]
    ),
    "a socket route goes": lambda it: it["Resources"].pop(name_of(it, "AWS::ApiGatewayV2::Route", "join")),
    "a socket route comes": lambda it: add(
        it, "AWS::ApiGatewayV2::Route", ApiId=connect(it)["ApiId"], RouteKey="admin", Target=connect(it)["Target"]
    ),
    "the socket has no rate": lambda it: dropped(properties(it, SOCKET_STAGE)["DefaultRouteSettings"], "ThrottlingRateLimit"),
    "the socket logs bodies": lambda it: properties(it, SOCKET_STAGE)["DefaultRouteSettings"].update(DataTraceEnabled=True),
    "the socket logs no access": lambda it: dropped(properties(it, SOCKET_STAGE), "AccessLogSettings"),
    "everybody who signed in moderates": lambda it: properties(it, "AWS::Cognito::IdentityPoolRoleAttachment")["Roles"].update(
        authenticated={"Fn::GetAtt": [name_of(it, ROLE, "ModeratorsRole"), "Arn"]}
    ),
    "whoever signs in may call": lambda it: properties(it, "AWS::IAM::Policy", "ModeratorsRole")["Roles"].append(
        {"Ref": name_of(it, ROLE, "AuthenticatedRole")}
    ),
    "moderators may call every route": lambda it: statements(it, "ModeratorsRole").append(
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    ),
    "a session takes back what was said": lambda it: operation(it, TAKING_BACK).update(security=[{"session": []}]),
    "anybody takes back what was said": lambda it: operation(it, TAKING_BACK).update(security=[]),
    "identities of another pool moderate": lambda it: properties(it, ROLE, "ModeratorsRole")["AssumeRolePolicyDocument"]["Statement"][0][
        "Condition"
    ].pop("StringEquals"),
    "who did not sign in moderates": lambda it: properties(it, ROLE, "ModeratorsRole")["AssumeRolePolicyDocument"]["Statement"][0][
        "Condition"
    ].pop("ForAnyValue:StringLike"),
    "people sign up by themselves": lambda it: properties(it, "AWS::Cognito::UserPool").pop("AdminCreateUserConfig"),
    "anybody has an identity": lambda it: properties(it, "AWS::Cognito::IdentityPool").update(AllowUnauthenticatedIdentities=True),
    "the account's logs are set": lambda it: add(it, "AWS::ApiGateway::Account", CloudWatchRoleArn="arn:aws:iam::1:role/x"),
}


@pytest.fixture(scope="module")
def template(synth: Synth) -> Json:
    found: Json = copy.deepcopy(dict(synth(chat_stack).json))
    return found


def test_the_template_itself_passes(template: Json) -> None:
    assert killers(template, CHECKS) == []
    assert len(CHECKS) > 10


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_weaker_template_is_found(template: Json, mutation: Callable[[Json], object]) -> None:
    weaker = copy.deepcopy(template)
    mutation(weaker)
    assert weaker != template
    assert killers(weaker, CHECKS)
