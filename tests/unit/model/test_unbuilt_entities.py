# pyright: reportUnusedClass=false, reportUnusedFunction=false
# (declaring a class is what is tested)
"""What pydantic makes no schema of is refused as a declaration, by the names of the entity and the attribute, with what to write instead."""

from __future__ import annotations

import sys
import typing
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
import typing_extensions
from packaging.version import Version
from pydantic import VERSION, BaseModel, ConfigDict, Field, InstanceOf, field_validator

from gateleg.errors import DeclarationError
from gateleg.model import Attr, Entity, Table, attr

if TYPE_CHECKING:
    from collections.abc import Callable

    Later = int

Nested = int | list["Nested"]
NamedNested = typing_extensions.TypeAliasType("NamedNested", "int | list[NamedNested]")


ATTR: Any = attr
"""What takes constraints that no type checker knows."""


def table() -> Table:
    return Table("unbuilt", partition_key="pk")


class Plain:
    def __init__(self, number: int) -> None:
        self.number = number


class Square(BaseModel):
    kind: str = "square"
    side: int


class Circle(BaseModel):
    kind: str = "circle"
    radius: int


class Round(BaseModel):
    kind: Literal["round"] = "round"
    size: int


class Flat(BaseModel):
    kind: Literal["flat"] = "flat"
    size: int


class Failing:
    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> Any:
        message = "not today"
        raise TypeError(message)


def a_class_of_ones_own() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[Plain]


def such_classes_in_a_list() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[list[Plain]]


def a_class_in_a_base_without_a_table() -> None:
    class Wrong(Entity):
        d: Attr[Plain]


def a_value_as_a_type() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[3]  # type: ignore[valid-type]  # pyright: ignore[reportInvalidTypeForm]


def a_class_whose_schema_fails() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[Failing]


def a_type_that_holds_itself() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[Nested]


def a_pattern_that_is_not_one() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[str] = attr(pattern="(")


def a_pattern_that_looks_ahead() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[str] = attr(pattern="(?=a)")


def a_bound_that_is_text() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[int] = attr(ge="a")


def a_length_below_nothing() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[list[int]] = attr(min_length=-1)


def multiples_of_nothing() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[int] = attr(default=0, multiple_of=0)


def a_discriminator_that_nobody_has() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Annotated[Square | Circle, Field(discriminator="colour")]


def a_discriminator_of_any_text() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Annotated[Square | Circle, Field(discriminator="kind")]


def a_constraint_of_another_kind() -> None:
    constraints: Any = {"union_mode": "left_to_right"}

    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[str] = ATTR(**constraints)


def a_type_that_is_known_later() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        d: Attr[Later]

    Wrong.model_rebuild(_types_namespace={"Later": Plain, "Attr": Attr}, force=True)


INSTEAD = r"write a pydantic model or a dataclass in its place, or Attr\[InstanceOf"
SINCE_2_14 = pytest.mark.skipif(Version(VERSION) < Version("2.14"), reason="pydantic takes it before")
MEND = "write a type, a constraint or a setting that it takes"


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (a_class_of_ones_own, f"Plain'>; {INSTEAD}"),
        (such_classes_in_a_list, f"Plain'>; {INSTEAD}"),
        (a_class_in_a_base_without_a_table, f"Plain'>; {INSTEAD}"),
        (a_value_as_a_type, f"for 3; {INSTEAD}"),
        (a_class_whose_schema_fails, f"not today; {MEND}"),
        (a_type_that_holds_itself, r"holds itself; .* typing_extensions\.TypeAliasType"),
        (a_pattern_that_is_not_one, f"unclosed group; {MEND}"),
        (a_pattern_that_looks_ahead, r"look-around, .* ConfigDict\(regex_engine='python-re'\)"),
        (a_bound_that_is_text, f"'ge' must be coercible to an integer; {MEND}"),
        (a_length_below_nothing, f"can't convert negative int to unsigned; {MEND}"),
        pytest.param(multiples_of_nothing, f"greater than 0; {MEND}", marks=SINCE_2_14),
        (a_discriminator_that_nobody_has, r"'colour'; give each member of the union a field such as kind: Literal\['a'\]"),
        (a_discriminator_of_any_text, r"`Literal`; give each member of the union a field such as kind: Literal\['a'\]"),
        (a_constraint_of_another_kind, f"'union_mode' to schema of type 'str'; {MEND}"),
        (a_type_that_is_known_later, f"Plain'>; {INSTEAD}"),
    ],
)
def test_what_pydantic_makes_no_schema_of_is_refused_by_name(declare: Callable[[], None], said: str) -> None:
    with pytest.raises(DeclarationError, match=rf"Wrong\.d is declared in a way that pydantic refuses: .*{said}") as caught:
        declare()
    assert caught.value.path == "Wrong.d"
    assert str(caught.value.place).partition(":")[0].endswith("test_unbuilt_entities.py")


def test_a_validator_of_no_attribute_is_refused_by_the_entity() -> None:
    with pytest.raises(DeclarationError, match=r"Wrong is declared .*Wrong\.be_checked .*; name an attribute that it has") as caught:

        class Wrong(Entity, table=table()):
            pk: Attr[str]

            @field_validator("nothing")
            @classmethod
            def be_checked(cls, value: str) -> str:
                return value

    assert caught.value.path == "Wrong"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="pydantic reads it from Python 3.12 on")
def test_a_typed_dict_of_old_pythons_is_told_which_one_to_write() -> None:
    point: Any = typing.TypedDict("point", {"x": int})

    class Right(Entity, table=table()):
        pk: Attr[str]
        d: Attr[NewPoint]

    with pytest.raises(DeclarationError, match=r"Wrong\.d is .*`typing_extensions\.TypedDict`.* is read on every Python"):

        class Wrong(Entity, table=table()):
            pk: Attr[str]
            d: Attr[list[point]]  # pyright: ignore[reportInvalidTypeForm]

    assert Right(pk="a", d={"x": 1}).d == {"x": 1}


class NewPoint(typing_extensions.TypedDict):
    x: int


def test_what_is_told_to_be_written_instead_is_stored_and_read() -> None:
    class Right(Entity, table=table()):
        model_config: typing.ClassVar[ConfigDict] = ConfigDict(regex_engine="python-re")
        pk: Attr[str]
        plain: Attr[InstanceOf[Plain]] = attr(save=lambda plain: plain.number, load=Plain)
        nested: Attr[NamedNested]
        text: Attr[str] = attr(pattern="(?=a)")
        shape: Annotated[Round | Flat, Field(discriminator="kind")]
        either: Attr[int | Annotated[str, Field(min_length=1)]]

    given = Right(pk="a", plain=Plain(3), nested=[1, [2]], text="ab", shape=Flat(size=1), either="x")
    layout = Right.__gateleg__
    read = layout.decode(layout.encode(given))
    assert read.plain.number == 3
    assert (read.nested, read.text, read.shape, read.either) == ([1, [2]], "ab", Flat(size=1), "x")


MOMENT = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "constraints", "said"),
    [
        (int, {"pattern": "a"}, "is int: patterns are of text; leave it out, or write Attr"),
        (list[str], {"pattern": "a"}, "is list: patterns are of text"),
        (datetime, {"min_length": 1}, "is datetime: numbers have no length, and neither have moments; leave it out"),
        (UUID, {"max_length": 1}, "is UUID: numbers have no length"),
        (int, {"max_digits": 3}, r"is int: digits are counted of a Decimal; leave it out, or write Attr\[Decimal\]"),
        (str, {"decimal_places": 3}, "is str: digits are counted of a Decimal"),
        (UUID, {"ge": 1}, "is UUID: bounds are for numbers and moments; leave it out"),
        (datetime, {"multiple_of": 2}, "is datetime: multiples are of numbers; leave it out"),
        (str, {"allow_inf_nan": False}, "is str: it is for float and Decimal; leave it out"),
        (int | str, {"min_length": 1}, r"is int: .*; write it at the member that it is for: Attr\[int \| Annotated\[str, Field"),
        (str | int | None, {"ge": 1}, "is str: .*; write it at the member that it is for"),
        (Annotated[int, Field(pattern="a")], {}, "is int: patterns are of text"),
    ],
)
def test_a_constraint_that_the_type_does_not_have_is_refused_before_there_is_a_value(
    kind: Any, constraints: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeclarationError, match=rf"Wrong\.d is declared with .*{said}"):

        class Wrong(Entity, table=table()):
            pk: Attr[str]
            d: Attr[kind] = ATTR(**constraints)  # pyright: ignore[reportInvalidTypeForm]


@pytest.mark.parametrize(
    ("kind", "constraints", "value"),
    [
        (str | None, {"pattern": "a", "min_length": 1}, "a"),
        (Decimal, {"max_digits": 3, "decimal_places": 1, "ge": 0, "allow_inf_nan": False}, Decimal("1.5")),
        (datetime, {"ge": datetime(2020, 1, 1, tzinfo=UTC)}, MOMENT),
        (dict[str, int], {"max_length": 3}, {"a": 1}),
        (int, {"multiple_of": 1, "lt": 9}, 3),
    ],
)
def test_a_constraint_that_the_type_has_is_kept(kind: Any, constraints: dict[str, Any], value: Any) -> None:
    class Right(Entity, table=table()):
        pk: Attr[str]
        d: Attr[kind] = ATTR(**constraints)  # pyright: ignore[reportInvalidTypeForm]

    made: Any = Right(pk="a", d=value)
    assert made.d == value
