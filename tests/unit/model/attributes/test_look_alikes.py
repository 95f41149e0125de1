# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Types and values that would come back as others, names that would hide operations, and values without an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

import pytest
from pydantic import BaseModel, BeforeValidator, Discriminator, Field, JsonValue, Tag, field_validator
from typing_extensions import TypedDict

from gateleg.errors import DeclarationError, ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, key
from gateleg.store import Store

TABLE = Table("look-alikes", partition_key="pk")


class Mood(Enum):
    """Text by another name."""

    GOOD = "good"


class Tone(StrEnum):
    """Text by another name that equals it."""

    LOUD = "loud"


class Size(Enum):
    """Numbers by another name."""

    SMALL = 1


class Humour(Enum):
    """A mood by another name."""

    FINE = "good"


class Plain(BaseModel):
    """A model."""

    x: str


class Twin(BaseModel):
    """What is stored as `Plain` is."""

    x: str


@dataclass
class Record:
    """What is stored as `Plain` is, too."""

    x: str


class Wider(BaseModel):
    """What reads the map of a `Plain`, and has more."""

    x: str
    y: int = 0


class Larger(BaseModel):
    """What has all that a `Plain` has, and must have more."""

    x: str
    y: int


class Keyed(TypedDict):
    """What has more than a `Plain`, as a dict."""

    x: str
    y: int


class Partial(TypedDict):
    """What may have more than a `Plain`."""

    x: str
    y: NotRequired[int]


class Marked(BaseModel):
    """What reads a `Partial` that is no more than a `Plain`."""

    x: str
    z: int = 0


class Loose(BaseModel, extra="allow"):
    """What takes whatever comes."""

    x: str


class Tree(BaseModel):
    """What holds itself."""

    leaves: list[Tree] = []


class Other(BaseModel):
    """What lacks a field of `Plain`, and has another."""

    y: str


class Cat(BaseModel):
    """What says that it is a cat."""

    kind: Literal["cat"] = "cat"
    x: str = ""


class Dog(BaseModel):
    """What says that it is a dog."""

    kind: Literal["dog"] = "dog"
    x: str = ""


class Dated(BaseModel):
    """A date, or what somebody wrote for it."""

    when: date | str
    next: Dated | None = None


def as_text(value: Any) -> Any:
    return value


class Free(BaseModel):
    """A model that sees to it itself."""

    when: Annotated[date | str, BeforeValidator(as_text)]
    at: date | str

    @field_validator("at", mode="before")
    @classmethod
    def told(cls, value: Any) -> Any:
        return value


def class_name(value: Any) -> str:
    return "Plain" if isinstance(value, Plain) else "Twin"


def declare(annotation: Any, settings: Any = None) -> Any:
    declared: Any = attr(default=None) if settings is None else settings

    class Thing(Entity, table=Table("look-alike-types", partition_key="pk")):
        name: Attr[str]
        value: Attr[annotation] = declared  # pyright: ignore[reportInvalidTypeForm]
        key = key("THING#{name}")

    return Thing


@pytest.mark.parametrize(
    "annotation",
    [
        str | UUID,
        str | datetime | None,
        date | str,
        str | time,
        Mood | str,
        date | datetime,
        list[str | UUID],
        dict[str, int | list[Mood | str]],
        Tone | str,
        int | float,
        datetime | Decimal,
        Mood | Humour,
        list[str] | tuple[str, ...],
        list[str] | set[str],
        list[str | int] | list[UUID],
        tuple[int, str] | tuple[int, UUID],
        Plain | Twin,
        Plain | Record | None,
        Plain | dict[str, str],
        Plain | Wider,
        Plain | Partial,
        Marked | Partial,
        Larger | Loose,
    ],
)
def test_two_types_that_are_stored_alike_are_refused(annotation: Any) -> None:
    with pytest.raises(DeclarationError, match=r"Thing\.value holds .* whose stored forms are alike"):
        declare(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        str | int | None,
        Size | str,
        Literal["a"] | int | str,  # noqa: PYI051 (what is tested)
        UUID | int,
        UUID | Mood,
        datetime | None,
        dict[UUID, str],
        tuple[str, UUID],
        list[str] | list[int],
        list[str] | dict[str, str],
        tuple[int, str] | tuple[int, int],
        tuple[int] | tuple[int, int],
        Plain | Other,
        Plain | Larger,
        Record | Larger,
        Plain | Keyed,
        Tree | None,
        Cat | Dog,
        Annotated[Annotated[Twin, Tag("Twin")] | Annotated[Plain, Tag("Plain")], Discriminator(class_name)],
        Free,
    ],
)
def test_types_that_are_told_apart_are_taken(annotation: Any) -> None:
    declare(annotation)


@pytest.mark.parametrize("annotation", [Dated, list[Dated], dict[str, Dated | int]])
def test_alike_types_within_a_model_are_refused_where_they_are(annotation: Any) -> None:
    with pytest.raises(DeclarationError, match=r"Thing\.value holds, in Dated\.when, date and str, .* or have another field for each"):
        declare(annotation)


def test_models_that_are_alike_are_told_apart_by_a_field_as_the_message_says() -> None:
    with pytest.raises(
        DeclarationError, match=r"Plain and Twin, .* give each a field such as kind: Literal\[\.\.\.\] that the other refuses"
    ):
        declare(Plain | Twin)
    pet = declare(Cat | Dog)(name="a", value=Dog(x="b"))
    assert pet.__gateleg__.decode(pet.__gateleg__.encode(pet)).value == Dog(x="b")


@pytest.mark.parametrize("value", [Plain(x="a"), Larger(x="a", y=1), Other(y="b")])
def test_models_that_differ_in_their_fields_come_back_as_what_they_were(value: Any) -> None:
    thing = declare(Plain | Larger | Other)(name="a", value=value)
    assert thing.__gateleg__.decode(thing.__gateleg__.encode(thing)).value == value


def test_models_are_told_apart_by_the_discriminator_of_an_attribute_or_a_field() -> None:
    class Owner(BaseModel):
        pet: Cat | Dog = Field(discriminator="kind")

    declare(Owner)
    declare(Cat | Dog, attr(default=Cat(), discriminator="kind"))


@pytest.mark.parametrize(
    ("annotation", "value", "back"),
    [
        (Any, date(2026, 1, 1), "'2026-01-01'"),
        (dict[str, Any], {"a": (1, 2)}, r"{'a': \[1, 2\]}"),
        (dict[str, Any], {"a": 0.1}, r"{'a': Decimal\('0.1'\)}"),
        (Plain, type("Derived", (Plain,), {"__module__": __name__})(x="a"), r"Plain\(x='a'\)"),
        (set[str] | None, set[str](), "None"),
        (Any, {Tone.LOUD: 1}, "{'loud': 1}"),
        (Any, {Tone.LOUD}, "{'loud'}"),
        (Sequence[int], (1, 2), r"\[1, 2\]"),
    ],
)
def test_a_value_that_would_come_back_as_another_is_refused_before_it_is_sent(annotation: Any, value: Any, back: str) -> None:
    thing = declare(annotation)
    store = Store(thing.__gateleg__.table, table_name="t")
    with pytest.raises(ItemInvalidError, match=f"Thing.value cannot be .*, which would come back as {back}; declare the type that it has"):
        store.prepare.create(thing(name="a", value=value)).params()


def test_neither_does_an_update_write_it_and_a_condition_may_ask_for_it() -> None:
    thing = declare(Any)
    store = Store(thing.__gateleg__.table, table_name="t")
    with pytest.raises(ItemInvalidError, match="would come back as"):
        store.prepare.update(thing.key(name="a"), thing.value.set(0.5)).params()
    assert store.prepare.update(thing.key(name="a"), thing.value.set("b"), when=thing.value == 0.5).params()


@pytest.mark.parametrize("value", [{"a": [1, Decimal("0.5"), None, True, b"c", {"d": {"e"}}]}, "text", 3, {"a"}, []])
def test_anything_that_dynamodb_itself_tells_apart_is_taken_as_any(value: Any) -> None:
    thing = declare(Any)(name="a", value=value)
    assert thing.__gateleg__.decode(thing.__gateleg__.encode(thing)).value == value


def test_json_comes_back_as_json_in_which_a_whole_number_is_a_number() -> None:
    thing = declare(JsonValue)(name="a", value={"price": [2.0, 0.5, None]})
    assert thing.__gateleg__.decode(thing.__gateleg__.encode(thing)).value == {"price": [2, 0.5, None]}


def test_an_alias_changes_nothing_about_what_comes_back() -> None:
    class Named(BaseModel):
        first: Any = Field(alias="f")
        second: str = Field(alias="first")

    thing = declare(Named)
    refused = thing(name="a", value=Named(f=0.5, first="b"))
    with pytest.raises(ItemInvalidError, match="would come back as"):
        thing.__gateleg__.read_again(thing.__gateleg__.encode(refused), refused)
    given = thing(name="a", value=Named(f="c", first="b"))
    assert thing.__gateleg__.decode(thing.__gateleg__.encode(given)) == given


def test_who_tells_them_apart_may_have_both() -> None:
    declare(str | UUID, attr(default=None, save=repr, load=str))


@pytest.mark.parametrize("name", ["get", "update", "check", "scan"])
def test_a_method_hides_no_operation(name: str) -> None:
    def method(self: object) -> object:
        return self

    make: Any = type(Entity)
    with pytest.raises(DeclarationError, match=f"Wrong.{name} is what a handler declares or calls; name the method otherwise"):
        make("Wrong", (Entity,), {"__module__": __name__, name: method})


@pytest.mark.slow
def test_values_without_an_end_are_refused_before_anything_is_sent() -> None:
    class Free(Entity, table=TABLE):
        name: Attr[str]
        value: Attr[Any] = attr(default=None)
        key = key("FREE#{name}")

    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ItemInvalidError, match=r"Free\.value.*32 levels"):
        Store(TABLE, table_name="t").prepare.put(Free(name="a", value=deep)).params()
