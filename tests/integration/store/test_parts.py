"""Parts of values, and values that are stored as nothing, as the engines see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, JsonValue

from gateleg.model import Attr, Entity, Table, access, attr, key

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Condition
    from gateleg.store import Store

SHEETS = Table("sheets", partition_key="pk", sort_key="sk")


class Header(BaseModel):
    title: str = ""
    note: str | None = "none yet"


class Sheet(Entity, table=SHEETS):
    book: Attr[str]
    number: Attr[int]
    tags: Attr[set[str]] = attr(default_factory=set)
    low: Attr[set[str]] = attr(default_factory=set, save=lambda given: {tag.lower() for tag in given})
    author: Attr[str | None] = attr(default=None)
    editor: Attr[str | None] = attr(default=None)
    rows: Attr[dict[int, str]] = attr(default_factory=dict)
    gaps: Attr[list[int | None]] = attr(default_factory=list)
    header: Attr[Header] = attr(default_factory=Header)
    free: Attr[dict[str, JsonValue]] = attr(default_factory=dict)

    key = key("BOOK#{book}", "SHEET#{number:04d}")

    @access
    def of(*, book: str) -> None: ...


ROWS: Any = Sheet.rows


def test_what_is_stored_as_nothing_is_found(make_store: Callable[[Table], Store]) -> None:
    store = make_store(SHEETS)
    store.batch_put([Sheet(book="a", number=1, tags={"x"}, author="ann"), Sheet(book="a", number=2)])

    def found(condition: Condition) -> list[int]:
        return [sheet.number for sheet in store.query(Sheet.of(book="a").where(condition))]

    assert found(Sheet.tags == set()) == [2]
    assert found(Sheet.tags != set()) == [1]
    assert found(Sheet.author.in_(["ann", None])) == [1, 2]
    assert found(Sheet.author.in_([None])) == [2]


def test_parts_are_changed_as_the_whole_would_be(make_store: Callable[[Table], Store]) -> None:
    store = make_store(SHEETS)
    sheet = store.put(Sheet(book="a", number=1, low={"AB"}, gaps=[1, 2], rows={5: "five"}, author="ann", editor="eve", free={"x": 1.5}))
    assert (sheet.low, sheet.free) == ({"ab"}, {"x": 1.5})
    changed = store.update(
        sheet.key,
        Sheet.low.add({"CD"}),
        Sheet.gaps[0].set(None),
        Sheet.header["note"].set(None),
        ROWS[5].set("fünf"),
        Sheet.author.set(Sheet.editor, if_not_exists=True),
        Sheet.free["y"].set(None),
        when=Sheet.low.contains("AB") & (ROWS[5] == "five"),
    )
    assert (changed.low, changed.gaps, changed.rows) == ({"ab", "cd"}, [None, 2], {5: "fünf"})
    assert (changed.header, changed.author, changed.free) == (Header(note=None), "ann", {"x": 1.5, "y": None})
