"""Values that CDK takes, and AWS refuses or lets nobody in by: each is refused here, and what the message says instead is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, CfnParameter, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk import CognitoAuthorizer, Cors, HttpGateway, ServiceFunction, allow_only
from gateleg.cdk.integrations import AwsService, EventBridgePut, Http, HttpProxy, S3Get, S3Put, SnsPublish
from gateleg.description import Route
from gateleg.errors import GatelegError
from tests.templates.constructs.samples import function, rest_description
from tests.templates.constructs.test_advice import (
    ENDPOINT,
    HERE,
    PAGES,
    PRIVATE,
    STREAM,
    Case,
    bucket,
    domain,
    follow,
    http,
    made,
    props,
    rest,
    routed,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode
    from tests.templates.constructs.test_advice import Build

PAGE = "https://shop.example.com"


def function_with(**options: Any) -> Build:
    """A function by itself, which all constructs with functions make."""

    def build(stack: Stack, code: HandlerCode) -> object:
        given: dict[str, Any] = {name: one(stack) if callable(one) else one for name, one in options.items()}
        return ServiceFunction(stack, "Function", handler="svc.auth:handler", code=code, **given)

    return build


def called(service: str = "kinesis", **given: Any) -> Build:
    """A route that calls a service of AWS."""
    said: dict[str, Any] = {"allow": {STREAM: ["kinesis:PutRecord"]}} | given
    return routed("PUT /{id}", lambda _: AwsService(service, **said))


def variables(**given: str) -> Build:
    return function_with(environment=given)


def for_all(**options: Any) -> Build:
    """A gateway with options of its functions."""
    return lambda stack, code: rest(stack, code, function_options={"code": code, **options})


def layers(count: int) -> Any:
    """Layers that are there."""

    def build(stack: Stack) -> list[lambda_.ILayerVersion]:
        arn = "arn:aws:lambda:eu-west-1:123456789012:layer:tools:{}"
        return [lambda_.LayerVersion.from_layer_version_arn(stack, f"Layer{one}", arn.format(one)) for one in range(count)]

    return build


def network(stack: Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Network", max_azs=2)


def told_later(stack: Stack, code: HandlerCode) -> ServiceFunction:
    late = ServiceFunction(stack, "Function", handler="svc.auth:handler", code=code, environment={"AA": "a" * 2_000})
    late.set_environment({"BB": "b" * 2_500})
    return late


def bus(**given: Any) -> Any:
    said: dict[str, Any] = {"source": "shop.orders", "detail_type": "OrderPlaced"} | given
    return routed("POST /x", lambda stack: EventBridgePut(events.EventBus(stack, "Bus"), **said))


def subject(text: str) -> Build:
    return routed("POST /{order_id}", lambda stack: SnsPublish(topic()(stack), subject=text + "{order_id}"))


def denying() -> iam.PolicyDocument:
    given = {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": [given]})


def there(stack: Stack, name: str) -> cognito.IUserPool:
    return cognito.UserPool.from_user_pool_id(stack, f"Pool{len(stack.node.children)}", f"eu-west-1_{name}")


def tokens(make: Callable[[Stack], tuple[Any, Any]]) -> Build:
    """An HTTP API that takes tokens of a pool for a client."""

    def build(stack: Stack, code: HandlerCode) -> object:
        pool, client = make(stack)
        return HttpGateway(
            stack, "Http", routes={"GET /x": function(stack, code)}, authorizers={"users": CognitoAuthorizer([pool], clients=[client])}
        )

    return build


CASES: dict[str, Case] = {
    # Functions
    "a variable without a letter first": Case(
        variables(**{"1-A": "x"}), "names of two or more letters, digits and _ that begin with a letter, such as 'A1'", variables(A1="x")
    ),
    "a variable of one letter": Case(variables(A="x"), "two or more letters", variables(A1="x")),
    "a variable of Lambda's": Case(variables(AWS_REGION="eu-west-1"), "leave it out, handlers read Lambda's own", variables()),
    "a variable of Lambda's for all functions": Case(
        for_all(environment={"AWS_REGION": "eu-west-1"}),
        "leave it out, handlers read Lambda's own",
        for_all(environment={}),
    ),
    "variables of more than 4 KB": Case(
        variables(AA="a" * 2_000, BB="b" * 2_093),
        "4,096 bytes of names and values in all, of which there are 4,097; write a parameter of SSM or an object of S3, and its name here",
        variables(PARAMETER="/shop/rules"),
    ),
    "variables that gateleg's make too many": Case(
        variables(AA="a" * 4_090), "with what gateleg sets in it, may have 4,096 bytes", variables(PARAMETER="/shop/rules")
    ),
    "variables that are told too late": Case(told_later, "may have 4,096 bytes", variables(PARAMETER="/shop/rules")),
    "five layers": Case(
        function_with(layers=layers(5)),
        "4 layers at most, since Lambda takes five and gateleg's own with the dependencies is one of them, .*; join some of them",
        function_with(layers=layers(4)),
    ),
    # Where it answers, and to which pages
    "a domain in capitals": Case(
        props(domain=domain("API.example.com")), "write 'api.example.com', clients find it as they did", props(domain=domain())
    ),
    "any header beside credentials": Case(
        props(cors=made(lambda _: Cors([PAGE], allow_headers=["*"], allow_credentials=True))),
        "list the headers",
        props(cors=Cors([PAGE], allow_headers=["X-Shop"], allow_credentials=True)),
    ),
    "any header read beside credentials": Case(
        props(cors=made(lambda _: Cors([PAGE], expose_headers=["*"], allow_credentials=True))),
        "list the headers",
        props(cors=Cors([PAGE], expose_headers=["*"])),
    ),
    "a word that is misspelt": Case(
        lambda stack, code: rest(stack, code).add_stage("beta", **cast("Any", {"throtling_rate": 3})),
        "a stage has no such option; write one of throttling_rate_limit, ",
        lambda stack, code: rest(stack, code).add_stage("beta", throttling_rate_limit=3),
    ),
    # Who may call
    "a client of another pool": Case(
        tokens(lambda stack: (cognito.UserPool(stack, "Pool"), cognito.UserPool(stack, "Other").add_client("Client"))),
        r"of a client of another pool, Test/Other/Client, .*; write clients=\[pool\.add_client\(\.\.\.\)\] of the same pool",
        tokens(lambda stack: ((pool := cognito.UserPool(stack, "Pool")), pool.add_client("Client"))),
    ),
    "a client of another pool by its id": Case(
        tokens(lambda stack: (there(stack, "a"), there(stack, "b").add_client("Client"))),
        "of a client of another pool",
        tokens(lambda stack: (there(stack, "a"), there(stack, "a").add_client("Client"))),
    ),
    "addresses that nobody comes from": Case(
        props(policy=allow_only(addresses=["10.0.0.0/8", "192.168.1.1"])),
        r"write the public addresses, such as allow_only\(addresses=\['203\.0\.113\.0/24'\]\), or endpoint=EndpointType\.PRIVATE with",
        props(policy=allow_only(addresses=["10.0.0.0/8", "203.0.113.0/24"])),
    ),
    "addresses of networks beside a private API": Case(
        props(policy=allow_only(addresses=["fd00::/8"])),
        r"allow_only\(vpc_endpoints=\[endpoint\]\)",
        props(endpoint=PRIVATE, policy=allow_only(vpc_endpoints=[ENDPOINT])),
    ),
    "a policy that allows nothing": Case(
        props(policy=denying()),
        r"who is not allowed is denied; write allow_only\(addresses=\['203\.0\.113\.0/24'\]\), or leave policy out",
        props(policy=None),
    ),
    # What answers in a function's place
    "an event of AWS's": Case(bus(source="aws.s3"), "a source of your own, such as 'shop.orders'", bus(source="awsome.shop")),
    "a long detail type": Case(bus(detail_type="d" * 129), "128 characters at most", bus(detail_type="d" * 128)),
    "a long subject": Case(subject("s" * 100), "one line of fewer than 100 characters, such as", subject("s" * 99)),
    "a subject of two lines": Case(subject("a\nb"), "one line of fewer than 100 characters", subject("Bestellung ü ")),
    "a long key": Case(
        routed("GET /{id}", lambda stack: S3Get(bucket(stack), key="k" * 1_025 + "{id}")),
        "S3 takes 1,024; write a shorter one",
        routed("GET /{id}", lambda stack: S3Get(bucket(stack), key="k" * 1_024 + "{id}")),
    ),
    "a long key in few characters": Case(
        routed("PUT /{id}", lambda stack: S3Put(bucket(stack), key="ü" * 513 + "{id}")),
        "has 1,026 bytes",
        routed("PUT /{id}", lambda stack: S3Put(bucket(stack), key="ü" * 512 + "{id}")),
    ),
    "a service that there is not": Case(
        called("kinesys", action="PutRecord"),
        "write one of 'kinesis'",
        called(action="PutRecord", template='{"Data": "a", "PartitionKey": "a"}'),
    ),
    "an action that a service has not": Case(
        called(action="PutRecrd"), "write one of 'PutRecord'", called(action="PutRecord", template='{"Data": "a", "PartitionKey": "a"}')
    ),
    "an action of a service that is called by paths": Case(
        called("s3", action="PutObject"), "write path= with the method", called("s3", path="notes/a", method="PUT")
    ),
    "a member that an action does not take": Case(
        called(action="PutRecord", template='{"data": "a"}'),
        "PutRecord takes no 'data'; write one of 'Data'",
        called(action="PutRecord", template='{"Data": "a", "PartitionKey": "a"}'),
    ),
    "a member that an action needs": Case(
        called("dynamodb", action="GetItem", template='{"TableName": "t"}'),
        """GetItem needs 'Key', .* write template='{"Key": ...}' with what is meant""",
        called("dynamodb", action="GetItem", template='{"TableName": "t", "Key": {"pk": {"S": "a"}}}'),
    ),
    "a method by which a path is not called": Case(
        called("bedrock-runtime", path="model/m/converse", method="GET"),
        "write method='POST'",
        called("bedrock-runtime", path="model/m/converse", method="POST"),
    ),
    "a path that a service has not": Case(
        called("bedrock-runtime", path="models/m/converse"),
        "write one like 'model/{modelId}/converse'",
        called("bedrock-runtime", path="model/m/converse"),
    ),
    "a variable of a path that nothing fills": Case(
        called("s3", path="notes/{id}", method="PUT"),
        r"write parameters={'integration\.request\.path\.id': 'method\.request\.path\.id'}",
        called("s3", path="notes/{id}", method="PUT", parameters={"integration.request.path.id": "method.request.path.id"}),
    ),
    "a parameter of a variable that a path has not": Case(
        called("s3", path="notes/a", method="PUT", parameters={"integration.request.path.id": "method.request.path.id"}),
        "write {id} in path=, or leave the parameter out",
        called("s3", path="notes/{id}", method="PUT", parameters={"integration.request.path.id": "method.request.path.id"}),
    ),
    "an ARN that is not one": Case(
        called(action="PutRecord", template='{"Data": "a", "PartitionKey": "a"}', allow={"stream/s": ["kinesis:PutRecord"]}),
        r"write allow={stream\.stream_arn: \[\.\.\.\]}",
        called(action="PutRecord", template='{"Data": "a", "PartitionKey": "a"}', allow={STREAM: ["kinesis:PutRecord"]}),
    ),
    "a port that there is not": Case(
        routed("GET /x", lambda _: HttpProxy("https://a.example:99999/")),
        "whose port is 80, 443 or one of 1024 to 65535",
        routed("GET /x", lambda _: HttpProxy("https://a.example:65535/")),
    ),
    "a port that is not called": Case(
        routed("GET /x", lambda _: Http("http://a.example:8/")),
        "80, 443 or one of 1024 to 65535",
        routed("GET /x", lambda _: Http("http://a.example:80/")),
    ),
    "a port of an HTTP API": Case(
        http("GET /x", lambda _: HttpProxy("https://a.example:1023")),
        "80, 443 or one of 1024 to 65535",
        http("GET /x", lambda _: HttpProxy("https://a.example:1024")),
    ),
    "a brace that nothing closes": Case(
        http("GET /{x}", lambda _: HttpProxy("https://a.example/{x}/{y")),
        "whose braces hold a variable each",
        http("GET /{x}", lambda _: HttpProxy("https://a.example/{x}/y")),
    ),
    "a range of all addresses": Case(
        props(policy=made(lambda _: allow_only(addresses=["0.0.0.0/0"]))),
        "an address or a range of them that is not all there are, such as '203.0.113.0/24'",
        props(policy=made(lambda _: allow_only(addresses=["203.0.113.0/24"]))),
    ),
    "a page at its scheme's own port": Case(
        props(cors=made(lambda _: Cors([f"{PAGE}:443"]))),
        "without a path or their scheme's own port",
        props(cors=made(lambda _: Cors([PAGE]))),
    ),
    "a page at a port": Case(
        props(cors=made(lambda _: Cors(["http://localhost:80"]))),
        "their scheme's own port",
        props(cors=made(lambda _: Cors(["http://localhost:443", "https://localhost:80", "http://localhost:8080"]))),
    ),
    "a preflight that is guarded": Case(
        props(cors=Cors([PAGE]), apps=[rest_description(Route("OPTIONS /x", "svc.rest:x"), Route("GET /x", "svc.rest:x"))]),
        r"OPTIONS /x is guarded by iam and takes the preflights of pages, .*leave it out, since cors answers them",
        props(cors=Cors([PAGE]), apps=[rest_description(Route("GET /x", "svc.rest:x"))]),
    ),
    "a preflight that is guarded, in an app that answers it": Case(
        props(cors=Cors([PAGE]), apps=[rest_description(Route("OPTIONS /x", "svc.rest:x"))]),
        r"let anyone call it by @public\('preflights carry no credentials'\)",
        props(cors=Cors([PAGE]), apps=[rest_description(Route("OPTIONS /x", "svc.rest:x", public="preflights carry no credentials"))]),
    ),
    "an app without routes": Case(
        props(apps=[rest_description(PAGES), rest_description(app="svc.other:app")]),
        r"svc\.other:app has no routes; register one by @app\.get\(\.\.\.\), include the router",
        props(apps=[rest_description(PAGES)]),
    ),
    "a media type twice": Case(
        props(binary_media_types=["image/png", "image/gif", "image/png"]),
        "media types of which each is named once, and 'image/png' is not",
        props(binary_media_types=["image/png", "image/gif"]),
    ),
    "a description that Lambda does not take": Case(
        function_with(description="d" * 257), "takes a text of at most 256 characters", function_with(description="d" * 256)
    ),
    "subnets of no network": Case(
        function_with(vpc_subnets=ec2.SubnetSelection()),
        "has vpc_subnets and no vpc that they are of; write vpc=",
        function_with(vpc_subnets=ec2.SubnetSelection(), vpc=network),
    ),
    "a number without an end": Case(
        function_with(reserved_concurrency=-1), "takes a whole number from 0 on", function_with(reserved_concurrency=0)
    ),
}


@pytest.fixture(scope="module")
def followed(code: HandlerCode) -> dict[str, Exception]:
    return follow(CASES, code)


@pytest.mark.parametrize("name", CASES)
def test_a_message_says_what_to_write_and_that_is_taken(name: str, code: HandlerCode, followed: dict[str, Exception]) -> None:
    with pytest.raises(GatelegError, match=CASES[name].told):
        CASES[name].wrong(Stack(App(), "Test", env=HERE), code)
    assert followed.get(name) is None


def test_what_is_known_after_deployment_only_counts_for_nothing() -> None:
    stack = Stack(App(), "Test")
    later = CfnParameter(stack, "Later").value_as_string
    assert S3Get(bucket(stack), key=later * 60 + "k" * 1_000).key
    assert EventBridgePut(events.EventBus(stack, "Bus"), later * 20, later * 20).source
    assert SnsPublish(topic()(stack), subject=later * 20).subject
    assert HttpProxy(f"https://a.example:{later}/").url


def test_a_client_of_a_pool_that_is_imported_here_is_not_known_to_be_of_another(code: HandlerCode) -> None:
    stack = Stack(App(), "Test", env=HERE)
    client = cognito.UserPool(stack, "Pool").add_client("Client")
    assert tokens(lambda given: (there(given, "a"), client))(stack, code)
