"""What no mapping template can do for an entity is refused as the stack is made, with the reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from pydantic import field_validator

from gateleg.cdk import DirectRoute, HttpGateway, IamAuthorizer, JwtAuthorizer, RequestAuthorizer
from gateleg.cdk.integrations import AwsService, DynamoDb
from gateleg.errors import AuthorizerError, DeclarationError, UsesError
from gateleg.model import EPOCH, Attr, Entity, Index, Table, access, attr, created_at, index_key, key, version
from tests.templates.constructs.rendering import body
from tests.templates.constructs.samples import synthesized
from tests.templates.constructs.test_dynamo_db import Order, build

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = Table("plain", partition_key="order_id")
OTHER = Table("other", partition_key="pk", sort_key="sk")
SPREAD = Table("spread", partition_key="pk", sort_key="sk", indexes=[Index("all", partition_key="gpk", sort_key="gsk", sharded=4)])


class Base(Entity):
    """What the refused ones share."""

    a: Attr[str]
    key = key("A#{a}", "X")


class Saved(Base, table=OTHER):
    """."""

    a: Attr[str] = attr(save=str.casefold)


class Validated(Base, table=OTHER):
    """."""

    @field_validator("a")
    @classmethod
    def _strip(cls, value: str) -> str:
        return value.strip()


class Created(Base, table=OTHER):
    """."""

    at: Attr[datetime] = created_at()


class Versioned(Base, table=OTHER):
    """."""

    revision: Attr[int] = version()


class Counted(Base, table=OTHER):
    """."""

    at: Attr[datetime] = attr(stored_as=EPOCH)


class Unique(Base, table=OTHER):
    """."""

    mail: Attr[str] = attr(unique=True)


class Hooked(Base, table=OTHER):
    """."""

    @classmethod
    def before_save(cls, values: dict[str, Any]) -> dict[str, Any]:
        return values


class Nested(Base, table=OTHER):
    """."""

    parts: Attr[dict[str, str]]


class Dated(Entity, table=OTHER):
    """."""

    at: Attr[datetime]
    key = key("AT#{at}", "X")


class Hexadecimal(Entity, table=OTHER):
    """."""

    a: Attr[str]
    b: Attr[str]
    key = key("{a}AND{b}", "X")


class NextDigit(Entity, table=OTHER):
    """."""

    n: Attr[int]
    m: Attr[int]
    key = key("{n}0{m}", "X")


class Named(Entity, table=PLAIN):
    """."""

    order_id: Attr[str] = attr(partition_key=True, max_length=5, pattern="^[a-z]+$")
    note: Attr[str]


class Stepped(Base, table=OTHER):
    """."""

    tens: Attr[int] = attr(multiple_of=10)


class Optional(Base, table=OTHER):
    """."""

    note: Attr[str | None] = attr(default=None, max_length=3)


class Spread(Entity, table=SPREAD):
    """."""

    a: Attr[str]
    key = key("A#{a}", "X")
    all_key = index_key("all", "ALL", "{a}")

    @access(index="all")
    def every() -> None:
        """."""


class Parent(Base, table=OTHER):
    """."""


class Child(Parent, table=OTHER):
    """."""


REFUSED: dict[str, tuple[str, Callable[[], Any], str]] = {
    "a transform": ("GET /x/{a}", lambda: Saved.get, "Saved.a has save= or load="),
    "a validator": ("GET /x/{a}", lambda: Validated.get, "Validated.a has validators"),
    "a time that is made": ("PUT /x/{a}", lambda: Created.put, r"Created.at is kept by the data layer \(created_at\)"),
    "a version": ("PUT /x/{a}", lambda: Versioned.put, r"Versioned.revision is kept by the data layer \(version\)"),
    "a moment as a number": ("GET /x/{a}", lambda: Counted.get, "Counted.at is stored as a number"),
    "a unique value": ("PUT /x/{a}", lambda: Unique.put, "Unique has unique attributes"),
    "a hook": ("GET /x/{a}", lambda: Hooked.get, "Hooked has hooks or upgrades"),
    "a map": ("GET /x/{a}", lambda: Nested.get, "Nested.parts is of"),
    "a moment in a key": ("GET /x/{at}", lambda: Dated.get, "Dated.at is of .*, and keys of templates are made of"),
    "a separator that escapes have": (
        "GET /x/{a}/{b}",
        lambda: Hexadecimal.get,
        "the text after Hexadecimal.a in its key begins with 'A', which no template escapes",
    ),
    "a separator that numbers have": ("GET /x/{n}/{m}", lambda: NextDigit.get, "the text after NextDigit.n in its key begins with '0'"),
    "constraints of a key that nothing checks": ("PUT /x/{order_id}", lambda: Named.put, "Named.order_id comes from outside the body"),
    "constraints that no model checks": ("PUT /x/{a}", lambda: Optional.put, "Optional.note may be None and has constraints"),
    "a constraint that models do not have": ("PUT /x/{a}", lambda: Stepped.put, r"Stepped.tens has constraints \(multipleOf\)"),
    "a question to several shards": ("GET /x", lambda: Spread.every, "Spread.every reads 4 shards of index 'all'"),
    "a shard": ("PUT /x/{a}", lambda: Spread.put, "Spread is in the sharded index 'all'"),
    "subclasses": ("GET /x/{a}", lambda: Parent.get, "Parent has subclasses"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_python_would_have_to_do_is_refused(case: str) -> None:
    route, use, message = REFUSED[case]
    with pytest.raises(DeclarationError, match=f"which no mapping template can do: {message}.*; write a handler"):
        build(Stack(App(), "Test"), {route: DynamoDb(use())}, OTHER, PLAIN, SPREAD)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DynamoDb(cast("Any", Order.of_customer(customer="c"))), "Order.get, Order.put, Order.create or an access pattern"),
        (lambda: DynamoDb(Order.delete), "Order.get, Order.put, Order.create or an access pattern"),
        (lambda: DynamoDb(Order.get, given={"customer": "ann"}), "what the request's context says"),
        (
            lambda: DynamoDb(Order.get, given={"customer": "context.identity.userARN"}),
            r"there is no context\.identity\.userARN, .*; write one of .*context\.identity\.userArn",
        ),
        *(
            (
                lambda name=name: DynamoDb(Order.get, given={"customer": f"context.{name}"}),
                rf"context\.{name} is what the caller writes or chooses",
            )
            for name in ("identity.userAgent", "path", "domainPrefix", "domainName", "requestOverride.header.X", "protocol", "xrayTraceId")
        ),
        (lambda: DynamoDb(Order.of_customer, limit=0), "a whole number from 1 to 1000"),
    ],
)
def test_arguments_are_checked(make: Callable[[], object], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        make()


@pytest.mark.parametrize(
    "name", ["authorizer.claims.sub", "authorizer.tenant", "identity.cognitoIdentityId", "identity.sourceIp", "requestTime"]
)
def test_what_the_caller_does_not_choose_is_given(name: str) -> None:
    assert DynamoDb(Order.get, given={"customer": f"context.{name}"})


def test_constraints_of_a_key_are_checked_in_the_body() -> None:
    template = synthesized(lambda stack: build(stack, {"POST /x": DynamoDb(Named.create)}, PLAIN))
    model = body(template)["components"]["schemas"]["NamedBody"]
    assert model["properties"]["order_id"] == {"type": "string", "maxLength": 5, "pattern": "^[a-z]+$"}


def test_a_table_that_the_gateway_was_not_given_is_named() -> None:
    with pytest.raises(UsesError, match="of the table 'shop', and the tables it was given are 'other'"):
        build(Stack(App(), "Test"), {"GET /x": DynamoDb(Order.get)}, OTHER)


def test_what_is_given_must_be_read() -> None:
    routes = {"GET /x": DynamoDb(Order.get, given={"custmer": "context.authorizer.claims.sub"})}
    with pytest.raises(DeclarationError, match=r"is given 'custmer', which Order.get does not read"):
        build(Stack(App(), "Test"), routes)


@pytest.mark.parametrize(
    ("given", "guard", "told"),
    [
        ("authorizer.claims.sub", "iam", "guarded by a CognitoAuthorizer"),
        ("authorizer.principalId", "users", "guarded by a TokenAuthorizer or RequestAuthorizer"),
        ("identity.cognitoIdentityId", "users", "guarded by an IamAuthorizer"),
        ("identity.apiKeyId", "iam", "guarded by an ApiKeyAuthorizer"),
    ],
)
def test_what_the_guard_of_a_route_never_gives_is_refused(given: str, guard: str, told: str) -> None:
    routes = {"GET /mine/{order_id}": DirectRoute(DynamoDb(Order.get, given={"customer": f"context.{given}"}), guard)}
    with pytest.raises(
        DeclarationError, match=rf"GET /mine/{{order_id}} maps what its requests have not: context\.{given} is given where .*{told}"
    ):
        build(Stack(App(), "Test"), routes)
    with pytest.raises(DeclarationError, match=told):
        build(Stack(App(), "Test"), {}).add_route(*routes.popitem())


def test_what_the_guard_of_a_route_gives_is_taken() -> None:
    for given, guard in (("authorizer.claims.sub", "users"), ("identity.userArn", "iam"), ("identity.sourceIp", "users")):
        build(Stack(App(), "Test"), {"GET /x/{order_id}": DirectRoute(DynamoDb(Order.get, given={"customer": f"context.{given}"}), guard)})


def test_parameters_of_any_service_and_of_http_apis_are_held_to_it_too() -> None:
    asked = AwsService(
        "kinesis",
        {"arn:aws:kinesis:eu-west-1:111111111111:stream/s": ["kinesis:PutRecord"]},
        action="PutRecord",
        template='{"Data": "$util.base64Encode($input.body)", "PartitionKey": "a"}',
        parameters={"integration.request.header.X": "context.identity.userId"},
    )
    with pytest.raises(DeclarationError, match=r"there is no context\.identity\.userId"):
        build(Stack(App(), "Test"), {"POST /x": asked})
    mapping = apigatewayv2.ParameterMapping().append_header("x", apigatewayv2.MappingValue.context_variable("authorizer.claims.sub"))
    url = integrations.HttpUrlIntegration("Url", "https://example.com/", parameter_mapping=mapping)
    with pytest.raises(DeclarationError, match=r"context\.authorizer\.claims\.sub is given where"):
        HttpGateway(Stack(App(), "Test"), "Http", authorizers={"iam": IamAuthorizer()}, routes={"GET /x": url})
    token = {"jwt": JwtAuthorizer("https://login.example.com/", ["shop"])}
    HttpGateway(Stack(App(), "Test"), "Http", authorizers=token, routes={"GET /x": url})


def test_a_request_authorizer_asks_for_what_requests_have_before_anybody_is_judged() -> None:
    function = lambda_.Function.from_function_name(Stack(App(), "Test"), "Judge", "judge")
    for source, told in (
        ("context.identity.sourceip", r"write one of context\.identity\.sourceIp"),
        ("context.authorizer.claims.sub", "is given where"),
    ):
        with pytest.raises(AuthorizerError, match=told):
            RequestAuthorizer(function, [source])
    for source in ("context.identity.sourceIp", "context.routeKey", "context.identity.apiKey", "context.connectionId"):
        assert RequestAuthorizer(function, [source]).identity_sources == [source]
