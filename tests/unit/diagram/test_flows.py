"""What flows in a template, read from it."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.diagram.flows import flows
from gateleg.diagram.graph import Column, Graph
from gateleg.diagram.lines import lines
from gateleg.errors import TemplateError
from gateleg.template.read import ReadTemplate
from tests.unit.diagram.samples import RESOURCES, api, function, invoking, operation, table, template


def drawn(resources: RESOURCES) -> Graph:
    return flows([template(resources)])


def flowing(graph: Graph) -> set[tuple[str, str, str, str]]:
    """The edges to resources and functions, by what is read on the cards."""
    return {(edge.source, edge.target, edge.entry, edge.label) for edge in graph.edges if edge.label}


def test_a_public_route_stands_apart_with_its_reason() -> None:
    both = {"get": operation("F", public="for everyone"), "post": operation("F")}
    graph = drawn(api(_a=both) | function("F"))
    cards = {(node.public, entry.text, entry.note) for node in graph.of_column(Column.ROUTES) for entry in node.entries}

    assert cards == {(True, "GET /a", "for everyone"), (False, "POST /a", "")}
    assert {(node.title, node.public) for node in graph.of_column(Column.GATE)} == {("anyone", True), ("session", False)}


def test_a_public_route_without_a_reason_says_so() -> None:
    graph = drawn(api(_a={"get": {"x-amazon-apigateway-integration": invoking("F")}}) | function("F"))

    [card] = graph.of_column(Column.ROUTES)
    assert (card.public, card.entries[0].note) == (True, "no reason given")


def test_preflights_are_not_drawn() -> None:
    mock = {"x-amazon-apigateway-integration": {"type": "mock"}}
    graph = drawn(api(_a={"get": operation("F"), "options": mock}) | function("F"))

    assert [entry.text for node in graph.of_column(Column.ROUTES) for entry in node.entries] == ["GET /a"]


def test_what_a_function_may_do_is_drawn_by_table_and_index() -> None:
    allowed = {"Table": ["dynamodb:GetItem", "dynamodb:PutItem"], "Table/index/by_author": ["dynamodb:Query"]}
    graph = drawn(function("F", allowed) | table("by_author", "by_day"))

    assert flowing(graph) == {("F", "Table", "", "reads, writes"), ("F", "Table", "by_author", "reads")}
    assert [edge.detail for edge in graph.edges] == ["dynamodb:GetItem, dynamodb:PutItem", "dynamodb:Query"]


@pytest.mark.parametrize(
    ("actions", "label"),
    [
        (["dynamodb:Query", "dynamodb:ConditionCheckItem"], "reads"),
        (["dynamodb:DeleteItem"], "writes"),
        (["dynamodb:*"], "may do anything"),
        (["*"], "may do anything"),
        (["dynamodb:Get*"], "by pattern"),
    ],
)
def test_actions_are_told_in_a_word(actions: list[str], label: str) -> None:
    assert [edge.label for edge in drawn(function("F", {"Table": actions}) | table()).edges] == [label]


def test_a_denied_action_is_no_flow() -> None:
    resources = function("F", {"Table": ["dynamodb:GetItem"]}) | table() | function("Other", {"Table": ["dynamodb:Query"]})
    statements = resources["FRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements.append({"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"})

    assert {edge.source for edge in drawn(resources).edges} == {"Other"}


def test_who_may_connect_is_who_may_send() -> None:
    integration = {"ApiId": {"Ref": "Socket"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": {"Fn::GetAtt": ["F", "Arn"]}}
    target = {"Fn::Sub": "integrations/${I}"}
    resources: RESOURCES = {
        "Socket": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}},
        "I": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
        "A": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {"ApiId": {"Ref": "Socket"}, "AuthorizerType": "REQUEST", "Name": "who"},
        },
        "C": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Socket"},
                "RouteKey": "$connect",
                "AuthorizationType": "CUSTOM",
                "AuthorizerId": {"Ref": "A"},
                "Target": target,
            },
        },
        "S": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Socket"}, "RouteKey": "send", "Target": target}},
    }
    guarded = drawn(resources | function("F"))
    assert [(node.title, node.public) for node in guarded.of_column(Column.GATE)] == [("who", False)]

    del resources["C"]["Properties"]["AuthorizationType"], resources["C"]["Properties"]["AuthorizerId"]
    opened = drawn(resources | function("F"))
    assert [(node.title, node.public) for node in opened.of_column(Column.GATE)] == [("anyone", True)]
    assert [entry.text for node in opened.of_column(Column.ROUTES) for entry in node.entries] == ["$connect", "send"]


def test_integrations_of_one_address_show_what_all_their_roles_may() -> None:
    uri = {"Fn::Sub": "arn:aws:apigateway:x:s3:path/${Bucket}/{name}"}

    def direct(role: str) -> dict[str, Any]:
        return {"x-amazon-apigateway-integration": {"type": "aws", "uri": uri, "credentials": {"Fn::GetAtt": [f"{role}Role", "Arn"]}}}

    roles = function("R", {"Bucket/*": ["s3:GetObject"]}) | function("W", {"Bucket/*": ["s3:PutObject"]})
    bucket: RESOURCES = {"Bucket": {"Type": "AWS::S3::Bucket"}}
    graph = drawn(api(_a={"get": direct("R"), "put": direct("W")}) | roles | bucket)

    assert {(edge.label, edge.detail) for edge in graph.edges if edge.source.endswith("s3 ${Bucket}/{name}") and edge.label} == {
        ("reads, writes", "s3:GetObject, s3:PutObject")
    }


def test_events_flow_on_and_what_they_alone_reach_stands_behind() -> None:
    resources: RESOURCES = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}},
        },
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Sub": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}},
        },
        "Map": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "Consumer"}},
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Arn": {"Fn::GetAtt": ["F", "Arn"]}, "Id": "1"}]},
        },
    }
    graph = drawn(resources | function("F", {"Topic": ["sns:Publish"]}) | function("Consumer"))

    assert flowing(graph) == {
        ("Rule", "F", "", "sends to"),
        ("F", "Topic", "", "publishes"),
        ("Topic", "Queue", "", "sends to"),
        ("Queue", "Dead", "", "dead letters"),
        ("Queue", "Consumer", "", "invokes"),
    }
    assert {node.key for node in graph.of_column(Column.FED)} == {"Queue", "Dead", "Consumer"}
    assert [node.kind for node in graph.of_column(Column.SOURCE)] == ["schedule"]


def test_what_only_goes_with_a_permission_is_no_flow() -> None:
    resources = function("F", {"Queue": ["sqs:SendMessage", "sqs:GetQueueUrl", "sqs:GetQueueAttributes"]})
    graph = drawn(resources | {"Queue": {"Type": "AWS::SQS::Queue"}})

    assert [(edge.label, edge.detail) for edge in graph.edges] == [("sends", "sqs:SendMessage")]


def test_a_function_of_another_stack_answers_a_route() -> None:
    owner = ReadTemplate.from_json({"Resources": function("F")}, name="Functions")
    uri = {"Fn::Sub": ["arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${f}/invocations", {"f": {"Fn::ImportValue": "f"}}]}
    item = {"get": {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": uri}}}
    user = ReadTemplate({"Resources": api(_a=item)}, "App", bindings={"Fn::ImportValue:f": "${Functions:F.Arn}"})

    graph = flows([owner, user])

    assert [node.key for node in graph.of_column(Column.FUNCTION)] == ["Functions/F"]


def test_references_of_stacks_to_each_other_are_followed() -> None:
    owner = ReadTemplate.from_json({"Resources": table()}, name="Data")
    taken = {"Fn::ImportValue": "data"}
    resources = function("F", {})
    statement = {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": taken}
    resources["FRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(statement)
    user = ReadTemplate({"Resources": resources}, "App", bindings={"Fn::ImportValue:data": "${Data:Table.Arn}"}, assembly=None)

    graph = flows([owner, user])

    assert [(edge.source, edge.target, edge.label) for edge in graph.edges] == [("App/F", "Data/Table", "reads")]


def test_a_template_without_flows_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"nothing here is drawn.*there is: AWS::S3::Bucket"):
        drawn({"Bucket": {"Type": "AWS::S3::Bucket"}})


def test_a_hundred_routes_are_one_card_with_room_between_the_first_parts_of_their_paths() -> None:
    paths = {f"_part{part}_{number}": {"get": operation("F"), "post": operation("F")} for part in range(10) for number in range(5)}
    [card] = drawn(api(**paths) | function("F")).of_column(Column.ROUTES)
    shown = lines(card)

    assert [line.text for line in shown[:7]] == [*(f"GET POST /part0/{number}" for number in range(5)), "", "GET POST /part1/0"]
    assert (len(card.entries), len(shown)) == (100, 59)


def test_an_event_api_stands_between_who_publishes_and_whom_it_asks() -> None:
    allowed = {"Events": ["appsync:EventPublish"]}
    asking = {"AuthType": "AWS_LAMBDA", "LambdaAuthorizerConfig": {"AuthorizerUri": {"Fn::GetAtt": ["Asked", "Arn"]}}}
    config = {"AuthProviders": [{"AuthType": "AWS_IAM"}, asking]}
    events = {"Events": {"Type": "AWS::AppSync::Api", "Properties": {"EventConfig": config}}}
    graph = drawn(function("F", allowed) | function("Asked") | events)

    assert flowing(graph) == {("F", "Events", "", "publishes"), ("Events", "Asked", "", "asks")}
    assert {node.key: (node.kind, node.column) for node in graph.nodes.values()} == {
        "F": ("function", Column.FUNCTION),
        "Events": ("Event API", Column.RESOURCE),
        "Asked": ("function", Column.FED),
    }
