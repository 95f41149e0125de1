"""Every argument of every public constructor is checked before it is used: a wrong type is told in gateleg's own words."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Environment, Stack, Token
from aws_cdk.aws_cognito import UserPool
from aws_cdk.aws_ec2 import SubnetConfiguration, SubnetType, Vpc
from aws_cdk.aws_s3 import Bucket

import gateleg.cdk as constructs
from gateleg.cdk import FunctionOptions, ServiceFunction, Thresholds
from gateleg.cdk.integrations import AwsService, Http, Mock
from gateleg.description import App, Route
from gateleg.errors import GatelegError
from tests.templates.constructs.samples import CHAT, stream_description

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.cdk import HandlerCode

JUNK = {"an object": object(), "a complex number": 1j, "bytes": b"bytes", "a dictionary of objects": {object(): object()}, "a class": Stack}
FUNCTION: Any = SimpleNamespace(function_arn="arn")
POOL: Any = SimpleNamespace(user_pool_arn="arn")
PEOPLE = UserPool(Stack(), "People")
GIVEN: dict[str, dict[str, Any]] = {
    "AccountReplica": {"table": CHAT},
    "ApiGatewayAccount": {},
    "ApiKeyAuthorizer": {},
    "Autoscaled": {"least": 5, "most": 50},
    "BroadcastQueue": {"workers": constructs.Workers()},
    "Cache": {"routes": {"GET /x": constructs.CachedRoute()}},
    "CachedRoute": {},
    "Canary": {"stable": "k2x9ab"},
    "ChangeConsumer": {"app": stream_description()},
    "CognitoAuthorizer": {"user_pools": [POOL]},
    "CognitoConnectAuthorizer": {"user_pools": [PEOPLE], "clients": [PEOPLE.add_client("Page")]},
    "Compliance": {"encryption_key": SimpleNamespace(key_arn="arn"), "reserved_concurrency": 5},
    "Contract": {"document": {"openapi": "3.0.3", "paths": {}}},
    "Cors": {"allow_origins": ["https://a.example"]},
    "DaxCluster": {},
    "Delivery": {},
    "DirectRoute": {"target": FUNCTION},
    "Domain": {"name": "api.example.com", "certificate": SimpleNamespace(certificate_arn="arn")},
    "EventChannels": {},
    "Events": {"authorizer": FUNCTION},
    "ExecutionLogs": {},
    "GatewayResponse": {},
    "HandlerCode": {},
    "HttpGateway": {"apps": [App("svc.rest:app", "http", (Route("GET /x", "h", public="why"),))]},
    "IamAuthorizer": {},
    "JwtAuthorizer": {"issuer": "https://login.example.com/", "audience": ["shop"]},
    "KinesisStream": {"stream": SimpleNamespace(stream_arn="arn")},
    "ModelTable": {"table": CHAT},
    "Monitoring": {},
    "NoWebAcl": {"reason": "CloudFront stands before it"},
    "OnDemand": {},
    "Provisioned": {"reads": 5, "writes": 5},
    "Quota": {"limit": 100},
    "Release": {},
    "Replica": {"region": "eu-west-1"},
    "Replication": {"replicas": ["eu-west-1"]},
    "RequestAuthorizer": {"function": FUNCTION},
    "RestApp": {"app": "svc.rest:app"},
    "RestGateway": {"apps": [App("svc.rest:app", "rest", (Route("GET /x", "h", public="why"),))]},
    "S3Import": {"bucket": SimpleNamespace(bucket_arn="arn")},
    "ServiceFunction": {"handler": "svc.auth:handler"},
    "TableBackups": {},
    "TableExport": {},
    "Thresholds": {},
    "Throttle": {"rate_limit": 10, "burst_limit": 5},
    "TokenAuthorizer": {"function": FUNCTION},
    "UsagePlan": {},
    "WarmThroughput": {},
    "WebAcl": {},
    "Workers": {},
    "TrustStore": {"bucket": SimpleNamespace(bucket_name="authorities"), "key": "ca.pem"},
    "WebSocketGateway": {"app": App("svc.socket:app", "websocket", (Route("$connect", "h", public="why"),))},
}
PARTS_OF_SECONDS: dict[str, Callable[[Duration], object]] = {
    "ttl": lambda given: constructs.TokenAuthorizer(FUNCTION, ttl=given),
    "timeout": lambda given: ServiceFunction(Stack(), "F", handler="svc.auth:handler", timeout=given),
}
OTHERS = {
    "FunctionOptions": "a dictionary's type; each option is given to ServiceFunction below",
    "acknowledge_change": "a function",
    "allow_only": "a function",
    "StageOptions": "a dictionary's type; each option is an argument of RestGateway",
    "describe_ahead": "a function",
    "encrypt": "a function",
    "guard_changes": "a function",
}


def constructor(name: str) -> Any:
    return getattr(constructs, name)


def arguments(name: str) -> list[str]:
    parameters = inspect.signature(constructor(name).__init__).parameters.values()
    named = [one.name for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD and one.name not in {"self", "scope", "id"}]
    # jsii gives constructs a signature of their own; a class that takes **kwargs there is read from its source.
    return [one for one in named if one not in {"args", "kwargs"}]


@pytest.fixture(scope="module")
def make(code: HandlerCode) -> Callable[..., Any]:
    """Calls a constructor. All in one stack: whatever is refused leaves nothing in it."""
    stack = Stack(None, "Test", env=Environment(account="111122223333", region="eu-west-1"))
    table = constructs.ModelTable(stack, "Given", table=CHAT)
    there = Stack(None, "There", env=Environment(account="444455556666", region="eu-west-2"))
    source = constructs.ModelTable(there, "Source", table=CHAT, table_name="chat", replication=constructs.Replication(other_accounts=True))
    copied: dict[str, dict[str, Any]] = {
        "AccountReplica": {"source": source},
        "BroadcastQueue": {"function": ServiceFunction(stack, "Working", handler="svc.auth:handler", code=code)},
        "ChangeConsumer": {"table": table, "code": code},
        "EventChannels": {"events": constructs.Events(ServiceFunction(stack, "Asked", handler="svc.auth:handler", code=code))},
        "Monitoring": {"tables": [table]},
        "DaxCluster": {
            "tables": [table],
            "vpc": Vpc(stack, "Vpc", subnet_configuration=[SubnetConfiguration(name="In", subnet_type=SubnetType.PRIVATE_ISOLATED)]),
        },
        "TableBackups": {"tables": [table]},
        "TableExport": {"table": table, "bucket": Bucket(stack, "Bucket")},
    }

    def made(name: str, edit: dict[str, Any]) -> Any:
        kind, given = constructor(name), {**GIVEN[name], **edit}
        if "scope" not in inspect.signature(kind.__init__).parameters:
            return kind(**given)
        if name in {"HttpGateway", "RestGateway", "WebSocketGateway"}:
            given = {"function_options": {"code": code}} | given
        elif name in copied:
            given = copied[name] | given
        elif name == "ServiceFunction":
            given = {"code": code} | given
        return kind(stack, f"Refused{name}" if edit else name, **given)

    return made


ENDLESS = (float("nan"), float("inf"), float("-inf"))
"""What is no number for JSON: the process that answers for CDK ends when it is sent one, and with it everything after."""
INTEGRATIONS: dict[str, Callable[[Any], object]] = {
    "Http.status": lambda given: Http("https://example.com", status=given),
    "Mock.status": lambda given: Mock(status=given),
    "Mock.body": lambda given: Mock(body={"n": given}),
    "AwsService.status": lambda given: AwsService("kinesis", {}, status=given),
    "Thresholds.server_errors": lambda given: Thresholds(server_errors=given),
    "Thresholds.throttles": lambda given: Thresholds(throttles=given),
}


def cases() -> Iterator[Any]:
    for name in GIVEN:
        for argument in arguments(name):
            for told, value in JUNK.items():
                yield pytest.param(name, argument, value, id=f"{name}({argument}={told})")
    for option in FunctionOptions.__annotations__:
        for told, value in JUNK.items():
            yield pytest.param("ServiceFunction", option, value, id=f"FunctionOptions({option}={told})")


def test_every_public_name_is_looked_at() -> None:
    assert sorted([*GIVEN, *OTHERS]) == sorted(constructs.__all__)


@pytest.mark.parametrize("name", GIVEN)
def test_the_right_types_are_taken(name: str, make: Callable[..., Any]) -> None:
    assert make(name, {}) is not None


@pytest.mark.parametrize(("name", "argument", "value"), list(cases()))
def test_a_wrong_type_is_told_by_its_argument(name: str, argument: str, value: Any, make: Callable[..., Any]) -> None:
    with pytest.raises(GatelegError) as caught:
        make(name, {argument: value})
    assert argument in str(caught.value) or argument in str(caught.value.path)


def numeric() -> Iterator[Any]:
    """Every argument: one that takes no number at all is asked too, since its message is written by the same check."""
    for name in GIVEN:
        for argument in arguments(name):
            yield pytest.param(name, argument, id=f"{name}({argument})")
    for option in FunctionOptions.__annotations__:
        yield pytest.param("ServiceFunction", option, id=f"FunctionOptions({option})")


@pytest.mark.parametrize(("name", "argument"), list(numeric()))
def test_what_is_not_finite_is_refused_before_cdk_is_asked(name: str, argument: str, make: Callable[..., Any]) -> None:
    for value in ENDLESS:
        with pytest.raises(GatelegError):
            make(name, {argument: value})
    assert not Token.is_unresolved(5), "CDK answers no more"


@pytest.mark.parametrize("take", INTEGRATIONS.values(), ids=INTEGRATIONS.keys())
def test_what_is_not_finite_is_refused_by_integrations(take: Callable[[Any], object]) -> None:
    for value in ENDLESS:
        with pytest.raises(GatelegError):
            take(value)
    assert not Token.is_unresolved(5), "CDK answers no more"


LISTS = [
    ("RestGateway", "apps"),
    ("RestGateway", "tables"),
    ("RestGateway", "binary_media_types"),
    ("WebSocketGateway", "tables"),
    ("RequestAuthorizer", "identity_sources"),
    ("CognitoAuthorizer", "user_pools"),
    ("Cors", "allow_origins"),
    ("Cors", "allow_headers"),
    ("Cors", "expose_headers"),
    ("RestApp", "only"),
    ("RestApp", "uses"),
    ("ServiceFunction", "tables"),
    ("ServiceFunction", "uses"),
    ("ServiceFunction", "layers"),
    ("HandlerCode", "packages"),
    ("UsagePlan", "keys"),
    ("WebAcl", "managed_rules"),
]


@pytest.mark.parametrize(("name", "argument"), LISTS)
def test_a_text_is_not_a_list(name: str, argument: str, make: Callable[..., Any]) -> None:
    with pytest.raises(GatelegError, match="list"):
        make(name, {argument: "text"})


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("RestGateway", {"cors": {}}),
        ("RestGateway", {"throttling_rate_limit": -1}),
        ("RestGateway", {"throttling_burst_limit": 1.5}),
        ("RestGateway", {"throttling_rate_limit": True}),
        ("RestGateway", {"security_policy": "TLS_9"}),
        ("RestGateway", {"binary_media_types": ["image"]}),
        ("RestGateway", {"access_log_retention": 30}),
        ("RestGateway", {"routes": {"GET /y": "function"}}),
        ("RestGateway", {"function_options": {"memory": 128}}),
        ("WebSocketGateway", {"throttling_rate_limit": -1}),
        ("WebSocketGateway", {"function_options": {"timeout": 3}}),
        ("DirectRoute", {"target": {"type": "mock", "responses": {"default": "200"}}}),
        ("DirectRoute", {"target": {"type": "aws", "requestParameters": ["q"]}}),
        ("RestApp", {"options": {"memory": 128}}),
        ("RestApp", {"id": "my id"}),
        ("ServiceFunction", {"memory": 128}),
        ("ServiceFunction", {"memory_size": 64}),
        ("ServiceFunction", {"environment": {"N": 1}}),
        ("Cors", {"max_age": -1}),
        ("Cors", {"allow_credentials": "yes"}),
        ("Cors", {"allow_origins": []}),
        ("Cors", {"expose_headers": ["bad header"]}),
        ("TokenAuthorizer", {"header": ""}),
    ],
)
def test_values_that_cannot_be_are_refused(name: str, edit: dict[str, Any], make: Callable[..., Any]) -> None:
    with pytest.raises(GatelegError) as caught:
        make(name, edit)
    assert next(iter(edit)) in str(caught.value)


def test_an_unknown_option_is_told_the_known_ones(make: Callable[..., Any]) -> None:
    with pytest.raises(GatelegError, match=r"has no option 'memory'; the options are .*memory_size"):
        make("ServiceFunction", {"memory": 128})
    assert isinstance(make("ServiceFunction", {"memory_size": 128}), ServiceFunction)


@pytest.mark.parametrize("take", PARTS_OF_SECONDS.values(), ids=PARTS_OF_SECONDS.keys())
def test_a_part_of_a_second_is_refused(take: Callable[[Duration], object]) -> None:
    with pytest.raises(GatelegError, match=r"takes a Duration of whole seconds, such as Duration\.seconds\(15\)"):
        take(Duration.millis(1_500))
