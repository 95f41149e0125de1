"""What anybody sends is followed through buses, queues, pipes and machines, until it may be the event of a guarded function."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.cdk.test_template_doors import ARN, HTTP, MACHINE, REST, STATES, URI, body, found, method, one, permission, route
from tests.unit.cdk.test_template_rules import resource

BUS, QUEUE, TOPIC, STREAM = (resource(kind) for kind in ("Events::EventBus", "SQS::Queue", "SNS::Topic", "Kinesis::Stream"))
HERE = "arn:aws:apigateway:eu-west-1"


def sending(action: str, template: Any) -> dict[str, Any]:
    return body(type="aws", uri=f"{HERE}:{action}", requestTemplates={"application/json": template})


PUT = sending("events:action/PutEvents", {"Fn::Sub": '{"Entries": [{"EventBusName": "${Bus}", "Detail": "$input.body"}]}'})
TO_DEFAULT = sending("events:action/PutEvents", '{"Entries": [{"Detail": "$input.body"}]}')
TO_OTHER = sending("events:action/PutEvents", '{"Entries": [{"EventBusName": "other", "Detail": "$input.body"}]}')
SEND = sending("sqs:path/1/q", {"Fn::Sub": "Action=SendMessage&QueueUrl=${Queue}&MessageBody=$input.body"})
READ = sending("sqs:path/1/q", {"Fn::Sub": "Action=ReceiveMessage&QueueUrl=${Queue}"})
PUBLISH = sending("sns:action/Publish", {"Fn::Sub": "TopicArn=${Topic}&Message=$input.body"})
RECORD = sending("kinesis:action/PutRecord", {"Fn::Sub": '{"StreamName": "${Stream}", "Data": "$input.body"}'})
START = sending("states:action/StartExecution", {"Fn::Sub": '{"stateMachineArn": "${Other}", "input": "$input.body"}'})


def rule(bus: Any = None, target: Any = ARN, **given: Any) -> dict[str, Any]:
    return resource("Events::Rule", EventBusName={"Ref": "Bus"} if bus is None else bus, Targets=[{"Arn": target, "Id": "t", **given}])


def made_of(template: str, **paths: str) -> dict[str, Any]:
    return {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}


def pipe(source: str, template: str | None = None, part: str = "Target", target: Any = ARN) -> dict[str, Any]:
    given = {} if template is None else {f"{part}Parameters": {"InputTemplate": template}}
    return resource("Pipes::Pipe", Source={"Fn::GetAtt": [source, "Arn"]}, **{part: target}, **given)


def machine(*texts: Any) -> dict[str, Any]:
    return resource("StepFunctions::StateMachine", DefinitionString={"Fn::Join": ["", list(texts)]})


CALLING = ['{"Resource":"arn:aws:states:::lambda:invoke","Parameters":{"Payload.$":"$","FunctionName":"', ARN, '"}}']
OF_DETAIL = ['{"Resource":"arn:aws:states:::lambda:invoke","Parameters":{"Payload.$":"$.detail.event","FunctionName":"', ARN, '"}}']
STARTING = [
    '{"Resource":"arn:aws:states:::states:startExecution","Parameters":{"Input.$":"$","StateMachineArn":"',
    {"Ref": "Machine"},
    '"}}',
]
LOOKING = ['{"Resource":"arn:aws:states:::aws-sdk:sfn:describeStateMachine","Parameters":{"StateMachineArn":"', {"Ref": "Machine"}, '"}}']
PUTTING = ['{"Resource":"arn:aws:states:::events:putEvents","EventBusName":"', {"Ref": "Bus"}, '"}']
REQUEST = '{"httpMethod": "DELETE", "path": <path>}'

CARRIED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the detail of an event": (PUT, {"Bus": BUS, "Rule": rule(InputPath="$.detail")}),
    "a part of the detail": (PUT, {"Bus": BUS, "Rule": rule(InputPath="$.detail.order")}),
    "the detail of an event of the default bus": (TO_DEFAULT, {"Rule": rule("default", InputPath="$.detail")}),
    "the detail of an event of a bus by its name": (TO_OTHER, {"Rule": rule("arn:aws:events:x:1:event-bus/other", InputPath="$.detail")}),
    "a template that is the detail": (PUT, {"Bus": BUS, "Rule": rule(**made_of(" <all> ", all="$.detail"))}),
    "a template that is a request": (PUT, {"Bus": BUS, "Rule": rule(**made_of(REQUEST, path="$.detail.path"))}),
    "the body of a message": (SEND, {"Queue": QUEUE, "Pipe": pipe("Queue", "<$.body>")}),
    "the body of a message that is enriched": (SEND, {"Queue": QUEUE, "Pipe": pipe("Queue", "<$.body>", "Enrichment")}),
    "the data of a record": (RECORD, {"Stream": STREAM, "Pipe": pipe("Stream", "<$.data>")}),
    "a message of a topic in a queue": (
        PUBLISH,
        {
            "Topic": TOPIC,
            "Queue": QUEUE,
            "Sub": resource(
                "SNS::Subscription", TopicArn={"Ref": "Topic"}, Endpoint={"Fn::GetAtt": ["Queue", "Arn"]}, RawMessageDelivery=True
            ),
            "Pipe": pipe("Queue", "<$.body>"),
        },
    ),
    "the detail of an event in a queue": (
        PUT,
        {"Bus": BUS, "Queue": QUEUE, "Rule": rule(target={"Fn::GetAtt": ["Queue", "Arn"]}), "Pipe": pipe("Queue", "<$.body.detail>")},
    ),
    "the detail of an event in a machine": (
        PUT,
        {"Bus": BUS, "Machine": machine(*CALLING), "Rule": rule(target={"Ref": "Machine"}, InputPath="$.detail")},
    ),
    "a part of the detail in a machine": (
        PUT,
        {"Bus": BUS, "Machine": machine(*CALLING), "Rule": rule(target={"Ref": "Machine"}, **made_of('{"a": <b>}', b="$.detail.b"))},
    ),
    "an event that a machine takes apart": (PUT, {"Bus": BUS, "Machine": machine(*OF_DETAIL), "Rule": rule(target={"Ref": "Machine"})}),
    "a machine that starts another": (START, {"Other": machine(*STARTING), "Machine": machine(*CALLING)}),
    "a machine that puts events": (START, {"Other": machine(*PUTTING), "Bus": BUS, "Rule": rule(InputPath="$.detail")}),
}
WRAPPED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "an event": (PUT, {"Bus": BUS, "Rule": rule()}),
    "an input of its own": (PUT, {"Bus": BUS, "Rule": rule(Input='{"httpMethod": "GET"}')}),
    "what EventBridge says": (PUT, {"Bus": BUS, "Rule": rule(InputPath="$.detail-type")}),
    "an event of another bus": (PUT, {"Bus": BUS, "Rule": rule("default", InputPath="$.detail")}),
    "an event that a template puts below a member": (PUT, {"Bus": BUS, "Rule": rule(**made_of('{"order": <all>}', all="$.detail"))}),
    "a text": (PUT, {"Bus": BUS, "Rule": rule(**made_of('"<all>"', all="$.detail"))}),
    "a whole event by a template": (PUT, {"Bus": BUS, "Rule": rule(**made_of("<all>", all="$"))}),
    "messages": (SEND, {"Queue": QUEUE, "Pipe": pipe("Queue")}),
    "messages that are read": (READ, {"Queue": QUEUE, "Pipe": pipe("Queue", "<$.body>")}),
    "messages of another queue": (SEND, {"Queue": QUEUE, "Two": QUEUE, "Pipe": pipe("Two", "<$.body>")}),
    "a trigger": (
        SEND,
        {"Queue": QUEUE, "Trigger": resource("Lambda::EventSourceMapping", EventSourceArn={"Ref": "Queue"}, FunctionName=ARN)},
    ),
    "a subscription": (PUBLISH, {"Topic": TOPIC, "Sub": resource("SNS::Subscription", TopicArn={"Ref": "Topic"}, Endpoint=ARN)}),
    "an event in a queue": (
        PUT,
        {"Bus": BUS, "Queue": QUEUE, "Rule": rule(target={"Fn::GetAtt": ["Queue", "Arn"]}), "Pipe": pipe("Queue", "<$.body>")},
    ),
    "an event in a machine": (PUT, {"Bus": BUS, "Machine": machine(*CALLING), "Rule": rule(target={"Ref": "Machine"})}),
    "an input of its own in a machine": (
        PUT,
        {"Bus": BUS, "Machine": machine(*OF_DETAIL), "Rule": rule(target={"Ref": "Machine"}, Input='{"detail": {}}')},
    ),
    "an event of the default bus for a bus by its name": (TO_OTHER, {"Rule": rule("default", InputPath="$.detail")}),
    "an event of a bus whose name is a part of the other's": (TO_OTHER, {"Rule": rule("oth", InputPath="$.detail")}),
    "a machine that looks at another": (START, {"Other": machine(*LOOKING), "Machine": machine(*CALLING)}),
    "machines that start each other": (START, {"Other": machine(*STARTING), "Machine": machine(*STARTING, {"Ref": "Other"})}),
}


@pytest.mark.parametrize("name", CARRIED)
def test_what_may_become_the_whole_event_of_a_function_is_told(name: str) -> None:
    door, resources = CARRIED[name]
    told = one(door, **resources) or ""
    assert told.startswith("warning: Door lets anybody call ANY /{proxy+}, which passes on what it is sent by ")
    assert "and leads to Own, whose app guards GET /secret of h; give the route an authorizer" in told


@pytest.mark.parametrize("name", WRAPPED)
def test_what_stands_in_an_event_of_another_kind_leads_to_no_route(name: str) -> None:
    door, resources = WRAPPED[name]
    assert one(door, **resources) is None


@pytest.mark.parametrize("name", CARRIED)
def test_a_route_that_asks_who_calls_sends_for_those_alone(name: str) -> None:
    door, resources = CARRIED[name]
    [operation] = door["Properties"]["Body"]["paths"]["/{proxy+}"].values()
    asking = resource("ApiGateway::RestApi", Body={"paths": {"/x": {"post": {**operation, "security": [{"iam": []}]}}}})
    assert one(asking, **resources) is None


def test_the_way_is_told() -> None:
    door, resources = CARRIED["the detail of an event in a queue"]
    assert "by Bus, then by Rule, then by Queue, then by Pipe, and leads to Own" in (one(door, **resources) or "")


def test_routes_of_every_api_send() -> None:
    given = {"Type": "AWS", "Uri": f"{HERE}:events:action/PutEvents", "RequestTemplates": {"application/json": '{"Entries": []}'}}
    ruled = rule("default", InputPath="$.detail")
    assert one(method(Integration=given), Api=REST, Rule=ruled) is not None
    put = {"IntegrationSubtype": "EventBridge-PutEvents", "RequestParameters": {"Detail": "$request.body", "EventBusName": {"Ref": "Bus"}}}
    called = resource("ApiGatewayV2::Integration", ApiId={"Ref": "Api"}, **put)
    assert one(route(), Api=HTTP, Called=called, Bus=BUS, Rule=rule(InputPath="$.detail")) is not None


def socket(connect: str = "NONE", **integration: Any) -> dict[str, str]:
    called = {"IntegrationType": "AWS", "IntegrationUri": URI} | integration
    target = {"Fn::Join": ["", ["integrations/", {"Ref": "Called"}]]}
    made = {
        "Door": resource("ApiGatewayV2::Api", ProtocolType="WEBSOCKET"),
        "Called": resource("ApiGatewayV2::Integration", ApiId={"Ref": "Door"}, **called),
        "Connect": resource("ApiGatewayV2::Route", ApiId={"Ref": "Door"}, RouteKey="$connect", AuthorizationType=connect, Target=target),
    }
    return found({**made, "Machine": MACHINE})


@pytest.mark.parametrize("template", [None, "$input.body", "$input.json('$')", '$input.json("$")'])
def test_a_socket_that_gives_messages_as_they_are_sends_requests(template: str | None) -> None:
    given: dict[str, Any] = {} if template is None else {"RequestTemplates": {"$default": template}}
    told = socket(**given)
    assert told["Door"].startswith("error: Door lets anybody connect, and gives what is sent as the event, and leads to Own")
    assert socket("AWS_IAM", **given) == {}


@pytest.mark.parametrize(
    "given",
    [
        {"RequestTemplates": {"$default": '{"kind": "hello"}'}},
        {"RequestTemplates": {"$default": "{\"room\": $input.json('$.room')}"}},
        {"IntegrationType": "AWS_PROXY"},
    ],
)
def test_a_socket_that_gives_something_else_sends_no_requests(given: dict[str, Any]) -> None:
    assert socket(**given) == {}


def test_messages_of_whoever_connects_start_machines_too() -> None:
    started: dict[str, Any] = {"IntegrationUri": f"{STATES}/StartExecution", "RequestTemplates": {"$default": {"Fn::Sub": '"${Machine}"'}}}
    assert "passes on what it is sent by Machine" in socket(**started)["Door"]


@pytest.mark.parametrize(
    ("limit", "is_open"), [({}, True), ({"SourceArn": "arn:aws:iot:eu-west-1:1:rule/x"}, False), ({"SourceAccount": "1"}, False)]
)
def test_rules_of_iot_are_of_every_account(limit: dict[str, str], *, is_open: bool) -> None:
    told = one(permission("iot.amazonaws.com", **limit))
    assert told is None if not is_open else (told or "").startswith("error: Door lets the rules of IoT of every account invoke it")


DEVICES = [
    ("SELECT * FROM 'open/#'", True),
    ("select *, topic() as t from 'a'", True),
    ("SELECT VALUE payload FROM 'a'", True),
    ("SELECT httpMethod, path FROM 'a'", True),
    ("SELECT temperature FROM 'rooms/*'", False),
]


@pytest.mark.parametrize(("sql", "is_open"), DEVICES)
def test_what_devices_publish_is_no_request_unless_all_of_it_is_taken(sql: str, *, is_open: bool) -> None:
    for action in ({"Lambda": {"FunctionArn": ARN}}, {"StepFunctions": {"StateMachineName": {"Fn::GetAtt": ["Machine", "Name"]}}}):
        told = one(resource("IoT::TopicRule", TopicRulePayload={"Sql": sql, "Actions": [action]}), Machine=MACHINE)
        assert told is None if not is_open else (told or "").startswith("warning: Door gives on what devices publish, and leads to Own")


RESOLVERS: list[tuple[dict[str, str], bool]] = [
    ({"RequestMappingTemplate": '{"operation": "Invoke", "payload": $ctx.args.event}'}, True),
    ({"RequestMappingTemplate": '{"payload": $util.toJson($context.arguments)}'}, True),
    ({"Code": "export const request = (ctx) => ({operation: 'Invoke', payload: ctx.args});"}, True),
    ({"RequestMappingTemplate": '{"payload": $util.toJson($ctx)}'}, False),
    ({"RequestMappingTemplate": '{"payload": {"arguments": $util.toJson($ctx.args)}}'}, False),
    ({"Code": "export const request = (ctx) => ({operation: 'Invoke', payload: {field: 'x', arguments: ctx.args}});"}, False),
    ({}, False),
]


@pytest.mark.parametrize("part", ["CodeS3Location", "RequestMappingTemplateS3Location"])
def test_a_resolver_whose_code_nobody_reads_is_told(part: str) -> None:
    api = {"ApiId": {"Fn::GetAtt": ["Graph", "ApiId"]}}
    source = resource("AppSync::DataSource", Name="D", LambdaConfig={"LambdaFunctionArn": ARN}, **api)
    door = resource("AppSync::Resolver", DataSourceName="D", **api, **{part: {"Fn::Sub": "s3://assets-${AWS::Region}/a.js"}})
    told = one(door, Graph=resource("AppSync::GraphQLApi"), Source=source) or ""
    assert told.startswith("warning: Door has its code in S3, where nobody reads what it gives, and leads to Own")
    assert "; write the code inline (Code.from_inline), where it is read, or say why" in told


@pytest.mark.parametrize("kind", ["Resolver", "FunctionConfiguration"])
@pytest.mark.parametrize("source", ["D", {"Fn::GetAtt": ["Source", "Name"]}])
@pytest.mark.parametrize(("given", "is_open"), RESOLVERS)
def test_a_resolver_gives_the_context_and_not_the_arguments_alone(kind: str, source: Any, given: dict[str, Any], *, is_open: bool) -> None:
    api = {"ApiId": {"Fn::GetAtt": ["Graph", "ApiId"]}}
    made = {
        "Graph": resource("AppSync::GraphQLApi"),
        "Source": resource("AppSync::DataSource", Name="D", LambdaConfig={"LambdaFunctionArn": ARN}, **api),
        "Another": resource("AppSync::DataSource", Name="E", LambdaConfig={"LambdaFunctionArn": {"Fn::GetAtt": ["Socket", "Arn"]}}, **api),
    }
    told = one(resource(f"AppSync::{kind}", DataSourceName=source, **api, **given), **made)
    assert (
        told is None
        if not is_open
        else (told or "").startswith("warning: Door gives the arguments of callers as the event, and leads to Own")
    )


def guarded(scheme: str) -> dict[str, Any]:
    """An API of a gateway whose one route is guarded."""
    schemes = {
        "iam": {"x-amazon-apigateway-authtype": "awsSigv4"},
        "people": {"x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}},
    }
    operation: dict[str, Any] = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": URI}, "security": [{scheme: []}]}
    return resource("ApiGateway::RestApi", Body={"paths": {"/secret": {"get": operation}}, "components": {"securitySchemes": schemes}})


def by_method(verb: str, uri: str, **more: Any) -> dict[str, Any]:
    return body(type="aws", httpMethod=verb, uri={"Fn::Sub": f"{HERE}:{uri}"}, **more)


TESTED = "apigateway:path/restapis/${Guarded}/resources/abc/methods/GET"
SIGNING = [
    '{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":{"ApiEndpoint":"',
    {"Ref": "Guarded"},
    '","AuthType":"IAM_ROLE"}}',
]
ASKING_NOTHING = [
    '{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":{"ApiEndpoint":"',
    {"Ref": "Guarded"},
    '","AuthType":"NO_AUTH"}}',
]
BY_ROLE = '{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":{"ApiEndpoint":"x.example.com","AuthType":"IAM_ROLE"}}'
ROLE: dict[str, Any] = {
    "Role": resource("IAM::Role"),
    "Policy": resource(
        "IAM::Policy",
        Roles=[{"Ref": "Role"}],
        PolicyDocument={"Statement": [{"Resource": {"Fn::Sub": "arn:aws:execute-api:x:1:${Guarded}/*"}}]},
    ),
    "Other": resource("StepFunctions::StateMachine", DefinitionString=BY_ROLE, RoleArn={"Fn::GetAtt": ["Role", "Arn"]}),
}
SIGNERS: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "a test of a method": (by_method("POST", TESTED), {}, {"iam", "people"}),
    "a look at a method": (by_method("GET", TESTED), {}, set()),
    "a call of the API": (by_method("GET", "${Guarded}.execute-api:path/live/secret"), {}, {"iam"}),
    "a machine": (START, {"Other": machine(*SIGNING)}, {"iam"}),
    "a machine that signs nothing": (START, {"Other": machine(*ASKING_NOTHING)}, set()),
    "a machine whose role may call": (START, ROLE, {"iam"}),
    "a machine that nobody starts": (READ, {"Queue": QUEUE, "Other": machine(*SIGNING)}, set()),
}


@pytest.mark.parametrize("scheme", ["iam", "people"])
@pytest.mark.parametrize("name", SIGNERS)
def test_what_signs_for_whoever_asks_is_told_where_a_signature_is_asked_for(name: str, scheme: str) -> None:
    door, resources, schemes = SIGNERS[name]
    told = one(door, Guarded=guarded(scheme), **resources)
    assert (told is not None) == (scheme in schemes)
    assert told is None or "and leads to Own, whose app guards GET /secret of h" in told


ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
OF_BUS = resource(
    "Events::EventBusPolicy", EventBusName={"Ref": "Bus"}, StatementId="s", Statement=ANYBODY | {"Action": "events:PutEvents"}
)
BY_NAME = resource("Events::EventBusPolicy", EventBusName={"Ref": "Bus"}, StatementId="s", Action="events:PutEvents", Principal="*")


def of_queue(*statements: dict[str, Any]) -> dict[str, Any]:
    return resource("SQS::QueuePolicy", Queues=[{"Ref": "Queue"}], PolicyDocument={"Statement": list(statements)})


def posted(policy: dict[str, Any], **beside: Any) -> list[str]:
    return list(
        found({"Door": policy, "Bus": BUS, "Queue": QUEUE, "Rule": rule(InputPath="$.detail"), "Pipe": pipe("Queue", "<$.body>"), **beside})
    )


@pytest.mark.parametrize(
    "policy", [OF_BUS, BY_NAME, of_queue(ANYBODY), of_queue(ANYBODY | {"Principal": {"AWS": "*"}, "Action": "SQS:SendMessage"})]
)
def test_a_policy_that_lets_anybody_send_what_becomes_the_event_is_a_door(policy: dict[str, Any]) -> None:
    assert posted(policy) == ["Door"]
    assert posted(policy, Rule=rule(), Pipe=pipe("Queue")) == []  # given on below a member


@pytest.mark.parametrize(
    "statement",
    [
        ANYBODY | {"Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:1:t"}}},
        ANYBODY | {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        ANYBODY | {"Principal": {"Service": "sns.amazonaws.com"}},
        ANYBODY | {"Effect": "Deny"},
        ANYBODY | {"Action": "sqs:ReceiveMessage"},
    ],
)
def test_a_policy_that_names_who_may_send_is_no_door(statement: dict[str, Any]) -> None:
    assert posted(of_queue(statement)) == []
