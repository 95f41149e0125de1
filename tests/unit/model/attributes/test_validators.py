"""Field validators and the model's configuration, where a single value is given: in keys, conditions and updates."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ConfigDict, ValidationInfo, field_validator

from gateleg.errors import ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, key

TABLE = Table("people", partition_key="pk")


class Person(Entity, table=TABLE):
    model_config = ConfigDict(str_strip_whitespace=True)

    mail: Attr[str]
    age: Attr[int] = attr(default=0)
    least: Attr[int] = attr(default=0)

    key = key("PERSON#{mail}")

    @field_validator("mail")
    @classmethod
    def _folded(cls, mail: str) -> str:
        return mail.casefold()

    @field_validator("age")
    @classmethod
    def _not_negative(cls, age: int) -> int:
        if age < 0:
            raise ValueError("nobody is so young")
        return age

    @field_validator("least")
    @classmethod
    def _below(cls, least: int, info: ValidationInfo) -> int:
        if least > info.data["age"]:
            raise ValueError("more than the age")
        return least


def test_a_key_is_that_of_the_entity_whose_validators_changed_the_value() -> None:
    assert Person.key(mail=" Ann@Example.com ") == Person(mail=" Ann@Example.com ").key


def test_an_update_is_refused_what_the_entity_would_be_refused() -> None:
    with pytest.raises(ItemInvalidError, match=r"Person\.age cannot be -1: value error, nobody is so young"):
        Person.age.set(-1)


def test_a_condition_may_name_what_a_validator_refuses() -> None:
    condition: Any = Person.age > -1
    assert condition.right == {"N": "-1"}


def test_a_validator_that_looks_for_other_attributes_is_left_to_the_whole_entity() -> None:
    update: Any = Person.least.set(3)
    assert update.wire == {"N": "3"}
