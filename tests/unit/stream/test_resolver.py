"""What a resolver does with a batch: who is called with what, in which order, and what is told to Lambda."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import BindingError, DeclarationError, ExpressionError, ItemInvalidError, StoredItemInvalidError
from gateleg.model import Attr, Change, Entity, StreamView, Table, attr
from gateleg.store import Store
from gateleg.stream import StreamResolver
from tests.unit.stream.records import SHOP, Order, Parcel, Stock, batch, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

A, B = Order(order_id="a"), Order(order_id="b", status="paid")
PAID = Order(order_id="a", status="paid")
PARCEL = Parcel(order_id="p", weight=3)
RED = Stock(paint="red")


class Told:
    """An app whose handlers note what they were called with."""

    def __init__(self) -> None:
        self.app = StreamResolver(SHOP)
        self.calls: list[tuple[Any, ...]] = []

    def noting(self, name: str) -> Any:
        def note(*given: Any) -> None:
            self.calls.append((name, *given))

        return note

    def __call__(self, *records: dict[str, Any]) -> Any:
        return self.app(batch(*records), None)


def test_handlers_get_the_entities_of_the_changes_that_are_theirs() -> None:
    told = Told()
    told.app.on_insert(Order)(told.noting("in"))
    told.app.on_modify(Order)(told.noting("mod"))
    told.app.on_remove(Order)(told.noting("out"))
    told.app.on_insert(Parcel)(told.noting("parcel"))
    assert told(record(None, A), record(A, PAID), record(PAID, None), record(None, PARCEL), record(None, RED)) == {"batchItemFailures": []}
    assert told.calls == [("in", A), ("mod", A, PAID), ("out", PAID), ("in", PARCEL), ("parcel", PARCEL)]


def test_a_condition_is_asked_of_the_image_that_it_is_of() -> None:
    told = Told()
    told.app.on_modify(Order, old=Order.status != "paid", new=Order.status == "paid")(told.noting("paid"))
    told(record(A, PAID), record(PAID, PAID), record(PAID, A), record(A, A))
    assert told.calls == [("paid", A, PAID)]


def yielding(given: object) -> Iterator[object]:
    yield given


async def yielding_later(given: object) -> AsyncIterator[object]:
    yield given


class Yielding:
    """What yields when it is called."""

    __module__ = __name__

    def __call__(self, given: object) -> Iterator[object]:
        yield given


@pytest.mark.parametrize("never", [yielding, yielding_later, Yielding(), partial(yielding)])
def test_what_yields_is_refused_since_its_changes_would_be_reported_as_taken(never: Any) -> None:
    app = StreamResolver(SHOP)
    for register in (app.on_insert(Order), app.on_default()):
        with pytest.raises(DeclarationError, match=r"yields, .* write a function that returns"):
            register(never)
    assert list(app.handlers) == []


@pytest.mark.parametrize("store", ["orders", SHOP, Store, False])
def test_what_is_no_store_is_refused(store: Any) -> None:
    with pytest.raises(
        DeclarationError, match=r"StreamResolver\(store=...\) takes a Store, got .*; leave it out for the one of the environment"
    ):
        StreamResolver(SHOP, store=store)
    assert list(StreamResolver(SHOP).handlers) == []


@pytest.mark.parametrize(("expired", "taken"), [(None, 2), (True, 1), (False, 1)])
def test_what_expired_can_be_told_from_what_was_deleted(expired: bool | None, taken: int) -> None:  # noqa: FBT001 (a column)
    told = Told()
    told.app.on_remove(Order, expired=expired)(told.noting("out"))
    told(record(A, None), record(B, None, userIdentity={"type": "Service", "principalId": "dynamodb.amazonaws.com"}))
    assert len(told.calls) == taken
    assert (("out", B) in told.calls) is (expired is not False)


def test_a_change_without_the_image_that_a_handler_needs_is_none_for_it() -> None:
    told = Told()
    told.app.on_modify(Order)(told.noting("mod"))
    changed = record(A, PAID)
    del changed["dynamodb"]["OldImage"]
    assert told(changed) == {"batchItemFailures": []}
    assert told.calls == []


def test_every_change_comes_with_what_there_is_to_know_of_it() -> None:
    told = Told()

    @told.app.on_change(Order)
    def note(change: Change[Order]) -> None:
        assert told.app.current_change is change
        assert told.app.lambda_context == "context"
        told.calls.append((change.event, change.old, change.new, change.keys["pk"]["S"]))

    told.app(batch(record(A, PAID), record(RED, None), record(B, None)), "context")
    assert told.calls == [("MODIFY", A, PAID, "ORDER#a"), ("REMOVE", B, None, "ORDER#b")]
    with pytest.raises(BindingError, match="no change is being taken"):
        _ = told.app.current_change


def test_what_nobody_takes_is_left_to_the_default() -> None:
    told = Told()
    told.app.on_insert(Order)(told.noting("in"))
    told.app.on_default()(told.noting("other"))
    unknown = record(None, RED)
    unknown["dynamodb"]["NewImage"]["_type"] = {"S": "Ghost"}
    told(record(None, A), record(None, RED), unknown)
    assert [call[0] for call in told.calls] == ["in", "other", "other"]
    assert [call[1].new for call in told.calls[1:]] == [RED, None]
    with pytest.raises(DeclarationError, match="on_default is declared twice"):
        told.app.on_default()(told.noting("again"))


def test_an_unknown_kind_is_told_and_passed_by(caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    told.app.on_insert(Order)(told.noting("in"))
    unknown = record(None, RED)
    unknown["dynamodb"]["NewImage"]["_type"] = {"S": "Ghost"}
    with caplog.at_level(logging.WARNING, "gateleg"):
        assert told(unknown, record(None, RED), record(None, A)) == {"batchItemFailures": []}
    assert [line.getMessage() for line in caplog.records] == [
        "a change of kind Ghost passed by: table shop has no entity for it, and the app no @app.on_default()"
    ]
    assert told.calls == [("in", A)]


def test_a_stream_of_keys_alone_is_read_by_the_default() -> None:
    table = Table("keys", partition_key="pk", stream=StreamView.KEYS_ONLY)

    app = StreamResolver(table)
    keys: list[Any] = []
    app.on_default()(lambda change: keys.append(change.keys))
    app(batch({"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "x"}}, "SequenceNumber": "1"}}), None)
    assert keys == [{"pk": {"S": "x"}}]


def failing_on(*ids: str) -> tuple[StreamResolver, list[str]]:
    app, taken = StreamResolver(SHOP), list[str]()

    @app.on_change(Order)
    def take(change: Change[Order]) -> None:
        [order] = [one for one in (change.new, change.old) if one is not None][:1]
        if order.order_id in ids:
            raise LookupError(order.order_id)
        taken.append(order.order_id)

    return app, taken


def orders(*ids: str) -> list[dict[str, Any]]:
    return [record(None, Order(order_id=one)) for one in ids]


def test_it_stops_at_the_first_that_fails_and_says_which(caplog: pytest.LogCaptureFixture) -> None:
    app, taken = failing_on("c", "d")
    records = orders("a", "b", "c", "d", "e")
    answer = app(batch(*records), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": records[2]["dynamodb"]["SequenceNumber"]}]}
    assert taken == ["a", "b"]
    assert "2 of 5 changes are taken; the next failed" in caplog.text
    assert "LookupError: c" in caplog.text


def test_where_the_first_fails_the_call_fails_so_that_lambda_halves_the_batch() -> None:
    app, taken = failing_on("a")
    with pytest.raises(LookupError, match="a"):
        app(batch(*orders("a", "b")), None)
    assert taken == []
    assert app(batch(*orders("b")), None) == {"batchItemFailures": []}
    assert taken == ["b"]


def test_an_image_that_cannot_be_read_fails_as_a_handler_does() -> None:
    app, taken = failing_on()
    bad = record(None, A)
    bad["dynamodb"]["NewImage"]["tins"] = {"S": "many"}
    assert len(app(batch(*orders("x"), bad), None)["batchItemFailures"]) == 1
    with pytest.raises(StoredItemInvalidError):
        app(batch(bad), None)
    assert taken == ["x"]


def test_a_coroutine_is_run_to_its_end() -> None:
    app, taken = StreamResolver(SHOP), list[Order]()

    @app.on_insert(Order)
    async def take(order: Order) -> None:
        taken.append(order)

    app(batch(record(None, A)), None)
    assert taken == [A]


@pytest.mark.parametrize("event", [{}, {"Records": {}}, {"Records": [{"body": "x"}]}, {"source": "aws.events"}])
def test_another_event_is_refused(event: dict[str, Any]) -> None:
    app, _ = failing_on()
    with pytest.raises(ItemInvalidError, match="not an event of a DynamoDB stream"):
        app(event, None)


def test_a_record_of_an_unknown_event_fails() -> None:
    app, _ = failing_on()
    with pytest.raises(ItemInvalidError, match="not a record of a DynamoDB stream"):
        app(batch({**record(None, A), "eventName": "TRUNCATE"}), None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"table": "shop"}, "table=...\\) takes a Table"),
        ({"table": SHOP, "idempotency": "shop"}, "takes a Table with a TTL attribute"),
        ({"table": SHOP, "expires": 3}, "takes a timedelta of a minute or more"),
        ({"table": SHOP, "expires": timedelta(seconds=1)}, "takes a timedelta of a minute or more"),
        ({"table": SHOP, "idempotency": Table("still", partition_key="pk")}, "has no TTL"),
    ],
)
def test_arguments_are_checked_at_import(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        StreamResolver(**arguments)


def test_what_is_registered_is_checked_at_import() -> None:
    app: Any = StreamResolver(SHOP)
    other = Table("other", partition_key="pk")

    class Foreign(Entity, table=other):
        pk: Attr[str] = attr(partition_key=True)

    with pytest.raises(DeclarationError, match=r"takes an entity of the table, got 'Order'"):
        app.on_insert("Order")
    with pytest.raises(DeclarationError, match="stands above a function, got 3"):
        app.on_insert(Order)(3)
    with pytest.raises(DeclarationError, match="takes True or False, got 'no'"):
        app.on_remove(Order, expired="no")
    with pytest.raises(ExpressionError, match="Foreign"):
        app.on_insert(Foreign)
