"""The quick codec says what `gateleg.model.values.wire` says, of any value; what is compiled for an entity says what its attributes say."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, RootModel, SecretStr

from gateleg.errors import GatelegError, StoredItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, ttl
from gateleg.model.values.codec import decoded, encoded
from gateleg.model.values.wire import from_wire, to_wire
from tests.integration.store.chat import PLAIN, Everything
from tests.unit.store.notes import Note

if TYPE_CHECKING:
    from collections.abc import Callable


class Text(str):
    __slots__ = ()


class Level(IntEnum):
    HIGH = 3


class Mood(Enum):
    GOOD = "good"


class Pair(NamedTuple):
    left: int
    right: str


@dataclass
class Point:
    x: Any


class Inner(BaseModel):
    value: Any
    count: int = 1


class Open(BaseModel):
    """Holds more than its fields."""

    model_config = ConfigDict(extra="allow")

    value: Any

    @cached_property
    def kept(self) -> Any:
        return self.value


def asked(model: Open) -> Open:
    """A model that keeps what it was asked for beside its fields."""
    assert model.kept is model.value
    return model


class Told(BaseModel):
    """Says itself what its parts are."""

    value: Any

    def __iter__(self) -> Any:
        yield "told", self.value


class Root(RootModel[Any]):
    pass


TABLE = Table("codec", partition_key="id", ttl="gone")


class Turned(Entity, table=TABLE, extra="allow"):
    """What is read with something to do: a `load`, epoch seconds, defaults, nulls, and attributes that it does not declare."""

    id: Attr[str] = attr(partition_key=True)
    shout: Attr[str] = attr(default="x", save=str.upper, load=str.lower, stored="s")
    gone: Attr[datetime | None] = ttl()
    maybe: Attr[int | None] = attr(default=3)
    required: Attr[int | None]
    tags: Attr[set[str]] = attr(default_factory=set)


same = st.sampled_from(
    [
        *(
            None,
            True,
            0,
            -1,
            10**38,
            10**38 - 1,
            10**60,
            -(10**37),
            1.5,
            1e22,
            float("nan"),
            Decimal("1.50"),
            Decimal("1E-131"),
            "",
            "é",
            "\ud800",
        ),
        *(b"", b"\xff", bytearray(b"a"), Text("t"), Level.HIGH, Mood.GOOD, Pair(1, "a"), SecretStr("s"), object(), 1j),
        *(
            datetime(2026, 11, 22, tzinfo=UTC),
            datetime(2026, 11, 22),  # noqa: DTZ001 (a time without a zone)
            date(2026, 11, 22),
            {1, 2},
            {"a"},
            {1, "a"},
            set[str](),
            frozenset({b"a"}),
        ),
    ]
)
keys: st.SearchStrategy[Any] = st.sampled_from(["a", "é", "\ud800", Text("t"), 1, 1.5, True, None, Mood.GOOD, Level.HIGH])


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(keys, inner, max_size=3),
        st.dictionaries(keys, inner, max_size=2).map(OrderedDict),
        st.tuples(inner, inner),
        *(st.builds(kind, inner) for kind in (Point, Root)),
        *(st.builds(kind, value=inner) for kind in (Inner, Open, Told)),
        st.builds(Open, value=inner, more=inner),
        st.builds(Open, value=inner).map(asked),
        st.frozensets(st.sampled_from(["a", "é", "\ud800", Text("t")]), max_size=2),
    )


def outcome(function: Callable[[Any], Any], value: Any) -> Any:
    """What comes of it: the result with its types, or the error."""
    try:
        return repr(function(value))
    except GatelegError as error:
        return type(error), error.message


@settings(deadline=None)
@given(st.recursive(same, grown, max_leaves=6))
def test_any_value_is_encoded_or_refused_as_by_the_slow_way(value: Any) -> None:
    assert outcome(encoded, value) == outcome(to_wire, value)


wires: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [
            *(
                {"S": ""},
                {"S": "é"},
                {"BOOL": True},
                {"NULL": True},
                {"B": b"a"},
                {"SS": ["a"]},
                {"NS": ["1", "1.5", "1E+3"]},
                {"BS": [b"a"]},
            ),
            *({"N": digits} for digits in ("0", "-0", "1", "1.0", "1.50", "1E+2", "1E-2", "12345678901234567890123456789012345678", "-7")),
        ]
    ),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(st.text(max_size=2), inner, max_size=3)})
    ),
)


@settings(deadline=None)
@given(wires)
def test_any_stored_value_is_decoded_as_by_the_slow_way(wire: Any) -> None:
    assert repr(decoded(wire)) == repr(from_wire(wire))


@settings(deadline=None)
@given(st.data())
@pytest.mark.parametrize("entity", [Everything, Note, Turned])
def test_an_entity_reads_what_its_attributes_read(entity: type[Entity], data: st.DataObject) -> None:
    layout = entity.__gateleg__
    item: dict[str, Any] = data.draw(
        st.fixed_dictionaries(dict[str, Any](), optional={attribute.stored: wires for attribute in layout.attributes.values()})
    )
    expected: dict[str, Any] = {}
    try:
        for name, attribute in layout.attributes.items():
            found = item.get(attribute.stored)
            expected.update(attribute.absent() if found is None else {name: attribute.decode(found)})
    except (TypeError, ValueError, OverflowError, AttributeError):  # what `load` or an epoch makes of a wrong type
        with pytest.raises(StoredItemInvalidError):
            layout.decode({**item, layout.table.type_attribute: {"S": layout.name}})
        return
    try:
        whole = entity.model_validate(expected, by_alias=False, by_name=True)
    except ValueError:
        with pytest.raises(StoredItemInvalidError):
            layout.decode({**item, layout.table.type_attribute: {"S": layout.name}})
    else:
        read = layout.decode({**item, layout.table.type_attribute: {"S": layout.name}})
        assert {**vars(read), "made": 0, "changed": 0} == {**vars(whole), "made": 0, "changed": 0}


def test_items_of_every_type_come_back() -> None:
    given = Everything(owner="o", number=1)
    assert PLAIN.entities["Everything"].__gateleg__.decode(given.__gateleg__.encode(given)) == given


def test_undeclared_attributes_are_kept_where_the_entity_keeps_them() -> None:
    item: dict[str, Any] = {"id": {"S": "1"}, "required": {"N": "1"}, "new": {"M": {"a": {"N": "1"}}}, "_type": {"S": "Turned"}}
    assert Turned.__gateleg__.decode(item).model_extra == {"new": {"a": 1}}
