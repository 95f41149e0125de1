"""docs/data.md says which actions each operation needs: those that it asks for, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.data import Seeds, backfill, export_items, import_items, seed
from gateleg.store import Store
from gateleg.testing import recorded
from gateleg.testing.engines import engine
from tests.integration.data.things import THINGS, Person, Thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

PAGE = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
DEMO = Seeds(THINGS, [Person(name="seeded", mail="seeded@example.com")])
OPERATIONS: dict[str, Callable[[Store, Path], list[Any]]] = {
    "export": lambda store, folder: [export_items(store, folder / "all.jsonl"), export_items(store, folder / "more.jsonl", dry_run=True)],
    "import": lambda store, folder: [
        import_items(store, folder / "given.jsonl", rejected=lambda _: None),
        import_items(store, folder / "given.jsonl", replace=True),
    ],
    "backfill": lambda store, folder: [backfill(store, state=folder / "state.json")],
    "seed": lambda store, _: [seed(store, DEMO), seed(store, DEMO)],
}


@pytest.fixture(scope="module")
def dynamodb_name() -> str:
    """What is asked for is the same on both engines."""
    return "ministack"


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_needs_what_the_page_says(make_store: MakeStore, tmp_path: Path, name: str) -> None:
    store = make_store(THINGS)
    store.create(Person(name="ada", mail="ada@example.com"))
    export_items(store, tmp_path / "given.jsonl")
    # A thing without its index, and a person whose address is not claimed yet.
    raw = {"pk": {"S": "TENANT#t"}, "sk": {"S": f"THING#{1:012}"}, "_type": {"S": "Thing"}, "tenant": {"S": "t"}, "thing_id": {"N": "1"}}
    bob = {
        "pk": {"S": "PERSON#bob"},
        "sk": {"S": "PERSON"},
        "_type": {"S": "Person"},
        "name": {"S": "bob"},
        "mail": {"S": "bob@example.com"},
    }
    for item in (raw, bob):
        make_store.client.put_item(TableName=store.table_name, Item=item)

    with engine(make_store.client.meta.endpoint_url, tmp_path, tmp_path) as client, recorded(client) as calls:
        OPERATIONS[name](Store(THINGS, table_name=store.table_name, client=client), tmp_path)

    [row] = re.findall(rf"^\| {name} \| (.*dynamodb:.*) \|$", PAGE, re.MULTILINE)
    asked = {touch.action for touch in calls.touches}
    assert asked <= set(re.findall(r"`(dynamodb:\w+)`", row))
    assert (
        asked
        >= {"export": {"dynamodb:Scan"}, "import": {"dynamodb:PutItem"}, "backfill": {"dynamodb:UpdateItem"}, "seed": {"dynamodb:GetItem"}}[
            name
        ]
    )
    assert Thing.__gateleg__.table is THINGS
