"""What a write gives is what is read: values that would come back as others are refused, and the item stays as it was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Self

import pytest
from pydantic import AfterValidator, BaseModel, model_validator

from gateleg.errors import ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

NOTES = Table("notes", partition_key="id")
DAY = date(2020, 1, 1)


class Open(BaseModel, extra="allow"):
    a: str = ""


class Note(Entity, table=NOTES):
    id: Attr[str] = attr(partition_key=True)
    several: Attr[list[Any]] = attr(default_factory=list)
    named: Attr[dict[str, Any]] = attr(default_factory=dict)
    open: Attr[Open] = attr(default_factory=Open)
    elements: Attr[set[Any] | None] = attr(default=None)


class Counted(Entity, table=NOTES):
    id: Attr[str] = attr(partition_key=True)
    v: Attr[Annotated[int, AfterValidator(lambda value: value * 2)]]


class Folded(Entity, table=NOTES):
    id: Attr[str] = attr(partition_key=True)
    mail: Attr[Annotated[str, AfterValidator(str.lower)]]
    tags: Attr[list[Annotated[str, AfterValidator(str.strip)]]] = attr(default_factory=list)
    size: Attr[int] = attr(default=0)

    @model_validator(mode="after")
    def _sized(self) -> Self:
        vars(self)["size"] = len(self.tags)
        return self


KEY = Note.key(id="1")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(NOTES)


@pytest.mark.parametrize(
    "update",
    [
        lambda: Note.several.append([DAY, (1, 2)]),
        lambda: Note.several[0].set(DAY),
        lambda: Note.named["x"].set(DAY),
        lambda: Note.open["z"].set(1.5),
        lambda: Note.elements.add({1.5}),
    ],
)
def test_an_update_of_a_part_that_would_come_back_as_another_leaves_the_item_as_it_was(store: Store, update: Callable[[], Any]) -> None:
    stored = store.create(Note(id="1", several=[1], named={"x": 1}, elements={1}))
    with pytest.raises(ItemInvalidError, match="which would come back as"):
        store.update(KEY, update())
    assert store.get(KEY) == stored


def test_parts_that_dynamodb_tells_apart_come_back_as_they_were_given(store: Store) -> None:
    store.create(Note(id="1", several=[1]))
    given: dict[str, Any] = {"a": [1, "b", None, True, b"c", Decimal("0.5"), {"d"}]}
    changed = store.update(
        KEY, Note.several.append([given]), Note.named["x"].set(given), Note.open["z"].set(given), Note.elements.add({"a", "b"})
    )
    assert (changed.several, changed.named, changed.open.model_extra, changed.elements) == (
        [1, given],
        {"x": given},
        {"z": given},
        {"a", "b"},
    )
    assert store.get(KEY) == changed


def test_a_value_that_each_write_would_change_is_never_stored(store: Store) -> None:
    for write in (store.create, store.put):
        with pytest.raises(ItemInvalidError, match=r"Counted\.v cannot be 4, which would come back as another with each write: 8, then 16"):
            write(Counted(id="1", v=2))
    assert store.get(Counted.key(id="1")) is None


def test_validators_that_leave_what_they_made_give_one_value_with_every_write_and_read(store: Store) -> None:
    made = Folded(id="1", mail="Ann@B", tags=[" a "])
    made.tags.append(" b ")
    created = store.create(made)
    assert (created.mail, created.tags, created.size) == ("ann@b", ["a", "b"], 2)
    key = Folded.key(id="1")
    for _ in range(2):
        assert store.get(key) == created
        assert store.put(created) == created
    assert store.update(key, Folded.mail.set("C@D"), Folded.tags.append([" c "])) == store.get(key)
