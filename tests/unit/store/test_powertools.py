"""Entities and pages as bodies and answers of Powertools routes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel, computed_field

from gateleg.model import Attr, Entity, Page, Table, access, attr, created_at, key, ulid, version
from gateleg.store import Store
from tests.unit.store.notes import Script

TABLE = Table("routes", partition_key="pk", sort_key="sk")


class Place(BaseModel):
    """Where a thing is."""

    city: str


class Thing(Entity, table=TABLE):
    """A thing."""

    thing_id: Attr[str] = attr(default_factory=ulid)
    shelf: Attr[str] = attr(max_length=10)
    price: Attr[Decimal] = attr(ge=0)
    place: Attr[Place]
    tags: Attr[set[str]] = attr(default_factory=set)
    data: Attr[bytes] = attr(default=b"")
    display_name: Attr[str] = attr(default="", alias="displayName")
    made: Attr[datetime] = created_at()
    revision: Attr[int] = version()

    key = key("SHELF#{shelf}", "THING#{thing_id}")

    @access
    def on_shelf(*, shelf: str) -> None: ...

    @computed_field  # type: ignore[prop-decorator]  # pydantic's decorators stack so
    @property
    def label(self) -> str:
        """What stands on it."""
        return f"{self.shelf}/{self.thing_id}"


app = APIGatewayRestResolver(enable_validation=True)
THING = Thing(
    thing_id="1",
    shelf="a",
    price=Decimal("1.5"),
    place=Place(city="Lund"),
    data=b"\xff",
    made=datetime(2026, 11, 22, tzinfo=UTC),
    displayName="One",
)
SHOWN: dict[str, Any] = {
    "thing_id": "1",
    "shelf": "a",
    "price": "1.5",
    "place": {"city": "Lund"},
    "tags": [],
    "data": "_w==",
    "displayName": "One",
    "made": "2026-11-22T00:00:00Z",
    "revision": 0,
    "label": "a/1",
}


@app.post("/things")
def make(thing: Thing) -> Thing:
    assert isinstance(thing.price, Decimal)
    assert thing.data == b"\xff"
    return thing


@app.get("/things")
def page() -> Page[Thing]:
    items = [Thing.__gateleg__.encode(THING)] * 2
    store = Store(TABLE, table_name="t", transport=Script([{"Items": items}]), cursor_keys=["a key that only tests use"])
    return store.page(Thing.on_shelf(shelf="a"), limit=1)


def ask(method: str, body: object = None) -> tuple[int, Any]:
    event = {
        "resource": "/things",
        "path": "/things",
        "httpMethod": method,
        "headers": {"content-type": "application/json"},
        "requestContext": {"stage": "prod", "requestId": "1"},
        "body": json.dumps(body),
    }
    answer = app.resolve(event, {})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  (an empty context does)
    return answer["statusCode"], json.loads(answer["body"])


def test_an_entity_is_a_body_and_an_answer() -> None:
    given = {name: value for name, value in SHOWN.items() if name != "label"}
    assert ask("POST", given) == (200, SHOWN)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"price": -1}, "price"),
        ({"shelf": 3}, "shelf"),
        ({"shelf": "x" * 11}, "shelf"),
        ({"place": {}}, "city"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_body_that_the_entity_refuses_is_answered_with_where(change: dict[str, Any], place: str) -> None:
    status, answer = ask("POST", {"shelf": "a", "price": 1, "place": {"city": "Lund"}, **change})
    assert (status, answer["detail"][0]["loc"][-1]) == (422, place)


def test_a_page_from_the_store_is_an_answer() -> None:
    status, answer = ask("GET")
    assert (status, answer["items"]) == (200, [SHOWN])
    assert answer["cursor"]


def test_the_openapi_schema_is_that_of_the_types() -> None:
    schemas = json.loads(app.get_openapi_json_schema())["components"]["schemas"]
    thing = schemas["Thing-Input"]["properties"]
    assert thing["shelf"] == {"type": "string", "maxLength": 10, "title": "Shelf"}
    assert thing["made"] == {"type": "string", "format": "date-time", "title": "Made"}
    assert thing["place"] == {"$ref": "#/components/schemas/Place"}
    assert schemas["Page_Thing_"]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Thing-Output"}
