"""Routes that services answer: who shares a role, where resources live, and what no request could be answered by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from gateleg.cdk import HttpGateway, IamAuthorizer, RestGateway
from gateleg.cdk.integrations import AwsService, EventBridgePut, S3Get, S3Put, SnsPublish, SqsSend, StepFunctionsStart
from gateleg.errors import DeclarationError
from tests.templates.constructs.rendering import integration, request, text
from tests.templates.constructs.samples import Template, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

ARN = "arn:aws:kinesis:eu-west-1:111111111111:stream/s"


def rest(stack: Stack, routes: dict[str, Any]) -> RestGateway:
    return RestGateway(stack, "Rest", authorizers={"iam": IamAuthorizer()}, routes=routes)


def of(routes: Callable[[Stack], dict[str, Any]]) -> Template:
    return synthesized(lambda stack: rest(stack, routes(stack)))


def allowed(template: Template, key: str) -> list[tuple[Any, str]]:
    """What the role of a route may do: actions and the resource."""
    role = template.resources[integration(template, key)["credentials"]["Fn::GetAtt"][0]]
    [policy] = role["Properties"]["Policies"]
    return [(one["Action"], json.dumps(one["Resource"])) for one in policy["PolicyDocument"]["Statement"]]


# -- who shares a role -------------------------------------------------------------------------------------------------------------


def test_resources_whose_ids_read_alike_have_roles_of_their_own() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        return {
            "POST /a": SqsSend(sqs.Queue(stack, "Jobs-High")),
            "POST /b": SqsSend(sqs.Queue(Construct(stack, "Jobs"), "High")),
        }

    template = of(routes)
    for key in ("POST /a", "POST /b"):
        [(action, resource)] = allowed(template, key)
        queue = resource.split('"')[3]
        sent = integration(template, key)["requestTemplates"]["application/json"]
        assert (action, queue in json.dumps(sent)) == ("sqs:SendMessage", True)


def test_a_resource_of_another_stack_shares_no_role_with_one_of_this_that_is_called_alike() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        other, own = Stack(stack.node.scope, "Other"), Construct(stack, "Other")
        return {
            "POST /a": SqsSend(sqs.Queue(other, "Jobs")),
            "POST /b": SqsSend(sqs.Queue(own, "Jobs")),
            "PUT /c": S3Put(s3.Bucket(other, "Notes"), key="notes"),
            "PUT /d": S3Put(s3.Bucket(stack, "Notes"), key="notes"),
        }

    template = of(routes)
    for one, another in (("POST /a", "POST /b"), ("PUT /c", "PUT /d")):
        assert allowed(template, one) != allowed(template, another)


def test_a_role_that_may_do_more_is_not_shared_by_what_may_do_less() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        bucket = s3.Bucket(stack, "B")
        path = {"integration.request.path.k": "method.request.path.k"}
        objects = bucket.arn_for_objects("x/*")
        return {
            "POST /wide": AwsService("kinesis", {ARN: ["kinesis:PutRecord", "kinesis:DeleteStream"]}, action="PutRecord"),
            "POST /narrow": AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord"),
            "PUT /tag/{k}": AwsService(
                "s3", {objects: ["s3:PutObjectTagging"]}, path=f"{bucket.bucket_name}/x/{{k}}", method="PUT", parameters=path
            ),
            "PUT /put/{k}": S3Put(bucket, key="x/{k}"),
        }

    template = of(routes)
    assert [action for action, _ in allowed(template, "POST /narrow")] == ["kinesis:PutRecord"]
    assert [action for action, _ in allowed(template, "PUT /tag/{k}")] == ["s3:PutObjectTagging"]
    assert [action for action, _ in allowed(template, "PUT /put/{k}")] == ["s3:PutObject"]


def test_the_id_of_a_role_reads_as_the_resource_does() -> None:
    stack = Stack(App(), "Test")
    gateway = rest(stack, {"POST /a": SqsSend(sqs.Queue(stack, "Jobs"))})
    assert gateway.node.try_find_child("SqsSend-Jobs") is not None


# -- where resources live ----------------------------------------------------------------------------------------------------------

BUS = "arn:aws:events:eu-north-1:222222222222:event-bus/central"
QUEUE = "arn:aws:sqs:eu-north-1:222222222222:jobs"
MACHINE = "arn:aws:states:eu-north-1:222222222222:stateMachine:weigh"


def far(stack: Stack) -> dict[str, Any]:
    bucket = s3.Bucket.from_bucket_attributes(stack, "Notes", bucket_name="notes", region="eu-north-1")
    return {
        "POST /bus": EventBridgePut(events.EventBus.from_event_bus_arn(stack, "Bus", BUS), "shop", "placed"),
        "POST /queue": SqsSend(sqs.Queue.from_queue_arn(stack, "Queue", QUEUE)),
        "POST /topic": SnsPublish(sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-north-1:222222222222:told")),
        "POST /start": StepFunctionsStart(stepfunctions.StateMachine.from_state_machine_arn(stack, "Machine", MACHINE)),
        "GET /notes": S3Get(bucket, key="notes"),
    }


def test_a_resource_of_another_region_is_asked_there() -> None:
    template = of(far)
    for key in ("POST /bus", "POST /queue", "POST /topic", "POST /start", "GET /notes"):
        assert ":apigateway:eu-north-1:" in text(integration(template, key)["uri"]), key


def test_a_bus_of_another_account_is_named_by_its_arn() -> None:
    [entry] = json.loads(request(of(far), "POST /bus", "{}"))["Entries"]
    assert entry["EventBusName"] == BUS


def test_http_apis_say_the_region_and_the_arn() -> None:
    def build(stack: Stack) -> None:
        routes = {key: made for key, made in far(stack).items() if key in {"POST /bus", "POST /queue", "POST /start"}}
        HttpGateway(stack, "Http", authorizers={"iam": IamAuthorizer()}, routes=routes)

    document = synthesized(build).one("AWS::ApiGatewayV2::Api")["Body"]
    asked = [one["requestParameters"] for one in document["components"]["x-amazon-apigateway-integrations"].values()]
    assert [one["Region"] for one in asked] == ["eu-north-1"] * 3
    assert asked[0]["EventBusName"] == BUS


def test_what_is_of_the_stack_itself_is_asked_in_its_region_by_its_name() -> None:
    template = of(lambda stack: {"POST /bus": EventBridgePut(events.EventBus(stack, "Bus"), "shop", "placed")})
    assert {"Ref": "AWS::Region"} in integration(template, "POST /bus")["uri"]["Fn::Join"][1]
    [entry] = json.loads(request(template, "POST /bus", "{}"))["Entries"]
    assert not entry["EventBusName"].startswith("arn:")


# -- FIFO --------------------------------------------------------------------------------------------------------------------------


def test_a_fifo_queue_that_takes_no_content_for_an_id_needs_one() -> None:
    stack = Stack(App(), "Test")
    queue = sqs.Queue(stack, "Q", fifo=True)
    with pytest.raises(DeclarationError, match=r"write deduplication='\{id\}', or content_based_deduplication=True of the queue"):
        SqsSend(queue, group="x")
    SqsSend(queue, group="x", deduplication="{id}")
    SqsSend(sqs.Queue(stack, "R", fifo=True, content_based_deduplication=True), group="x")
    SqsSend(sqs.Queue.from_queue_arn(stack, "S", f"{QUEUE}.fifo"), group="x")


def test_a_fifo_topic_that_takes_no_content_for_an_id_needs_one() -> None:
    stack = Stack(App(), "Test")
    topic = sns.Topic(stack, "T", fifo=True)
    with pytest.raises(DeclarationError, match=r"write deduplication='\{id\}', or content_based_deduplication=True of the topic"):
        SnsPublish(topic, group="x")
    SnsPublish(sns.Topic(stack, "U", fifo=True, content_based_deduplication=True), group="x")
    with pytest.raises(DeclarationError, match="leave deduplication out"):
        SnsPublish(sns.Topic(stack, "V"), deduplication="x")


def test_a_topic_is_told_the_id_to_know_a_message_again_by() -> None:
    template = of(lambda stack: {"POST /t/{id}": SnsPublish(sns.Topic(stack, "T", fifo=True), group="all", deduplication="n {id}")})
    assert "&MessageDeduplicationId=n+a%26b" in request(template, "POST /t/{id}", "{}", path={"id": "a&b"})


# -- keys of machines --------------------------------------------------------------------------------------------------------------


def test_the_output_of_an_encrypted_machine_is_read_with_its_key() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        key: Any = kms.Key(stack, "Key")
        made: Any = stepfunctions.StateMachine(
            stack,
            "Machine",
            definition_body=stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, "Pass")),
            state_machine_type=stepfunctions.StateMachineType.EXPRESS,
            encryption_configuration=stepfunctions.CustomerManagedEncryptionConfiguration(key),
        )
        return {"POST /wait": StepFunctionsStart(made, sync=True), "POST /start": StepFunctionsStart(made)}

    template = of(routes)
    [_, (action, resource)] = allowed(template, "POST /wait")
    assert (action, "Key" in resource) == ("kms:Decrypt", True)
    assert len(allowed(template, "POST /start")) == 1


# -- texts -------------------------------------------------------------------------------------------------------------------------


def test_texts_hold_what_cdk_makes_later_beside_parameters_and_braces() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        queue, bucket, topic = sqs.Queue(stack, "Q", fifo=True), s3.Bucket(stack, "B"), sns.Topic(stack, "T")
        return {
            "POST /q/{order-id}": SqsSend(queue, group=f"{stack.region}$#{{{{{{order-id}}}}}}", deduplication="x"),
            "POST /t/{order-id}": SnsPublish(topic, subject=f"{stack.region}&{{order-id}}"),
            "GET /o/{order-id}": S3Get(bucket, key=f"{stack.region}/{{order-id}} a"),
        }

    template = of(routes)
    group = json.loads(request(template, "POST /q/{order-id}", "{}", path={"order-id": "7"}))["MessageGroupId"]
    assert group == "AWS::Region$#{7}"
    assert request(template, "POST /t/{order-id}", "{}", path={"order-id": "7"}).endswith("&Subject=AWS%3A%3ARegion%267")
    assert text(integration(template, "GET /o/{order-id}")["uri"]).endswith("/AWS::Region/{order-id}%20a")


@pytest.mark.parametrize("wrong", ["a}", "{", "{0}", "{}", "{a!r}", "{a:b}", "${"])
def test_a_text_that_cannot_be_read_is_refused(wrong: str) -> None:
    stack = Stack(App(), "Test")
    queue = sqs.Queue(stack, "Q", fifo=True)
    with pytest.raises(DeclarationError, match="write {name} for a parameter|a placeholder is the name of a parameter: {room}"):
        rest(stack, {"POST /q": SqsSend(queue, group=wrong, deduplication="x")})


@pytest.mark.parametrize("wrong", ["$request.header.x", "$context.identity.sourceIp", "$stageVariables.a", "a ${request.path.id}"])
def test_a_text_that_an_http_api_takes_for_a_mapping_is_refused(wrong: str) -> None:
    stack = Stack(App(), "Test")
    queue, bus = sqs.Queue(stack, "Q", fifo=True), events.EventBus(stack, "Bus")
    # Braces of a text are written twice; what is sent is the text.
    group = wrong.replace("{", "{{").replace("}", "}}")
    for name, made in {
        "A": SqsSend(queue, group=group, deduplication="x"),
        "B": EventBridgePut(bus, wrong, "placed"),
        "C": EventBridgePut(bus, "shop", wrong),
    }.items():
        with pytest.raises(DeclarationError, match="an HTTP API takes for a mapping of the request"):
            HttpGateway(stack, name, authorizers={"iam": IamAuthorizer()}, routes={"POST /q": made})
