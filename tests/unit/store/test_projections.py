"""Entities read in part: what is asked for, what comes out, and what is said of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from gateleg.errors import AccessPatternError, AttributeNotReadError, ExpressionError, StoredItemInvalidError
from gateleg.model import KEYS_ONLY, Attr, Entity, Index, Table, access, attr, include, index_key, key
from gateleg.store import Scan, Store
from tests.unit.store.notes import TABLE, Note, Script, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

PARTIAL = Table(
    "partial",
    partition_key="pk",
    sort_key="sk",
    indexes=[
        Index("keys", partition_key="gpk", projection=KEYS_ONLY),
        Index("some", partition_key="hpk", projection=include("_type", "title", "kind")),
        Index("shared", partition_key="shelf", projection=KEYS_ONLY),
    ],
)


class Place(BaseModel):
    row: int


class Book(Entity, table=PARTIAL):
    number: Attr[int]
    title: Attr[str]
    kind: Attr[str] = attr(default="novel")
    shelf: Attr[str] = attr(default="a")
    place: Attr[Place] = attr(default_factory=lambda: Place(row=1))
    places: Attr[dict[str, Place]] = attr(default_factory=dict)

    key = key("BOOK#{number}", "BOOK")
    by_kind_key = index_key("keys", "KIND#{kind}")
    by_title_key = index_key("some", "TITLE#{title}")

    @access(index="keys", partial=True)
    def of_kind(*, kind: str) -> None: ...

    @access(index="some", partial=True)
    def titled(*, title: str) -> None: ...

    @access(index="shared", partial=True)
    def on_shelf(*, shelf: str) -> None: ...


class Disc(Entity, table=PARTIAL):
    number: Attr[int]
    shelf: Attr[str]

    key = key("DISC#{number}", "DISC")


class Hooked(Entity, table=PARTIAL, upgrades=[lambda item: item]):
    number: Attr[int]

    key = key("HOOKED#{number}", "HOOKED")

    @access
    def numbered(*, number: int) -> None: ...


HERE = Store(TABLE, table_name="t")
SHELVES = Store(PARTIAL, table_name="t")
WANTED = Note.named(name="a").only(Note.count, Note.tags)


def names(params: dict[str, Any]) -> list[str]:
    text: str = params["ProjectionExpression"]
    for placeholder, name in sorted(params["ExpressionAttributeNames"].items(), reverse=True):
        text = text.replace(placeholder, name)
    return sorted(text.split(", "))


def read(*paths: Any, **stored: Any) -> Note:
    item = {**Note.__gateleg__.encode(Note(name="a", owner="ben", tags={"x"})), **stored}
    [found] = Store(TABLE, table_name="t", transport=Script([{"Items": [item]}])).query(Note.named(name="a").only(*paths))
    return found


def test_a_projection_asks_for_the_paths_the_keys_what_they_are_made_of_and_the_type() -> None:
    expected = ["_type", "count", "name", "pk", "sk", "tags"]
    assert names(HERE.query(WANTED).params()) == expected
    assert names(HERE.query(Note.named(name="a").only(Note.count).only(Note.tags, Note.count)).params()) == expected
    assert names(HERE.prepare.get(Note.key(name="a"), only=[Note.count, Note.tags]).params()) == expected
    assert names(HERE.prepare.page(WANTED, limit=3).params()) == expected
    assert names(HERE.scan(Scan.of(Note).only(Note.count, Note.tags)).params()) == expected


def test_a_part_of_a_list_or_map_may_be_asked_for_and_no_path_stands_in_another() -> None:
    assert names(HERE.query(Note.named(name="a").only(Note.log[2], Note.sizes["m"])).params())[1:3] == ["log[2]", "name"]
    assert names(HERE.query(Note.named(name="a").only(Note.log[2], Note.log)).params())[1:3] == ["log", "name"]


def test_a_view_holds_what_was_asked_for_and_its_key() -> None:
    found = read(Note.owner, Note.tags)
    assert (found.owner, found.tags, found.name) == ("ben", {"x"}, "a")
    assert found.key == Note.key(name="a")
    assert isinstance(found, Note)
    assert repr(found).startswith("Note(owner='ben', tags={'x'}, name='a'")
    assert found.model_dump(mode="json") == {"owner": "ben", "tags": ["x"], "name": "a"}


def test_an_attribute_that_was_not_asked_for_is_told_with_how_to_ask() -> None:
    found = read(Note.owner)
    with pytest.raises(AttributeNotReadError, match=r"Note\.count was not read with this item; add it: only\(\.\.\., Note\.count\)"):
        _ = found.count
    assert not hasattr(found, "count")
    with pytest.raises(AttributeError, match="colour"):
        _ = found.colour  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]  (the mistake that is looked for)


def test_a_view_cannot_be_stored_in_place_of_the_whole() -> None:
    view = read(Note.owner)
    with pytest.raises(AttributeNotReadError, match="was not read"):
        HERE.prepare.put(view)
    with pytest.raises(AttributeNotReadError, match="was not read"):
        HERE.prepare.create(view)
    with pytest.raises(AttributeNotReadError, match="was not read"):
        HERE.prepare.batch_put([view])


def test_a_view_names_the_item_for_updates_that_expect_no_version() -> None:
    params = HERE.prepare.update(read(Note.owner).key, Note.count.add(1)).params()
    assert params["Key"] == dict(Note.key(name="a").wire)


def test_stored_values_of_a_view_are_validated_and_absent_ones_have_their_defaults() -> None:
    found = read(Note.place, Note.log, log={"L": [{"S": "x"}]})
    assert (found.place, found.log) == (None, ["x"])
    [bare] = Store(TABLE, table_name="t", transport=Script([{"Items": [dict(Note.key(name="a").wire)]}])).query(
        Note.named(name="a").only(Note.count, Note.log)
    )
    assert (bare.count, bare.log) == (0, [])
    with pytest.raises(StoredItemInvalidError, match=r"Note\.count cannot be"):
        read(Note.count, count={"S": "many"})


def test_an_index_that_holds_less_is_read_in_part() -> None:
    query = Book.titled(title="Emma").only(Book.title, Book.kind)
    assert names(SHELVES.query(query).params()) == ["_type", "hpk", "kind", "pk", "sk", "title"]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (WANTED.only, "names no attribute"),
        (lambda: Scan.of(Note).only(), "names no attribute"),
        (lambda: Note.named(name="a").only(Tally.count), "is not an attribute of Note"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (lambda: Scan.of(Note).only(Tally.count), "is not an attribute of Note"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (lambda: HERE.prepare.get(Note.key(name="a"), only=[Tally.count]), "is not an attribute of Note"),  # type: ignore[misc]  # pyright: ignore[reportArgumentType]
        (lambda: Scan.of(Book).only(Book.places["a"]), "is only valid whole"),
        (lambda: Hooked.numbered(number=1).only(Hooked.number), "functions on whole items"),
        (lambda: SHELVES.query(Book.titled(title="Emma")).params(), r"does not hold number, place, places, shelf.*\.only"),
        (lambda: SHELVES.query(Book.titled(title="Emma").only(Book.shelf)).params(), r"does not hold Book\.shelf; it holds _type"),
        (lambda: SHELVES.query(Book.of_kind(kind="novel").only(Book.number)).params(), r"does not hold Book\.number"),
        (lambda: SHELVES.query(Book.on_shelf(shelf="a").only(Book.shelf)).params(), "tells the items of its entities apart"),
    ],
)
def test_what_cannot_be_read_in_part_is_refused_before(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()


def declare_whole_reads_of_a_partial_index() -> type[Entity]:
    class Leaflet(Entity, table=Table("l", partition_key="pk", indexes=[Index("kinds", partition_key="kind", projection=KEYS_ONLY)])):
        pk: Attr[str]
        kind: Attr[str]
        text: Attr[str]

        @access(index="kinds")
        def of_kind(*, kind: str) -> None: ...

    return Leaflet


def test_a_pattern_on_an_index_that_holds_less_says_so() -> None:
    with pytest.raises(AccessPatternError, match="partial=True"):
        declare_whole_reads_of_a_partial_index()
