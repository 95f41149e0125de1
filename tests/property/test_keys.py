"""Keys that templates make keep the identity and the order of values, whatever the template; or the declaration, or the write, refuses it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from inspect import Parameter, Signature
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Union
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from gateleg.errors import AccessPatternError, DeclarationError, ItemInvalidError
from gateleg.model import Attr, Entity, Index, Table, access, index_key, key
from tests.seeds import SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = SEEDS * 20
NAMES = ("a", "b", "c")
LETTERS = UUID("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa")


class Mood(Enum):
    GOOD = "good"
    BAD = "#"


class Tone(StrEnum):
    LOUD = "loud"
    LOW = "l%"
    HASH = "l#"


class Level(IntEnum):
    LOW = 9
    HIGH = 10


class Twins(Enum):
    NUMBER = 1
    TEXT = "1"


class Kind(NamedTuple):
    """An annotation, values that are easily taken for each other, and formats, some of them wrong."""

    annotation: Any
    values: st.SearchStrategy[Any]
    specs: Sequence[str] = ("",)


def in_zone(value: Any, zone: timezone) -> Any:
    return value.replace(tzinfo=zone)


texts = (
    st.sampled_from(["25", "25%", "x%", "%2", "\U0010ffff", "\U0010ffffa"])
    | st.text('\x00!"#$%&/-0a~\ud7ff\ue000\uffff\U00010000\U0010fffe\U0010ffff', max_size=2)
    | st.text(st.characters(codec="utf-8"), max_size=3)
)
integers = st.sampled_from([-500, -5, -1, 0, 1, 5, 9, 10, 50, 99, 100, 500, 5000, 10**6, 10**20, 10**20 + 1])
decimals = st.sampled_from(
    ["5", "50", "500", "1E+1", "10.0", "0.5", "0.50", "0.125", "0.12", "-0.5", "-0.0", "0", "1000", "1E+3", "1E-9", "99.99", "123456.7"]
).map(Decimal)
dates = st.sampled_from([date(2026, 1, 11), date(2026, 11, 1), date(2026, 1, 1), date(26, 1, 1), date(1926, 1, 1)]) | st.dates()
moments = st.builds(datetime.combine, dates.filter(lambda day: 2 < day.year < 9999), st.sampled_from([time(), time(23), time(23, 0, 0, 1)]))
hours = st.sampled_from([time(9), time(9, 0, 0, 500000), time(9, 30), time(10)])
zones = st.sampled_from([UTC, timezone(timedelta(hours=5)), timezone(timedelta(hours=-7))])
choices: Any = Literal
either: Any = Union

KINDS: dict[str, Kind] = {
    "text": Kind(str, texts),
    "integer": Kind(
        int,
        integers,
        (
            "",
            "04d",
            "06d",
            "06",
            "+05d",
            "-5",
            "5d",
            "x",
            "04X",
            ",d",
            "06,d",
            "0<5d",
            "0^5d",
            "0>5d",
            "c",
            "e",
            "08.1f",
            "08f",
            ".0f",
            "%",
        ),
    ),
    "decimal": Kind(Decimal, decimals, ("", "f", "08.2f", "06.1f", ".1f", "8.2f", "010f", "012.9f", "e", "010", "0<9.2f", "+.2f", ",.2f")),
    "moment": Kind(datetime, moments, ("", "%Y-%m", "%Y-%m-%dT%H:%M:%S.%f", "%Y%m%d")),
    "moment with a zone": Kind(datetime, st.builds(in_zone, moments, zones), ("", "%Y-%m", "%Y%m%d%H%M%S%f")),
    "date": Kind(date, dates, ("", "%Y-%m-%d", "%Y%m%d", "%d%m%Y", "%Y%j", "%j", "%y-%m-%d", "%-d%-m%Y", "%Y%-m%-d", "%A", "day")),
    "time": Kind(time, hours, ("", "%H:%M", "%H:%M:%S.%f")),
    "time with a zone": Kind(time, st.builds(in_zone, hours, zones)),
    "uuid": Kind(UUID, st.uuids() | st.just(LETTERS), ("", ">40")),
    "truth": Kind(bool, st.booleans(), ("", "d", "02d")),
    "enum": Kind(Mood, st.sampled_from(Mood)),
    "text enum": Kind(Tone, st.sampled_from(Tone)),
    "number enum": Kind(Level, st.sampled_from(Level), ("", "03d")),
    "twins": Kind(Twins, st.sampled_from(Twins)),
    "number or text": Kind(either[int, str], integers | st.sampled_from(["1", "5", "a"])),
    "truth or number": Kind(either[bool, int], st.booleans() | integers, ("", "d", "04d")),
    "number or date": Kind(either[int, date], integers | dates, ("", "04d", "%Y")),
    "date or uuid": Kind(either[date, UUID], dates | st.uuids()),
    "number or its word": Kind(either[int, choices["1"]], integers | st.just("1")),
    "number or a word": Kind(either[int, choices["latest"]], integers | st.just("latest")),
    "truth or its word": Kind(either[bool, choices["True"]], st.booleans() | st.just("True")),
    "uuid or its word": Kind(either[UUID, choices[str(LETTERS)]], st.sampled_from([LETTERS, str(LETTERS)])),
    "choice of two types": Kind(choices["a", 1, "1"], st.sampled_from(["a", 1, "1"])),
    "choice": Kind(choices["a", "a#", "a$"], st.sampled_from(["a", "a#", "a$"])),
}
PLAIN = [("text", ""), ("text", ""), ("integer", "04d"), ("date", "")]
literals = st.sampled_from(["#", "/", "-", ":", ".", "0", "%", "%-", "%25", "1", "aé", '"', "!", "\U0010ffff", "~#", "{{", "{{}}"])


class Drawn(NamedTuple):
    """A template, and what it is made of."""

    text: str
    kinds: dict[str, Kind]
    focus: str


@st.composite
def templates(draw: st.DrawFn, kind: Kind) -> Drawn:
    """A template in which one placeholder is of a kind."""
    names = NAMES[: draw(st.integers(1, 3))]
    focus = draw(st.sampled_from(names))
    parts: list[str] = []
    kinds: dict[str, Kind] = {}
    for name in names:
        other, spec = draw(st.sampled_from(PLAIN))
        kinds[name] = kind if name == focus else KINDS[other]
        spec = draw(st.sampled_from(kind.specs)) if name == focus else spec
        parts += [draw(literals) if parts or draw(st.sampled_from((True, False))) else "", f"{{{name}{':' if spec else ''}{spec}}}"]
    return Drawn("".join(parts) + draw(st.just("") | literals), kinds, focus)


def declared(drawn: Drawn, *, in_index: bool = False, percent_encoded: bool = False, **members: Any) -> Any:
    """An entity whose sort key, or whose index's, is the template."""
    table = Table("keys", partition_key="pk", sort_key="sk", indexes=[Index("other", partition_key="opk", sort_key="osk")])
    if in_index:
        members["other_key"] = index_key("other", "P", drawn.text, percent_encoded=percent_encoded)
    own = key("P", "S") if in_index else key("P", drawn.text, percent_encoded=percent_encoded)
    hints: dict[str, Any] = {}
    for name, kind in drawn.kinds.items():
        annotation: Any = kind.annotation
        hints[name] = Attr[annotation]
    metaclass: Any = type(Entity)
    return metaclass("Holder", (Entity,), {"__annotations__": hints, "__module__": __name__, "key": own, **members}, table=table)


def item_of(entity: Any, values: dict[str, Any]) -> dict[str, Any] | None:
    """The item of these values; `None` where they are refused."""
    try:
        item: dict[str, Any] = entity.__gateleg__.encode(entity(**values))
    except ItemInvalidError:
        return None
    return item


def several(draw: Callable[[Any], Any], drawn: Drawn, many: int) -> list[dict[str, Any]]:
    """Sets of values: all combinations of some of the one kind and two of each other."""
    drawn_values = [
        draw(st.lists(kind.values, min_size=1, max_size=many if name == drawn.focus else 2)) for name, kind in drawn.kinds.items()
    ]
    return [dict(zip(drawn.kinds, values, strict=True)) for values in product(*drawn_values)]


by_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
checked = settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@by_kind
@checked
@given(data=st.data())
def test_two_sets_of_values_never_make_one_key(data: st.DataObject, kind: Kind) -> None:
    drawn = data.draw(templates(kind))
    try:
        entity = declared(drawn, percent_encoded=data.draw(st.booleans()))
    except DeclarationError:
        event("declaration refused")
        return
    items = [item for values in several(data.draw, drawn, 8) if (item := item_of(entity, values))]
    event("values refused" if not items else "declared")
    stored = {item["sk"]["S"]: {name: item[name] for name in drawn.kinds} for item in items}
    for item in items:
        assert stored[item["sk"]["S"]] == {name: item[name] for name in drawn.kinds}, item
    assert len({repr(values) for values in stored.values()}) == len(stored), stored


# Ranges ---------------------------------------------------------------------------------------------------------------------------

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "since": lambda value, bound: value >= bound,
    "after": lambda value, bound: value > bound,
    "until": lambda value, bound: value <= bound,
    "before": lambda value, bound: value < bound,
    "prefix": lambda value, bound: value.startswith(bound),
}
RANGES = [("since",), ("after",), ("until",), ("before",), ("prefix",), *product(("since", "after"), ("until", "before"))]


def question(names: Sequence[str], index: str | None) -> Any:
    """An access pattern with these parameters."""

    def ask() -> None: ...

    function: Any = ask
    function.__signature__ = Signature(
        [Parameter(name, Parameter.KEYWORD_ONLY, default=None if name in OPERATORS else Parameter.empty) for name in names]
    )
    return access(index=index)(function)


@by_kind
@checked
@given(data=st.data())
def test_a_range_of_keys_is_the_range_of_the_values(data: st.DataObject, kind: Kind) -> None:
    drawn, ranges, in_index = data.draw(templates(kind)), data.draw(st.sampled_from(RANGES)), data.draw(st.booleans())
    fixed = list(drawn.kinds)[: list(drawn.kinds).index(drawn.focus)]
    asked = question([*fixed, *ranges], "other" if in_index else None)
    try:
        entity = declared(drawn, in_index=in_index, percent_encoded=data.draw(st.booleans()), ask=asked)
    except DeclarationError as error:
        event(f"{'range' if isinstance(error, AccessPatternError) else 'declaration'} refused")
        return
    event("ranged")
    stored = [(values, item) for values in several(data.draw, drawn, 6) if (item := item_of(entity, values))]
    texts = [item["osk" if in_index else "sk"]["S"].encode() for _, item in stored]
    found: list[dict[str, Any]] = [values for values, _ in stored]
    bounds = data.draw(st.lists(kind.values, max_size=3)) + [values[drawn.focus] for values in found]
    for at, given_bounds in [
        (at, dict(zip(ranges, some, strict=True))) for at in found[:2] for some in product(bounds, repeat=len(ranges))
    ]:
        expected = [values for values in found if is_asked(values, at, fixed, drawn.focus, given_bounds)]
        try:
            condition = next(iter(entity.ask(**{name: at[name] for name in fixed}, **given_bounds).sort), None)
        except ItemInvalidError as error:
            holds_nothing = "holds nothing" in error.message
            assert not holds_nothing or not expected
            continue
        assert [values for values, text in zip(found, texts, strict=True) if selects(condition, text)] == expected, condition


def is_asked(values: dict[str, Any], at: dict[str, Any], fixed: Sequence[str], ranged: str, bounds: dict[str, Any]) -> bool:
    within = all(OPERATORS[name](plain(values[ranged]), plain(bound)) for name, bound in bounds.items())
    return within and all(values[name] == at[name] for name in fixed)


def plain(value: Any) -> Any:
    """What is stored of a value, which it sorts by."""
    return value.value if isinstance(value, Enum) else value


def selects(condition: Any, text: bytes) -> bool:
    """What DynamoDB does with a condition of a sort key: it compares the bytes of UTF-8, and takes none that is empty."""
    if condition is None:
        return True
    values = [wire["S"].encode() for wire in condition.values]
    assert all(values)
    if condition.operator == "begins_with":
        return text.startswith(values[0])
    low, high = values if condition.operator == "between" else (b"", values[0])
    assert condition.operator in {"between", "<="}
    return bool(low <= text <= high)
