"""What is given in place of a key, an entity or a query: refused with what to write, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, key
from gateleg.store import Scan, Store
from tests.unit.store.notes import TABLE, Note, Script, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

STORE: Any = Store(TABLE, table_name="t", transport=Script([]))
NOTE: Any = Note
KEY = Tally.key(name="a")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: STORE.get("a"), "'a' is not a key; write Message.key"),
        (lambda: STORE.get(None), "None is not a key"),
        (lambda: STORE.get(Note(name="a")), "is not a key; write .* or message.key"),
        (lambda: STORE.get(KEY, only=Tally.count), r"write \[Tally.count\]"),
        (lambda: STORE.get(KEY, only=["count"]), "'count' is not a path"),
        (lambda: STORE.update(Note.key, Note.count.set(1)), "is not a key"),
        (lambda: STORE.delete(Note), "is not a key"),
        (lambda: STORE.batch_get(["a"]), "'a' is not a key"),
        (lambda: STORE.batch_delete("abc"), "'abc' is not a key"),
        (lambda: STORE.transact_get("a"), "'a' is not a key"),
        (lambda: STORE.put({"name": "a"}), "is not an entity; make one"),
        (lambda: STORE.create(Note), "is not an entity"),
        (lambda: STORE.batch_put(Tally(name="a")), "several entities are written together"),
        (lambda: STORE.batch_put([KEY]), "is not an entity"),
        (lambda: STORE.query(Note.named), "call an access pattern"),
        (lambda: STORE.query(Note), "is not a query"),
        (lambda: STORE.page(Note, limit=3), "is not a query"),
        (lambda: STORE.scan("Note"), "'Note' is not an entity of a table"),
        (lambda: STORE.scan(Entity), "is not an entity of a table"),
        (lambda: STORE.update(KEY, Tally.count.set(1), when=Tally.count), "Tally.count is not a condition; compare a path"),
        (lambda: STORE.update(KEY, Tally.count.set(1), when=True), "True is not a condition"),
        (lambda: NOTE.named(name="a").where(Note.count), "Note.count is not a condition"),
        (lambda: NOTE.named(name="a").only("count"), "'count' is not a path"),
        (lambda: Scan.of(Note).where(NOTE.count), "Note.count is not a condition"),
    ],
)
def test_what_only_looks_like_it_is_refused(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()


# What could not be read again ----------------------------------------------------------------------------------------------------


class Place(BaseModel):
    floor: int = 0


HOUSES = Table("houses", partition_key="pk")


class House(Entity, table=HOUSES):
    name: Attr[str]
    place: Attr[Place] = attr(default_factory=Place)
    code: Attr[int] = attr(default=0, load=lambda code: {0: 0}[code])

    key = key("HOUSE#{name}")


def in_a_batch(store: Store, house: House) -> None:
    store.batch_put([house])


def in_a_transaction(store: Store, house: House) -> None:
    with store.transact() as transaction:
        transaction.put(house)


@pytest.mark.parametrize("write", [Store.put, Store.create, in_a_batch, in_a_transaction])
def test_what_no_one_could_read_is_not_written(write: Callable[[Store, House], object]) -> None:
    script = Script([])
    store = Store(HOUSES, table_name="t", transport=script)
    changed = House(name="a")
    changed.place.floor = "attic"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ItemInvalidError, match=r"House cannot be stored, .* place\.floor") as caught:
        write(store, changed)
    assert caught.value.path == "House.place.floor"
    with pytest.raises(ItemInvalidError, match=r"load= of House\.code failed on 1: KeyError: 1"):
        write(store, House(name="a", code=1))
    assert script.asked == []
