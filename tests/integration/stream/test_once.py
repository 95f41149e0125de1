"""Changes on real engines: what comes again takes effect once, and filter patterns say what DynamoDB's conditions say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError

from gateleg.model import Table
from gateleg.store import Scan
from gateleg.stream import StreamResolver
from gateleg.stream.filters import matches, patterns_of
from gateleg.testing import stream_event
from tests.unit.stream.records import SHOP, Order, Stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Condition
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

CONTEXT: Any = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 15_000, function_name="f", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="1"
)
KEPT = Table("kept", partition_key="id", ttl="expires_at")
RED = Stock.key(paint="red")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    store = make_store(SHOP)
    store.create(Stock(paint="red"))
    return store


def counting(store: Store, *, idempotency: Table = SHOP, kept: Store | None = None, fail: Callable[[Order], bool] | None = None) -> Any:
    app = StreamResolver(SHOP, idempotency=idempotency, store=kept or store)

    @app.on_insert(Order)
    def count(order: Order) -> None:
        if fail is not None and fail(order):
            raise LookupError(order.order_id)
        store.update(RED, Stock.tins.add(order.tins))

    @app.on_insert(Order)
    def mark(order: Order) -> None:
        store.put(Order(order_id=f"seen {order.order_id}", tins=order.tins))

    return app


def orders(count: int) -> dict[str, Any]:
    return stream_event(*((None, Order(order_id=str(number), tins=1)) for number in range(count)))


def tins(store: Store) -> int:
    found = store.get(RED, consistent=True)
    assert found is not None
    return found.tins


@pytest.mark.parametrize("apart", [False, True])
def test_a_batch_that_comes_again_takes_effect_once(store: Store, make_store: MakeStore, apart: bool) -> None:  # noqa: FBT001 (a column)
    given: dict[str, Any] = {"idempotency": KEPT, "kept": make_store(KEPT)} if apart else {}
    app, event = counting(store, **given), orders(5)
    assert [app(event, CONTEXT) for _ in range(3)] == [{"batchItemFailures": []}] * 3
    assert tins(store) == 5
    assert app(orders(5), CONTEXT) == {"batchItemFailures": []}
    assert tins(store) == 10


def test_what_failed_is_taken_when_it_comes_again_and_what_was_done_is_not(store: Store) -> None:
    failing = {"3"}
    app, event = counting(store, fail=lambda order: order.order_id in failing), orders(6)
    [failed] = app(event, CONTEXT)["batchItemFailures"]
    assert failed["itemIdentifier"] == event["Records"][3]["dynamodb"]["SequenceNumber"]
    assert tins(store) == 3
    failing.clear()
    assert app(event, CONTEXT) == {"batchItemFailures": []}
    assert tins(store) == 6


def test_of_several_handlers_each_is_called_once(store: Store) -> None:
    app, broken, event = StreamResolver(SHOP, idempotency=SHOP, store=store), [True], orders(1)
    calls: list[str] = []
    app.on_insert(Order)(lambda _: calls.append("first"))
    app.on_insert(Order)(lambda _: calls.append("also"))

    @app.on_insert(Order)
    def second(order: Order) -> None:
        if broken:
            raise LookupError(order.order_id)
        calls.append("second")

    with pytest.raises(LookupError):
        app(event, CONTEXT)
    broken.clear()
    app(event, CONTEXT)
    app(event, CONTEXT)
    assert calls == ["first", "also", "second"]


def test_what_is_being_taken_is_not_taken_beside(store: Store) -> None:
    app, event = StreamResolver(SHOP, idempotency=SHOP, store=store), orders(1)
    calls: list[str] = []

    @app.on_insert(Order)
    def take(order: Order) -> None:
        calls.append(order.order_id)
        if len(calls) == 1:
            with pytest.raises(IdempotencyAlreadyInProgressError):
                app(event, CONTEXT)

    app(event, CONTEXT)
    assert calls == ["0"]


CONDITIONS: dict[str, Condition] = {
    "==": Order.status == "paid",
    "!= of what is always there": Order.order_id != "1",
    "!= of what may be absent": Order.note != "x",
    "in": Order.status.in_(["paid", "sent"]),
    "not in": ~Order.note.in_(["x", "y"]),
    "a number": Order.tins == 100,
    "not a number": Order.tins != 100,
    "a boolean": Order.gift == True,  # noqa: E712 (a condition)
    "not a boolean": Order.gift != True,  # noqa: E712 (a condition)
    "begins_with": Order.note.begins_with("x"),
    "exists": Order.note.exists(),
    "not_exists": Order.note.not_exists(),
    "not exists": ~Order.note.exists(),
    "none": Order.note == None,  # noqa: E711 (a condition)
    "not none": Order.note != None,  # noqa: E711 (a condition)
    "a part": Order.address["city"] == "Ulm",
    "not a part": Order.address["city"] != "Ulm",
    "and": (Order.status == "paid") & (Order.note != "x"),
    "or": (Order.status == "paid") | (Order.tins == 100),
    "neither": ~((Order.status == "paid") | (Order.note == "x")),
    "not both": ~((Order.status == "paid") & (Order.note == "x")),
}


@pytest.fixture
def shop(make_store: MakeStore) -> Store:
    store = make_store(SHOP)
    orders = [
        Order(order_id="1"),
        Order(order_id="2", status="paid", note="x", gift=True),
        Order(order_id="3", status="sent", note="xyz", tins=100),
        Order(order_id="4", note="y", address={"city": "Ulm"}),
        Order(order_id="5", status="paid", tins=-3, address={"city": "Bonn"}),
        Order(order_id="6", note="", tins=10**20),
    ]
    for order in orders:
        store.put(order)
    return store


def test_a_pattern_matches_where_the_condition_holds(shop: Store) -> None:
    items = {order.order_id: stream_event((None, order))["Records"][0]["dynamodb"]["NewImage"] for order in shop.scan(Order)}
    assert len(items) == 6
    for name, condition in CONDITIONS.items():
        found = {order.order_id for order in shop.scan(Scan.of(Order).where(condition))}
        patterns = patterns_of(condition, Order)
        assert {number for number, item in items.items() if any(matches(one, item) for one in patterns)} == found, name
