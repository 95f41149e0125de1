"""A strict user's program, checked where boto3's stubs are not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.model import Attr, Entity, Page, Table, access, attr, key
from gateleg.rest import uses
from gateleg.store import AsyncStore, DynamoDBClient, Patience, Store, clients
from gateleg.testing import MakeStore, TemplateView, logical_ids, normalized, recorded
from gateleg.testing.faults import faults
from gateleg.websocket import Connections, WebSocketResolver

if TYPE_CHECKING:
    from collections.abc import Callable

NOTES = Table("notes", partition_key="pk", sort_key="sk")


class Note(Entity, table=NOTES):
    """A note."""

    owner: Attr[str]
    text: Attr[str] = attr(max_length=9)
    key = key("OWNER#{owner}", "TEXT#{text}")

    @access()
    def of(*, owner: str) -> None:
        """Somebody's notes."""


store = Store(NOTES)
other = Store(NOTES, client=clients.dynamodb(), patience=Patience(base=0.1))
later = AsyncStore(NOTES)
app = WebSocketResolver(connections=Connections(NOTES))


@app.route("send")
@uses(Note.create)
def send(text: str) -> None:
    """Write a note."""
    store.create(Note(owner=app.current_connection.principal, text=text))


def count(client: DynamoDBClient, name: str) -> int:
    """How many items a table has."""
    answer: int = client.scan(TableName=name, Select="COUNT")["Count"]
    return answer


def a_test_of_a_store(make_store: MakeStore) -> None:
    """What a test does with a store and its client."""
    mine = make_store(NOTES)
    made = mine.create(Note(owner="a", text="b"))
    make_store.client.put_item(TableName=mine.table_name, Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    with recorded(make_store.client) as calls, faults(make_store.client, lost=0.1) as met:
        page: Page[Note] = mine.page(Note.of(owner="a"))
    assert calls.unused(Note.of) == set()
    assert met.lost + count(make_store.client, mine.table_name) > 0
    assert page.items[0].text == made.text


@pytest.fixture
def engine(dynamodb_engines: Callable[[str], DynamoDBClient]) -> DynamoDBClient:
    """A client of an engine of one's own choice."""
    return dynamodb_engines("local")


def a_test_of_a_template(template: dict[str, Any]) -> None:
    """What a test asks of a template."""
    view = TemplateView.from_json(template)
    assert view.function("notes:app").allowed_actions(on=view.table("notes")) == {"dynamodb:PutItem"}
    assert logical_ids(normalized(template)) == logical_ids(view)
