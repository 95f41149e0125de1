# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from gateleg.errors import DeclarationError, ItemInvalidError, KeyTemplateError, StoredItemInvalidError
from gateleg.expressions import Placeholders, condition_text
from gateleg.model import Attr, Condition, Entity, Index, Page, Path, Table, attr, created_at, key, ttl, version

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Table("things", partition_key="pk", sort_key="sk", ttl="expires_at")


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Address(BaseModel):
    city: str
    zip_code: str = Field(default="0", alias="zip")


class Tree(BaseModel):
    size: float
    parts: list[Tree] = []


class Thing(Entity, table=TABLE):
    """A thing with a docstring."""

    name: Attr[str] = attr(min_length=1, description="what it is called")
    count: Attr[int] = attr(default=0, ge=0)
    ratio: Attr[float] = attr(default=0.0)
    flag: Attr[bool] = attr(default=False)
    price: Attr[Decimal] = attr(default=Decimal(0))
    mood: Attr[Mood] = attr(default=Mood.GOOD)
    tags: Attr[set[str]] = attr(default_factory=set)
    at: Attr[datetime] = created_at()
    home: Attr[Address | None] = attr(default=None, stored="h")
    data: Attr[bytes] = attr(default=b"")
    secret: Attr[str] = attr(default="", save=lambda text: text[::-1], load=lambda text: text[::-1])
    expires: Attr[datetime | None] = ttl()

    key = key("THING#{name}", "THING")

    @field_validator("name")
    @classmethod
    def no_dots(cls, name: str) -> str:
        if "." in name:
            raise ValueError("a name has no dots")
        return name


def item(entity: Entity) -> dict[str, Any]:
    return entity.__gateleg__.encode(entity)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("count", "3"),
        ("count", 3.0),
        ("count", True),
        ("count", -1),
        ("ratio", "0.5"),
        ("flag", 1),
        ("flag", "yes"),
        ("name", 3),
        ("name", ""),
        ("name", "a.b"),
        ("mood", "angry"),
        ("tags", ["a", 1]),
        ("colour", "red"),
    ],
)
def test_values_of_the_wrong_type_and_unknown_attributes_are_refused(attribute: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Thing.model_validate({"name": "a", attribute: value})
    assert caught.value.errors()[0]["loc"][0] == attribute


def test_what_json_can_only_spell_as_text_is_read_from_it() -> None:
    body = {"name": "a", "at": "2026-11-22T12:00:00Z", "price": "1.10", "mood": "bad", "tags": ["x"], "home": {"city": "Lund", "zip": "1"}}
    thing = Thing.model_validate(body)
    assert (thing.at, thing.price, thing.mood, thing.tags) == (datetime(2026, 11, 22, 12, tzinfo=UTC), Decimal("1.10"), Mood.BAD, {"x"})
    assert Thing.model_validate_json(json.dumps(body)) == thing
    assert Thing.model_validate_json(thing.model_dump_json(by_alias=True)) == thing


def test_an_assignment_is_validated() -> None:
    thing = Thing(name="a")
    with pytest.raises(ItemInvalidError, match="stays as it was: count"):
        thing.count = -1
    assert thing.count == 0


def test_the_class_has_a_path_for_each_attribute_and_no_other() -> None:
    assert isinstance(Thing.name, Path)
    assert repr(Thing.name) == "Thing.name"
    assert not hasattr(Thing, "colour")


def test_the_json_schema_is_that_of_the_types() -> None:
    schema = Thing.model_json_schema()
    assert schema["properties"]["name"] == {"description": "what it is called", "minLength": 1, "title": "Name", "type": "string"}
    assert schema["properties"]["at"]["format"] == "date-time"
    assert (schema["required"], schema["additionalProperties"], schema["description"]) == (["name"], False, "A thing with a docstring.")


def test_entities_can_be_copied_and_pickled() -> None:
    thing = Thing(name="a", home=Address(city="Lund"))
    assert pickle.loads(pickle.dumps(thing)) == copy.deepcopy(thing) == thing  # noqa: S301 (our own bytes)


def test_a_page_of_entities_is_a_model() -> None:
    page = Page[Thing](items=[Thing(name="a")], cursor="c")
    assert Page[Thing].model_validate_json(page.model_dump_json()) == page


def test_an_entity_is_stored_under_its_stored_names_with_its_keys_and_type() -> None:
    stored = item(Thing(name="a#b", home=Address(city="Lund"), secret="abc", expires=datetime(2030, 1, 1, tzinfo=UTC)))
    assert (stored["pk"], stored["sk"], stored["_type"]) == ({"S": "THING#a%23b"}, {"S": "THING"}, {"S": "Thing"})
    assert stored["h"] == {"M": {"city": {"S": "Lund"}, "zip_code": {"S": "0"}}}
    assert stored["secret"] == {"S": "cba"}
    assert stored["expires_at"] == {"N": "1893456000"}
    assert "tags" not in stored


def test_what_is_stored_is_read_back_as_it_was() -> None:
    thing = Thing(
        name="a",
        count=3,
        ratio=0.1,
        price=Decimal("0.10"),
        mood=Mood.BAD,
        tags={"x"},
        home=Address(city="Lund"),
        data=b"\xff",
        secret="abc",
    )
    assert Thing.__gateleg__.decode(item(thing)) == thing


class Optionals(Entity, table=Table("optionals", partition_key="name", indexes=[Index("by_rank", partition_key="rank")])):
    name: Attr[str]
    needed: Attr[str | None]
    five: Attr[int | None] = attr(default=5)
    none: Attr[int | None] = attr(default=None)
    rank: Attr[int | None] = attr(default=1)
    tags: Attr[set[str]] = attr(default_factory=lambda: {"new"})
    site: Attr[AnyUrl] = attr(default=AnyUrl("https://example.com/"))
    tree: Attr[Tree | None] = attr(default=None)


def test_none_and_empty_sets_come_back_whatever_the_default() -> None:
    given = Optionals(name="a", needed=None, five=None, none=None, tags=set(), tree=Tree(size=1.5, parts=[Tree(size=2)]))
    assert Optionals.__gateleg__.decode(item(given)) == given
    assert item(given).keys() == {"name", "five", "rank", "site", "tree", "_type"}


def test_an_item_from_before_an_attribute_has_its_default() -> None:
    stored = item(Optionals(name="a", needed="b"))
    del stored["five"]
    assert Optionals.__gateleg__.decode(stored).five == 5


def test_a_question_for_none_finds_it_however_it_is_stored() -> None:
    def asked(condition: Condition) -> str:
        return condition_text(condition, Placeholders())

    assert asked(Optionals.none == None) == "attribute_not_exists(#0)"  # noqa: E711 (a condition, not a test)
    assert asked(Optionals.five == None) == "attribute_type(#0, :0)"  # noqa: E711 (a condition, not a test)
    assert asked(Optionals.five != None) == "(NOT attribute_type(#0, :0))"  # noqa: E711 (a condition, not a test)


def test_attributes_that_are_no_longer_declared_are_left_out_on_reading() -> None:
    assert Thing.__gateleg__.decode({**item(Thing(name="a")), "old": {"S": "x"}}).name == "a"


def test_an_entity_may_keep_what_it_does_not_declare() -> None:
    class Open(Entity, table=Table("open", partition_key="name")):
        model_config = ConfigDict(extra="allow")
        name: Attr[str]

    given = Open.model_validate({"name": "a", "colour": "red", "size": 3})
    assert item(given)["colour"] == {"S": "red"}
    assert Open.__gateleg__.decode(item(given)) == given


def test_an_item_of_another_entity_or_with_invalid_values_is_not_read() -> None:
    stored = item(Thing(name="a"))
    with pytest.raises(StoredItemInvalidError, match="'Other'"):
        Thing.__gateleg__.decode({**stored, "_type": {"S": "Other"}})
    with pytest.raises(StoredItemInvalidError, match="not a valid Thing: count") as caught:
        Thing.__gateleg__.decode({**stored, "count": {"S": "many"}})
    assert caught.value.path == "Thing.count"
    assert caught.value.problems[0]["loc"] == ("count",)


def test_bases_share_attributes_keys_and_patterns_with_their_entities() -> None:
    class Stamped(Entity):
        made: Attr[datetime] = created_at()
        revision: Attr[int] = version()
        key = key("{name}#", "X")

    class One(Stamped, table=Table("one", partition_key="pk", sort_key="sk")):
        name: Attr[str]

    class Two(One):
        other: Attr[int] = attr(default=1)
        name: Attr[str] = attr(default="two")

    assert One.key(name="a").wire == {"pk": {"S": "a#"}, "sk": {"S": "X"}}
    assert Two().key.wire == {"pk": {"S": "two#"}, "sk": {"S": "X"}}
    assert list(One.__gateleg__.table.entities) == ["One", "Two"]
    assert item(Two())["_type"] == {"S": "Two"}
    assert isinstance(Two.made, Path)


def test_types_that_are_local_to_a_function_are_found() -> None:
    class Size(Enum):
        LARGE = "large"

    class Shirt(Entity, table=Table("shirts", partition_key="size")):
        size: Attr[Size]

    assert Shirt.key(size=Size.LARGE).wire == {"size": {"S": "large"}}


def test_an_entity_may_be_frozen() -> None:
    class Frozen(Entity, table=Table("frozen", partition_key="name"), frozen=True):
        name: Attr[str]

    with pytest.raises(ItemInvalidError, match="make a changed copy"):
        setattr(Frozen(name="a"), "name", "b")  # noqa: B010 (type checkers would find the plain assignment)


def test_an_alias_is_the_name_outside_and_the_own_name_works_too() -> None:
    class Named(Entity, table=Table("named", partition_key="name")):
        name: Attr[str] = attr(alias="displayName", stored="n", partition_key=False)
        own: Attr[str] = attr(partition_key=True)

    one = Named.model_validate({"displayName": "a", "own": "b"})
    assert one == Named.model_validate({"name": "a", "own": "b"})
    assert item(one) == {"n": {"S": "a"}, "name": {"S": "b"}, "_type": {"S": "Named"}}
    assert Named.__gateleg__.decode(item(one)) == one
    assert repr(Named.own == "b").startswith("Comparison")


def no_key() -> None:
    class Lost(Entity, table=TABLE):
        name: Attr[str]


def unknown_in_template() -> None:
    class Lost(Entity, table=TABLE):
        name: Attr[str]
        key = key("A#{nam}", "B")


def sort_template_without_sort_key() -> None:
    class Lost(Entity, table=Table("flat", partition_key="pk")):
        name: Attr[str]
        key = key("A#{name}", "B")


def typed_parameters_of_another_key() -> None:
    class Lost(Entity, table=TABLE):
        name: Attr[str]

        @key("A#{name}", "B")
        def key(*, title: str) -> None: ...


def untextual_in_template() -> None:
    class Lost(Entity, table=TABLE):
        names: Attr[list[str]]
        key = key("A#{names}", "B")


def formatted_text() -> None:
    class Lost(Entity, table=TABLE):
        name: Attr[str]
        key = key("A#{name:>10}", "B")


def one_stored_name_twice() -> None:
    class Lost(Entity, table=TABLE):
        name: Attr[str] = attr(stored="n")
        n: Attr[str]
        key = key("A#{name}", "B")


def stored_name_of_the_key() -> None:
    class Lost(Entity, table=TABLE):
        pk: Attr[str]
        key = key("A#{pk}", "B")


def ttl_without_ttl() -> None:
    class Lost(Entity, table=Table("eternal", partition_key="name")):
        name: Attr[str]
        expires: Attr[datetime | None] = ttl()


def two_versions() -> None:
    class Lost(Entity, table=Table("v", partition_key="name")):
        name: Attr[str]
        one: Attr[int] = version()
        two: Attr[int] = version()


def name_of_an_operation() -> None:
    class Lost(Entity, table=TABLE):
        check: Attr[str]  # type: ignore[assignment, misc]  # the mistake that is tested


def list_as_key() -> None:
    table = Table("l", partition_key="name")

    class Lost(Entity, table=table):
        name: Attr[list[str]]

    table.key_types()


@pytest.mark.parametrize(
    ("declare", "error", "said"),
    [
        (no_key, KeyTemplateError, "does not say how it fills 'pk'"),
        (unknown_in_template, KeyTemplateError, "'nam', which is not an attribute of it; declared: name"),
        (sort_template_without_sort_key, KeyTemplateError, "has no sort key"),
        (typed_parameters_of_another_key, KeyTemplateError, "made of name; its declaration takes title"),
        (untextual_in_template, KeyTemplateError, "not have one text form"),
        (formatted_text, KeyTemplateError, "formats are for numbers and dates"),
        (one_stored_name_twice, DeclarationError, "stored as 'n'"),
        (stored_name_of_the_key, DeclarationError, "which the table needs itself"),
        (ttl_without_ttl, DeclarationError, "has none; declare it on the table first"),
        (two_versions, DeclarationError, "two version attributes: one, two"),
        (name_of_an_operation, DeclarationError, "name the attribute otherwise"),
        (list_as_key, KeyTemplateError, "must be text, a number or bytes"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_as_the_class_is_made(
    declare: Callable[[], None], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        declare()


def test_two_entities_of_one_name_in_one_table_are_refused_unless_renamed() -> None:
    table = Table("names", partition_key="name")

    def declare() -> type[Entity]:
        class Same(Entity, table=table):
            name: Attr[str]

        return Same

    declare()
    again = declare()
    with pytest.raises(DeclarationError, match="give this one another"):

        class Same(Entity, table=table):
            name: Attr[str]

    class Renamed(Entity, table=table, name="Other"):
        name: Attr[str]

    assert table.entities == {"Same": again, "Other": Renamed}


def test_the_values_of_keys_are_checked() -> None:
    assert Thing.key(name="a").values == {"name": "a"}
    with pytest.raises(ItemInvalidError, match=r"Thing\.name cannot be 3"):
        Thing.key(name=3)


def test_plain_attributes_make_keys_under_the_tables_names() -> None:
    table = Table("plain", partition_key="owner", sort_key="n")

    class Plain(Entity, table=table):
        who: Attr[UUID] = attr(partition_key=True)
        number: Attr[int] = attr(sort_key=True)

    assert Plain.key(who=UUID(int=1), number=2).wire == {"owner": {"S": str(UUID(int=1))}, "n": {"N": "2"}}
    assert table.key_types() == {"owner": "S", "n": "N"}


def test_entities_are_built_as_they_are_declared_and_their_base_when_it_is_used() -> None:
    assert Thing.__pydantic_complete__
    assert "defer_build" not in Thing.model_config
    assert Page[Any].__pydantic_complete__
    assert Page(items=[1]).model_dump() == {"items": [1], "cursor": None}
    assert TypeAdapter(Page[int]).validate_python({"items": [1]}).items == [1]
    assert TypeAdapter(list[Entity]).validate_python([]) == []
    assert Entity.model_json_schema()["properties"] == {}
