# pyright: reportUnusedClass=false
"""What may be unique, how a value is claimed, and which permissions that takes."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from gateleg.errors import DeclarationError, ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, key

TABLE = Table("unique-values", partition_key="pk", sort_key="sk")


class Colour(Enum):
    """Text by another name."""

    RED = "red"


class Thing(Entity, table=TABLE, name="a.thing#1"):
    """Something with one unique value of each kind."""

    name: Attr[str]
    text: Attr[str | None] = attr(default=None, unique=True, save=str.strip)
    number: Attr[Decimal | None] = attr(default=None, unique=True)
    data: Attr[bytes | None] = attr(default=None, unique=True, stored="d.1")
    colour: Attr[Colour | None] = attr(default=None, unique=True)

    key = key("THING#{name}", "THING")


def keys(**values: Any) -> list[str]:
    layout = Thing.__gateleg__
    return [claim.key.wire["pk"]["S"] for claim in layout.claims.of(layout.encode(Thing(name="x", **values))).values()]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"text": "a#b"}, ["#unique#a%2Ething%231.text#Sa#b"]),
        ({"text": " a#b "}, ["#unique#a%2Ething%231.text#Sa#b"]),
        ({"number": Decimal("1.50")}, ["#unique#a%2Ething%231.number#N1.5"]),
        ({"number": Decimal(10)}, ["#unique#a%2Ething%231.number#N1E+1"]),
        ({"number": Decimal("1E1")}, ["#unique#a%2Ething%231.number#N1E+1"]),
        ({"number": 10**37 + 1}, [f"#unique#a%2Ething%231.number#N{10**37 + 1}"]),
        ({"data": b"\x00"}, ["#unique#a%2Ething%231.d%2E1#BAA=="]),
        ({"colour": Colour.RED}, ["#unique#a%2Ething%231.colour#Sred"]),
    ],
)
def test_a_value_as_it_is_saved_makes_one_key(values: dict[str, Any], expected: list[str]) -> None:
    assert keys(**values) == expected


def test_a_value_too_long_for_a_key_is_refused_with_its_size() -> None:
    with pytest.raises(ItemInvalidError, match=r"Thing\.text is unique, and its value makes a key of 2\d+ bytes"):
        keys(text="x" * 2040)


@pytest.mark.parametrize("kind", [bool, list[str], set[int], dict[str, str], Any, str | list[str]])
def test_what_is_no_single_value_cannot_be_unique(kind: Any) -> None:
    with pytest.raises(DeclarationError, match=r"Wrong\.value is declared with unique=True"):

        class Wrong(Entity, table=Table("wrong", partition_key="pk")):
            name: Attr[str]
            value: Attr[kind] = attr(unique=True)  # pyright: ignore[reportInvalidTypeForm]
            key = key("W#{name}")


def test_a_table_under_numbers_has_no_room_for_claims() -> None:
    with pytest.raises(DeclarationError, match="the partition key of table 'numbers' is a number: make it text"):

        class Numbered(Entity, table=Table("numbers", partition_key="number")):
            number: Attr[int]
            email: Attr[str] = attr(unique=True)


def test_claims_stand_under_keys_of_the_types_that_the_table_has() -> None:
    class Measured(Entity, table=Table("measured", partition_key="data", sort_key="number")):
        data: Attr[bytes]
        number: Attr[int]
        email: Attr[str] = attr(unique=True)

    layout = Measured.__gateleg__
    [claim] = layout.claims.of(layout.encode(Measured(data=b"x", number=1, email="a"))).values()
    assert claim.key.wire == {"data": {"B": b"#unique#Measured.email#Sa"}, "number": {"N": "0"}}


def test_no_entity_has_a_key_that_claims_have() -> None:
    class Plain(Entity, table=Table("plain-keys", partition_key="name")):
        name: Attr[str]

    with pytest.raises(ItemInvalidError, match="begins with '#unique#', as only the claims of unique values do"):
        Plain.key(name="#unique#User.email#Sa")


def test_writes_of_unique_values_declare_what_they_do_beside() -> None:
    def operations(usable: Any) -> list[str]:
        return [use.operation for use in usable.declared_uses()]

    assert operations(Thing.create) == ["create"]
    assert operations(Thing.put) == ["put", "get", "delete"]
    assert operations(Thing.update) == ["update", "get", "put", "delete"]
    assert operations(Thing.delete) == ["delete", "get"]
    assert operations(Thing.get) == ["get"]
