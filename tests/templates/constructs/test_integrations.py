"""Routes that services answer without a function: what the body holds of them, and what their roles may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_events as events
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from gateleg.cdk import Cors, DirectRoute, HttpGateway, IamAuthorizer, RestGateway
from gateleg.cdk.integrations import (
    AwsService,
    EventBridgePut,
    Http,
    HttpProxy,
    Mock,
    S3Get,
    S3Put,
    SnsPublish,
    SqsSend,
    StepFunctionsStart,
)
from gateleg.errors import AuthorizerError, DeclarationError, RouteError
from tests.templates.constructs.rendering import HOSTILE, answer, bare_references, body, integration, request, text
from tests.templates.constructs.samples import synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.templates.constructs.samples import Template

WHY = "a sample"
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(HOSTILE)
BUSY = '{"__type":"ThrottlingException"}'


class Order(BaseModel):
    """What is ordered."""

    paint: str = Field(min_length=1)
    tins: int = Field(ge=1)


OWN = {"/stream", "/prices/{id}"}
"""Paths whose templates are written by whoever declares them."""


def rest(stack: Stack, **routes: Any) -> RestGateway:
    return RestGateway(stack, "Rest", authorizers={"iam": IamAuthorizer()}, **routes)


def machine(stack: Stack, name: str = "Machine", kind: stepfunctions.StateMachineType = stepfunctions.StateMachineType.EXPRESS) -> Any:
    passing = stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, f"{name}Pass"))
    return stepfunctions.StateMachine(stack, name, definition_body=passing, state_machine_type=kind)


def every(stack: Stack) -> None:
    queue, fifo = sqs.Queue(stack, "Queue"), sqs.Queue(stack, "Fifo", fifo=True, content_based_deduplication=True)
    topic, bus, made, stream = sns.Topic(stack, "Topic"), events.EventBus(stack, "Bus"), machine(stack), kinesis.Stream(stack, "Stream")
    rest(
        stack,
        routes={
            "POST /queue": SqsSend(queue, message=Order),
            "POST /again": SqsSend(queue),
            "POST /fifo/{room}": SqsSend(fifo, group="$#{room}/{seat}"),
            "POST /topic/{name}": SnsPublish(topic, subject="Order & {name}"),
            "POST /bus": EventBridgePut(bus, "shop.$orders", 'it\'s "placed"'),
            "POST /start": StepFunctionsStart(made),
            "POST /wait": StepFunctionsStart(made, sync=True),
            "POST /stream": AwsService(
                "kinesis",
                {stream.stream_arn: ["kinesis:PutRecord"]},
                action="PutRecord",
                template='{"Data":"$util.base64Encode($input.body)","PartitionKey":"a"}',
            ),
            "POST /rooms/{room}": SqsSend(fifo, group="{room}.high\\", deduplication="\\{room}[0]\\#{room}-x"),
            "POST /files/{room}": SnsPublish(topic, subject="{room}.txt(x)"),
            "POST /regions": EventBridgePut(bus, f"app##{stack.region}\\$", f"{stack.region}#end"),
            "GET /region": DirectRoute(Mock({"t": "## Hi $x \\$ \\\\#end", "r": stack.region, "e": "\\"}), public=WHY),
            "GET /health": DirectRoute(Mock({"cost": "5 $ #1"}, headers={"Cache-Control": "no-store"}), public=WHY),
            "GET /prices/{id}": HttpProxy("https://prices.example.com/{id}", timeout=Duration.seconds(3)),
            "POST /prices/{id}": Http("https://prices.example.com/{id}", body=Order),
        },
    )


@pytest.fixture(scope="module")
def template() -> Template:
    return synthesized(every)


# -- what is sent ------------------------------------------------------------------------------------------------------------------


@given(TEXTS)
def test_a_queue_gets_the_body_as_it_was_sent(template: Template, sent: str) -> None:
    assert json.loads(request(template, "POST /again", sent)) == {"QueueUrl": "Queue4A7E3555", "MessageBody": sent}


@given(TEXTS, TEXTS)
def test_a_group_is_made_of_parameters_and_nothing_else(template: Template, room: str, seat: str) -> None:
    made = json.loads(request(template, "POST /fifo/{room}", "{}", path={"room": room}, querystring={"seat": seat}))
    assert (made["MessageGroupId"], made["MessageBody"]) == (f"$#{room}/{seat}", "{}")


@given(TEXTS)
def test_text_after_a_parameter_is_no_part_of_its_name(template: Template, room: str) -> None:
    made = json.loads(request(template, "POST /rooms/{room}", "{}", path={"room": room}))
    assert (made["MessageGroupId"], made["MessageDeduplicationId"]) == (f"{room}.high\\", f"\\{room}[0]\\#{room}-x")
    assert parse_qs(request(template, "POST /files/{room}", "{}", path={"room": room}))["Subject"] == [f"{room}.txt(x)"]


def test_what_stands_beside_a_token_is_text(template: Template) -> None:
    [entry] = json.loads(request(template, "POST /regions", "{}"))["Entries"]
    assert (entry["Source"], entry["DetailType"]) == ("app##AWS::Region\\$", "AWS::Region#end")
    made = json.loads(answer(template, "GET /region", "default", "{}")[1])
    assert made == {"t": "## Hi $x \\$ \\\\#end", "r": "AWS::Region", "e": "\\"}


def test_the_end_of_every_reference_is_marked(template: Template) -> None:
    for path, methods in body(template)["paths"].items():
        for method, operation in methods.items():
            one = operation.get("x-amazon-apigateway-integration", {})
            responses = one.get("responses", {}).values()
            for holder in ({"responseTemplates": one.get("requestTemplates", {})}, *responses):
                for made in holder.get("responseTemplates", {}).values():
                    assert path in OWN or bare_references(text(made)) == [], (method, path)


@given(TEXTS, TEXTS)
def test_a_topic_gets_a_form_of_exactly_these_fields(template: Template, sent: str, name: str) -> None:
    form = parse_qs(request(template, "POST /topic/{name}", sent, path={"name": name}), keep_blank_values=True, strict_parsing=True)
    assert {field: values for field, values in form.items() if field != "TopicArn"} == {
        "Action": ["Publish"],
        "Message": [sent],
        "Subject": [f"Order & {name}"],
    }
    assert len(form["TopicArn"]) == 1


@given(TEXTS)
def test_a_bus_gets_one_entry_whose_detail_is_the_body(template: Template, sent: str) -> None:
    [entry] = json.loads(request(template, "POST /bus", sent))["Entries"]
    assert (entry["Detail"], entry["Source"], entry["DetailType"]) == (sent, "shop.$orders", 'it\'s "placed"')


@pytest.mark.parametrize("key", ["POST /start", "POST /wait"])
@given(sent=TEXTS)
def test_an_execution_gets_the_body_as_its_input(template: Template, key: str, sent: str) -> None:
    made = json.loads(request(template, key, sent))
    assert (made["input"], sorted(made)) == (sent, ["input", "stateMachineArn"])


@pytest.mark.parametrize("key", ["POST /queue", "POST /bus", "POST /topic/{name}", "POST /start", "POST /stream", "POST /prices/{id}"])
def test_a_body_that_no_template_reads_is_refused(template: Template, key: str) -> None:
    found = integration(template, key)
    assert (found["passthroughBehavior"], list(found["requestTemplates"])) == ("never", ["application/json"])


def test_templates_read_what_the_api_takes_for_bytes(template: Template) -> None:
    for item in body(template)["paths"].values():
        for operation in item.values():
            found = operation["x-amazon-apigateway-integration"]
            parts = [found] * ("requestTemplates" in found) + [
                one for one in found.get("responses", {}).values() if found["type"] != "mock"
            ]
            assert {part["contentHandling"] for part in parts} <= {"CONVERT_TO_TEXT"}


# -- what is answered --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "received", "expected"),
    [
        ("POST /queue", '{"MessageId":"m-1"}', (202, {"id": "m-1"})),
        ("POST /topic/{name}", '{"PublishResponse":{"PublishResult":{"MessageId":"m-1"}}}', (202, {"id": "m-1"})),
        ("POST /bus", '{"FailedEntryCount":0,"Entries":[{"EventId":"e-1"}]}', (202, {"id": "e-1"})),
        ("POST /start", '{"executionArn":"arn:x"}', (202, {"id": "arn:x"})),
        ("POST /wait", '{"status":"SUCCEEDED","output":"{\\"a\\":[1]}"}', (200, {"a": [1]})),
        ("POST /stream", '{"SequenceNumber":"1"}', (200, {"SequenceNumber": "1"})),
        ("GET /health", "", (200, {"cost": "5 $ #1"})),
    ],
)
def test_what_the_service_says_is_told(template: Template, key: str, received: str, expected: tuple[int, Any]) -> None:
    status, made = answer(template, key, "default", received)
    assert (status, json.loads(made)) == expected


@pytest.mark.parametrize(
    ("key", "pattern", "received", "expected"),
    [
        ("POST /queue", "400", '{"__type":"InvalidMessageContents"}', (422, "item.invalid")),
        ("POST /queue", "400", BUSY, (503, "store.throttled")),
        ("POST /queue", "429", "", (503, "store.throttled")),
        ("POST /queue", r"(?!400|429)[345]\d\d", '{"__type":"AccessDenied","Message":"arn:aws:iam::1:role/x"}', (500, "internal")),
        ("POST /bus", "default", '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"MalformedDetail"}]}', (422, "item.invalid")),
        ("POST /bus", "default", '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure"}]}', (500, "internal")),
        ("POST /wait", "default", '{"status":"FAILED","error":"x","cause":"secret"}', (500, "internal")),
        ("POST /prices/{id}", "404", "secret", (404, "store.item_not_found")),
    ],
)
def test_errors_have_the_form_that_handlers_give_them(
    template: Template, key: str, pattern: str, received: str, expected: tuple[int, str]
) -> None:
    found, made = answer(template, key, pattern, received)
    assert (found, json.loads(made)["error"]["code"]) == expected
    assert "secret" not in made
    assert "arn:" not in made


def test_every_status_that_may_be_answered_is_declared(template: Template) -> None:
    for path, item in body(template)["paths"].items():
        for method, operation in item.items():
            for response in operation["x-amazon-apigateway-integration"].get("responses", {}).values():
                assert response["statusCode"] in operation["responses"], (method, path)


def test_pages_may_read_answers_and_errors() -> None:
    template = synthesized(lambda stack: rest(stack, cors=Cors(["https://a.example"]), routes={"POST /q": SqsSend(sqs.Queue(stack, "Q"))}))
    for response in integration(template, "POST /q")["responses"].values():
        assert response["responseParameters"]["method.response.header.Access-Control-Allow-Origin"] == "'https://a.example'"


# -- who may what ------------------------------------------------------------------------------------------------------------------


def test_each_role_may_do_one_thing_to_one_resource(template: Template) -> None:
    roles = {
        name: [
            (statement["Action"], statement["Resource"])
            for policy in role["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        for name, role in template.all("AWS::IAM::Role").items()
        if "Policies" in role["Properties"]
    }
    assert sorted(statements[0][0] for statements in roles.values()) == [
        "events:PutEvents",
        "kinesis:PutRecord",
        "sns:Publish",
        "sqs:SendMessage",
        "sqs:SendMessage",
        "states:StartExecution",
        "states:StartSyncExecution",
    ]
    assert all(len(statements) == 1 and "*" not in json.dumps(statements) for statements in roles.values())


def test_routes_to_one_resource_share_a_role(template: Template) -> None:
    assert integration(template, "POST /queue")["credentials"] == integration(template, "POST /again")["credentials"]


def test_an_encrypted_target_is_reached_through_its_key() -> None:
    def build(stack: Stack) -> None:
        key: Any = kms.Key(stack, "Key")
        rest(
            stack,
            routes={
                "POST /q": SqsSend(sqs.Queue(stack, "Q", encryption_master_key=key)),
                "POST /t": SnsPublish(sns.Topic(stack, "T", master_key=key)),
            },
        )

    for role in synthesized(build).all("AWS::IAM::Role").values():
        [policy] = role["Properties"]["Policies"]
        assert policy["PolicyDocument"]["Statement"][1]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_without_authorizer_or_reason_a_route_is_refused() -> None:
    stack = Stack(App(), "Test")
    with pytest.raises(AuthorizerError, match="has no authorizer and is not public"):
        RestGateway(stack, "Rest", routes={"POST /q": SqsSend(sqs.Queue(stack, "Q"))})


def test_a_body_is_checked_by_its_model(template: Template) -> None:
    operation = body(template)["paths"]["/queue"]["post"]
    assert operation["x-amazon-apigateway-request-validator"] == "body"
    schema = body(template)["components"]["schemas"]["Order"]
    assert (schema["required"], schema["properties"]["tins"]) == (["paint", "tins"], {"type": "integer", "minimum": 1})


def test_what_the_path_does_not_have_is_asked_of_the_query(template: Template) -> None:
    parameters = body(template)["paths"]["/fifo/{room}"]["post"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in parameters] == [("room", "path", True), ("seat", "query", True)]


def test_an_object_is_reached_by_the_key_that_is_declared_and_no_other() -> None:
    def build(stack: Stack) -> None:
        key: Any = kms.Key(stack, "Key")
        bucket = s3.Bucket(stack, "Notes", encryption_key=key)
        rest(
            stack,
            routes={
                "GET /notes/{name}": S3Get(bucket, key="notes/{name}.txt"),
                "PUT /notes/{name}": S3Put(bucket, key="notes/{name}/{version}.txt"),
                "GET /rules": S3Get(bucket, key="rules & more.txt"),
            },
        )

    template = synthesized(build)
    found = integration(template, "GET /notes/{name}")
    assert text(found["uri"]).endswith(":s3:path/NotesBC8E4F3E/notes/{name}.txt") or "/notes/{name}.txt" in text(found["uri"])
    assert found["requestParameters"] == {"integration.request.path.name": "method.request.path.name"}
    assert text(integration(template, "GET /rules")["uri"]).endswith("/rules%20%26%20more.txt")
    put = integration(template, "PUT /notes/{name}")
    assert put["requestParameters"]["integration.request.path.version"] == "method.request.querystring.version"
    allowed = {
        statement["Action"]: text(statement["Resource"]).partition("/")[2]
        for role in template.all("AWS::IAM::Role").values()
        for policy in role["Properties"].get("Policies", ())
        for statement in policy["PolicyDocument"]["Statement"]
        if isinstance(statement["Action"], str) and statement["Action"].startswith("s3:")
    }
    assert allowed["s3:PutObject"] == "notes/*/*.txt"
    assert allowed["s3:GetObject"] in {"notes/*.txt", "rules & more.txt"}
    assert len([role for role in template.all("AWS::IAM::Role").values() if "Policies" in role["Properties"]]) == 3


def test_a_server_is_reached_through_a_vpc_link() -> None:
    def build(stack: Stack) -> None:
        link = apigateway.VpcLink.from_vpc_link_id(stack, "Link", "link-1")
        rest(stack, routes={"GET /p": HttpProxy("https://prices.example.com", vpc_link=link)})

    found = integration(synthesized(build), "GET /p")
    assert (found["connectionType"], found["connectionId"]) == ("VPC_LINK", "link-1")


# -- what is refused ---------------------------------------------------------------------------------------------------------------

ALLOWED = {"arn:aws:kinesis:eu-west-1:111111111111:stream/s": ["kinesis:PutRecord"]}
REFUSED: dict[str, tuple[Callable[[Stack], object], str]] = {
    "a FIFO queue without a group": (lambda stack: SqsSend(sqs.Queue(stack, "Q", fifo=True)), r"write group='\{room\}'"),
    "a group without a FIFO queue": (lambda stack: SqsSend(sqs.Queue(stack, "Q"), group="x"), "leave group out"),
    "a deduplication id without a FIFO queue": (lambda stack: SqsSend(sqs.Queue(stack, "Q"), deduplication="x"), "leave deduplication out"),
    "a FIFO topic without a group": (lambda stack: SnsPublish(sns.Topic(stack, "T", fifo=True)), r"write group='\{room\}'"),
    "a standard workflow that is waited for": (
        lambda stack: StepFunctionsStart(machine(stack, kind=stepfunctions.StateMachineType.STANDARD), sync=True),
        "leave sync out",
    ),
    "a wide resource": (
        lambda _: AwsService("kinesis", {"*": ["kinesis:PutRecord"]}, action="PutRecord"),
        r"allows '\*'; name the actions",
    ),
    "wide actions": (lambda _: AwsService("kinesis", {"arn": ["kinesis:*"]}, action="PutRecord"), r"allows 'kinesis:\*'"),
    "a role that may do nothing": (lambda _: AwsService("kinesis", {}, action="PutRecord"), "allows nothing"),
    "no action and no path": (lambda _: AwsService("kinesis", ALLOWED), "write action='PutRecord', or path='bucket/key'"),
    "a template that is none": (lambda _: AwsService("kinesis", ALLOWED, action="A", template=cast("str", 1)), "takes a text"),
    "a header with an apostrophe": (lambda _: Mock(headers={"X": "it's"}), "with an apostrophe"),
    "a body that is no JSON": (lambda _: Mock(object()), "what JSON can hold"),
    "a status that is none": (lambda _: Mock(status=99), "a whole number from 200 to 599"),
    "a key with a wildcard": (lambda stack: S3Get(s3.Bucket(stack, "B"), key="notes/*"), r"which policies take for any text"),
    "a key that is absolute": (lambda stack: S3Put(s3.Bucket(stack, "B"), key="/notes"), "begins with a slash"),
    "a URL that is none": (lambda _: HttpProxy("prices.example.com"), "a URL, such as"),
    "a wait that is too long": (lambda _: HttpProxy("https://a.example", timeout=Duration.seconds(30)), "50 milliseconds to 29 seconds"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_declaration_that_cannot_work_is_refused(case: str) -> None:
    make, message = REFUSED[case]
    with pytest.raises(DeclarationError, match=message):
        make(Stack(App(), "Test"))


ROUTES: dict[str, tuple[str, Callable[[Stack], Any], str]] = {
    "a variable that nothing reads": ("POST /q/{id}", lambda stack: SqsSend(sqs.Queue(stack, "Q")), "'id', which SqsSend does not read"),
    "a body of a method without one": ("GET /q", lambda stack: SqsSend(sqs.Queue(stack, "Q"), message=Order), "write POST, PUT or PATCH"),
    "a variable that the path has not": (
        "GET /q",
        lambda _: HttpProxy("https://a.example/{id}"),
        "whose variable 'id' the path does not have",
    ),
    "templates of any method": ("ANY /q", lambda _: Http("https://a.example"), "write method='POST'"),
    "a placeholder that is none": (
        "POST /q",
        lambda stack: SqsSend(sqs.Queue(stack, "Q", fifo=True), group="{0}", deduplication="x"),
        "a placeholder is the name",
    ),
}


@pytest.mark.parametrize("case", ROUTES)
def test_a_route_that_cannot_have_its_integration_is_refused(case: str) -> None:
    key, make, message = ROUTES[case]
    stack = Stack(App(), "Test")
    with pytest.raises((DeclarationError, RouteError), match=message):
        rest(stack, routes={key: make(stack)})


# -- HTTP APIs ---------------------------------------------------------------------------------------------------------------------


def test_an_http_api_has_those_that_aws_gives_it() -> None:
    def build(stack: Stack) -> None:
        routes: dict[str, Any] = {
            "POST /queue": SqsSend(sqs.Queue(stack, "Queue")),
            "POST /fifo/{room}": SqsSend(sqs.Queue(stack, "Fifo", fifo=True), group="{room}", deduplication="{room}"),
            "POST /bus": EventBridgePut(events.EventBus(stack, "Bus"), "shop", "placed"),
            "POST /wait": StepFunctionsStart(machine(stack), sync=True),
            "GET /prices/{id}": HttpProxy("https://prices.example.com/{id}"),
        }
        HttpGateway(stack, "Http", authorizers={"iam": IamAuthorizer()}, routes=routes)

    document = synthesized(build).one("AWS::ApiGatewayV2::Api")["Body"]
    found = document["components"]["x-amazon-apigateway-integrations"]
    assert [one.get("integrationSubtype", one["type"]) for one in found.values()] == [
        "SQS-SendMessage",
        "SQS-SendMessage",
        "EventBridge-PutEvents",
        "StepFunctions-StartSyncExecution",
        "http_proxy",
    ]
    assert found["the-integration-of-POST-fifo-room"]["requestParameters"]["MessageGroupId"] == "$request.path.room"


OF_REST: list[tuple[Callable[[Stack], Any], str]] = [
    (lambda stack: SqsSend(sqs.Queue(stack, "Q"), message=Order), "leave message out, or use RestGateway"),
    (
        lambda stack: SqsSend(sqs.Queue(stack, "Q", fifo=True, content_based_deduplication=True), group="a-{room}"),
        "write one parameter alone, or use RestGateway",
    ),
    (lambda stack: SnsPublish(sns.Topic(stack, "T")), "SnsPublish, which HTTP APIs do not have; use RestGateway"),
    (
        lambda stack: HttpProxy("https://a.example", vpc_link=apigateway.VpcLink.from_vpc_link_id(stack, "L", "l")),
        "HTTP APIs take a listener; pass HttpAlbIntegration",
    ),
    (lambda _: Mock(), "Mock, which HTTP APIs do not have"),
    (lambda _: apigateway.HttpIntegration("https://a.example"), "an integration of REST APIs"),
]


@pytest.mark.parametrize(("make", "message"), OF_REST)
def test_what_http_apis_do_not_have_is_refused(make: Callable[[Stack], Any], message: str) -> None:
    stack = Stack(App(), "Test")
    with pytest.raises(DeclarationError, match=message):
        HttpGateway(stack, "Http", routes={"POST /x": DirectRoute(make(stack), public=WHY)})


# -- CDK's own ---------------------------------------------------------------------------------------------------------------------


def test_integrations_of_cdk_stand_in_the_body_with_what_they_need() -> None:
    def build(stack: Stack) -> None:
        function: Any = lambda_.Function(
            stack, "F", code=lambda_.Code.from_inline("x"), handler="index.handler", runtime=lambda_.Runtime.PYTHON_3_13
        )
        responses = [apigateway.IntegrationResponse(status_code="200")]
        mock = apigateway.MockIntegration(request_templates={"application/json": '{"statusCode":200}'}, integration_responses=responses)
        link = apigateway.VpcLink.from_vpc_link_id(stack, "Link", "link-1")
        options = apigateway.IntegrationOptions(
            connection_type=apigateway.ConnectionType.VPC_LINK, vpc_link=link, timeout=Duration.seconds(3)
        )
        rest(
            stack,
            routes={
                "GET /a": apigateway.LambdaIntegration(function),
                "GET /b/{id}": apigateway.LambdaIntegration(function),
                "POST /s": apigateway.StepFunctionsIntegration.start_execution(machine(stack)),
                "GET /m": mock,
                "GET /h": apigateway.HttpIntegration("https://a.example", options=options),
            },
        )

    template = synthesized(build)
    assert integration(template, "GET /a") == integration(template, "GET /b/{id}")
    assert len(template.all("AWS::Lambda::Permission")) == 1
    assert not template.all("AWS::ApiGateway::Method")
    assert not template.all("AWS::ApiGateway::Resource")
    assert "GetAtt" in json.dumps(integration(template, "POST /s")["credentials"])
    proxied = integration(template, "GET /h")
    assert (proxied["connectionId"], proxied["connectionType"], proxied["timeoutInMillis"]) == ("link-1", "VPC_LINK", 3000)
    assert integration(template, "GET /m")["responses"] == {"default": {"statusCode": "200"}}


def test_an_integration_that_cdk_itself_refuses_is_told_with_its_route() -> None:
    stack = Stack(App(), "Test")
    standard = machine(stack, kind=stepfunctions.StateMachineType.STANDARD)
    with pytest.raises(DeclarationError, match=r'POST /s is answered by an integration that CDK refuses: .*"EXPRESS"'):
        rest(stack, routes={"POST /s": apigateway.StepFunctionsIntegration.start_execution(standard)})
