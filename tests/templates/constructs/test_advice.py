"""Whoever writes what a message says gets through: each message here is followed, and all that follow are synthesized at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions

from gateleg.cdk import (
    ApiKeyAuthorizer,
    Cache,
    CachedRoute,
    Canary,
    Domain,
    GatewayResponse,
    HttpGateway,
    IamAuthorizer,
    ModelTable,
    NoWebAcl,
    RequestAuthorizer,
    RestGateway,
    Throttle,
    TrustStore,
    UsagePlan,
    WebAcl,
    allow_only,
    encrypt,
)
from gateleg.cdk.integrations import AwsService, Http, HttpProxy, Mock, S3Get, SnsPublish, SqsSend, StepFunctionsStart
from gateleg.description import Route
from gateleg.errors import GatelegError
from tests.templates.constructs.samples import CHAT, function, gateway, rest_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import DirectRoute, HandlerCode
    from gateleg.cdk.integrations import Integration

    Build = Callable[[Stack, HandlerCode], object]

HERE = Environment(account="123456789012", region="eu-west-1")
_AT_ONCE = 8
PRIVATE = apigateway.EndpointType.PRIVATE
ENDPOINT = "vpce-0123456789abcdef0"
ACL = "arn:aws:wafv2:{}:123456789012:regional/webacl/a/b"
RECORD = '{"Data": "$util.base64Encode($input.body)", "PartitionKey": "a"}'
STREAM = "arn:aws:kinesis:eu-west-1:111111111111:stream/s"
LIMIT = {"in": "query", "name": "limit", "schema": {"type": "integer"}}
SEVERAL = {"in": "query", "name": "tags", "schema": {"type": "array", "items": {"type": "string"}}}
SILENT: dict[str, Any] = {"responses": {}}
PAGES = Route("GET /pages", "svc.rest:pages", operation={"parameters": [LIMIT]})
ORDERS = Route("GET /orders/{id}", "svc.rest:order", security=({"key": []},))


@dataclass(frozen=True)
class Case:
    """What a message refuses, what it says, and what is written then."""

    wrong: Build
    told: str
    right: Build


def rest(stack: Stack, code: HandlerCode, **props: Any) -> RestGateway:
    """A gateway with two routes, of which one asks for a key."""
    given: dict[str, Any] = {"apps": [rest_description(PAGES, ORDERS)], "tables": [], "default_authorizer": "iam"}
    return gateway(stack, code, **given | {"authorizers": {"iam": IamAuthorizer(), "key": ApiKeyAuthorizer()}} | props)


def props(**given: Any) -> Build:
    """The gateway with arguments of which some are made in the stack."""
    return lambda stack, code: rest(stack, code, **{name: one(stack) if callable(one) else one for name, one in given.items()})


def made(make: Callable[[Stack], Any]) -> Any:
    """An argument that is made in the stack, with the type of what makes it."""
    return make


def routed(key: str, make: Callable[[Stack], Integration | DirectRoute | dict[str, Any]]) -> Build:
    """A gateway of one route beside the apps."""
    return lambda stack, _: RestGateway(stack, "Rest", routes={key: cast("Any", make(stack))}, authorizers={"iam": IamAuthorizer()})


def http(key: str, make: Callable[[Stack], Integration]) -> Build:
    """The same of an HTTP API."""
    return lambda stack, _: HttpGateway(stack, "Http", routes={key: make(stack)}, authorizers={"iam": IamAuthorizer()})


def certificate(stack: Stack, region: str = "eu-west-1") -> acm.ICertificate:
    number = len(stack.node.children)
    return acm.Certificate.from_certificate_arn(stack, f"Certificate{number}", f"arn:aws:acm:{region}:123456789012:certificate/x")


def called(region: str) -> Build:
    """A gateway that calls a function that is there."""

    def build(stack: Stack, code: HandlerCode) -> object:
        arn = f"arn:aws:lambda:{region}:123456789012:function:prices"
        return rest(stack, code, routes={"GET /prices": lambda_.Function.from_function_arn(stack, "Prices", arn)})

    return build


def named(stack: Stack) -> apigatewayv2.DomainName:
    return apigatewayv2.DomainName(stack, "Name", domain_name="api.example.com", certificate=certificate(stack))


def domain(name: str = "api.example.com", key: str | None = None) -> Callable[[Stack], Domain]:
    return lambda stack: Domain(name, certificate(stack), key)


def zoned(zone: str) -> Callable[[Stack], Domain]:
    def build(stack: Stack) -> Domain:
        found = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name=zone)
        return Domain("api.example.com", certificate(stack), zone=found)

    return build


def bucket(stack: Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "authorities")


def trusted(stack: Stack) -> Domain:
    return Domain("api.example.com", certificate(stack), trust_store=TrustStore(bucket(stack), "ca.pem"))


def cached(route: Route, given: CachedRoute | None = None, **facts: Any) -> Build:
    """A gateway whose one route is cached."""

    def build(stack: Stack, code: HandlerCode) -> object:
        app = rest_description(route, **facts)
        return gateway(stack, code, apps=[app], tables=[], cache=Cache({route.key: given or CachedRoute()}))

    return build


def opened(operation: dict[str, Any] | None, method: str = "GET", **facts: Any) -> Route:
    return Route(f"{method} /open", "svc.rest:open", public="a sample", operation=operation, **facts)


def judged(given: CachedRoute | None = None, *sources: str, ttl: int = 300) -> Build:
    """A gateway with a cached route that a function guards."""

    def build(stack: Stack, code: HandlerCode) -> object:
        judge = RequestAuthorizer(function(stack, code), list(sources), ttl=Duration.seconds(ttl))
        cache = Cache({"GET /pages": given or CachedRoute()})
        return gateway(stack, code, apps=[rest_description(PAGES)], tables=[], authorizers={"judge": judge}, cache=cache)

    return build


def granted(stack: Stack, code: HandlerCode, *keys: str) -> object:
    role = iam.Role(stack, "Caller", assumed_by=cast("iam.IPrincipal", iam.AccountRootPrincipal()))
    return rest(stack, code).grant_invoke(role, *keys)


def encrypted(stack: Stack, *, late: bool = False, times: int = 1) -> object:
    key = kms.Key(stack, "Key")
    before, after = (ModelTable, None) if late else (None, ModelTable)
    made = before and before(stack, "Table", table=CHAT)
    for _ in range(times):
        encrypt(stack, key)
    return made or (after and after(stack, "Table", table=CHAT))


def queue(**given: Any) -> Callable[[Stack], sqs.Queue]:
    return lambda stack: sqs.Queue(stack, "Queue", **given)


def topic(**given: Any) -> Callable[[Stack], sns.Topic]:
    return lambda stack: sns.Topic(stack, "Topic", **given)


def machine(kind: stepfunctions.StateMachineType) -> Callable[[Stack], stepfunctions.StateMachine]:
    body = stepfunctions.DefinitionBody.from_chainable
    return lambda stack: stepfunctions.StateMachine(
        stack, "Machine", definition_body=body(cast("stepfunctions.IChainable", stepfunctions.Pass(stack, "Pass"))), state_machine_type=kind
    )


def kinesis(**given: Any) -> Callable[[Stack], Integration]:
    said: dict[str, Any] = {"allow": {STREAM: ["kinesis:PutRecord"]}, "template": RECORD}
    return lambda _: AwsService("kinesis", **said | given)


EXPRESS, STANDARD = stepfunctions.StateMachineType.EXPRESS, stepfunctions.StateMachineType.STANDARD
FIFO: dict[str, Any] = {"fifo": True, "content_based_deduplication": True}
CASES: dict[str, Case] = {
    # Who may come, and how often
    "a throttle of a route that asks for no key": Case(
        props(usage_plans={"p": UsagePlan(["a"], throttles={"GET /pages": Throttle(1, 1)})}),
        r"let the route ask for one \(an ApiKeyAuthorizer\), or write RestGateway\(throttles=",
        props(
            throttles={"GET /pages": Throttle(1, 1)}, usage_plans={"p": UsagePlan(["a"], throttles={"GET /orders/{id}": Throttle(1, 1)})}
        ),
    ),
    "a plan named as a key": Case(
        props(usage_plans={"Key-a": UsagePlan(), "p": UsagePlan(["a"])}),
        "name one of them otherwise",
        props(usage_plans={"other": UsagePlan(["a"])}),
    ),
    "a key with a value": Case(
        lambda stack, _: UsagePlan([apigateway.ApiKey(stack, "Own", value="k" * 30)]),
        "leave value out, and API Gateway makes one",
        props(usage_plans=made(lambda stack: {"p": UsagePlan([apigateway.ApiKey(stack, "Own")])})),
    ),
    "a key in two plans": Case(
        props(usage_plans={"p": UsagePlan(["a"]), "q": UsagePlan(["a"])}),
        "leave it out once, or make another key",
        props(usage_plans={"p": UsagePlan(["a"]), "q": UsagePlan(["b"])}),
    ),
    "leave for no route": Case(granted, "name some of 'GET /pages'", lambda stack, code: granted(stack, code, "GET /pages")),
    "leave for what IAM does not guard": Case(
        lambda stack, code: granted(stack, code, "GET /pages", "GET /orders/{id}"),
        "guard it by an IamAuthorizer, or leave it out of grant_invoke",
        lambda stack, code: granted(stack, code, "GET /pages"),
    ),
    "a policy that lets everybody in": Case(
        lambda _stack, _code: allow_only(),
        r"write allow_only\(addresses=\['203\.0\.113\.0/24'\]\), or leave policy out",
        props(policy=allow_only(addresses=["203.0.113.0/24"])),
    ),
    "a private API that asks for addresses": Case(
        props(endpoint=PRIVATE, policy=allow_only(addresses=["203.0.113.0/24"])),
        r"write allow_only\(vpc_endpoints=\[endpoint\]\)",
        props(endpoint=PRIVATE, policy=allow_only(vpc_endpoints=[ENDPOINT])),
    ),
    "a public API that asks for VPC endpoints": Case(
        props(policy=allow_only(vpc_endpoints=[ENDPOINT])),
        r"write endpoint=EndpointType\.PRIVATE, or allow_only\(addresses=",
        props(endpoint=PRIVATE, policy=allow_only(vpc_endpoints=[ENDPOINT])),
    ),
    "a web ACL without rules": Case(
        lambda _stack, _code: WebAcl((), None),
        r"name managed_rules or a rate_limit, or write NoWebAcl\('why'\)",
        props(web_acl=NoWebAcl("why")),
    ),
    "a rule twice": Case(
        lambda _stack, _code: WebAcl(["A", "A"]), "name it once", props(web_acl=WebAcl(["AWSManagedRulesCommonRuleSet"], rate_limit=10))
    ),
    "a web ACL of another region": Case(
        props(web_acl=ACL.format("us-east-1")), "pass one of eu-west-1, or write", props(web_acl=ACL.format("eu-west-1"))
    ),
    # What is kept, told and tried
    "an age of no answer": Case(
        lambda _stack, _code: CachedRoute(Duration.seconds(0)),
        r"write ttl=Duration\.minutes\(5\), or leave the route out",
        cached(opened(SILENT), CachedRoute(Duration.minutes(5))),
    ),
    "a cache of nothing": Case(lambda _stack, _code: Cache(), r"write Cache\({'GET /rooms': CachedRoute\(\)}\)", cached(opened(SILENT))),
    "a cached write": Case(cached(opened(SILENT, "PUT")), "cache GET routes alone", cached(opened(SILENT))),
    "a cache that nothing tells apart": Case(
        cached(opened(SILENT), validates=False),
        r"write CachedRoute\(keys=\['query\.limit', 'header\.Accept-Language'\]\)",
        cached(opened(SILENT), CachedRoute(keys=["query.limit", "header.Accept-Language"]), validates=False),
    ),
    "a cached list": Case(
        cached(opened({"parameters": [SEVERAL]})),
        "leave the route out, or let one value hold them all",
        cached(opened({"parameters": [LIMIT]})),
    ),
    "a cached body": Case(
        cached(opened(SILENT, unlisted=("body",))), "take query parameters in its place", cached(opened({"parameters": [LIMIT]}))
    ),
    "a parameter that nobody lists": Case(
        cached(opened(SILENT, unlisted=("query.tenant",))),
        r"write CachedRoute\(keys=\[\.\.\.\]\) with all that the answer depends on, or let the operation list it",
        cached(opened(SILENT, unlisted=("query.tenant",)), CachedRoute(keys=["query.tenant"])),
    ),
    "a caller like any other": Case(
        judged(ttl=0), r"write CachedRoute\(shared='why all are answered alike'\)", judged(CachedRoute(shared="a catalogue"), ttl=0)
    ),
    "a canary without what stays": Case(
        lambda _stack, _code: Canary(variables={"a": "b"}),
        "write stable='k2x9ab'",
        props(canary=Canary(stable="k2x9ab", variables={"a": "b"}), variables={"a": "c"}),
    ),
    "two keys of a scope": Case(lambda stack, _: encrypted(stack, times=2), r"call encrypt\(\) once", lambda stack, _: encrypted(stack)),
    "a key that comes too late": Case(
        lambda stack, _: encrypted(stack, late=True), r"call encrypt\(\) before the constructs", lambda stack, _: encrypted(stack)
    ),
    "a header that is none": Case(
        lambda _stack, _code: GatewayResponse(headers={"X Y": "it's"}),
        "write a header's name, and a value of one line without single quotes",
        props(gateway_responses={"UNAUTHORIZED": GatewayResponse(headers={"X-Y": "its"})}),
    ),
    "a throttle of a route that is not there": Case(
        props(throttles={"GET /page": Throttle(1, 1)}), "write one of 'GET /pages'", props(throttles={"GET /pages": Throttle(1, 1)})
    ),
    "a throttle of every method": Case(
        lambda stack, code: rest(stack, code, apps=[rest_description(Route("ANY /a", "h"))], throttles={"ANY /a": Throttle(1, 1)}),
        "give the route its methods",
        lambda stack, code: rest(stack, code, apps=[rest_description(Route("GET /a", "h"))], throttles={"GET /a": Throttle(1, 1)}),
    ),
    # Where it answers
    "a domain without a certificate": Case(
        lambda _stack, _code: Domain("api.example.com"), r"write Domain\('api\.example\.com', certificate\)", props(domain=domain())
    ),
    "a certificate beside a DomainName": Case(
        lambda stack, _: Domain(named(stack), certificate(stack)),
        "leave certificate out",
        props(domain=made(lambda stack: Domain(named(stack)))),
    ),
    "a URL for a domain": Case(
        props(domain=domain("https://api.example.com/")), "a name alone, such as 'api.example.com'", props(domain=domain())
    ),
    "a zone of another name": Case(
        props(domain=zoned("example.org")),
        "give Domain the zone that 'api.example.com' is in, or leave zone out",
        props(domain=zoned("example.com")),
    ),
    "a trust store beside a DomainName": Case(
        lambda stack, _: Domain(named(stack), trust_store=TrustStore(bucket(stack), "ca.pem")),
        "leave trust_store out",
        props(domain=made(lambda stack: Domain(named(stack)))),
    ),
    "paths below a key that stays": Case(
        props(domain=domain(key="v1")),
        r"write strip_prefixes=\['/v1'\] in its resolver, or leave mapping_key out",
        props(domain=domain(key="v1"), apps=[rest_description(PAGES, prefixes=("/v1",))]),
    ),
    "a domain twice": Case(
        lambda stack, code: rest(stack, code, domain=(one := domain()(stack))).add_stage("beta", domain=one),
        r"make one DomainName of aws_apigatewayv2 and write Domain\(domain_name, mapping_key='v1'\) for each",
        lambda stack, code: rest(
            stack, code, apps=[rest_description(PAGES, prefixes=("/v1", "/v2"))], domain=Domain(name := named(stack), mapping_key="v1")
        ).add_stage("beta", domain=Domain(name, mapping_key="v2")),
    ),
    "a key of a domain twice": Case(
        lambda stack, code: rest(stack, code, domain=(one := Domain(named(stack)))).add_stage("beta", domain=one),
        r"write another mapping_key, such as Domain\(domain_name, mapping_key='v2'\)",
        lambda stack, code: rest(
            stack, code, apps=[rest_description(PAGES, prefixes=("/v2",))], domain=Domain(name := named(stack))
        ).add_stage("beta", domain=Domain(name, mapping_key="v2")),
    ),
    "a certificate of another region": Case(
        props(domain=made(lambda stack: Domain("api.example.com", certificate(stack, "us-east-1")))),
        "give it one of eu-west-1",
        props(domain=domain()),
    ),
    "a function of another region": Case(
        called("us-east-1"), "name a function of eu-west-1, or deploy the gateway to us-east-1", called("eu-west-1")
    ),
    "a key of a domain that another stack maps": Case(
        lambda stack, code: (
            rest(Stack(cast("App", stack.node.root), f"{stack.node.id}Other", env=HERE), code, domain=(one := Domain(named(stack))))
            and rest(stack, code, domain=one)
        ),
        r"write another mapping_key, such as Domain\(domain_name, mapping_key='v2'\)",
        lambda stack, code: rest(
            stack, code, apps=[rest_description(PAGES, prefixes=("/v2",))], domain=Domain(named(stack), mapping_key="v2")
        ),
    ),
    "a way around mutual TLS": Case(props(domain=trusted), "write default_endpoint=False", props(domain=trusted, default_endpoint=False)),
    "a domain of a private API": Case(
        props(endpoint=PRIVATE, policy=allow_only(vpc_endpoints=[ENDPOINT]), domain=domain()),
        "leave domain out, or endpoint",
        props(domain=domain()),
    ),
    # What answers in a function's place
    "a FIFO queue without a group": Case(
        routed("POST /{room}", lambda stack: SqsSend(queue(**FIFO)(stack))),
        "write group='{room}'",
        routed("POST /{room}", lambda stack: SqsSend(queue(**FIFO)(stack), group="{room}")),
    ),
    "a FIFO queue that knows nothing again": Case(
        routed("POST /{room}", lambda stack: SqsSend(queue(fifo=True)(stack), group="{room}")),
        "write deduplication='{id}', or content_based_deduplication=True",
        routed("POST /{room}/{id}", lambda stack: SqsSend(queue(fifo=True)(stack), group="{room}", deduplication="{id}")),
    ),
    "a group of a plain queue": Case(
        routed("POST /{room}", lambda stack: SqsSend(queue()(stack), group="{room}")),
        "leave group out",
        routed("POST /room", lambda stack: SqsSend(queue()(stack))),
    ),
    "a FIFO topic without a group": Case(
        routed("POST /{room}", lambda stack: SnsPublish(topic(**FIFO)(stack))),
        "write group='{room}'",
        routed("POST /{room}", lambda stack: SnsPublish(topic(**FIFO)(stack), group="{room}")),
    ),
    "a FIFO topic that knows nothing again": Case(
        routed("POST /{room}", lambda stack: SnsPublish(topic(fifo=True)(stack), group="{room}")),
        "write deduplication='{id}', or content_based_deduplication=True",
        routed("POST /{room}/{id}", lambda stack: SnsPublish(topic(fifo=True)(stack), group="{room}", deduplication="{id}")),
    ),
    "an id for a plain topic": Case(
        routed("POST /{id}", lambda stack: SnsPublish(topic()(stack), deduplication="{id}")),
        "leave deduplication out",
        routed("POST /x", lambda stack: SnsPublish(topic()(stack))),
    ),
    "a message without a body": Case(
        routed("GET /x", lambda stack: SnsPublish(topic()(stack))),
        "write POST, PUT or PATCH",
        routed("PATCH /x", lambda stack: SnsPublish(topic()(stack))),
    ),
    "a variable that nothing reads": Case(
        routed("POST /{room}", lambda stack: SnsPublish(topic()(stack))),
        "leave it out of the path, or use it",
        routed("POST /{room}", lambda stack: SnsPublish(topic()(stack), subject="to {room}")),
    ),
    "a standard workflow that is waited for": Case(
        routed("POST /x", lambda stack: StepFunctionsStart(machine(STANDARD)(stack), sync=True)),
        "express ones alone can be waited for; leave sync out",
        routed("POST /x", lambda stack: StepFunctionsStart(machine(STANDARD)(stack))),
    ),
    "a key that begins with a slash": Case(
        routed("GET /{id}", lambda stack: S3Get(bucket(stack), key="/{id}")),
        "leave them out",
        routed("GET /{id}", lambda stack: S3Get(bucket(stack), key="{id}")),
    ),
    "a brace alone": Case(
        routed("GET /x", lambda stack: S3Get(bucket(stack), key="{")),
        "{{ or }} for a brace itself",
        routed("GET /x", lambda stack: S3Get(bucket(stack), key="{{")),
    ),
    "a placeholder that is no name": Case(
        routed("GET /{id}", lambda stack: S3Get(bucket(stack), key="{an id}")),
        "a placeholder is the name of a parameter: {room}",
        routed("GET /{id}", lambda stack: S3Get(bucket(stack), key="{id}")),
    ),
    "joined text in an HTTP API": Case(
        http("POST /{room}", lambda stack: SqsSend(queue(**FIFO)(stack), group="r-{room}")),
        "write one parameter alone, or use RestGateway",
        http("POST /{room}", lambda stack: SqsSend(queue(**FIFO)(stack), group="{room}")),
    ),
    "a service without an action": Case(
        routed("POST /x", kinesis()), "write action='PutRecord', or path='bucket/key'", routed("POST /x", kinesis(action="PutRecord"))
    ),
    "a service that may do everything": Case(
        routed("POST /x", kinesis(action="PutRecord", allow={STREAM: ["kinesis:*"]})),
        r"name the actions and the resource: allow={stream\.stream_arn: \['kinesis:PutRecord'\]}",
        routed("POST /x", kinesis(action="PutRecord", allow={STREAM: ["kinesis:PutRecord"]})),
    ),
    "a mock of a status without a body": Case(
        routed("GET /x", lambda _: Mock("a", status=204)),
        "leave the body out, or write status=200",
        routed("GET /x", lambda _: Mock(status=204)),
    ),
    "a header of a mock with an apostrophe": Case(
        routed("GET /x", lambda _: Mock(headers={"X": "it's"})), "leave it out", routed("GET /x", lambda _: Mock(headers={"X": "its"}))
    ),
    "templates of every method": Case(
        routed("ANY /x", lambda _: Http("https://a.example")),
        "write method='POST' or the like",
        routed("ANY /x", lambda _: Http("https://a.example", method="POST")),
    ),
    "a URL with a variable that the path has not": Case(
        routed("GET /{id}", lambda _: HttpProxy("https://a.example/{id}/{name}")),
        "it has: id",
        routed("GET /{id}", lambda _: HttpProxy("https://a.example/{id}")),
    ),
}


def follow(cases: dict[str, Case], code: HandlerCode) -> dict[str, Exception]:
    """What went wrong with advice that was followed, by the case; a few stacks are synthesized at once, since each gateway looks at all of them."""
    failed, ids = dict[str, Exception](), {name: f"Case{number}" for number, name in enumerate(cases)}
    for start in range(0, len(cases), _AT_ONCE):
        names = [*cases][start : start + _AT_ONCE]
        app = App()
        for name in names:
            try:
                cases[name].right(Stack(app, ids[name], env=HERE), code)
            except GatelegError as error:
                failed[name] = error
        try:
            app.synth()
        except RuntimeError as error:  # what is judged at the end is told of all stacks together
            told = {name: error for name in names if f"[{ids[name]}/" in str(error)}
            failed |= told or dict.fromkeys(names, error)
    return failed


@pytest.fixture(scope="module")
def followed(code: HandlerCode) -> dict[str, Exception]:
    return follow(CASES, code)


@pytest.mark.parametrize("name", CASES)
def test_a_message_says_what_to_write_and_that_is_taken(name: str, code: HandlerCode, followed: dict[str, Exception]) -> None:
    with pytest.raises(GatelegError, match=CASES[name].told):
        CASES[name].wrong(Stack(App(), "Test", env=HERE), code)
    assert followed.get(name) is None
