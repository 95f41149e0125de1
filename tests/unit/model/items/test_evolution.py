# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Items that another declaration stored: unknown attributes, schema versions, subclasses; and hooks on whole items."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pytest

from gateleg.errors import DeclarationError, ItemInvalidError, StoredItemInvalidError
from gateleg.model import Attr, Entity, Index, Table, access, attr, key, unknown_attributes, version
from gateleg.store.upkeep import as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOW: Any = None


def item(entity: Entity) -> dict[str, Any]:
    return entity.__gateleg__.encode(entity)


# Unknown attributes --------------------------------------------------------------------------------------------------------------

STORED: dict[str, dict[str, Any]] = {"name": {"S": "a"}, "colour": {"S": "red"}, "data": {"M": {"n": {"N": "1.50"}}}}


class Keeping(Entity, table=Table("keeping", partition_key="name"), unknown="keep"):
    name: Attr[str]
    size: Attr[int] = attr(default=1)


class Refusing(Entity, table=Table("refusing", partition_key="name"), unknown="refuse"):
    name: Attr[str]


class Dropping(Entity, table=Table("dropping", partition_key="name")):
    name: Attr[str]


def test_kept_attributes_are_written_again_exactly_as_they_were() -> None:
    stored = {**STORED, "_type": {"S": "Keeping"}}
    read = Keeping.__gateleg__.decode(stored)
    read.size = 2
    assert item(as_written(read, NOW)) == {**stored, "size": {"N": "2"}}
    assert unknown_attributes(read)["colour"] == "red"


def through_pickle(given: Entity) -> Entity:
    copied: Entity = pickle.loads(pickle.dumps(given))  # noqa: S301 (our own bytes)
    return copied


def by_pydantic(given: Entity) -> Entity:
    return given.model_copy(update={"size": 2})


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, by_pydantic, through_pickle])
def test_copies_take_what_is_kept_along_and_json_does_not_show_it(copied: Callable[[Entity], Entity]) -> None:
    read = Keeping.__gateleg__.decode({**STORED, "_type": {"S": "Keeping"}})
    assert unknown_attributes(copied(read)).keys() == {"colour", "data"}
    assert read.model_dump() == {"name": "a", "size": 1}


def test_an_entity_that_keeps_unknown_attributes_still_refuses_them_from_code() -> None:
    values: dict[str, Any] = {"name": "a", "colour": "red"}
    with pytest.raises(ItemInvalidError, match="leave it out"):
        Keeping(**values)
    assert unknown_attributes(Keeping(name="a")) == {}


def test_unknown_attributes_are_dropped_unless_something_else_is_said() -> None:
    assert item(Dropping.__gateleg__.decode({**STORED, "_type": {"S": "Dropping"}})).keys() == {"name", "_type"}


def test_an_entity_may_refuse_them() -> None:
    with pytest.raises(StoredItemInvalidError, match="'colour', which is not declared") as caught:
        Refusing.__gateleg__.decode({**STORED, "_type": {"S": "Refusing"}})
    assert caught.value.path == "Refusing.colour"
    assert Refusing.__gateleg__.decode(item(Refusing(name="a"))) == Refusing(name="a")


# Schema versions -----------------------------------------------------------------------------------------------------------------


def split_name(values: dict[str, Any]) -> dict[str, Any]:
    first, _, last = values.pop("full_name").partition(" ")
    values.setdefault("first", first)
    return {**values, "last": last}


def count_in_cents(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "cents": values.pop("euros", 0) * 100}


PEOPLE = Table("people", partition_key="pk", indexes=[Index("by_last", partition_key="last")])


class Person(Entity, table=PEOPLE, upgrades=[split_name, count_in_cents]):
    person_id: Attr[str]
    first: Attr[str]
    last: Attr[str]
    cents: Attr[int] = attr(default=0)
    key = key("PERSON#{person_id}")


def person(**values: Any) -> Mapping[str, Any]:
    return {"pk": {"S": "PERSON#1"}, "person_id": {"S": "1"}, "_type": {"S": "Person"}, **values}


def test_an_item_from_before_all_upgrades_takes_all_of_them() -> None:
    read = Person.__gateleg__.decode(person(full_name={"S": "Ann Lund"}, euros={"N": "3"}))
    assert read == Person(person_id="1", first="Ann", last="Lund", cents=300)


def test_an_item_takes_only_the_upgrades_that_it_lacks() -> None:
    read = Person.__gateleg__.decode(person(first={"S": "Ann"}, last={"S": "Lund"}, euros={"N": "3"}, _schema={"N": "1"}))
    assert read.cents == 300


def test_what_is_stored_carries_the_version_and_is_read_as_it_is() -> None:
    given = Person(person_id="1", first="Ann", last="Lund", cents=5)
    assert item(given)["_schema"] == {"N": "2"}
    assert Person.__gateleg__.decode(item(given)) == given


def test_an_item_of_a_later_declaration_is_refused_not_garbled() -> None:
    with pytest.raises(StoredItemInvalidError, match="schema version 3, and this declaration of Person knows 2"):
        Person.__gateleg__.decode(person(_schema={"N": "3"}))


def test_an_upgrade_that_fails_names_itself_and_the_item() -> None:
    with pytest.raises(StoredItemInvalidError, match="upgrade of Person from version 0 failed on a stored item: KeyError"):
        Person.__gateleg__.decode(person())


def test_entities_without_upgrades_store_no_version() -> None:
    assert "_schema" not in item(Dropping(name="a"))


# Families ------------------------------------------------------------------------------------------------------------------------

ZOO = Table("zoo", partition_key="pk", sort_key="sk")


class Animal(Entity, table=ZOO):
    cage: Attr[str]
    name: Attr[str]
    key = key("CAGE#{cage}", "ANIMAL#{name}")

    @access
    def in_cage(*, cage: str) -> None: ...


class Bird(Animal):
    wings: Attr[int] = attr(default=2)
    kind: Attr[Literal["bird"]] = attr(default="bird")


class Parrot(Bird):
    words: Attr[list[str]] = attr(default_factory=list)


class Keeper(Entity, table=ZOO):
    name: Attr[str]
    key = key("KEEPER", "{name}")


def test_a_family_is_the_entity_and_its_subclasses() -> None:
    def names(entity: type[Entity]) -> list[str]:
        return [member.name for member in entity.__gateleg__.family]

    assert (names(Animal), names(Bird), names(Parrot)) == (["Animal", "Bird", "Parrot"], ["Bird", "Parrot"], ["Parrot"])


def test_an_update_by_key_reaches_the_subclasses_that_it_keeps_whole() -> None:
    class Ranked(Animal):
        rank: Attr[int] = version()

    assert [member.name for member in Animal.__gateleg__.kin] == ["Animal", "Bird", "Parrot"]
    assert Ranked.__gateleg__.kin == (Ranked.__gateleg__,)


def test_an_item_is_read_as_the_class_that_stored_it() -> None:
    polly = Parrot(cage="1", name="Polly", words=["hello"])
    read = Animal.__gateleg__.decode(item(polly))
    assert (type(read), read) == (Parrot, polly)
    assert Animal.__gateleg__.owns(item(polly))


def test_a_base_is_not_read_as_its_subclass_nor_a_stranger_as_either() -> None:
    assert not Bird.__gateleg__.owns(item(Animal(cage="1", name="Leo")))
    with pytest.raises(StoredItemInvalidError, match="was read as Bird"):
        Bird.__gateleg__.decode(item(Animal(cage="1", name="Leo")))
    assert not Animal.__gateleg__.owns(item(Keeper(name="Ann")))


def test_a_constant_has_one_value() -> None:
    assert item(Bird(cage="1", name="Io"))["kind"] == {"S": "bird"}
    fish: Any = "fish"
    with pytest.raises(ItemInvalidError, match="'bird'"):
        Bird(cage="1", name="Io", kind=fish)


# Hooks ---------------------------------------------------------------------------------------------------------------------------


class Sealed(Entity, table=Table("sealed", partition_key="pk", indexes=[Index("by_low", partition_key="low")])):
    name: Attr[str]
    low: Attr[str] = attr(default="")
    secret: Attr[str] = attr(default="", save=str.upper)
    key = key("S#{name}")

    @classmethod
    def before_save(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "low": values["name"].lower(), "secret": values["secret"][::-1]}

    @classmethod
    def after_load(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "secret": values["secret"][::-1].lower()}


def test_hooks_see_the_whole_item_and_the_key_stays_that_of_the_entity() -> None:
    stored = item(Sealed(name="Ann", secret="abc"))
    assert (stored["pk"], stored["low"], stored["secret"]) == ({"S": "S#Ann"}, {"S": "ann"}, {"S": "CBA"})
    assert Sealed.__gateleg__.decode(stored).secret == "abc"


class Careless(Entity, table=Table("careless", partition_key="name")):
    name: Attr[str]
    size: Attr[int] = attr(default=1)
    given: ClassVar[Any] = None

    @classmethod
    def before_save(cls, values: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = cls.given(values)
        return made


def gives_nothing(values: dict[str, Any]) -> None:
    values.clear()


def gives_a_stranger(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "colour": "red"}


def gives_another_type(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "size": "large"}


def fails(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "size": values["colour"]}


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (fails, "before_save failed on .*: KeyError: 'colour'"),
        (gives_nothing, "before_save gave None; return the dict"),
        (gives_a_stranger, "gave a value for 'colour', which is not an attribute"),
        (gives_another_type, "not a valid Careless: size"),
    ],
)
def test_what_a_hook_garbles_is_refused_before_it_is_sent(hook: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Careless, "given", hook)
    with pytest.raises(ItemInvalidError, match=said):
        item(Careless(name="a"))


def test_hooks_are_inherited() -> None:
    class Deeper(Sealed):
        pass

    assert item(Deeper(name="Ann"))["low"] == {"S": "ann"}


# Declarations --------------------------------------------------------------------------------------------------------------------


def unknown_choice() -> None:
    choice: Any = "ignore"

    class Lost(Entity, table=Table("t", partition_key="name"), unknown=choice):
        name: Attr[str]


def table_by_name() -> None:
    table: Any = "things"

    class Lost(Entity, table=table):
        name: Attr[str]


def upgrade_that_is_no_function() -> None:
    steps: Any = [split_name, "count"]

    class Lost(Entity, table=Table("t", partition_key="name"), upgrades=steps):
        name: Attr[str]


def schema_attribute_taken() -> None:
    class Lost(Entity, table=Table("t", partition_key="name"), upgrades=[split_name]):
        name: Attr[str]
        schema_number: Attr[int] = attr(stored="_schema")


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (unknown_choice, "write one of 'drop', 'keep', 'refuse'"),
        (table_by_name, "table='things'; give the Table itself"),
        (upgrade_that_is_no_function, "'count' among its upgrades"),
        (schema_attribute_taken, "stored as '_schema', which the table needs itself"),
        (lambda: Table("t", partition_key="_schema"), "cannot be key attributes"),
        (lambda: Table("t", partition_key="pk", type_attribute="_schema"), "name them apart"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(declare: Callable[[], object], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        declare()
