# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""The stored forms of types: whatever pydantic takes and DynamoDB can hold comes back as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from ipaddress import IPv4Address
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, NewType, TypeVar
from uuid import UUID

import pytest
from pydantic import AnyUrl, BaseModel, JsonValue, SecretStr
from typing_extensions import TypeAliasType

from gateleg.errors import AccessPatternError, DeclarationError, ItemInvalidError, StoredItemInvalidError
from gateleg.expressions import Placeholders, condition_text
from gateleg.model import EPOCH, EPOCH_MS, ISO, Attr, Entity, Table, access, attr, created_at, key, ttl

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)


T = TypeVar("T")


class Colour(Enum):
    RED = 1
    BLUE = 2


class Size(StrEnum):
    LARGE = "large"


class Level(IntEnum):
    LOW = 1


class Point(NamedTuple):
    x: int
    name: str


class Circle(BaseModel):
    kind: Literal["circle"] = "circle"
    radius: float


class Group(BaseModel):
    kind: Literal["group"] = "group"
    parts: list[Circle | Group] = []
    made: datetime = NOON
    colours: set[Colour] = set()


UserName = NewType("UserName", str)
Number = TypeAliasType("Number", int)
Maybe = TypeAliasType("Maybe", str | None)
Several = TypeAliasType("Several", list[T], type_params=(T,))

FORMS: list[tuple[Any, object, dict[str, Any]]] = [
    (Decimal, Decimal(12345678901234567890123456789012345678), {"N": "12345678901234567890123456789012345678"}),
    (Decimal, Decimal("-0.000000000000000000001"), {"N": "-0.000000000000000000001"}),
    (float, 1e100, {"N": "1" + "0" * 100}),
    (int, 10**37, {"N": "1" + "0" * 37}),
    (UUID, UUID(int=1), {"S": "00000000-0000-0000-0000-000000000001"}),
    (date, date(2026, 1, 2), {"S": "2026-01-02"}),
    (time, time(1, 2), {"S": "01:02:00"}),
    (timedelta, timedelta(days=1, seconds=2), {"S": "P1DT2S"}),
    (Colour, Colour.BLUE, {"N": "2"}),
    (Size, Size.LARGE, {"S": "large"}),
    (Level, Level.LOW, {"N": "1"}),
    (AnyUrl, AnyUrl("https://example.com/"), {"S": "https://example.com/"}),
    (IPv4Address, IPv4Address("10.0.0.1"), {"S": "10.0.0.1"}),
    (FilePath, FilePath("/a"), {"S": "/a"}),
    (SecretStr, SecretStr("a"), {"S": "a"}),
    (bytes, b"\xff", {"B": b"\xff"}),
    (set[UUID], {UUID(int=1)}, {"SS": ["00000000-0000-0000-0000-000000000001"]}),
    (set[date], {date(2026, 1, 2)}, {"SS": ["2026-01-02"]}),
    (set[Colour], {Colour.RED, Colour.BLUE}, {"NS": ["1", "2"]}),
    (set[Decimal], {Decimal("1.5")}, {"NS": ["1.5"]}),
    (frozenset[bytes], frozenset({b"a"}), {"BS": [b"a"]}),
    (tuple[int, str], (1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
    (Point, Point(1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
    (dict[int, float], {1: 0.5}, {"M": {"1": {"N": "0.5"}}}),
    (dict[UUID, None], {UUID(int=1): None}, {"M": {"00000000-0000-0000-0000-000000000001": {"NULL": True}}}),
    (dict[str, set[str]], {"a": {"b"}}, {"M": {"a": {"SS": ["b"]}}}),
    (list[set[int]], [set()], {"L": [{"L": []}]}),
    (int | str, "3", {"S": "3"}),
    (int | str, 3, {"N": "3"}),
    (Literal["a", 1], 1, {"N": "1"}),
    (Literal[Colour.RED, "a"], Colour.RED, {"N": "1"}),
    (UserName, "ann", {"S": "ann"}),
    (Several[int], [1], {"L": [{"N": "1"}]}),
    (JsonValue, 1.5, {"N": "1.5"}),
    (dict[str, JsonValue], {"a": [1.5, None, {"b": 2}]}, {"M": {"a": {"L": [{"N": "1.5"}, {"NULL": True}, {"M": {"b": {"N": "2"}}}]}}}),
]


@pytest.mark.parametrize(("annotation", "value", "stored"), FORMS)
def test_a_type_has_one_stored_form_and_comes_back(annotation: Any, value: object, stored: dict[str, Any]) -> None:
    members = {"__annotations__": {"name": Attr[str], "value": Attr[annotation]}, "__module__": __name__}
    metaclass: Any = type(Entity)
    made = metaclass("Holder", (Entity,), members, table=Table("holders", partition_key="name"))
    item = made.__gateleg__.encode(made(name="a", value=value))
    assert item["value"] == stored
    back = made.__gateleg__.decode(item).value
    assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize("annotation", [Literal["a", None], Maybe, JsonValue, object, None, Annotated[Maybe, "note"], Maybe | int])  # noqa: PYI061 (what is tested)
def test_none_comes_back_whatever_the_annotation_calls_it(annotation: Any) -> None:
    members = {"__annotations__": {"name": Attr[str], "value": Attr[annotation]}, "__module__": __name__}
    metaclass: Any = type(Entity)
    made = metaclass("Holder", (Entity,), members, table=Table("holders", partition_key="name"))
    item = made.__gateleg__.encode(made(name="a", value=None))
    assert "value" not in item
    assert made.__gateleg__.decode(item).value is None


def test_a_name_for_a_type_is_a_key_as_the_type_is() -> None:
    accounts = Table("accounts", partition_key="owner", sort_key="number")

    class Account(Entity, table=accounts):
        owner: Attr[UserName]
        number: Attr[Number]

    assert accounts.key_types() == {"owner": "S", "number": "N"}
    assert Account.key(owner=UserName("ann"), number=1).wire == {"owner": {"S": "ann"}, "number": {"N": "1"}}


def test_keys_that_would_not_come_back_are_refused_before_they_are_stored() -> None:
    class Palette(Entity, table=Table("palettes", partition_key="name")):
        name: Attr[str]
        shades: Attr[dict[Colour | Size, int]]

    assert Palette.__gateleg__.encode(Palette(name="a", shades={Size.LARGE: 1}))["shades"] == {"M": {"large": {"N": "1"}}}
    with pytest.raises(ItemInvalidError, match=r"Palette\.shades: .* would not come back") as caught:
        Palette.__gateleg__.encode(Palette(name="a", shades={Colour.RED: 1}))
    assert caught.value.path == "shades"


def test_nested_models_come_back_as_the_member_of_the_union_that_they_were() -> None:
    class Drawing(Entity, table=Table("drawings", partition_key="name")):
        name: Attr[str]
        shape: Attr[Circle | Group]

    given = Drawing(name="a", shape=Group(parts=[Circle(radius=1), Group(colours={Colour.RED})]))
    assert Drawing.__gateleg__.decode(Drawing.__gateleg__.encode(given)) == given


# Datetimes -----------------------------------------------------------------------------------------------------------------------

EVENTS = Table("events", partition_key="pk", sort_key="at", ttl="expires_at")
TICK = NOON.replace(microsecond=123_000)


class Event(Entity, table=EVENTS):
    room: Attr[str]
    at: Attr[datetime] = created_at(stored_as=EPOCH_MS)
    seconds: Attr[datetime | None] = attr(default=None, stored_as=EPOCH)
    text: Attr[datetime] = attr(default=NOON, stored_as=ISO)
    expires: Attr[datetime | None] = ttl()
    key = key("ROOM#{room}")

    @access
    def in_room(*, room: str, since: datetime | None = None) -> None: ...


def test_a_datetime_is_stored_in_the_form_that_is_declared() -> None:
    item = Event.__gateleg__.encode(Event(room="a", at=TICK, seconds=NOON, expires=NOON))
    assert (item["at"], item["seconds"], item["text"]) == (
        {"N": "1795348800123"},
        {"N": "1795348800"},
        {"S": "2026-11-22T12:00:00.123456Z"},
    )
    assert item["expires_at"] == {"N": "1795348800"}


def test_it_comes_back_to_the_unit_of_its_form() -> None:
    read = Event.__gateleg__.decode(Event.__gateleg__.encode(Event(room="a", at=TICK, seconds=NOON)))
    assert (read.at, read.seconds, read.text) == (TICK, NOON.replace(microsecond=0), NOON)


@pytest.mark.parametrize(
    "value", [datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5)))]
)
def test_moments_before_1970_and_of_other_zones_are_the_same_moments(value: datetime) -> None:
    assert Event.__gateleg__.decode(Event.__gateleg__.encode(Event(room="a", at=value))).at == value


def test_keys_conditions_and_ranges_take_the_same_form() -> None:
    assert EVENTS.key_types() == {"pk": "S", "at": "N"}
    assert Event.key(room="a", at=TICK).wire["at"] == {"N": "1795348800123"}
    [condition] = Event.in_room(room="a", since=NOON).sort
    assert condition.values == ({"N": "1795348800124"},)
    placeholders = Placeholders()
    condition_text(Event.seconds > NOON, placeholders)
    assert placeholders.params()["ExpressionAttributeValues"] == {":0": {"N": "1795348800"}}


def test_a_moment_that_utc_cannot_hold_is_refused() -> None:
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    with pytest.raises(ItemInvalidError, match=r"Event\.text: moments are stored in UTC"):
        Event.__gateleg__.encode(Event(room="a", text=early))


def test_milliseconds_where_seconds_are_declared_are_refused_as_they_are_read() -> None:
    item = Event.__gateleg__.encode(Event(room="a", at=TICK)) | {"expires_at": {"N": "1767225600000"}}
    with pytest.raises(StoredItemInvalidError, match=r"Event\.expires is stored as epoch and holds 1767225600000, .* another unit"):
        Event.__gateleg__.decode(item)
    with pytest.raises(StoredItemInvalidError, match=r"not a valid Event: expires: "):
        Event.__gateleg__.decode(item | {"expires_at": {"L": []}})


def test_a_moment_without_zone_is_refused_as_a_number() -> None:
    with pytest.raises(ItemInvalidError, match=r"Event\.seconds is stored as epoch .* tzinfo=UTC"):
        Event.__gateleg__.encode(Event(room="a", seconds=NOON.replace(tzinfo=None)))


def unpadded_number_in_range() -> None:
    class Lost(Entity, table=Table("t", partition_key="pk", sort_key="sk")):
        at: Attr[datetime] = attr(stored_as=EPOCH)
        key = key("A", "AT#{at}")

        @access
        def all(*, since: datetime) -> None: ...


def text_as_a_number() -> None:
    class Lost(Entity, table=Table("t", partition_key="name")):
        name: Attr[str] = attr(stored_as=EPOCH)


def expiry_as_text() -> None:
    class Lost(Entity, table=Table("t", partition_key="name", ttl="until")):
        name: Attr[str]
        until: Attr[datetime] = attr(stored_as=ISO)


def unknown_form() -> None:
    form: Any = "unix"

    class Lost(Entity, table=Table("t", partition_key="name")):
        name: Attr[str]
        at: Attr[datetime] = attr(stored_as=form)


@pytest.mark.parametrize(
    ("declare", "error", "said"),
    [
        (unpadded_number_in_range, AccessPatternError, "does not sort as its values do"),
        (text_as_a_number, DeclarationError, "says how a datetime is stored"),
        (expiry_as_text, DeclarationError, "which DynamoDB reads as epoch seconds"),
        (unknown_form, DeclarationError, "write ISO, EPOCH or EPOCH_MS"),
    ],
)
def test_a_form_that_cannot_be_is_refused(declare: Callable[[], None], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        declare()
