"""Expressions in DynamoDB's own words."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.expressions import Placeholders, condition_text, repeatable, update_text
from gateleg.model import Attr, Condition, Entity, Table, Update, attr, raw

TABLE = Table("raw-words", partition_key="name")


class Box(Entity, table=TABLE):
    """Something with sizes."""

    name: Attr[str]
    width: Attr[int] = attr(default=0, stored="size")
    height: Attr[int] = attr(default=0)
    labels: Attr[list[str]] = attr(default_factory=list)


def shown(text: str, params: dict[str, Any]) -> str:
    for placeholder, name in params.get("ExpressionAttributeNames", {}).items():
        text = text.replace(placeholder, name)
    for placeholder, value in params.get("ExpressionAttributeValues", {}).items():
        text = text.replace(placeholder, str(next(iter(value.values()))))
    return text


def condition(given: Condition) -> str:
    placeholders = Placeholders()
    return shown(condition_text(given, placeholders), placeholders.params())


def update(*given: Update) -> str:
    placeholders = Placeholders()
    return shown(update_text(given, placeholders), placeholders.params())


def test_a_condition_holds_paths_sizes_and_values_by_placeholder() -> None:
    given = raw("{} > {} AND {} < {}", Box.width, Box.height, Box.labels.size(), 3)
    assert condition(given) == "(size > height AND size(labels) < 3)"
    assert [path.attribute.name for path in given.paths()] == ["width", "height", "labels"]


def test_it_joins_with_other_conditions() -> None:
    assert condition(~raw("{} = {}", Box.width, 1) & (Box.height > 2)) == "((NOT (size = 1)) AND height > 2)"


def test_a_new_value_is_computed_by_dynamodb_and_not_repeated_blindly() -> None:
    given = Box.width.set(raw("{} - {}", Box.height, 5))
    assert update(given) == "SET size = height - 5"
    assert not repeatable([given])


def test_braces_stand_for_themselves_when_they_are_doubled() -> None:
    assert raw("{{{}}}", Box.width).texts == ("{", "}")


@pytest.mark.parametrize(
    ("text", "arguments", "reason"),
    [
        ("{} > {}", (Box.width,), "has 2 gaps {}, and 1 arguments were given"),
        ("size > 3", (Box.width,), "has 0 gaps {}, and 1 arguments were given"),
        ("#n > {}", (3,), "holds `#` or `:`"),
        ("{} > :v", (Box.width,), "holds `#` or `:`"),
        ("{0} > {1}", (Box.width, 3), "names a gap"),
        ("{!r} > 3", (Box.width,), "names a gap"),
        ("{ > 3", (Box.width,), "cannot be read"),
    ],
)
def test_what_cannot_be_filled_is_refused_at_once(text: str, arguments: tuple[object, ...], reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        raw(text, *arguments)
    assert reason in str(caught.value)


def test_a_value_that_dynamodb_cannot_hold_is_refused() -> None:
    with pytest.raises(ItemInvalidError):
        raw("{} = {}", Box.width, float("nan"))


def test_a_condition_of_another_kind_is_no_new_value() -> None:
    with pytest.raises(ExpressionError, match="cannot be set to a condition"):
        Box.width.set(Box.height > 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
