"""What an entity takes comes back from its item as it was, whatever the annotation; or the declaration, or the write, refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, make_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union
from uuid import UUID

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, AnyUrl, BaseModel, JsonValue, SecretBytes, SecretStr, create_model
from typing_extensions import TypedDict

from gateleg.errors import DeclarationError, ExpressionError, ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr
from gateleg.model.values.annotations import class_of
from gateleg.store import Store
from tests.seeds import SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = SEEDS * 100

Typed = tuple[Any, st.SearchStrategy[Any]]
"""An annotation, and the values that are given for it."""


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Tone(StrEnum):
    LOUD = "loud"
    GOOD = "good"


class Level(IntEnum):
    LOW = 1


class Mixed(Enum):
    TEXT = "a"
    NUMBER = 2
    SHARE = 0.5


texts = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(["a", "good", "1", "2026-01-01", "PT1H", "01:02:00", "1.1.1.1"])
names = st.text("ab%#\U0001f600", min_size=1, max_size=3)
integers = st.integers(-(10**20), 10**20) | st.integers(0, 3)
floats = st.floats(-1e9, 1e9).filter(lambda value: abs(value) > 1e-100 or not value) | st.integers(-9, 9).map(float)
bytes_ = st.binary(max_size=16)
START, END = datetime(2, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 (bounds without a zone)
moments = st.one_of(st.datetimes(START, END), st.datetimes(START, END, timezones=st.timezones()))
json = st.recursive(
    st.none() | st.booleans() | integers | floats | texts,
    lambda parts: st.lists(parts, max_size=2) | st.dictionaries(names, parts, max_size=2),
    max_leaves=4,
)

PLAIN: tuple[Typed, ...] = (
    (str, texts),
    (int, integers),
    (bool, st.booleans()),
    (bytes, bytes_),
    (float, floats),
    (Decimal, st.decimals(-1000, 1000, places=3) | st.integers(-3, 3).map(Decimal)),
    (UUID, st.uuids()),
    (date, st.dates()),
    (datetime, moments),
    (time, st.times()),
    (timedelta, st.timedeltas()),
    (SecretStr, texts.map(SecretStr)),
    (SecretBytes, bytes_.map(SecretBytes)),
    (IPv4Address, st.ip_addresses(v=4)),
    (Path, st.sampled_from(["/a", "b", "."]).map(Path)),
    (AnyUrl, st.sampled_from(["http://a/", "ftp://b/c"]).map(AnyUrl)),
    (Literal["a", 1], st.sampled_from(["a", 1])),
    *((kind, st.sampled_from(kind)) for kind in (Mood, Tone, Level, Mixed)),
)
OPEN: tuple[Typed, ...] = ((Any, st.one_of(*(values for _, values in PLAIN)) | json), (JsonValue, json))
FIELDS = ("a", "b", "c")

# What is known at run time alone is no type for checkers.
List: Any = list
Tuple: Any = tuple
Sets: Any = set
Frozen: Any = frozenset
Dict: Any = dict
Either: Any = Union
Choice: Any = Literal
Named: Any = NamedTuple
Keyed: Any = TypedDict
model: Any = create_model


@st.composite
def annotated(draw: st.DrawFn, depth: int = 2) -> Typed:
    """An annotation and its values."""
    makers = (_container, _record, _union)
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        plain: Typed = draw(st.sampled_from((*PLAIN, *OPEN)))
        return plain
    return draw(st.sampled_from(makers))(draw, depth - 1)


def _container(draw: st.DrawFn, depth: int) -> Typed:
    inner, values = draw(annotated(depth))
    several = st.lists(values, max_size=3)
    hashable = several.filter(_is_hashable)
    keys, key_values = draw(st.sampled_from(PLAIN))
    made: list[Typed] = [
        (List[inner], several),
        (Tuple[inner, ...], several.map(tuple)),
        (Tuple[inner, int], st.tuples(values, integers)),
        (Sets[inner], hashable.map(set)),
        (Frozen[inner], hashable.map(frozenset)),
        (Dict[str, inner], st.dictionaries(names, values, max_size=2)),
        (Dict[keys, inner], st.dictionaries(key_values.filter(lambda value: _is_hashable([value])), values, max_size=2)),
    ]
    return draw(st.sampled_from(made))


def _is_hashable(values: list[Any]) -> bool:
    try:
        return bool(set(values)) or not values
    except TypeError:
        return False


def _record(draw: st.DrawFn, depth: int) -> Typed:
    parts = {name: draw(annotated(depth)) for name in draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=2, unique=True))}
    hints: dict[str, Any] = {name: part[0] for name, part in parts.items()}
    tag = FIELDS[len(hints) - 1]
    required = {name: (hint, ...) for name, hint in hints.items()}
    kinds: list[Callable[[], Any]] = [
        lambda: model("Model", **required),
        lambda: model("Tagged", kind=(Choice[tag], tag), **required),
        lambda: make_dataclass("Data", list(hints.items())),
        lambda: Named("Named", list(hints.items())),
        lambda: Keyed("Keyed", hints),
    ]
    kind: Any = draw(st.sampled_from(kinds))()
    make: Any = getattr(kind, "model_construct", kind)
    return kind, st.fixed_dictionaries({name: part[1] for name, part in parts.items()}).map(lambda values: make(**values))


def _union(draw: st.DrawFn, depth: int) -> Typed:
    members = draw(st.lists(annotated(depth), min_size=1, max_size=3)) + ([(None, st.none())] if draw(st.booleans()) else [])
    return Either[tuple(member for member, _ in members)], st.one_of(*(values for _, values in members))


def declared(annotation: Any) -> Any:
    members = {"__annotations__": {"name": Attr[str], "value": Attr[annotation]}, "name": attr(partition_key=True), "__module__": __name__}
    metaclass: Any = type(Entity)
    return metaclass("Holder", (Entity,), members, table=Table("holders", partition_key="name"))


def kinds_in(value: Any) -> Any:
    """The types of a value and of all its parts."""
    kind = class_of(value)
    if issubclass(kind, (BaseModel, Mapping)):
        entries: dict[Any, Any] = dict(value)
        return kind, {(name, class_of(name)): kinds_in(part) for name, part in entries.items()}
    if is_dataclass(value):
        return kind, [kinds_in(getattr(value, field.name)) for field in fields(value)]
    if issubclass(kind, (set, frozenset)):
        return kind, {(part, class_of(part)) for part in value}
    return (kind, [kinds_in(part) for part in value]) if issubclass(kind, (list, tuple)) else kind


def is_json(annotation: Any) -> bool:
    return "JsonValue" in repr(annotation)


def folded(annotation: Any, make: Callable[[Any], Any]) -> Any:
    return Annotated[annotation, AfterValidator(make)]


VALIDATED: tuple[Typed, ...] = (
    (folded(str, str.lower), texts),
    (folded(str, str.swapcase), texts),
    (folded(str, lambda value: value[:2]), texts),
    (folded(str, lambda value: f"{value}a"), texts),
    (folded(int, lambda value: value * 2), integers),
    (folded(int, lambda value: max(value, 2)), integers),
)


def _validated(draw: st.DrawFn) -> Typed:
    inner, values = draw(st.sampled_from(VALIDATED))
    several = st.lists(values, max_size=2)
    made: list[Typed] = [
        (inner, values),
        (Either[inner, None], values),
        (List[inner], several),
        (Sets[inner], several.map(set)),
        (Dict[str, inner], st.dictionaries(names, values, max_size=2)),
        (model("Model", a=(inner, ...)), st.fixed_dictionaries({"a": values})),
    ]
    return draw(st.sampled_from(made))


@settings(max_examples=ROUNDS, deadline=None)
@given(st.data())
def test_what_is_written_is_what_the_caller_holds_and_what_is_read_whatever_validators_do(data: st.DataObject) -> None:
    annotation, values = data.draw(st.composite(_validated)())
    kind = declared(annotation)
    entity = kind(name="a", value=data.draw(values))
    store = Store(kind.__gateleg__.table, table_name="holders")
    try:
        item = store.prepare.create(entity).params()["Item"]
    except ItemInvalidError:
        event("write refused")
        return
    event("comes back")
    read = kind.__gateleg__.decode(item)
    assert read == entity
    assert store.prepare.put(read).params()["Item"] == item


@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_a_part_is_taken_where_the_whole_is(data: st.DataObject) -> None:
    inner, values = data.draw(annotated(1))
    try:
        lists, maps = declared(List[inner]), declared(Dict[str, inner])
        value = lists(name="a", value=[data.draw(values)]).value[0]
    except (DeclarationError, ItemInvalidError):
        event("refused before")
        return
    whole = _is_taken(lambda: lists.value.set([value]))
    event("taken" if whole else "refused")
    assert _is_taken(lambda: lists.value.append([value])) is whole
    assert _is_taken(lambda: lists.value[0].set(value)) is whole
    assert _is_taken(lambda: maps.value["a"].set(value)) is _is_taken(lambda: maps.value.set({"a": value}))


def _is_taken(update: Callable[[], Any]) -> bool:
    try:
        update()
    except (ItemInvalidError, ExpressionError):
        return False
    return True


@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_what_is_taken_comes_back_as_it_was(data: st.DataObject) -> None:
    annotation, values = data.draw(annotated())
    try:
        kind = declared(annotation)
    except DeclarationError:
        event("declaration refused")
        return
    try:
        entity = kind(name="a", value=data.draw(values))
    except ItemInvalidError:
        event("value refused")
        return
    layout = kind.__gateleg__
    try:
        back = layout.read_again(layout.encode(entity), entity)
    except ItemInvalidError:
        event("write refused")
        return
    event("comes back")
    assert back.value == entity.value
    assert is_json(annotation) or kinds_in(back.value) == kinds_in(entity.value)
