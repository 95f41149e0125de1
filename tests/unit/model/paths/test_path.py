"""Where paths lead, and what they take there: what DynamoDB would refuse or garble is refused before it is sent."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import pytest
from pydantic import BaseModel, Field, JsonValue, RootModel, field_validator
from typing_extensions import TypedDict

from gateleg.errors import AttributeUnknownError, ExpressionError, GatelegError
from gateleg.expressions import Placeholders, update_text
from gateleg.model import EPOCH, Attr, Entity, Index, Path, Table, attr, key, raw
from gateleg.model.paths.updates import CopyPath, SetValue
from gateleg.store.commands.update import update_item
from tests.unit.store.test_commands import NOW

if TYPE_CHECKING:
    from collections.abc import Callable


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    name: str = Field(max_length=5)
    lives: int = 9

    @field_validator("lives")
    @classmethod
    def _positive(cls, lives: int) -> int:
        if lives < 0:
            raise ValueError("a cat has lives")
        return lives


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    good: bool = True
    note: str | None = "none"


@dataclass
class Spot:
    x: int
    label: str = ""


class Flags(TypedDict):
    on: bool


class Pair(NamedTuple):
    first: int
    second: str


class Names(RootModel[dict[str, int]]):
    pass


class Zoo(Entity, table=Table("zoo", partition_key="pk", indexes=[Index("by_name", partition_key="name")])):
    number: Attr[int]
    name: Attr[str | None] = attr(default=None)
    pet: Attr[Annotated[Cat | Dog, Field(discriminator="kind")]] = attr(default=Dog())
    spot: Attr[Spot | None] = attr(default=None)
    flags: Attr[Flags] = attr(default_factory=lambda: {"on": True})
    pair: Attr[Pair] = attr(default=Pair(1, "a"))
    both: Attr[tuple[int, str]] = attr(default=(1, "a"))
    many: Attr[tuple[int, ...]] = attr(default=())
    names: Attr[Names] = attr(default=Names({}))
    rooms: Attr[dict[int, str]] = attr(default_factory=dict)
    notes: Attr[list[str]] = attr(default_factory=list)
    gaps: Attr[list[int | None]] = attr(default_factory=list)
    tags: Attr[set[str]] = attr(default_factory=set)
    low: Attr[set[str]] = attr(default_factory=set, save=lambda given: {tag.lower() for tag in given})
    packed: Attr[list[str]] = attr(default_factory=list, save=";".join, load=lambda text: text.split(";"))
    coded: Attr[int] = attr(default=0, save=str, load=int)
    total: Attr[Decimal] = attr(default=Decimal(0))
    loud: Attr[str] = attr(default="", save=str.upper)
    at: Attr[datetime | None] = attr(default=None)
    seen: Attr[datetime | None] = attr(default=None, stored_as=EPOCH)
    lasts: Attr[timedelta] = attr(default=timedelta(0))
    open: Attr[bool] = attr(default=True)
    text: Attr[str] = attr(default="")
    value: Attr[int | str | None] = attr(default=None)
    anything: Attr[Any] = attr(default=None)
    free: Attr[dict[str, JsonValue]] = attr(default_factory=dict)

    key = key("ZOO#{number}")


class Other(Entity, table=Zoo.__gateleg__.table):
    number: Attr[int]
    text: Attr[str] = attr(default="")

    key = key("OTHER#{number}")


KEY = Zoo.key(number=1)
ZOO: Any = Zoo
"""The entity as a program sees it that no type checker reads."""


@pytest.mark.parametrize(
    ("path", "annotation"),
    [
        (ZOO.pet["name"], str),
        (ZOO.pet["good"], bool),
        (ZOO.spot["x"], int),
        (ZOO.flags["on"], bool),
        (ZOO.pair[1], str),
        (ZOO.both[0], int),
        (ZOO.both[1], str),
        (ZOO.many[7], int),
        (ZOO.names["ann"], int),
        (ZOO.rooms["5"], str),
        (ZOO.notes[0], str),
        (ZOO.anything["a"][3]["b"], Any),
    ],
)
def test_a_step_leads_to_the_part_that_it_names(path: Path[Any], annotation: Any) -> None:
    assert path.annotation() == annotation


def test_the_key_of_a_map_is_named_as_it_is_stored() -> None:
    assert ZOO.rooms[5].steps == ("5",)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (lambda: ZOO.pet["wings"], r"has no 'wings'; it has kind, name, lives, good, note"),
        (lambda: ZOO.spot["z"], "it has x, label"),
        (lambda: ZOO.flags["of"], "it has on"),
        (lambda: ZOO.pair[2], "has no 2; it has 0, 1"),
        (lambda: ZOO.both["0"], "has no '0'"),
        (lambda: ZOO.notes["first"], "has no 'first'"),
        (lambda: ZOO.rooms["hall"], "has no 'hall'"),
        (lambda: ZOO.text["a"], "has no 'a'"),
        (lambda: ZOO.total[0], "has no 0"),
        (lambda: ZOO.tags[0], "has no 0"),
        (lambda: ZOO.notes[-1], "DynamoDB counts from the start alone"),
        (lambda: ZOO.notes[True], "a position in a list"),
        (lambda: ZOO.notes[0:1], "a position in a list"),
        (lambda: ZOO.free[""], "a name that is not empty"),
        (lambda: ZOO.rooms[None], "has no None"),
    ],
)
def test_a_step_that_leads_nowhere_is_refused(step: Callable[[], object], said: str) -> None:
    with pytest.raises((AttributeUnknownError, ExpressionError), match=said):
        step()


def test_a_path_is_not_walked_through() -> None:
    with pytest.raises(ExpressionError, match=r"Zoo\.notes is one path .* write \[Zoo\.notes\]"):
        list(ZOO.notes)
    with pytest.raises(ExpressionError, match=r"Zoo\.notes\.contains\('a'\)"):
        _ = "a" in ZOO.notes


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: ZOO.open < True, "DynamoDB orders text, numbers and bytes"),
        (lambda: ZOO.tags >= {"a"}, "DynamoDB orders text"),
        (lambda: ZOO.value < None, "DynamoDB orders text"),
        (lambda: ZOO.value.between(None, 3), "DynamoDB orders text"),
        (lambda: ZOO.value.between(1, "a"), "both ends are of one type"),
        (lambda: ZOO.total.between(9, 1), "give the lower end first"),
        (lambda: ZOO.text.between("b", "a"), "give the lower end first"),
        (lambda: ZOO.lasts < timedelta(1), "does not sort as durations do"),
        (lambda: ZOO.text.size().between(2, 1), "give the lower end first"),
        (lambda: ZOO.text.size() > "1", "is compared with a number"),
        (lambda: ZOO.text.size() == ZOO.number, "is compared with a number"),
        (lambda: ZOO.text.in_("abc"), r"takes several values; 'abc' was given: write \['abc'\]"),
        (lambda: ZOO.text.begins_with(3), "begins with text or bytes"),
        (lambda: ZOO.packed.contains("a"), "not a collection of its elements any more"),
        (lambda: ZOO.notes.append("abc"), r"write \['abc'\]"),
        (lambda: ZOO.notes.append(1), r"write \[1\]"),
        (lambda: ZOO.tags.append(["a"]), "and not a list"),
        (lambda: ZOO.text.append(["a"]), "and not a list"),
        (lambda: ZOO.both.append([1]), "and not a list"),
        (lambda: ZOO.notes.add({"a"}), "and not a set"),
        (lambda: ZOO.notes.delete({"a"}), "and not a set"),
        (lambda: ZOO.tags.delete("ab"), "are given as a set"),
        (lambda: ZOO.packed[0].set("a"), "give the whole of it"),
        (lambda: ZOO.packed[0] == "a", "give the whole of it"),
        (lambda: ZOO.text.set(ZOO.loud), "are stored in two forms"),
        (lambda: ZOO.at > ZOO.seen, "are stored in two forms"),
        (lambda: ZOO.coded.add(1), "read it, and set the sum"),
        (lambda: ZOO.name.set(None, if_not_exists=True), "leave it out"),
        (lambda: ZOO.pet["name"].set("too long"), "at most 5 characters"),
        (lambda: ZOO.pet["lives"].set(-1), "a cat has lives"),
        (ZOO.pet["name"].remove, r"is required, and Zoo\.pet would not be valid"),
        (ZOO.spot["x"].remove, "is required"),
        (ZOO.flags["on"].remove, "is required"),
        (ZOO.both[0].remove, "is required"),
        (lambda: update_item(KEY, (ZOO.text == "a",), NOW), "is not an update"),
        (lambda: update_item(KEY, ([ZOO.text.set("a")],), NOW), "is not an update"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (lambda: update_item(KEY, (ZOO.text.set(Other.text),), NOW), "is not an attribute of Zoo"),
        (lambda: update_item(KEY, (ZOO.text.set(raw("{}", Other.text)),), NOW), r"Other\.text is not an attribute of Zoo"),
        (lambda: update_item(KEY, (ZOO.notes[0].set(raw("size({})", Other.text.size())),), NOW), r"Other\.text is not an attribute of Zoo"),
        (lambda: ZOO.text and ZOO.number > 1, r"Zoo\.text is a path, which has no truth value; compare it"),
        (lambda: not ZOO.text, "has no truth value"),
        (lambda: ZOO.text.size() and ZOO.number > 1, r"the size of Zoo\.text has no truth value .* compare it"),
        (lambda: update_item(KEY, (ZOO.name.set(""),), NOW), "has 0 bytes"),
        (lambda: update_item(KEY, (ZOO.name.set("x" * 2049),), NOW), "has 2049 bytes"),
        (lambda: (ZOO.text == "a") & True, "is not a condition"),
        (lambda: (ZOO.text == "a") | None, "is not a condition"),
    ],
)
def test_what_dynamodb_would_refuse_or_the_entity_could_not_be_read_with_is_refused(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(GatelegError, match=said):
        ask()


NAME: Callable[[Any], Any] = lambda value: value.name  # noqa: E731 (as the message has it)


def test_a_part_is_no_attribute_of_a_path_and_the_error_says_how_to_get_there() -> None:
    with pytest.raises(AttributeError, match=r"leads Zoo\.pet\['name'\], or Zoo\.pet\.at\(lambda value: value\.name\)"):
        _ = ZOO.pet.name
    assert repr(ZOO.pet["name"]) == repr(ZOO.pet.at(NAME)) == "Zoo.pet['name']"
    assert not hasattr(ZOO.pet, "name")
    assert copy(ZOO.pet).steps == ()


def text(*updates: Any) -> str:
    placeholders = Placeholders()
    return update_text(updates, placeholders)


def test_a_copy_may_keep_what_is_stored() -> None:
    copied = ZOO.text.set(ZOO.name, if_not_exists=True)
    assert isinstance(copied, CopyPath)
    assert text(copied) == "SET #0 = if_not_exists(#0, #1)"


@pytest.mark.parametrize("path", [ZOO.gaps[0], ZOO.pet["note"], ZOO.free["a"]])
def test_none_in_a_list_or_object_is_stored_as_a_put_stores_it(path: Path[Any]) -> None:
    update = path.set(None)
    assert isinstance(update, SetValue)
    assert update.wire == {"NULL": True}


def test_a_set_that_every_item_has_may_be_emptied() -> None:
    class Bag(Entity, table=Table("bags", partition_key="owner")):
        owner: Attr[str]
        things: Attr[set[str]]

    assert update_item(Bag.key(owner="a"), (Bag.things.set(set()),), NOW).params("t")["UpdateExpression"] == "REMOVE #1"


def test_parts_are_saved_as_the_whole_is() -> None:
    assert ZOO.low.add({"A"}).wire == {"SS": ["a"]}
    assert ZOO.low.delete({"A"}).wire == {"SS": ["a"]}
    assert ZOO.low.contains("AB").arguments == ({"S": "ab"},)


def test_a_condition_may_name_what_the_constraints_refuse() -> None:
    assert (ZOO.pet["lives"] > -1).right == {"N": "-1"}


# Type checkers know no steps into what may be a text, too.
FREE: Any = Zoo.free["a"]
JSON_PARTS: list[tuple[Callable[[], Any], Any]] = [
    (lambda: FREE["b"] == 1, {"N": "1"}),
    (lambda: FREE[0]["b"] == "x", {"S": "x"}),
    (lambda: FREE.contains([1, None]), {"L": [{"N": "1"}, {"NULL": True}]}),
    (lambda: FREE["b"].in_([{"c": True}]), {"M": {"c": {"BOOL": True}}}),
    (lambda: FREE[0].set({"c": [1]}), {"M": {"c": {"L": [{"N": "1"}]}}}),
]


@pytest.mark.parametrize(("made", "wire"), JSON_PARTS)
def test_parts_of_json_values_are_json_values(made: Callable[[], Any], wire: Any) -> None:
    assert repr(wire) in repr(made())


def test_what_is_no_json_is_no_part_of_a_json_value() -> None:
    with pytest.raises(GatelegError):
        FREE["b"].set({1})


def test_a_number_is_a_position_where_the_keys_of_maps_are_texts() -> None:
    assert FREE[0].steps == ("a", 0)
    assert FREE["0"].steps == ("a", "0")
