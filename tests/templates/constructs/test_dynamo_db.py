"""Routes that DynamoDB answers without a function: their templates make the keys and items that the data layer makes, or the declaration is refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

import pytest
from aws_cdk import Environment, Stack
from aws_cdk import aws_cognito as cognito
from hypothesis import given, settings
from hypothesis import strategies as st

from gateleg.cdk import CognitoAuthorizer, DirectRoute, IamAuthorizer, ModelTable, RestGateway
from gateleg.cdk.integrations import DynamoDb
from gateleg.errors import DeclarationError, ItemInvalidError
from gateleg.model import DESCENDING, Attr, Entity, Index, Table, access, attr, index_key, key
from tests.templates.constructs.rendering import HOSTILE, answer, body, integration, request, text
from tests.templates.constructs.samples import synthesized

if TYPE_CHECKING:
    from aws_cdk import App

    from tests.templates.constructs.samples import Template

SHOP = Table("shop", partition_key="pk", sort_key="sk", indexes=[Index("by_paint", partition_key="gpk", sort_key="gsk")])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x10FBFF), max_size=30) | st.sampled_from(HOSTILE)
FEW = settings(max_examples=60)


class Order(Entity, table=SHOP):
    """An order of a customer."""

    customer: Attr[str]
    order_id: Attr[str]
    number: Attr[int] = attr(ge=0, lt=10_000_000_000)
    paint: Attr[Literal["red", "sky blue"]]
    note: Attr[str | None] = attr(default=None)
    tins: Attr[int] = attr(default=1)
    price: Attr[float] = attr(default=1.5)
    gift: Attr[bool] = attr(default=False)
    tags: Attr[list[str]] = attr(default_factory=list)
    motto: Attr[str] = attr(default="$5 #1", stored="m-otto")

    key = key("CUSTOMER#{customer}|x", "ORDER#{order_id}")
    by_paint_key = index_key("by_paint", "PAINT#{paint}", "{number:010d}#{order_id}")

    @access
    def of_customer(*, customer: str, prefix: str | None = None) -> None: ...

    @access
    def since_until(*, customer: str, since: str | None = None, until: str | None = None) -> None: ...

    @access(index="by_paint", sort=DESCENDING)
    def of_paint(*, paint: str) -> None: ...


class Reading(Entity, table=SHOP):
    """What may be read, and not written, by templates."""

    sensor: Attr[UUID]
    at: Attr[datetime]
    day: Attr[date]
    amount: Attr[Decimal]
    marks: Attr[set[str]]
    kind: Attr[str | None] = attr(default="plain")

    key = key("SENSOR#{sensor}", "READING")


def build(stack: Stack, routes: dict[str, Any], *tables: Table) -> RestGateway:
    made = [ModelTable(stack, f"Table{number}", table=table) for number, table in enumerate(tables or (SHOP,))]
    pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-central-1_1")
    guards: dict[str, Any] = {"iam": IamAuthorizer(), "users": CognitoAuthorizer([pool])}
    return RestGateway(stack, "Rest", tables=made, authorizers=guards, default_authorizer="iam", routes=routes)


@pytest.fixture(scope="module")
def template() -> Template:
    routes = {
        "GET /customers/{customer}/orders/{order_id}": DynamoDb(Order.get),
        "PUT /customers/{customer}/orders/{order_id}": DynamoDb(Order.put),
        "POST /orders": DynamoDb(Order.create),
        "GET /customers/{customer}/orders": DynamoDb(Order.of_customer),
        "GET /customers/{customer}/ranges": DynamoDb(Order.since_until),
        "GET /paints/{paint}": DynamoDb(Order.of_paint, limit=137),
        "GET /mine": DirectRoute(DynamoDb(Order.of_customer, given={"customer": "context.authorizer.claims.sub"}), "users"),
        "GET /sensors/{sensor}": DynamoDb(Reading.get),
    }
    return synthesized(lambda stack: build(stack, routes))


ORDERS = st.builds(
    Order,
    customer=TEXTS,
    order_id=TEXTS,
    number=st.integers(0, 9_999_999_999),
    paint=st.sampled_from(["red", "sky blue"]),
    note=st.none() | TEXTS,
    tins=st.integers(-(10**30), 10**30),
    price=st.sampled_from([0.0, 1.5, -0.25, 12345.0625]),
    gift=st.booleans(),
    tags=st.lists(TEXTS, max_size=3),
    motto=TEXTS,
)


def normal(item: dict[str, Any]) -> dict[str, Any]:
    """An item whose numbers are compared as DynamoDB does."""
    return {name: {"N": Decimal(wire["N"])} if "N" in wire else wire for name, wire in item.items()}


def asks_nothing(made: str) -> bool:
    """Whether a request is one that DynamoDB refuses as not valid, and that the role may send."""
    asked = json.loads(made)
    assert asked.pop("TableName")
    return asked in ({"Key": {}}, {"Item": {}}, {"Limit": 1}, {"IndexName": "by_paint"})


ITEM = "GET /customers/{customer}/orders/{order_id}"
PUT = "PUT /customers/{customer}/orders/{order_id}"


# -- keys --------------------------------------------------------------------------------------------------------------------------


@FEW
@given(TEXTS, TEXTS)
def test_a_get_asks_for_the_key_that_the_data_layer_makes(template: Template, customer: str, order_id: str) -> None:
    made = json.loads(request(template, ITEM, path={"customer": customer, "order_id": order_id}))
    assert made["Key"] == Order.key(customer=customer, order_id=order_id).wire


@pytest.mark.parametrize("text", ["\U0010ffff", "a\U0010fffeb"])
def test_what_ends_ranges_of_keys_is_asked_of_nobody(template: Template, text: str) -> None:
    assert asks_nothing(request(template, ITEM, path={"customer": text, "order_id": "x"}))


@pytest.mark.parametrize("text", ["uDBFF", "\\uDBFF", "\\\\uDBFF", "%F4%8F%B", "#unique#", "#unique#x"])
def test_what_is_written_like_something_else_is_text(template: Template, text: str) -> None:
    made = json.loads(request(template, ITEM, path={"customer": text, "order_id": text}))
    assert made["Key"] == Order.key(customer=text, order_id=text).wire


@FEW
@given(TEXTS, TEXTS)
def test_a_prefix_stays_within_the_question(template: Template, customer: str, prefix: str) -> None:
    made = json.loads(request(template, "GET /customers/{customer}/orders", path={"customer": customer}, querystring={"prefix": prefix}))
    query = Order.of_customer(customer=customer, prefix=prefix)
    assert (made["KeyConditionExpression"], made["ExpressionAttributeValues"][":pk"]) == (
        "#pk = :pk AND begins_with(#sk, :sk)",
        query.partition[0],
    )
    [condition] = query.sort
    assert made["ExpressionAttributeValues"][":sk"] == condition.values[0]


@FEW
@given(st.none() | TEXTS, st.none() | TEXTS)
def test_a_range_is_that_of_the_data_layer(template: Template, since: str | None, until: str | None) -> None:
    asked = {name: value for name, value in (("since", since), ("until", until)) if value is not None}
    made = json.loads(request(template, "GET /customers/{customer}/ranges", path={"customer": "c"}, querystring=asked))
    low, high = (made["ExpressionAttributeValues"][name] for name in (":low", ":high"))
    try:
        query = Order.since_until(customer="c", **asked)
    except ItemInvalidError:  # holds nothing, and DynamoDB is told so
        assert low["S"] > high["S"]
        return
    [condition] = query.sort
    expected = [one["S"] for one in condition.values]
    if "until" in asked or since:
        assert [low["S"], high["S"]] == expected
    else:
        assert low["S"] == expected[0]
        assert high["S"] == expected[0] + "\U0010ffff"


def test_an_index_is_asked_in_the_order_that_is_declared(template: Template) -> None:
    made = json.loads(request(template, "GET /paints/{paint}", path={"paint": "sky blue"}))
    assert (made["IndexName"], made["ScanIndexForward"], made["Limit"]) == ("by_paint", False, 137)
    assert made["ExpressionAttributeValues"] == {":pk": {"S": "PAINT#sky blue"}, ":kind": {"S": "Order"}}
    assert (made["FilterExpression"], made["ExpressionAttributeNames"]["#kind"]) == ("#kind = :kind", "_type")


@pytest.mark.parametrize("paint", ["", "green", "red\n", "redsky blue"])
def test_what_is_no_choice_is_sent_nowhere(template: Template, paint: str) -> None:
    assert asks_nothing(request(template, "GET /paints/{paint}", path={"paint": paint}))


@pytest.mark.parametrize("limit", range(-1, 1_400, 7))
def test_a_page_is_as_long_as_is_asked_and_declared(template: Template, limit: int) -> None:
    made = json.loads(request(template, "GET /paints/{paint}", path={"paint": "red"}, querystring={"limit": str(limit)}))
    assert made.get("Limit") == (limit if 1 <= limit <= 137 else None)


@pytest.mark.parametrize("limit", ["", "1.0", "1e1", "01", "٣", '5,"x":1'])
def test_a_limit_that_is_none_is_sent_nowhere(template: Template, limit: str) -> None:
    assert asks_nothing(request(template, "GET /paints/{paint}", path={"paint": "red"}, querystring={"limit": limit}))


def test_what_the_caller_does_not_choose_comes_from_who_calls(template: Template) -> None:
    context = {"authorizer": {"claims": {"sub": "ann"}}}
    made = json.loads(request(template, "GET /mine", context=context, querystring={"customer": "bob"}))
    assert made["ExpressionAttributeValues"][":pk"] == Order.key(customer="ann", order_id="x").wire["pk"]
    assert asks_nothing(request(template, "GET /mine", context={"authorizer": {}}, querystring={"customer": "bob"}))


# -- pages -------------------------------------------------------------------------------------------------------------------------


@FEW
@given(TEXTS, TEXTS)
def test_a_cursor_leads_on_from_where_the_page_ended(template: Template, customer: str, order_id: str) -> None:
    entity = Order(customer=customer, order_id=order_id, number=7, paint="red")
    item = Order.__gateleg__.encode(entity)
    last = {name: item[name] for name in ("pk", "sk", "gpk", "gsk")}
    status, made = answer(template, "GET /paints/{paint}", "default", json.dumps({"Items": [item], "LastEvaluatedKey": last}))
    page = json.loads(made)
    assert (status, [Order.model_validate(one) for one in page["items"]]) == (200, [entity])
    again = json.loads(request(template, "GET /paints/{paint}", path={"paint": "red"}, querystring={"cursor": page["cursor"]}))
    assert again["ExclusiveStartKey"] == last


def test_the_last_page_has_no_cursor(template: Template) -> None:
    assert json.loads(answer(template, "GET /paints/{paint}", "default", '{"Items":[]}')[1]) == {"items": [], "cursor": None}


@pytest.mark.parametrize("cursor", ["", "!", "YQ==", "YQ==.YQ==", "YQ==.YQ==.YQ==.YQ==", 'YQ==.YQ=="', "YQ==..YQ=="])
def test_a_cursor_that_is_none_is_sent_nowhere(template: Template, cursor: str) -> None:
    assert asks_nothing(request(template, "GET /paints/{paint}", path={"paint": "red"}, querystring={"cursor": cursor}))


@FEW
@given(TEXTS)
def test_a_cursor_never_leaves_the_partition(template: Template, text: str) -> None:
    part = base64.b64encode(text.encode()).decode()
    if not part:
        return
    cursor = ".".join([part] * 3)
    made = json.loads(request(template, "GET /paints/{paint}", path={"paint": "red"}, querystring={"cursor": cursor}))
    assert made["ExclusiveStartKey"] == {"gpk": {"S": "PAINT#red"}, "gsk": {"S": text}, "pk": {"S": text}, "sk": {"S": text}}


# -- items -------------------------------------------------------------------------------------------------------------------------


@FEW
@given(ORDERS)
def test_a_get_answers_with_the_entity(template: Template, order: Order) -> None:
    status, made = answer(template, ITEM, "default", json.dumps({"Item": Order.__gateleg__.encode(order)}))
    assert (status, Order.model_validate_json(made)) == (200, order)


@FEW
@given(
    st.builds(
        Reading,
        sensor=st.uuids(),
        at=st.datetimes(timezones=st.just(UTC)),
        day=st.dates(),
        amount=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-1000, max_value=1000),
        marks=st.sets(TEXTS, max_size=3),
        kind=st.none() | TEXTS,
    )
)
def test_moments_decimals_and_sets_are_read(template: Template, reading: Reading) -> None:
    item = json.loads(json.dumps(Reading.__gateleg__.encode(reading)))
    status, made = answer(template, "GET /sensors/{sensor}", "default", json.dumps({"Item": item}))
    assert (status, Reading.model_validate_json(made)) == (200, reading)


def test_an_older_item_has_the_defaults_of_what_it_lacks(template: Template) -> None:
    order = Order(customer="c", order_id="o", number=1, paint="red")
    item = {name: wire for name, wire in Order.__gateleg__.encode(order).items() if name not in {"tins", "price", "gift", "tags", "m-otto"}}
    assert Order.model_validate_json(answer(template, ITEM, "default", json.dumps({"Item": item}))[1]) == order


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (None, 404),
        ({"_type": {"S": "Reading"}}, 404),
        ({"customer": {"S": "c"}}, 404),
        ({"_type": {"S": "Order"}, "customer": {"S": "c"}}, 500),
        (Order.__gateleg__.encode(Order(customer="c", order_id="o", number=1, paint="red")) | {"number": {"S": "1"}}, 500),
        (Order.__gateleg__.encode(Order(customer="c", order_id="o", number=1, paint="red")) | {"tags": {"L": [{"N": "1"}]}}, 500),
    ],
)
def test_what_is_no_such_entity_is_not_found_and_what_does_not_fit_is_our_fault(
    template: Template, item: dict[str, Any] | None, status: int
) -> None:
    found, made = answer(template, ITEM, "default", json.dumps({} if item is None else {"Item": item}))
    assert (found, list(json.loads(made))) == (status, ["error"])


# -- writes ------------------------------------------------------------------------------------------------------------------------


@FEW
@given(ORDERS)
def test_a_put_stores_the_item_that_the_data_layer_stores(template: Template, order: Order) -> None:
    sent = json.loads(order.model_dump_json())
    path = {name: sent.pop(name) for name in ("customer", "order_id")}
    made = json.loads(request(template, PUT, json.dumps(sent), path=path))
    assert normal(made["Item"]) == normal(Order.__gateleg__.encode(order))
    assert made["ConditionExpression"] == "attribute_not_exists(#pk) OR #kind = :kind"
    assert (made["ExpressionAttributeNames"], made["ExpressionAttributeValues"]) == (
        {"#pk": "pk", "#kind": "_type"},
        {":kind": {"S": "Order"}},
    )


@FEW
@given(ORDERS)
def test_a_create_refuses_to_replace(template: Template, order: Order) -> None:
    made = json.loads(request(template, "POST /orders", order.model_dump_json(exclude_defaults=True)))
    assert normal(made["Item"]) == normal(Order.__gateleg__.encode(order))
    assert (made["ConditionExpression"], "ExpressionAttributeValues" in made) == ("attribute_not_exists(#pk)", False)


ORDER = {"customer": "c", "order_id": "o", "number": 1, "paint": "red"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "x"},
        {"number": 1.5},
        {"number": '1"}, "x": {"S": "y'},
        {"number": [1]},
        {"number": 10**10},
        {"number": None},
        {"paint": "green"},
        {"paint": {"S": "red"}},
        {"note": 1},
        {"note": {"S": "x"}},
        {"gift": "yes"},
        {"gift": 1},
        {"price": "1e400"},
        {"tags": "red"},
        {"customer": 5},
    ],
)
def test_a_value_of_another_type_is_sent_nowhere(template: Template, wrong: dict[str, Any]) -> None:
    assert asks_nothing(request(template, "POST /orders", json.dumps(ORDER | wrong)))


@pytest.mark.parametrize("missing", ORDER)
def test_without_a_required_attribute_nothing_is_sent(template: Template, missing: str) -> None:
    assert asks_nothing(request(template, "POST /orders", json.dumps({name: value for name, value in ORDER.items() if name != missing})))


@pytest.mark.parametrize(
    ("key", "name", "expected"),
    [
        ("POST /orders", "ConditionalCheckFailedException", (409, "store.item_exists")),
        (PUT, "ConditionalCheckFailedException", (409, "store.kind_mismatch")),
        (PUT, "ValidationException", (422, "item.invalid")),
        (ITEM, "ValidationException", (422, "item.invalid")),
        (ITEM, "ProvisionedThroughputExceededException", (503, "store.throttled")),
        (ITEM, "AccessDeniedException", (500, "internal")),
        (ITEM, "ResourceNotFoundException", (500, "internal")),
    ],
)
def test_errors_are_those_of_the_data_layer(template: Template, key: str, name: str, expected: tuple[int, str]) -> None:
    status, made = answer(template, key, "400", json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{name}", "message": "secret"}))
    assert (status, json.loads(made)["error"]["code"]) == expected


def test_the_body_of_a_write_has_a_model(template: Template) -> None:
    operation = body(template)["paths"]["/customers/{customer}/orders/{order_id}"]["put"]
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = body(template)["components"]["schemas"][name]
    assert (schema["required"], schema["additionalProperties"]) == (["number", "paint"], False)
    number = schema["properties"]["number"]
    assert (number["type"], number["minimum"], number["maximum"], number.get("exclusiveMaximum")) == ("integer", 0, 9_999_999_999, False)
    assert operation["x-amazon-apigateway-request-validator"] == "body"


# -- roles -------------------------------------------------------------------------------------------------------------------------


def test_each_role_may_do_one_thing_to_the_table_or_the_index(template: Template) -> None:
    found = [
        (statement["Action"], json.dumps(statement["Resource"]))
        for role in template.all("AWS::IAM::Role").values()
        for policy in role["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    assert sorted(action for action, _ in found) == [
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Query",
    ]
    assert sorted("/index/by_paint" in resource for action, resource in found if action == "dynamodb:Query") == [False, True]
    assert not any("*" in resource for _, resource in found)
    assert integration(template, "GET /mine")["credentials"] == integration(template, "GET /customers/{customer}/orders")["credentials"]


GAMES = Table("games", partition_key="pk", indexes=[Index("by_leg", partition_key=("tenant", "region"), sort_key=("leg", "bracket"))])


class Game(Entity, table=GAMES):
    """A game that an index finds by several attributes."""

    number: Attr[int]
    tenant: Attr[str]
    region: Attr[str]
    leg: Attr[int]
    bracket: Attr[str]

    key = key("GAME#{number}")

    @access(index="by_leg")
    def of_leg(*, tenant: str, region: str, leg: int) -> None: ...

    @access(index="by_leg")
    def of_bracket(*, tenant: str, region: str, leg: int, bracket: str) -> None: ...


def test_a_key_of_several_attributes_is_asked_for_by_each_of_them() -> None:
    routes = {
        "GET /{tenant}/{region}/{leg}": DynamoDb(Game.of_leg),
        "GET /{tenant}/{region}/{leg}/{bracket}": DynamoDb(Game.of_bracket),
    }
    made = synthesized(lambda stack: build(stack, routes, GAMES))
    path = {"tenant": "a", "region": "eu", "leg": "3", "bracket": "upper"}
    cursor = ".".join(base64.b64encode(part.encode()).decode() for part in ("2", "lower", "GAME#1"))
    asked = json.loads(request(made, "GET /{tenant}/{region}/{leg}", path=path, querystring={"cursor": cursor}))
    assert asked["KeyConditionExpression"] == "#pk = :pk AND #pk1 = :pk1 AND #sk = :sk"
    assert {name: asked["ExpressionAttributeNames"][name] for name in ("#pk", "#pk1", "#sk")} == {
        "#pk": "tenant",
        "#pk1": "region",
        "#sk": "leg",
    }
    assert asked["ExclusiveStartKey"] == {
        "tenant": {"S": "a"},
        "region": {"S": "eu"},
        "leg": {"N": "2"},
        "bracket": {"S": "lower"},
        "pk": {"S": "GAME#1"},
    }
    asked = json.loads(request(made, "GET /{tenant}/{region}/{leg}/{bracket}", path=path))
    assert asked["KeyConditionExpression"] == "#pk = :pk AND #pk1 = :pk1 AND #sk = :sk AND #sk1 = :sk1"
    assert asked["ExpressionAttributeValues"][":sk1"] == {"S": "upper"}


def test_a_table_of_another_region_is_asked_there_and_one_of_another_account_is_refused() -> None:
    def build(stack: Stack, **elsewhere: str) -> None:
        there = Environment(**({"account": "111111111111", "region": "eu-west-1"} | elsewhere))
        far = Stack(cast("App", stack.node.root), "Far", env=there)
        table = ModelTable(far, "Table", table=SHOP, table_name="shop")
        RestGateway(
            stack,
            "Rest",
            routes={"GET /orders/{customer}/{order_id}": DynamoDb(Order.get)},
            tables=[table],
            authorizers={"iam": IamAuthorizer()},
        )

    def made(**elsewhere: str) -> Template:
        return synthesized(lambda stack: build(stack, **elsewhere), account="111111111111", region="eu-west-1")

    key = "GET /orders/{customer}/{order_id}"
    far = made(region="us-east-1")
    assert ":apigateway:us-east-1:dynamodb:action/GetItem" in text(integration(far, key)["uri"])
    assert ":dynamodb:us-east-1:111111111111:table/shop" in json.dumps(far.data)
    assert ":apigateway:AWS::Region:dynamodb:" in text(integration(made(), key)["uri"])
    with pytest.raises(DeclarationError, match=r"Far/Table is of the account 222222222222, .* put both into one account"):
        made(account="222222222222")
