"""The decoder that is written for an entity gives what its attributes read by themselves, of items that fit it and of items that do not."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, Literal, NotRequired
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, RootModel
from typing_extensions import TypedDict

from gateleg.model import EPOCH, Attr, Entity, Table, attr, ttl
from gateleg.model.attributes.decoder import make_decoder, write_decoder
from gateleg.model.values.annotations import class_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model.attributes.attribute import Attribute

Wire = dict[str, Any]
TABLE = Table("decoder", partition_key="id", ttl="gone")


class Mood(Enum):
    GOOD = "good"


class Level(IntEnum):
    LOW = 1


class Line(BaseModel):
    sku: str
    count: int
    note: str | None = None


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    weight: float
    lines: list[Line]


class Tree(BaseModel):
    name: str
    parts: list[Tree]


class Names(RootModel[list[str]]):
    pass


class Box(TypedDict):
    width: int
    label: NotRequired[str]


class Whole(Entity, table=TABLE, unknown="keep"):
    """An attribute of every shape."""

    id: Attr[str] = attr(partition_key=True)
    gone: Attr[datetime | None] = ttl()
    mood: Attr[Mood]
    level: Attr[Level | None]
    state: Attr[Literal["new", "paid"]] = attr(stored='it\'s "stored" {}\n')
    either: Attr[str | int]
    mixed: Attr[Literal["a", 1]]
    price: Attr[Decimal]
    ratio: Attr[float | None] = attr(default=0.5)
    flag: Attr[bool] = attr(default=False)
    day: Attr[date]
    at: Attr[datetime] = attr(stored_as=EPOCH)
    uuid: Attr[UUID]
    loud: Attr[str] = attr(save=str.upper, load=str.lower)
    line: Attr[Line]
    perhaps: Attr[Line | None] = attr(default=None)
    open: Attr[Open]
    tree: Attr[Tree]
    names: Attr[Names]
    box: Attr[Box]
    lines: Attr[list[Line]]
    grid: Attr[list[list[int]]]
    pair: Attr[tuple[int, str]]
    row: Attr[tuple[str, ...]]
    counts: Attr[dict[str, int]]
    by_name: Attr[dict[str, Line | None]] = attr(default_factory=dict)
    tags: Attr[set[str]]
    numbers: Attr[frozenset[int]]
    prices: Attr[set[Decimal] | None]
    anything: Attr[Any] = attr(default=None)


texts: st.SearchStrategy[Wire] = st.sampled_from(["", "a", "é", "good", "paid", "2026-11-22"]).map(lambda text: {"S": text})
integers: st.SearchStrategy[Wire] = st.sampled_from(["0", "1", "-7", "38" * 19]).map(lambda digits: {"N": digits})
numbers: st.SearchStrategy[Wire] = integers | st.sampled_from(["1.0", "1.50", "1E+2", "-0"]).map(lambda digits: {"N": digits})
null: Wire = {"NULL": True}


def listed(of: st.SearchStrategy[Wire]) -> st.SearchStrategy[Wire]:
    return st.fixed_dictionaries({"L": st.lists(of, max_size=3)})


def mapped(of: st.SearchStrategy[Wire]) -> st.SearchStrategy[Wire]:
    return st.fixed_dictionaries({"M": st.dictionaries(st.sampled_from(["a", "é", "sku", "M"]), of, max_size=3)})


def fields(**of: st.SearchStrategy[Wire]) -> st.SearchStrategy[Wire]:
    """A map with these parts; at times with one more, or without some of them."""
    more: dict[str, st.SearchStrategy[Wire]] = {"more": texts}
    whole = st.fixed_dictionaries(of)
    return st.fixed_dictionaries({"M": whole | st.fixed_dictionaries(of, optional=more) | st.fixed_dictionaries({}, optional=of | more)})


line = fields(sku=texts, count=integers, note=texts | st.just(null))
leaf = fields(name=texts, parts=st.just({"L": list[Any]()}))
tree = fields(name=texts, parts=listed(fields(name=texts, parts=listed(leaf))))
any_of = (
    texts | numbers | mapped(texts) | listed(numbers) | st.sampled_from([null, {"BOOL": True}, {"B": b"a"}, {"SS": ["a"]}, {"NS": ["1.5"]}])
)
fitting: dict[str, st.SearchStrategy[Wire]] = {
    **dict.fromkeys(("id", "mood", "state", "day", "uuid", "loud"), texts),
    **dict.fromkeys(("gone", "level", "at"), integers),
    **dict.fromkeys(("price", "ratio"), numbers),
    **dict.fromkeys(("either", "mixed"), texts | numbers),
    **dict.fromkeys(("line", "perhaps"), line),
    "flag": st.booleans().map(lambda value: {"BOOL": value}),
    "open": fields(weight=numbers, lines=listed(line)),
    "tree": tree,
    **dict.fromkeys(("names", "row"), listed(texts)),
    "box": fields(width=integers, label=texts),
    "lines": listed(line),
    "grid": listed(listed(integers)),
    "pair": st.tuples(integers, texts).map(lambda parts: {"L": list(parts)}),
    "counts": mapped(integers),
    "by_name": mapped(line | st.just(null)),
    "tags": st.just({"SS": ["a", "é"]}),
    "numbers": st.just({"NS": ["1", "-7"]}),
    "prices": st.sampled_from([{"NS": ["1.50", "1E+2"]}, null]),
    "anything": any_of,
}


def by_stored_name(of: dict[str, st.SearchStrategy[Wire]]) -> dict[str, st.SearchStrategy[Wire]]:
    return {Whole.__gateleg__.attributes[name].stored: strategy for name, strategy in of.items()}


def told(value: Any) -> str:
    """A value with the types of its parts; a map's parts in one order."""
    kind = class_of(value)
    if kind is dict:
        return f"{{{', '.join(f'{name!r}: {told(part)}' for name, part in sorted(value.items()))}}}"
    if kind is list:
        return f"[{', '.join(told(part) for part in value)}]"
    return f"set({sorted(repr(part) for part in value)})" if kind is set else repr(value)


def read_by_its_attributes(item: Wire, attributes: Iterable[Attribute] = Whole.__gateleg__.attributes.values()) -> Any:
    values: dict[str, Any] = {}
    for attribute in attributes:
        found = item.get(attribute.stored)
        values.update(attribute.absent() if found is None else {attribute.name: attribute.decode(found)})
    return values


def outcome(read: Any, *arguments: Any) -> Any:
    try:
        values: dict[str, Any] = read(*arguments)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:  # what `load` or an epoch makes of a wrong type
        return type(error), str(error)
    return [(name, told(value)) for name, value in values.items()]


decode = make_decoder(Whole.__gateleg__.attributes.values())


def test_the_strategies_know_every_attribute() -> None:
    assert set(fitting) == set(Whole.__gateleg__.attributes)


@settings(deadline=None)
@given(st.fixed_dictionaries(by_stored_name(fitting)))
def test_an_item_that_fits_is_decoded_as_by_its_attributes(item: Wire) -> None:
    assert outcome(decode, item) == outcome(read_by_its_attributes, item)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(by_stored_name(fitting)),
    st.fixed_dictionaries({}, optional=by_stored_name(dict.fromkeys(fitting, any_of))),
    st.data(),
)
def test_an_item_that_fits_in_part_is_decoded_as_by_its_attributes(item: Wire, other: Wire, data: st.DataObject) -> None:
    held = data.draw(st.sets(st.sampled_from(sorted(item))))
    item = {name: wire for name, wire in {**item, **other}.items() if name not in held}
    assert outcome(decode, item) == outcome(read_by_its_attributes, item)


@example("values")
@example("'] = None\nraise SystemExit #")
@settings(deadline=None)
@given(st.text(min_size=1))
@pytest.mark.parametrize("kind", [str, int, list[str]])
def test_no_stored_name_is_read_as_code(kind: Any, stored: str) -> None:
    class Named(Entity, table=Table("named", partition_key="pk")):
        pk: Attr[str] = attr(partition_key=True)
        value: Attr[kind] = attr(stored="s" + stored)  # pyright: ignore[reportInvalidTypeForm]

    item = {"pk": {"S": "1"}, "s" + stored: {"S": "x"}}
    assert make_decoder(Named.__gateleg__.attributes.values())(item) == {"pk": "1", "value": "x"}


def test_a_part_that_its_model_does_not_know_is_left_to_the_model() -> None:
    item = {"M": {"weight": {"N": "1.5"}, "lines": {"L": list[Any]()}, "more": {"S": "kept"}}}
    assert decode({"open": item})["open"] == {"weight": Decimal("1.5"), "lines": [], "more": "kept"}


def test_what_is_written_reads_an_item_that_fits_by_itself() -> None:
    item: Wire = {
        "line": {"M": {"sku": {"S": "a"}, "count": {"N": "1"}, "note": {"NULL": True}}},
        "tree": {"M": {"name": {"S": "a"}, "parts": {"L": [{"M": {"name": {"S": "b"}, "parts": {"L": list[Any]()}}}]}}},
        "grid": {"L": [{"L": [{"N": "1"}]}]},
        "by_name": {"M": {"a": {"NULL": True}}},
        "numbers": {"NS": ["1"]},
        "at": {"N": "0"},
    }
    attributes = [Whole.__gateleg__.attributes[name] for name in item]
    assert outcome(write_decoder(attributes), item) == outcome(read_by_its_attributes, item, attributes)
    with pytest.raises(KeyError):
        write_decoder(attributes)({**item, "grid": {"S": "a"}})
