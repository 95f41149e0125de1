"""What DynamoDB takes of an expression is taken, and no more; the engines agree, as the integration tests show."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.expressions.sizes import check_depth, check_expression, check_item_size
from gateleg.model import raw
from tests.unit.store.notes import Note
from tests.unit.store.test_prepared import HERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Condition

KEY = Note.key(name="a")


def any_of(conditions: list[Condition]) -> Condition:
    return reduce(lambda one, other: one | other, conditions)


MANY = any_of([Note.count == number for number in range(160)])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("#0 = :0", 1),
        ("NOT #0 <> :0", 2),
        ("#0 BETWEEN :0 AND :1", 1),
        ("#0 IN (:0, :1)", 1),
        ("size(#0) >= :0", 2),
        ("(contains(#0, :0) and attribute_exists(#1))", 3),
        ("begins_with (#0, :0)", 1),
        ("#0.#1[3] < #2", 1),
    ],
)
def test_operators_are_counted_as_dynamodb_does(text: str, count: int) -> None:
    times = 300 // (count + 1)
    fits = " OR ".join([text] * times)
    rest = 300 - times * (count + 1) + 1
    check_expression("condition", fits + " OR #9 = :9" * (rest // 2))
    with pytest.raises(ExpressionError, match=r"the condition has \d+ operators, and DynamoDB takes 300"):
        check_expression("condition", fits + " OR #9 = :9" * (rest // 2 + 1))


@pytest.mark.parametrize(("size", "taken"), [(4096, True), (4097, False)])
def test_an_expression_has_up_to_4_kilobytes(size: int, taken: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    text = "ü" + "x" * (size - 2)
    if taken:
        check_expression("update", text)
        return
    with pytest.raises(ExpressionError, match="the update has 4097 bytes, and DynamoDB takes 4096"):
        check_expression("update", text)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: HERE.prepare.put(Note(name="a"), when=MANY).params(), "the condition has"),
        (lambda: HERE.prepare.delete(KEY, when=MANY).params(), "the condition has"),
        (lambda: HERE.prepare.update(KEY, Note.count.set(1), when=MANY).params(), "the condition has"),
        (lambda: HERE.prepare.page(Note.named(name="a").where(MANY)).params(), "the filter has"),
        (lambda: HERE.prepare.count(Note.named(name="a").where(raw("{} = 1" + " " * 5000, Note.count))).params(), "the filter has"),
        (lambda: HERE.prepare.get(KEY, only=[Note.log[number] for number in range(700)]).params(), "the projection has"),
        (lambda: HERE.prepare.page(Note.named(name="a").only(*[Note.log[number] for number in range(700)])).params(), "the projection has"),
        (
            lambda: HERE.prepare.update(KEY, *[Note.sizes[str(number)].set(1) for number in range(400)]).params(),
            "the condition has|the update has",
        ),
        (
            lambda: HERE.prepare.put(Note(name="a"), when=Note.owner.in_(str(n) * 30_000 for n in range(100))).params(),
            "values of a request have",
        ),
    ],
)
def test_what_is_too_long_is_refused_before_it_is_sent(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()


def test_large_values_that_fit_are_taken() -> None:
    HERE.prepare.put(Note(name="a"), when=Note.owner.in_("ü" * (5_000 + n) for n in range(100))).params()


def nested(levels: int, inner: dict[str, Any]) -> dict[str, Any]:
    for level in range(levels):
        inner = {"L": [inner]} if level % 2 else {"M": {"in": inner}}
    return inner


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        (nested(31, {"S": "x"}), True),
        (nested(32, {"S": "x"}), False),
        (nested(30, {"M": {}}), True),
        (nested(31, {"M": {}}), False),
        (nested(31, {"L": []}), False),
        (nested(31, {"SS": ["x"]}), True),
    ],
)
def test_values_are_nested_so_deep_and_no_deeper(value: dict[str, Any], taken: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    if taken:
        check_item_size({"a": {"S": "x"}, "b": value}, "put it")
        check_depth(value, "b")
    else:
        with pytest.raises(ItemInvalidError, match="'b' of put it is nested deeper than the 32 levels"):
            check_item_size({"a": {"S": "x"}, "b": value}, "put it")
    with pytest.raises(ItemInvalidError, match="nested deeper"):
        check_depth(value, "b", 2)


def test_an_update_sets_no_more_than_an_item_holds() -> None:
    HERE.prepare.update(KEY, Note.shout.set("x" * 400_000)).params()
    with pytest.raises(ItemInvalidError, match=r"sets 4\d+ bytes, and an item has up to 409600"):
        HERE.prepare.update(KEY, Note.shout.set("x" * 300_000), Note.log.set(["y" * 120_000])).params()
