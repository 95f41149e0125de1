"""Entities that remember how they were read."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateleg.errors import ExpressionError
from gateleg.model import Attr, Entity, Table, Update, attr, changes, key, original, updated_at, version
from gateleg.store import Store

SHOP = Table("remembering", partition_key="pk")
STORE = Store(SHOP, table_name="t")


class Basket(Entity, table=SHOP, remember=True):
    """What somebody may buy."""

    owner: Attr[str]
    note: Attr[str] = attr(default="", save=str.strip)
    total: Attr[Decimal] = attr(default=Decimal(0))
    lines: Attr[list[str]] = attr(default_factory=list)
    tags: Attr[set[str]] = attr(default_factory=set)
    changed: Attr[datetime] = updated_at()
    revision: Attr[int] = version()

    key = key("BASKET#{owner}")


class Forgetful(Entity, table=SHOP):
    """What does not remember."""

    owner: Attr[str]

    key = key("FORGETFUL#{owner}")


def stored(**values: Any) -> Basket:
    made = Basket(owner="ann", revision=3, changed=datetime(2026, 1, 1, tzinfo=UTC), **values)
    found: Basket = Basket.__gateleg__.decode(Basket.__gateleg__.encode(made))
    return found


def expression(basket: Basket, *updates: Update) -> str:
    params = STORE.prepare.update(basket, *updates).params()
    text: str = params["UpdateExpression"]
    for placeholder, name in params["ExpressionAttributeNames"].items():
        text = text.replace(placeholder, name)
    return text


def test_what_was_read_stays_known_whatever_is_assigned_or_changed_in_place() -> None:
    basket = stored(note="x", lines=["tea"])
    basket.note = "y"
    basket.lines.append("cup")
    before = original(basket)
    assert before is not None
    assert (before.note, before.lines) == ("x", ["tea"])
    assert original(copy.deepcopy(basket)) == original(basket.model_copy()) == before
    assert "remembered" not in basket.model_dump_json()
    assert basket != before


def test_what_it_remembers_is_no_part_of_an_entity() -> None:
    read = stored(note="x")
    made = Basket.model_validate(read.model_dump())
    assert original(made) is None
    assert read == made
    assert dict(read) == dict(made)
    assert repr(read) == repr(made)


def test_only_what_has_changed_is_written() -> None:
    basket = stored(note="x", lines=["tea"], tags={"a"})
    basket.lines.append("cup")
    basket.tags.clear()
    basket.note = " x "
    assert expression(basket, *changes(basket)) == "SET lines = :2, changed = :4 REMOVE tags ADD revision :3"


def test_without_a_change_there_is_nothing_to_write() -> None:
    assert changes(stored(note="x")) == ()


def test_a_changed_key_is_refused_as_in_every_update() -> None:
    basket = stored()
    basket.owner = "ben"
    with pytest.raises(ExpressionError, match=r"Basket\.owner is part of the key"):
        STORE.prepare.update(basket, *changes(basket))


@pytest.mark.parametrize(
    "entity", [Basket(owner="ann"), Forgetful.__gateleg__.decode(Forgetful.__gateleg__.encode(Forgetful(owner="ann")))]
)
def test_what_was_not_read_or_does_not_remember_has_no_original(entity: Any) -> None:
    assert original(entity) is None
    with pytest.raises(ExpressionError, match="does not remember how it was read"):
        changes(entity)
