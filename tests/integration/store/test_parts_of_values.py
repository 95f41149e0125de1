"""Updates of parts of lists, maps and nested models: each means the item as it was, and what it goes into is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from gateleg.errors import ConditionFailedError, ItemNotFoundError, PathAbsentError, TransactionCanceledError
from gateleg.model import Attr, Entity, Table, attr

if TYPE_CHECKING:
    from gateleg.model import Update
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

HOUSES = Table("houses", partition_key="id")


class Address(BaseModel):
    city: str
    lines: list[str] = []
    notes: dict[str, int] = {}


class House(Entity, table=HOUSES):
    id: Attr[str] = attr(partition_key=True)
    rooms: Attr[list[str]] = attr(default_factory=list)
    grid: Attr[list[list[str]]] = attr(default_factory=list)
    address: Attr[Address | None] = attr(default=None)
    former: Attr[Address | None] = attr(default_factory=lambda: None)
    counts: Attr[dict[str, dict[str, int]]] = attr(default_factory=dict)


KEY = House.key(id="1")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(HOUSES)


def test_several_elements_leave_a_list_whatever_their_order(store: Store) -> None:
    for order in ([0, 2], [2, 0]):
        store.put(House(id="1", rooms=["a", "b", "c", "d"]))
        assert store.update(KEY, *(House.rooms[place].remove() for place in order)).rooms == ["b", "d"]


def test_elements_leave_lists_within_lists(store: Store) -> None:
    store.put(House(id="1", grid=[["a", "b"], ["c", "d"], ["e", "f", "g"]]))
    changed = store.update(KEY, House.grid[0].remove(), House.grid[2][0].remove(), House.grid[2][2].remove())
    assert changed.grid == [["c", "d"], ["f"]]


def test_an_element_is_changed_as_others_leave(store: Store) -> None:
    store.put(House(id="1", rooms=["a", "b", "c", "d"]))
    changed = store.update(KEY, House.rooms[1].remove(), House.rooms[0].remove(), House.rooms[3].set("new"))
    assert changed.rooms == ["c", "new"]


@pytest.mark.parametrize(
    "update",
    [
        House.address["city"].set("Lund"),
        House.former["city"].set("Lund"),
        House.counts["a"]["b"].set(1),
        House.counts["a"]["b"].add(1),
        House.counts["a"]["b"].remove(),
        House.address["lines"].append(["x"]),
        House.address["lines"][0].set("x"),
        House.grid[0][0].set("x"),
        House.grid[0][0].remove(),
        House.address["city"].set(House.id),
    ],
    ids=repr,
)
def test_an_update_within_what_is_not_there_says_what_to_set_first(store: Store, update: Update) -> None:
    stored = store.create(House(id="1"))
    with pytest.raises(PathAbsentError, match=r"is not there") as caught:
        store.update(KEY, update)
    assert caught.value.path in {"House.address", "House.former", "House.counts['a']", "House.address['lines']", "House.grid[0]"}
    assert f"{caught.value.path}.set(" in caught.value.message
    assert caught.value.item == stored
    with pytest.raises(TransactionCanceledError, match="is not there") as canceled, store.transact() as tx:
        tx.update(KEY, update)
    assert isinstance(canceled.value.reasons[0], PathAbsentError)
    assert store.get(KEY) == stored


def test_what_the_message_says_makes_the_update_possible(store: Store) -> None:
    store.create(House(id="1"))
    store.update(KEY, House.counts["a"].set({}, if_not_exists=True))
    assert store.update(KEY, House.counts["a"]["b"].add(1)).counts == {"a": {"b": 1}}
    store.update(KEY, House.counts["a"].set({}, if_not_exists=True))
    assert store.update(KEY, House.counts["a"]["b"].add(1)).counts == {"a": {"b": 2}}
    store.update(KEY, House.address.set(Address(city="Lund")))
    assert store.update(KEY, House.address["city"].set("Malmö")).address == Address(city="Malmö")


def test_another_refusal_stays_what_it_is(store: Store) -> None:
    with pytest.raises(ItemNotFoundError):
        store.update(KEY, House.address["city"].set("Lund"))
    store.create(House(id="1", address=Address(city="Lund")))
    with pytest.raises(ConditionFailedError, match="condition of the write") as caught:
        store.update(KEY, House.address["city"].set("Malmö"), when=House.rooms.contains("a"))
    assert type(caught.value) is ConditionFailedError
