"""Conditions as filter patterns: what is asked of Lambda, and what is refused because no pattern says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from gateleg.errors import DeclarationError, ExpressionError
from gateleg.model import Attr, Entity, StreamView, Table, attr, raw
from gateleg.stream import StreamResolver
from gateleg.stream.filters import matches, patterns_of
from tests.unit.stream.records import SHOP, Order, Parcel, Stock

if TYPE_CHECKING:
    from gateleg.model import Condition

SAID: dict[str, tuple[Condition, list[dict[str, Any]]]] = {
    "a text": (Order.status == "paid", [{"status": {"S": ["paid"]}}]),
    "a number": (Order.tins == 10, [{"tins": {"N": ["10"]}}]),
    "a boolean": (Order.gift == True, [{"gift": {"BOOL": [True]}}]),  # noqa: E712 (a condition)
    "one of several": (Order.status.in_(["paid", "sent"]), [{"status": {"S": ["paid", "sent"]}}]),
    "a prefix": (Order.status.begins_with("pa"), [{"status": {"S": [{"prefix": "pa"}]}}]),
    "there": (Order.note.exists(), [{"note": {"S": [{"exists": True}]}}]),
    "absent": (Order.note.not_exists(), [{"note": {"S": [{"exists": False}]}}]),
    "none": (Order.note == None, [{"note": {"S": [{"exists": False}]}}]),  # noqa: E711 (a condition)
    "not none": (Order.note != None, [{"note": {"S": [{"exists": True}]}}]),  # noqa: E711 (a condition)
    "another, or none": (Order.note != "x", [{"note": {"S": [{"anything-but": ["x"]}]}}, {"note": {"S": [{"exists": False}]}}]),
    "both": ((Order.status == "paid") & (Order.tins == 1), [{"status": {"S": ["paid"]}, "tins": {"N": ["1"]}}]),
    "either": ((Order.status == "paid") | (Order.tins == 1), [{"status": {"S": ["paid"]}}, {"tins": {"N": ["1"]}}]),
    "neither": (
        ~((Order.order_id == "a") | (Order.note.exists())),
        [{"order_id": {"S": [{"anything-but": ["a"]}]}, "note": {"S": [{"exists": False}]}}],
    ),
    "none of several": (~Order.order_id.in_(["a", "b"]), [{"order_id": {"S": [{"anything-but": ["a", "b"]}]}}]),
    "a part": (Order.address["city"] == "Ulm", [{"address": {"M": {"city": {"S": ["Ulm"]}}}}]),
}


@pytest.mark.parametrize("name", SAID)
def test_a_condition_is_the_patterns_that_say_it(name: str) -> None:
    condition, patterns = SAID[name]
    assert list(patterns_of(condition, Order)) == patterns


UNSAID: dict[str, tuple[Condition, str]] = {
    "an order of numbers": (Order.tins > 3, "> of Order.tins"),
    "a range": (Order.tins.between(1, 3), "between of"),
    "an element": (Order.tags.contains("x"), "contains of"),
    "a size": (Order.note.size() > 3, "a size of"),
    "two paths": (Order.status == Order.note, "a comparison of two paths"),
    "a text of one's own": (raw("{} > 3", Order.tins), "raw of"),
    "not a prefix": (~Order.note.begins_with("x"), "the opposite of begins_with"),
    "a whole set": (Order.tags == {"x"}, "compares leaves"),
    "whether a set is there": (Order.tags.exists(), "a question for the handler"),
    "whether a part is there": (Order.address["city"].exists(), "a question for the handler"),
    "one leaf twice": ((Order.tins == 1) & (Order.tins == 2), "asks one thing of 'N'"),
    "a secret": (Order.code == SecretStr("x"), "secret"),
    "a number beyond": (Order.tins == 10**22, "certain of those from"),
    "many": (
        (Order.note != "a") & ((Order.status == "x") | (Order.tins == 1) | (Order.gift == True)),  # noqa: E712 (a condition)
        "is 6 patterns for Lambda, which takes 5",
    ),
}


@pytest.mark.parametrize("name", UNSAID)
def test_what_no_pattern_says_is_refused(name: str) -> None:
    condition, told = UNSAID[name]
    with pytest.raises(ExpressionError, match=told):
        StreamResolver(SHOP).on_insert(Order, new=condition)


def test_a_condition_on_another_entity_is_refused() -> None:
    with pytest.raises(ExpressionError, match=r"not an attribute of Order"):
        patterns_of(Stock.tins == 1, Order)
    assert patterns_of(Order.tins == 1, Parcel) == ({"tins": {"N": ["1"]}},)


def test_a_part_of_what_is_always_there_may_be_absent() -> None:
    class Box(Entity, table=Table("boxes", partition_key="pk")):
        pk: Attr[str] = attr(partition_key=True)
        labels: Attr[dict[str, str]]

    leaf = {"S": [{"anything-but": ["a"]}]}
    assert patterns_of(Box.labels["x"] != "a", Box) == (
        {"labels": {"M": {"x": leaf}}},
        {"labels": {"M": {"x": {"S": [{"exists": False}]}}}},
    )


def test_a_part_that_is_not_there_has_no_leaf() -> None:
    assert matches({"a": {"b": {"S": [{"exists": False}]}}}, {})
    assert not matches({"a": {"b": {"S": [{"exists": True}]}}}, {"a": {}})
    assert not matches({"a": [{"anything-but": ["x"]}]}, {})
    assert not matches({"a": [{"prefix": "x"}]}, {})


def pattern(event: str, image: str, kinds: list[str], **asked: Any) -> dict[str, Any]:
    return {"eventName": [event], "dynamodb": {image: {"_type": {"S": kinds}, **asked}}}


def test_the_source_is_asked_for_the_kinds_and_events_of_the_handlers() -> None:
    app = StreamResolver(SHOP)
    app.on_insert(Stock)(lambda _: None)
    app.on_insert(Order)(lambda _: None)
    assert list(app.filters) == [pattern("INSERT", "NewImage", ["Stock", "Order", "Parcel"])]
    app.on_remove(Stock)(lambda _: None)
    app.on_insert(Order, new=Order.status == "paid")(lambda _: None)
    assert list(app.filters) == [pattern("INSERT", "NewImage", ["Stock", "Order", "Parcel"]), pattern("REMOVE", "OldImage", ["Stock"])]
    app.on_default()(lambda _: None)
    assert list(app.filters) == []


def test_patterns_that_differ_in_two_leaves_stay_two() -> None:
    app = StreamResolver(SHOP)
    for status, tins in (("paid", 1), ("sent", 2)):
        app.on_insert(Order, new=(Order.status == status) & (Order.tins == tins))(lambda _: None)
    asked = [one["dynamodb"]["NewImage"] for one in app.filters]
    assert [(one["status"]["S"], one["tins"]["N"]) for one in asked] == [(["paid"], ["1"]), (["sent"], ["2"])]


def test_conditions_on_both_images_stand_in_one_pattern() -> None:
    app = StreamResolver(SHOP)
    app.on_modify(Parcel, old=Order.status != "paid", new=Parcel.status == "paid")(lambda _, __: None)
    paid, other = {"S": ["paid"]}, {"S": [{"anything-but": ["paid"]}]}
    new = {"_type": {"S": ["Parcel"]}, "status": paid}
    assert app.filters == (
        {"eventName": ["MODIFY"], "dynamodb": {"NewImage": new, "OldImage": {"status": other}}},
        {"eventName": ["MODIFY"], "dynamodb": {"NewImage": new, "OldImage": {"status": {"S": [{"exists": False}]}}}},
    )


def test_what_expired_is_known_by_who_removed_it() -> None:
    app = StreamResolver(SHOP)
    app.on_remove(Stock, expired=True)(lambda _: None)
    assert app.filters == ({**pattern("REMOVE", "OldImage", ["Stock"]), "userIdentity": {"principalId": ["dynamodb.amazonaws.com"]}},)


def test_every_change_is_asked_for_by_the_image_that_there_is() -> None:
    app = StreamResolver(SHOP)
    app.on_change(Stock)(lambda _: None)
    assert app.filters == (
        {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"_type": {"S": ["Stock"]}}}},
        pattern("REMOVE", "OldImage", ["Stock"]),
    )


def test_more_conditions_than_patterns_are_left_to_the_handlers() -> None:
    app = StreamResolver(SHOP)
    for number, asked in enumerate((Order.tins == 1, Order.status == "paid", Order.gift == True)):  # noqa: E712 (a condition)
        app.on_insert(Order, new=asked & (Order.note != str(number)))(lambda _: None)
    assert app.filters == (pattern("INSERT", "NewImage", ["Order", "Parcel"]),)


def test_a_pattern_that_is_too_long_is_refused() -> None:
    app = StreamResolver(SHOP)
    app.on_insert(Order, new=Order.status.in_([str(number) * 50 for number in range(90)]))(lambda _: None)
    with pytest.raises(ExpressionError, match="has at most 4096 characters"):
        _ = app.filters


def test_items_without_a_type_are_not_asked_for_it() -> None:
    plain = Table("plain", partition_key="pk", default_type="Thing", stream=StreamView.NEW_IMAGE)

    class Thing(Entity, table=plain):
        pk: Attr[str] = attr(partition_key=True)
        size: Attr[int] = attr(default=1)

    app = StreamResolver(plain)
    app.on_insert(Thing)(lambda _: None)
    app.on_insert(Thing, new=Thing.size == 1)(lambda _: None)
    assert app.filters == ({"eventName": ["INSERT"]},)


VIEWS = {
    "on_insert": {StreamView.NEW_IMAGE, StreamView.NEW_AND_OLD_IMAGES},
    "on_remove": {StreamView.OLD_IMAGE, StreamView.NEW_AND_OLD_IMAGES},
    "on_modify": {StreamView.NEW_AND_OLD_IMAGES},
    "on_change": {StreamView.NEW_IMAGE, StreamView.OLD_IMAGE, StreamView.NEW_AND_OLD_IMAGES},
}


@pytest.mark.parametrize("view", StreamView)
@pytest.mark.parametrize("method", VIEWS)
def test_the_stream_must_hold_what_a_handler_needs(method: str, view: StreamView) -> None:
    table = Table("seen", partition_key="pk", stream=view)

    class Seen(Entity, table=table):
        pk: Attr[str] = attr(partition_key=True)

    app = StreamResolver(table)
    if view in VIEWS[method]:
        getattr(app, method)(Seen)
        return
    with pytest.raises(DeclarationError, match=rf"@app.{method}\(Seen\) needs .*has a stream of {view.value}; write .*NEW_AND_OLD_IMAGES"):
        getattr(app, method)(Seen)


def test_a_table_without_a_stream_is_refused() -> None:
    with pytest.raises(DeclarationError, match="has no stream; write"):
        StreamResolver(Table("still", partition_key="pk"))
