"""Routes that services answer: who shares a role, where resources live, and what no request could be answered by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from gateleg.cdk import HttpGateway, IamAuthorizer, RestGateway
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
from gateleg.errors import DeclarationError, RouteError
from tests.templates.constructs.rendering import integration, request, text
from tests.templates.constructs.samples import Template, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk.integrations import Integration

ARN = "arn:aws:kinesis:eu-west-1:111111111111:stream/s"
RECORD = '{"Data": "$util.base64Encode($input.body)", "PartitionKey": "a"}'


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
        other, own = Stack(cast("App", stack.node.root), "Other"), Construct(stack, "Other")
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
            "POST /wide": AwsService("kinesis", {ARN: ["kinesis:PutRecord", "kinesis:DeleteStream"]}, action="PutRecord", template=RECORD),
            "POST /narrow": AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord", template=RECORD),
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
    with pytest.raises(DeclarationError, match=r"write \{name\} for a parameter|a placeholder is the name of a parameter: \{room\}"):
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


# -- servers -----------------------------------------------------------------------------------------------------------------------


def test_a_url_holds_what_cdk_makes_later() -> None:
    template = of(lambda stack: {"GET /x/{id}": HttpProxy(f"http://{stack.region}.a.example/{stack.account}/{{id}}")})
    found = integration(template, "GET /x/{id}")
    assert text(found["uri"]) == "http://AWS::Region.a.example/AWS::AccountId/{id}"
    assert found["requestParameters"] == {"integration.request.path.id": "method.request.path.id"}


@pytest.mark.parametrize("kind", [HttpProxy, Http])
@pytest.mark.parametrize(
    "host", ["https://{host}.example.com/x", "https://{host}", "https://a.example:{host}/x", "https://a@{host}?x", "{token}{host}/x"]
)
def test_callers_do_not_choose_the_server(kind: Callable[[str], object], host: str) -> None:
    url = host.replace("{token}", Stack(App(), "Test").region)
    with pytest.raises(DeclarationError, match="a variable there lets callers choose the server"):
        kind(url)


@pytest.mark.parametrize("url", ["https://a.example/x?a={id}", "https://a.example?a={id}", "https://a.example/x#{id}"])
def test_variables_stand_in_the_path_of_a_url(url: str) -> None:
    with pytest.raises(DeclarationError, match="whose variables stand in its path alone"):
        HttpProxy(url)


def test_a_server_that_is_not_told_a_variable_is_refused() -> None:
    made = {"GET /x/{id}": HttpProxy("https://a.example/x")}
    with pytest.raises(RouteError, match="'id', which HttpProxy does not read"):
        rest(Stack(App(), "Test"), made)
    with pytest.raises(RouteError, match="'id', which HttpProxy does not read"):
        HttpGateway(Stack(App(), "Test"), "Http", authorizers={"iam": IamAuthorizer()}, routes=made)


@pytest.mark.parametrize("kind", [HttpProxy, Http])
def test_a_link_of_http_apis_is_refused(kind: Callable[..., object]) -> None:
    stack = Stack(App(), "Test")
    vpc = ec2.Vpc(stack, "Vpc")
    for link in (
        apigatewayv2.VpcLink(stack, "Made", vpc=cast("ec2.IVpc", vpc)),
        apigatewayv2.VpcLink.from_vpc_link_attributes(stack, "Found", vpc_link_id="l", vpc=cast("ec2.IVpc", vpc)),
    ):
        with pytest.raises(DeclarationError, match="a VpcLink of aws_apigateway, not one of aws_apigatewayv2"):
            kind("https://a.example", vpc_link=link)


def test_a_link_of_http_apis_within_an_integration_of_cdk_is_refused_and_an_integration_object_takes_its_load_balancer() -> None:
    def build(stack: Stack, *, ours: bool) -> None:
        link = apigatewayv2.VpcLink(stack, "Link", vpc=cast("ec2.IVpc", ec2.Vpc(stack, "Vpc")))
        linked: Any = {"vpc_link": link, "connection_type": apigateway.ConnectionType.VPC_LINK}
        said: Any = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://a.example:443/x", "connectionType": "VPC_LINK"}
        said |= {"connectionId": link.vpc_link_id, "integrationTarget": "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/1"}
        given = apigateway.HttpIntegration("https://a.example", options=apigateway.IntegrationOptions(**linked))
        rest(stack, {"GET /x": said if ours else given})

    with pytest.raises(
        DeclarationError,
        match=r"GET /x is reached through a VpcLink of aws_apigatewayv2, .* pass an integration object with .*integrationTarget",
    ):
        synthesized(lambda stack: build(stack, ours=False))
    template = synthesized(lambda stack: build(stack, ours=True))
    assert integration(template, "GET /x")["connectionId"] == {"Ref": template.id_of("AWS::ApiGatewayV2::VpcLink")}


def test_a_service_is_called_in_the_region_that_is_named() -> None:
    def uri(**given: Any) -> str:
        made = AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord", template=RECORD, **given)
        return text(integration(of(lambda _: {"POST /a": made}), "POST /a")["uri"])

    assert uri(region="us-east-1") == "arn:AWS::Partition:apigateway:us-east-1:kinesis:action/PutRecord"
    assert ":AWS::Region:" in uri()
    with pytest.raises(DeclarationError, match=r"AwsService\(region=...\) takes a region, such as 'eu-west-1', got 'Ireland'"):
        uri(region="Ireland")


# -- bodies and answers ------------------------------------------------------------------------------------------------------------

SENDERS: dict[str, Callable[[Stack], Integration]] = {
    "queue": lambda stack: SqsSend(sqs.Queue(stack, "Q")),
    "topic": lambda stack: SnsPublish(sns.Topic(stack, "T")),
    "bus": lambda stack: EventBridgePut(events.EventBus(stack, "B"), "shop", "placed"),
    "machine": lambda stack: StepFunctionsStart(stepfunctions.StateMachine.from_state_machine_arn(stack, "Machine", MACHINE)),
    "bucket": lambda stack: S3Put(s3.Bucket(stack, "Notes"), key="notes"),
}


@pytest.mark.parametrize("method", ["GET", "ANY", "DELETE"])
@pytest.mark.parametrize("sender", SENDERS)
def test_a_method_without_a_body_sends_nothing(sender: str, method: str) -> None:
    stack = Stack(App(), "Test")
    made = SENDERS[sender](stack)
    with pytest.raises(DeclarationError, match="which its method does not have; write POST, PUT or PATCH"):
        rest(stack, {f"{method} /x": made})
    if sender not in {"topic", "bucket"}:
        with pytest.raises(DeclarationError, match="which its method does not have; write POST, PUT or PATCH"):
            HttpGateway(stack, "Http", authorizers={"iam": IamAuthorizer()}, routes={f"{method} /x": made})


@pytest.mark.parametrize("headers", [{"X Y": "a"}, {"": "a"}, {"X": "a\nb"}, {"X": "a\x7f"}, {"X:": "a"}])
def test_headers_that_are_none_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(DeclarationError, match="write a name of letters, digits and -, and a value of one line"):
        Mock(headers=headers)


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_body_of_a_status_without_one_is_refused(status: int) -> None:
    with pytest.raises(DeclarationError, match="leave the body out, or write status=200"):
        Mock({"x": 1}, status=status)
    Mock(status=status)
