"""A fact is carried or refused: each field of a description, changed alone, changes the template or is refused, or is for people only."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from gateleg import description as said
from gateleg.cdk import ApiKeyAuthorizer, HandlerCode, IamAuthorizer, ModelTable, RestApp, WebSocketGateway
from gateleg.description import Body, CorsConfig, IndexShape, Needs, Route, TableShape, Use
from gateleg.errors import GatelegError
from gateleg.model import KEYS_ONLY, Attr, Entity, Index, LocalIndex, StreamView, Table, attr, include
from tests.templates.constructs.samples import function, gateway, synthesized

if TYPE_CHECKING:
    from aws_cdk import Stack

pytestmark = pytest.mark.slow

PUBLIC = Route("GET /open", "svc.rest:open_", public="why")
ANSWER = {"description": "A room", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Room"}}}}
OPERATION = {"responses": {"200": ANSWER}}
ROUTE = Route("POST /rooms", "svc.rest:rooms", body=Body({"type": "object", "required": ["a"]}), operation=OPERATION)
REST = said.App("svc.rest:app", "rest", (ROUTE, PUBLIC), validates=True, schemas={"Room": {"type": "object"}})
SOCKET = said.App("svc.socket:app", "websocket", (Route("$connect", "h"),))

PEOPLE = {
    "App.answers_unknown": "told as a warning, in test_unknown_paths.py",
    "Route.handler": "names who answers, in messages",
    "Route.problem": "why there is no operation; told as a warning",
    "Route.place": "where the handler is declared; told with what is wrong about the route",
}
ROUTE_CHANGES: dict[str, Any] = {
    "key": "POST /halls",
    "uses": (Use("chat", "Message", "create"),),
    "security": ({"key": []},),
    "public": "prices are public",
    "also": ("GET /guarded",),
    "cors": True,
    "publishes": True,
    "binary": True,
    "uploads": True,
    "body": Body({"type": "object", "required": ["b"]}),
    "parameters": ("limit",),
    "headers": ("Idempotency-Key",),
    "operation": OPERATION | {"summary": "Open a room"},
    "unanswered": "is a coroutine",
}
APP_CHANGES: dict[str, Any] = {
    "name": "svc.socket:app",
    "kind": "function",
    "routes": (ROUTE,),
    "title": "Orders",
    "version": "2.3.0",
    "summary": "All orders",
    "action_key": "type",
    "validates": False,
    "answers_invalid": True,
    "security": ({"key": []},),
    "cors": CorsConfig(("https://a.example",)),
    "needs": Needs(distributions=("a-distribution-nobody-has",)),
    "schemas": {"Room": {"type": "object", "properties": {"name": {"type": "string"}}}},
}
NESTED_CHANGES: dict[str, Any] = {
    "Body.schema": replace(REST, routes=(replace(ROUTE, body=Body({"type": "object", "required": ["b"]})), PUBLIC)),
    "Body.required": replace(REST, routes=(replace(ROUTE, body=replace(ROUTE.body or Body({}), required=False)), PUBLIC)),
    "Body.media_types": replace(REST, routes=(replace(ROUTE, body=replace(ROUTE.body or Body({}), media_types=("text/csv",))), PUBLIC)),
}


def rendered(app: said.App, code: HandlerCode) -> object:
    """What comes of an app: the template, or what refused it."""

    def build(stack: Stack) -> None:
        if app.kind == "websocket":
            options: Any = {"code": code}
            WebSocketGateway(stack, "Socket", app=app, authorizer=IamAuthorizer(), function_options=options)
            return
        authorizers: Any = {"iam": IamAuthorizer(), "key": ApiKeyAuthorizer()}
        options = RestApp(app, validate_requests=True if app.validates else None)
        gateway(stack, code, apps=[options], authorizers=authorizers, default_authorizer="iam")

    try:
        return synthesized(build).data
    except (GatelegError, RuntimeError) as error:
        return type(error)


def changed(name: str, value: Any) -> tuple[said.App, said.App]:
    kind, field = name.split(".")
    if kind == "Route":
        before = replace(REST, cors=CorsConfig(("https://a.example",))) if field in {"cors", "headers"} else REST
        if field == "headers":
            called = replace(ROUTE, cors=True)
            return replace(before, routes=(called, PUBLIC)), replace(before, routes=(replace(called, headers=value), PUBLIC))
        if field == "also":
            opened, guarded = replace(ROUTE, public="why"), Route("GET /guarded", "h")
            return replace(REST, routes=(opened, guarded)), replace(REST, routes=(replace(opened, also=value), guarded))
        return before, replace(before, routes=(replace(ROUTE, **{field: value}), PUBLIC))
    before = SOCKET if field == "action_key" else REST
    if field == "cors":
        before = replace(REST, routes=(replace(ROUTE, cors=True), PUBLIC))
    return before, replace(before, **{field: value})


CHANGES = {f"Route.{name}": value for name, value in ROUTE_CHANGES.items()} | {f"App.{name}": value for name, value in APP_CHANGES.items()}


@pytest.mark.parametrize("name", CHANGES)
def test_a_fact_that_changes_alone_changes_the_template_or_is_refused(name: str, code: HandlerCode) -> None:
    before, after = changed(name, CHANGES[name])
    first = rendered(before, code)
    assert isinstance(first, dict)
    assert rendered(after, code) != first


def test_no_field_of_a_description_is_forgotten() -> None:
    known = {f"{kind.__name__}.{field.name}" for kind in (said.App, Route) for field in fields(kind)}
    assert (
        known
        == set(CHANGES)
        | set(PEOPLE)
        | {
            "App.table",
            "App.filters",
            "App.sharded",
            "App.channels",
            "App.authorizes",
            "App.audience",
            "App.counts_principals",
            "App.prefixes",
            "App.apps",
            "App.beside",
            "Route.unlisted",
        }
    )  # the last below, and where domains, caches, consumers and what functions answer (test_reached.py) and workers, channels and principals (test_workers.py, test_event_channels.py, test_websocket_gateway.py, test_sharing.py) are tested
    # How items are stored is what the lock compares: templates/test_changes.py.
    assert {field.name for field in fields(TableShape)} == {
        *TABLE_CHANGES,
        "key_types",
        "entities",
        "default_type",
        "type_attribute",
        "schema_attribute",
    }
    assert {field.name for field in fields(IndexShape)} == {"name", "partition_key", "sort_key", "projection", "attributes", "sharded"}


TABLE: dict[str, Any] = {
    "name": "shop",
    "partition_key": "pk",
    "sort_key": "sk",
    "indexes": [Index("by_a", partition_key="a", sort_key="b"), LocalIndex("by_c", sort_key="c")],
    "ttl": "gone",
    "stream": StreamView.NEW_IMAGE,
}
LOCAL = LocalIndex("by_c", sort_key="c")
TABLE_CHANGES: dict[str, list[Any]] = {
    "name": ["store"],
    "partition_key": ["id"],
    "sort_key": ["at"],
    "indexes": [
        [Index("by_z", partition_key="a", sort_key="b"), LOCAL],
        [Index("by_a", partition_key="z", sort_key="b"), LOCAL],
        [Index("by_a", partition_key="a"), LOCAL],
        [Index("by_a", partition_key="a", sort_key="b", projection=KEYS_ONLY), LOCAL],
        [Index("by_a", partition_key="a", sort_key="b", projection=include("d")), LOCAL],
    ],
    "local_indexes": [
        [*TABLE["indexes"][:1]],
        [TABLE["indexes"][0], LocalIndex("by_z", sort_key="c")],
        [TABLE["indexes"][0], LocalIndex("by_c", sort_key="z")],
        [TABLE["indexes"][0], LocalIndex("by_c", sort_key="c", projection=KEYS_ONLY)],
    ],
    "ttl": [None, "other"],
    "stream": [None, StreamView.KEYS_ONLY],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in TABLE_CHANGES.items() for value in values])
def test_what_a_table_says_is_carried(field: str, value: Any, code: HandlerCode) -> None:
    def tables(**edit: Any) -> Any:
        def build(stack: Stack) -> None:
            function(stack, code, tables=[ModelTable(stack, "Table", table=Table(**(TABLE | edit)))])

        return synthesized(build).data

    assert tables(**{field.replace("local_", ""): value}) != tables()


def test_the_types_of_keys_are_carried() -> None:
    shop = Table("shop", partition_key="number")

    class Order(Entity, table=shop):
        number: Attr[int] = attr(partition_key=True)

    del Order
    definitions = synthesized(lambda stack: ModelTable(stack, "Table", table=shop)).one("AWS::DynamoDB::GlobalTable")[
        "AttributeDefinitions"
    ]
    assert definitions == [{"AttributeName": "number", "AttributeType": "N"}]


@pytest.mark.parametrize("name", NESTED_CHANGES)
def test_what_a_body_says_is_carried(name: str, code: HandlerCode) -> None:
    assert rendered(NESTED_CHANGES[name], code) != rendered(REST, code)


USE = Use("chat", "Message", "query")


@pytest.mark.parametrize(
    "change",
    [
        {"table": "other"},
        {"operation": "scan"},
        {"operation": "unknown"},
        {"index": "by_author"},
        {"index": "none"},
        {"tenant": "room"},
        {"tenant": "room", "leading": ("ROOM#{tenant}",)},
    ],
)
def test_what_a_use_says_is_carried(change: Any, code: HandlerCode) -> None:
    def using(use: Use) -> object:
        return rendered(replace(REST, routes=(replace(ROUTE, uses=(use,)), PUBLIC)), code)

    assert isinstance(using(USE), dict)
    assert using(replace(USE, **change)) != using(USE)


@pytest.mark.parametrize(
    "change",
    [
        {"allow_origins": ("https://b.example",)},
        {"allow_headers": ("X-Own",)},
        {"expose_headers": ("X-Own",)},
        {"max_age": 5},
        {"allow_credentials": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_cors_says_is_carried(change: Any, code: HandlerCode) -> None:
    config = CorsConfig(("https://a.example",))
    app = replace(REST, routes=(replace(ROUTE, cors=True), PUBLIC), cors=config)
    assert {field.name for field in fields(CorsConfig)} == {
        "allow_origins",
        "allow_headers",
        "expose_headers",
        "max_age",
        "allow_credentials",
    }
    assert rendered(replace(app, cors=replace(config, **change)), code) != rendered(app, code)
