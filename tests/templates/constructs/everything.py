"""A stack with everything that the constructs offer, as somebody would write it who wants all of it at once.

What others made (pools, queues, buckets) is imported: the judges shall judge what the constructs make, and what they make of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from pydantic import BaseModel

from gateleg import description as said
from gateleg.cdk import (
    ApiGatewayAccount,
    ApiKeyAuthorizer,
    Cache,
    CachedRoute,
    Canary,
    CognitoAuthorizer,
    Compliance,
    Cors,
    DirectRoute,
    Domain,
    ExecutionLogs,
    GatewayResponse,
    HttpGateway,
    IamAuthorizer,
    JwtAuthorizer,
    ModelTable,
    Monitoring,
    NoWebAcl,
    Quota,
    RequestAuthorizer,
    RestGateway,
    ServiceFunction,
    Throttle,
    TokenAuthorizer,
    TrustStore,
    UsagePlan,
    WebAcl,
    WebSocketGateway,
    allow_only,
)
from gateleg.cdk.integrations import (
    AwsService,
    DynamoDb,
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
from gateleg.description import Body, Route
from gateleg.model import Attr, Entity, StreamView, Table, access, attr, key
from tests.templates.constructs.samples import (
    CHAT,
    CREATE,
    MODEL,
    READ,
    READ_BY_AUTHOR,
    http_description,
    rest_description,
    stream_description,
)

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

ACCOUNT, REGION = "123456789012", "eu-west-1"
WHY = "the shop window is for everyone"
SHOP = Table("shop", partition_key="pk", sort_key="sk", ttl="expires_at", stream=StreamView.NEW_AND_OLD_IMAGES)


class Order(Entity, table=SHOP):
    """An order of a customer."""

    customer: Attr[str]
    order_id: Attr[str]
    paint: Attr[Literal["red", "green"]]
    tins: Attr[int] = attr(default=1, ge=1)

    key = key("CUSTOMER#{customer}", "ORDER#{order_id}")

    @access
    def of_customer(*, customer: str) -> None:
        """The orders of a customer."""


class Placed(BaseModel):
    """What is told of a new order."""

    order_id: str
    tins: int


def _operation(text: str) -> dict[str, Any]:
    return {"summary": text, "operationId": text.replace(" ", "_"), "tags": ["rooms"], "responses": {"200": {"description": text}}}


ROUTES = (
    Route(
        "GET /rooms/{room}/messages",
        "svc.rest:list_messages",
        (READ, READ_BY_AUTHOR),
        security=({"people": []},),
        operation=_operation("list messages"),
    ),
    Route(
        "POST /rooms/{room}/messages",
        "svc.rest:send",
        (CREATE,),
        body=Body(MODEL),
        security=({"judge": []},),
        operation=_operation("send one"),
    ),
    Route("GET /rooms", "svc.rest:rooms", security=({"asked": []},)),
    Route("GET /mine", "svc.rest:mine", (READ,), security=({"aws": []},)),
    Route("GET /partners", "svc.rest:partners", security=({"key": []},)),
    Route("GET /docs", "svc.rest:docs", public="documentation is for everyone", operation=_operation("read the manual")),
)
HTTP_ROUTES = (
    Route("GET /rooms", "svc.admin:rooms", (READ,), security=({"people": []},)),
    Route("POST /rooms", "svc.admin:open", (CREATE,), security=({"judge": []},)),
    Route("GET /mine", "svc.admin:mine", (READ,), security=({"aws": []},)),
    Route("GET /tokens", "svc.admin:tokens", security=({"jwt": []},)),
    Route("GET /docs", "svc.admin:docs", public="documentation is for everyone"),
)


class EverythingStack(Stack):
    """Two REST APIs, of which one is private, an HTTP and a WebSocket API over two tables, with every feature of each.

    Args:
        app: The app.
        code: The handlers' code.
        strict: Whether `Compliance` holds for it.
    """

    def __init__(self, app: App, code: HandlerCode, *, strict: bool) -> None:
        super().__init__(app, "Everything", env=Environment(account=ACCOUNT, region=REGION))
        if strict:
            Compliance(_key(self), reserved_concurrency=5).apply(self)
        self.code = code
        self.tables = [ModelTable(self, "Chat", table=CHAT), ModelTable(self, "Shop", table=SHOP)]
        consumer = self.tables[0].on_change(stream_description(), id="Consumer", code=code)
        self.judge = ServiceFunction(self, "Judge", handler="svc.auth:handler", code=code)
        self.pool = cognito.UserPool.from_user_pool_id(self, "People", f"{REGION}_people")
        self.zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
        )
        self.certificate = acm.Certificate.from_certificate_arn(
            self, "Certificate", f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/6e3a1c9e-0f2b-4b1e-9a5a-6a1a2d3c4b5e"
        )
        ApiGatewayAccount(self, "Account")
        self.rest = self._rest()
        self.private = self._private()
        self.http = self._http()
        self.socket = self._socket()
        gateways = [self.rest, self.private, self.http, self.socket]
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            gateways=gateways,
            tables=self.tables,
            consumers=[consumer],
            topic=sns.Topic.from_topic_arn(self, "OnCall", f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"),
        )

    def _domain(self, name: str, **more: Any) -> Domain:
        return Domain(name, self.certificate, zone=self.zone, **more)

    def _rest(self) -> RestGateway:
        trusted = s3.Bucket.from_bucket_name(self, "Trusted", "authorities")
        rest = RestGateway(
            self,
            "Rest",
            apps=[rest_description(*ROUTES, prefixes=("/shop",))],
            tables=self.tables,
            authorizers={
                "people": CognitoAuthorizer([self.pool]),
                "judge": TokenAuthorizer(self.judge),
                "asked": RequestAuthorizer(self.judge, ["header.X-Shop"]),
                "aws": IamAuthorizer(),
                "key": ApiKeyAuthorizer(),
            },
            routes=self._direct(),
            cors=Cors(["https://shop.example.com"]),
            throttles={"GET /docs": Throttle(5, 2)},
            variables={"shop": "main"},
            cache=Cache({"GET /docs": CachedRoute(keys=[])}),
            canary=Canary(),
            function_options={"code": self.code},
            domain=self._domain("api.example.com", mapping_key="shop", trust_store=TrustStore(trusted, "authorities.pem")),
            default_endpoint=False,
            usage_plans={"partners": UsagePlan(["acme"], Throttle(5, 2), Quota(1_000), {"GET /partners": Throttle(1, 1)})},
            gateway_responses={"UNAUTHORIZED": GatewayResponse("sign in first", headers={"WWW-Authenticate": "Bearer"})},
            documentation=True,
            minimum_compression_size=1_000,
            web_acl=WebAcl(),
            client_certificate=True,
            validate_requests=True,
        )
        rest.add_stage(
            "beta", variables={"shop": "beta"}, domain=self._domain("beta.example.com", trust_store=TrustStore(trusted, "authorities.pem"))
        )
        return rest

    def _direct(self) -> dict[str, Any]:
        queue = sqs.Queue.from_queue_arn(self, "Jobs", f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs")
        topic = sns.Topic.from_topic_arn(self, "Topic", f"arn:aws:sns:{REGION}:{ACCOUNT}:topic")
        bus = events.EventBus.from_event_bus_arn(self, "Bus", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/shop")
        notes = s3.Bucket.from_bucket_name(self, "Notes", "notes")
        machine = stepfunctions.StateMachine.from_state_machine_arn(
            self, "Machine", f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:weigh"
        )
        link = apigateway.VpcLink.from_vpc_link_id(self, "Link", "abc123")
        counts = {f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/counts": ["kinesis:PutRecord"]}
        count = AwsService(
            "kinesis", counts, action="PutRecord", template='{"Data": "$util.base64Encode($input.body)", "PartitionKey": "a"}'
        )
        return {
            "GET /customers/{customer}/orders/{order_id}": DirectRoute(DynamoDb(Order.get), "aws"),
            "GET /customers/{customer}/orders": DirectRoute(DynamoDb(Order.of_customer, limit=20), "aws"),
            "PUT /customers/{customer}/orders/{order_id}": DirectRoute(DynamoDb(Order.put), "aws"),
            "POST /orders": DirectRoute(DynamoDb(Order.create), "aws"),
            "POST /jobs": DirectRoute(SqsSend(queue, message=Placed), "aws"),
            "POST /notices": DirectRoute(SnsPublish(topic), "aws"),
            "POST /events": DirectRoute(EventBridgePut(bus, source="shop", detail_type="OrderPlaced", detail=Placed), "aws"),
            "POST /weights": DirectRoute(StepFunctionsStart(machine, input=Placed, sync=True), "aws"),
            "POST /later": DirectRoute(StepFunctionsStart(machine), "aws"),
            "GET /notes/{name}": DirectRoute(S3Get(notes, key="notes/{name}.txt"), "aws"),
            "PUT /notes/{name}": DirectRoute(S3Put(notes, key="notes/{name}.txt"), "aws"),
            "GET /prices/{paint}": DirectRoute(HttpProxy("https://prices.example.com/of/{paint}"), "aws"),
            "POST /prices": DirectRoute(Http("https://prices.example.com/new", body=Placed), "aws"),
            "GET /stock": DirectRoute(HttpProxy("https://stock.example.com/", vpc_link=link), "aws"),
            "POST /counts": DirectRoute(count, "aws"),
            "GET /health": DirectRoute(Mock({"status": "ok"}), public=WHY),
        }

    def _private(self) -> RestGateway:
        return RestGateway(
            self,
            "Private",
            apps=[rest_description(Route("GET /rooms", "svc.rest:rooms", (READ,)))],
            tables=self.tables,
            authorizers={"aws": IamAuthorizer()},
            endpoint=apigateway.EndpointType.PRIVATE,
            policy=allow_only(vpc_endpoints=["vpce-0123456789abcdef0"], accounts=[ACCOUNT]),
            function_options={"code": self.code},
            functions="route",
            web_acl=NoWebAcl("nothing of it is reached from outside the VPC"),
        )

    def _http(self) -> HttpGateway:
        client = cognito.UserPoolClient.from_user_pool_client_id(self, "Web", "client")
        return HttpGateway(
            self,
            "Http",
            apps=[http_description(*HTTP_ROUTES, app="svc.admin:app")],
            tables=self.tables,
            authorizers={
                "people": CognitoAuthorizer([self.pool], clients=[client]),
                "jwt": JwtAuthorizer("https://login.example.com/", ["shop"]),
                "judge": RequestAuthorizer(self.judge, ["header.X-Shop"], ttl=Duration.minutes(1)),
                "aws": IamAuthorizer(),
            },
            routes={"GET /legacy": DirectRoute(integrations.HttpUrlIntegration("Legacy", "https://legacy.example.com/"), "aws")},
            cors=Cors(["https://shop.example.com"]),
            throttles={"GET /docs": Throttle(1, 1)},
            variables={"shop": "main"},
            function_options={"code": self.code},
            domain=self._domain("http.example.com"),
            default_endpoint=False,
        )

    def _socket(self) -> WebSocketGateway:
        app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h", uses=(READ,))))
        socket = WebSocketGateway(
            self,
            "Socket",
            app=app,
            tables=self.tables,
            authorizer=RequestAuthorizer(self.judge, ["querystring.token"]),
            function_options={"code": self.code},
            throttles={"send": Throttle(5, 2)},
            domain=self._domain("socket.example.com"),
            variables={"shop": "main"},
            execution_logs=ExecutionLogs("INFO"),
            usage_plans={"partners": UsagePlan(["talker"], Throttle(1, 1))},
        )
        socket.add_publisher(self.rest.functions["svc.rest:app"])
        self.http.grant_invoke(self.rest.functions["svc.rest:app"], "GET /mine")
        return socket


def _key(stack: Stack) -> kms.Key:
    """A key that AWS's services alone may hand on, as Control Tower has it (CT.KMS.PR.3)."""
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    conditions = {"BoolIfExists": {"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"}}
    anybody: Any = iam.AnyPrincipal()
    key.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY, principals=[anybody], actions=["kms:CreateGrant"], resources=["*"], conditions=conditions
        )
    )
    return key
