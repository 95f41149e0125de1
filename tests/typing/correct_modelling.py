"""A correct program with all that can be declared: no line of it is found fault with, by neither type checker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, assert_type
from uuid import UUID, uuid4

from pydantic import AfterValidator, BaseModel, Field, SecretStr, computed_field, field_validator, model_validator

from gateleg.errors import ItemInvalidError
from gateleg.model import (
    ALL,
    ASCENDING,
    DESCENDING,
    EPOCH,
    EPOCH_MS,
    ISO,
    KEYS_ONLY,
    Attr,
    Change,
    Condition,
    Entity,
    Index,
    Key,
    LocalIndex,
    Page,
    Path,
    Query,
    StreamView,
    Table,
    Update,
    View,
    access,
    attr,
    created_at,
    include,
    index_key,
    key,
    ttl,
    ulid,
    unknown_attributes,
    updated_at,
    version,
)
from gateleg.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


FLEET = Table(
    "fleet",
    partition_key="pk",
    sort_key="sk",
    ttl="gone_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[
        Index("by_state", partition_key="gsi1pk", sort_key="gsi1sk", projection=ALL),
        Index("by_port", partition_key="port", projection=KEYS_ONLY),
        Index("by_flag", partition_key="flag", sort_key="built", projection=include("_type", "_schema", "name")),
        LocalIndex("by_tons", sort_key="tons"),
        LocalIndex("by_launch", sort_key="lsi2sk", projection=ALL),
    ],
)


class State(StrEnum):
    """Where a ship is."""

    AT_SEA = "at_sea"
    IN_PORT = "in_port"


class Grade(Enum):
    """How good it is."""

    FIRST = 1
    SECOND = 2


class Berth(BaseModel):
    """A place in a port."""

    pier: int
    side: Literal["north", "south"] = "north"


@dataclass
class Sighting:
    """Where it was seen."""

    place: str
    at: datetime


def is_even(number: int) -> int:
    """Refuse odd numbers."""
    if number % 2:
        raise ValueError("an even number")
    return number


def with_grade(values: dict[str, Any]) -> dict[str, Any]:
    """Items from before grades are of the second."""
    values.setdefault("grade", Grade.SECOND.value)
    return values


class Stamped(Entity):
    """What all entities have."""

    made_at: Attr[datetime] = created_at(stored_as=EPOCH_MS)
    changed_at: Attr[datetime] = updated_at(stored="changed")
    revision: Attr[int] = version()


class Ship(Stamped, table=FLEET, unknown="keep", upgrades=[with_grade]):
    """A ship of a company."""

    company: Attr[str] = attr(min_length=1, save=str.casefold)
    ship_id: Attr[str] = attr(default_factory=ulid)
    name: Attr[str] = attr(max_length=80, pattern="^[A-Z]", description="As painted on the bow")
    state: Attr[State] = attr(default=State.IN_PORT)
    grade: Attr[Grade] = attr(default=Grade.FIRST)
    tons: Attr[int] = attr(default=0, ge=0, multiple_of=1)
    draught: Attr[Decimal] = attr(default=Decimal(0))
    decks: Attr[Annotated[int, AfterValidator(is_even)]] = attr(default=2)
    hull: Attr[UUID] = attr(default_factory=uuid4)
    built: Attr[date] = attr(default=date(2000, 1, 1))
    launched: Attr[datetime | None] = attr(default=None, stored_as=EPOCH)
    logged: Attr[datetime | None] = attr(default=None, stored_as=ISO)
    berth: Attr[Berth | None] = attr(default=None)
    seen: Attr[list[Sighting]] = attr(default_factory=list)
    cargo: Attr[dict[str, int]] = attr(default_factory=dict)
    flags: Attr[set[str]] = attr(default_factory=set)
    code: Attr[int | str | None] = attr(default=None)
    secret: Attr[SecretStr] = attr(default=SecretStr(""))
    gone_at: Attr[datetime | None] = ttl(after=timedelta(days=365))

    @key("COMPANY#{company}", "SHIP#{ship_id}")
    def key(*, company: str, ship_id: str) -> None: ...

    by_state_key = index_key("by_state", "STATE#{state}", "BUILT#{built}")
    by_launch_key = index_key("by_launch", sort="LAUNCHED#{launched:012d}")

    @access(sort=DESCENDING)
    def of_company(*, company: str) -> None: ...

    @access(index="by_state", sort=ASCENDING)
    def in_state(*, state: State, since: date | None = None) -> None: ...

    @access(index="by_tons", ranges={"at_least": ">="})
    def by_tons(*, company: str, at_least: int | None = None) -> None: ...

    @field_validator("name")
    @classmethod
    def no_dots(cls, name: str) -> str:
        """Names have no dots."""
        if "." in name:
            raise ValueError("a name has no dots")
        return name

    @model_validator(mode="after")
    def heavy_ships_have_decks(self) -> Ship:
        """A rule on the whole."""
        if self.tons > 1_000 and not self.decks:
            raise ValueError("a heavy ship has decks")
        return self

    @classmethod
    def before_save(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Names are stored without spaces at their ends."""
        return {**values, "name": values["name"].strip()}

    def age(self, today: date) -> int:
        """Years since it was built."""
        return today.year - self.built.year


class Ferry(Ship):
    """A ship with passengers."""

    seats: Attr[int] = attr(default=0, ge=0)
    kind: Attr[Literal["ferry"]] = attr(default="ferry")


class PublicShip(View[Ship], exclude=[Ship.secret, Ship.revision, Ship.gone_at]):
    """What everybody may see."""

    name: str
    tons: int = Field(ge=0)

    @computed_field
    def label(self) -> str:
        """Name and weight."""
        return f"{self.name} ({self.tons} t)"


fleet = Store(FLEET, table_name="fleet", cursor_keys=["a key of sixteen or more bytes"])


def constructed() -> Ship:
    """Values are of their types."""
    ship = Ship(company="Ann & Co", name="Vasa", state=State.AT_SEA, berth=Berth(pier=3), launched=datetime(1628, 8, 10, tzinfo=UTC))
    ship.grade = Grade.SECOND
    ship.berth = None
    ship.flags.add("SE")
    ferry = Ferry(company="Ann & Co", name="Djurgaarden", seats=90)
    assert_type(ferry.key, Key[Ferry])
    assert_type(ship.age(date(2026, 1, 1)), int)
    return ferry if ship.tons < 0 else ship


def refused() -> str:
    """What is wrong says where it is."""
    try:
        Ship(company="", name="vasa")
    except ItemInvalidError as error:
        return ", ".join(str(problem["path"]) for problem in error.problems)
    return ""


def conditions() -> Condition:
    """Paths compare with their own types."""
    assert_type(Ship.hull, Path[UUID, Ship])
    assert_type(Ferry.name, Path[str, Ferry])
    by_time = (Ship.launched < datetime.now(UTC)) | (Ship.built >= date(1999, 1, 1))
    by_kind = (Ship.state == State.AT_SEA) & Ship.grade.in_([Grade.FIRST, Grade.SECOND])
    return by_time & ~by_kind & Ship.flags.contains("SE") & (Ship.berth["pier"] == 3) & (Ship.cargo.size() > 1)


def updates() -> tuple[Update, ...]:
    """Updates take the types of their paths."""
    return (
        Ship.state.set(State.IN_PORT),
        Ship.launched.set(datetime.now(UTC)),
        Ship.berth["side"].set("south"),
        Ship.cargo["salt"].add(3),
        Ship.flags.delete({"SE"}),
        Ship.decks.add(2),
        Ship.code.set(None),
    )


def reads() -> Iterator[PublicShip]:
    """A base is read with its subclasses; answers show views."""
    query = Ship.by_tons(company="ann", at_least=10).consistent()
    assert_type(query, Query[Ship])
    assert_type(Ferry.of_company(company="ann"), Query[Ferry])
    for ship in fleet.query(query.where(conditions())):
        assert_type(ship, Ship)
        if isinstance(ship, Ferry):
            assert_type(ship.seats, int)
        yield PublicShip.of(ship)


def page(cursor: str | None) -> Page[PublicShip]:
    """A page of views."""
    found = fleet.page(Ship.in_state(state=State.AT_SEA, since=date(2000, 1, 1)), limit=10, cursor=cursor)
    assert_type(found, Page[Ship])
    shown = PublicShip.page_of(found)
    assert_type(shown, Page[PublicShip])
    return shown


def changes(event: Mapping[str, Any]) -> Iterator[str]:
    """Records of the stream are changes of entities."""
    for record in event["Records"]:
        change = FLEET.decode(record)
        assert_type(change, Change[Entity])
        assert_type(change.keys, Mapping[str, dict[str, Any]])
        if (ship := change.of(Ship)) is not None and ship.new is not None:
            assert_type(ship.new, Ship)
            yield f"{ship.event} {ship.new.name} {unknown_attributes(ship.new)}"
