from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ExpressionError
from gateleg.expressions import Placeholders, condition_text, projection_text, query_params, repeatable, update_text
from tests.unit.store.notes import Note, Tally

if TYPE_CHECKING:
    from gateleg.model import Condition, Update


def text(condition: Condition) -> str:
    """The condition's text with its placeholders filled in."""
    placeholders = Placeholders()
    written = condition_text(condition, placeholders)
    params = placeholders.params()
    for placeholder, wire in reversed(list(params.get("ExpressionAttributeValues", {}).items())):
        written = written.replace(placeholder, next(iter(map(str, wire.values()))))
    for placeholder, name in reversed(params["ExpressionAttributeNames"].items()):
        written = written.replace(placeholder, name)
    return written


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Note.count == 1, "count = 1"),
        (Note.count != 1, "count <> 1"),
        (Note.count < 1, "count < 1"),
        (Note.count <= 1, "count <= 1"),
        (Note.count > 1, "count > 1"),
        (Note.count >= Note.revision, "count >= revision"),
        (Note.count == Note.log.size(), "count = size(log)"),
        (Note.count.between(1, 2), "count BETWEEN 1 AND 2"),
        (Note.owner.in_(["a", "b"]), "owner IN (a, b)"),
        (Note.owner.begins_with("a"), "begins_with(owner, a)"),
        (Note.shout.begins_with("a"), "begins_with(size, A)"),
        (Note.shout == "a", "size = A"),
        (Note.tags.contains("a"), "contains(tags, a)"),
        (Note.place.exists(), "attribute_exists(place)"),
        (Note.place.not_exists(), "attribute_not_exists(place)"),
        (Note.place == None, "attribute_not_exists(place)"),  # noqa: E711 (a condition, not a test)
        (Note.place != None, "(NOT attribute_not_exists(place))"),  # noqa: E711 (a condition, not a test)
        (Note.tags == set(), "attribute_not_exists(tags)"),
        (Note.tags != set(), "(NOT attribute_not_exists(tags))"),
        (Note.place.in_(["a", None]), "(place IN (a) OR attribute_not_exists(place))"),
        (Note.place.in_([None]), "attribute_not_exists(place)"),
        (Note.owner.in_(name for name in ("a", "b")), "owner IN (a, b)"),
        (Note.place.attribute_type("S"), "attribute_type(place, S)"),
        (Note.log.size() >= 2, "size(log) >= 2"),
        (Note.log.size().between(1, 2), "size(log) BETWEEN 1 AND 2"),
        (Note.log[1] == "a", "log[1] = a"),
        (Note.sizes["a b.c"] > 1, "sizes.a b.c > 1"),
        ((Note.count > 1) & (Note.count < 5) | ~(Note.owner == "a"), "((count > 1 AND count < 5) OR (NOT owner = a))"),
    ],
)
def test_each_condition_has_its_text(condition: Condition, expected: str) -> None:
    assert text(condition) == expected


def test_a_name_or_value_has_one_placeholder_however_often_it_stands() -> None:
    placeholders = Placeholders()
    assert condition_text((Note.count > 1) | (Note.count == 1), placeholders) == "(#0 > :0 OR #0 = :0)"
    assert placeholders.params() == {"ExpressionAttributeNames": {"#0": "count"}, "ExpressionAttributeValues": {":0": {"N": "1"}}}


def test_a_number_and_its_digits_as_text_are_two_values() -> None:
    placeholders = Placeholders()
    condition_text((Note.count == 1) & (Note.owner == "1"), placeholders)
    assert placeholders.params()["ExpressionAttributeValues"] == {":0": {"N": "1"}, ":1": {"S": "1"}}


@pytest.mark.parametrize("given", ["count > 1", True, Note.count, Note.count.add(1)])
def test_what_is_no_condition_is_refused(given: Condition) -> None:
    with pytest.raises(ExpressionError, match="is not a condition"):
        condition_text(given, Placeholders())


def test_what_is_no_update_is_refused() -> None:
    with pytest.raises(ExpressionError):
        update_text([], Placeholders())


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (Note.count.set(1), True),
        (Note.tags.delete({"a"}), True),
        (Note.place.remove(), True),
        (Note.count.add(1), False),
        (Note.log.append(["a"]), False),
        (Note.log[0].remove(), False),
        (Note.count.set(Note.revision), False),
    ],
)
def test_updates_that_add_are_not_repeatable(update: Update, expected: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    assert repeatable([update]) is expected


def test_a_projection_names_its_paths() -> None:
    placeholders = Placeholders()
    assert projection_text([Note.count, Note.log[1], Note.sizes["a"]], placeholders) == "#0, #1[1], #3.#2"


def test_a_query_filters_by_its_entity() -> None:
    assert query_params(Note.named(name="a").where(Note.count > 1)) == {
        "KeyConditionExpression": "#0 = :0 AND #1 = :1",
        "FilterExpression": "#2 = :2 AND #3 > :3",
        "ScanIndexForward": True,
        "ExpressionAttributeNames": {"#0": "pk", "#1": "sk", "#2": "_type", "#3": "count"},
        "ExpressionAttributeValues": {":0": {"S": "NOTE#a"}, ":1": {"S": "NOTE"}, ":2": {"S": "Note"}, ":3": {"N": "1"}},
    }


def test_a_condition_on_another_entity_is_refused() -> None:
    with pytest.raises(ExpressionError, match=r"Tally\.name is not an attribute of Note"):
        Note.named(name="a").where(Tally.name == "a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
