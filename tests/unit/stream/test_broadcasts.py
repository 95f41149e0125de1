"""What is sent to WebSocket connections of each change, and what becomes of a batch whose message did not reach everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.describe.stream import describe_stream
from gateleg.errors import DeclarationError, NotSentError
from gateleg.model import Table
from gateleg.stream import StreamResolver, uses
from gateleg.websocket import Connections
from tests.unit.stream.records import SHOP, Order, Stock, batch, record
from tests.unit.websocket.contexts import Context

if TYPE_CHECKING:
    from datetime import timedelta

A, B = Order(order_id="a"), Order(order_id="b", status="paid")
PAID = Order(order_id="a", status="paid")
LIVE = Table("live", partition_key="pk", sort_key="sk", ttl="expires_at")


class Hub:
    """What is sent, and to whom; `closed` topics take nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any, timedelta | None]] = []
        self.closed: set[str] = set()
        self.broadcasting = Connections(LIVE).broadcasting

    def broadcast(self, topic: str, payload: Any, *, within: timedelta | None = None, everybody: bool = False) -> None:
        assert everybody
        if topic in self.closed:
            raise NotSentError("nobody was reached", path=topic)
        self.sent.append((topic, payload, within))


def test_each_change_is_told_to_the_topic_that_its_entities_name() -> None:
    hub, app = Hub(), StreamResolver(SHOP)
    app.on_insert(Order).broadcast(hub, topic="orders", message=lambda order: order)
    app.on_modify(Order, new=Order.status == "paid").broadcast(
        hub, topic=lambda _, new: f"order:{new.order_id}", message=lambda old, new: {"was": old.status, "is": new.status}
    )
    app.on_change(Stock).broadcast(hub, topic="stock", message=lambda change: change.event)
    app(batch(record(None, A), record(A, PAID), record(PAID, A), record(None, Stock(paint="red"))), None)
    assert [(topic, payload) for topic, payload, _ in hub.sent] == [
        ("orders", A),
        ("order:a", {"was": "open", "is": "paid"}),
        ("stock", "INSERT"),
    ]


def test_a_batch_stops_at_a_message_that_did_not_reach_everybody_so_that_it_comes_again_in_order() -> None:
    hub, app = Hub(), StreamResolver(SHOP)
    app.on_insert(Order).broadcast(hub, topic=lambda order: order.order_id, message=lambda order: order.order_id)
    records = [record(None, A), record(None, B), record(None, Order(order_id="c"))]
    hub.closed = {"b"}
    told = app(batch(*records), None)
    assert told == {"batchItemFailures": [{"itemIdentifier": records[1]["dynamodb"]["SequenceNumber"]}]}
    hub.closed = set()
    app(batch(*records[1:]), None)
    assert [payload for _, payload, _ in hub.sent] == ["a", "b", "c"]


def test_it_may_take_what_lambda_leaves_less_a_second() -> None:
    hub, app = Hub(), StreamResolver(SHOP)
    app.on_insert(Order).broadcast(hub, topic="orders", message=lambda order: order)
    app(batch(record(None, A)), Context(5_000))
    app(batch(record(None, A)), None)
    (_, _, within), (_, _, untold) = hub.sent
    assert within is not None
    assert 3.5 < within.total_seconds() <= 4
    assert untold is None


def test_the_function_is_described_as_a_publisher_that_reads_the_registry_and_does_what_the_message_declares() -> None:
    app, connections = StreamResolver(SHOP), Connections(LIVE)

    @uses(Stock.get)
    def told(order: Order) -> dict[str, str]:
        return {"id": order.order_id}

    app.on_insert(Order).broadcast(connections, topic="orders", message=told)
    app.on_remove(Order)(lambda _: None)
    sending, other = describe_stream("shop:app", app).routes
    assert sending.publishes
    assert set(sending.uses) == {*connections.broadcasting.uses, *Stock.get.declared_uses()}
    assert (other.publishes, other.uses) == (False, ())
    assert sending.handler.endswith("told")


def test_two_broadcasts_of_one_kind_of_change_are_told_apart() -> None:
    hub, app = Hub(), StreamResolver(SHOP)
    for topic in ("first", "second"):
        app.on_insert(Order).broadcast(hub, topic=topic, message=lambda order: order)
    app(batch(record(None, A)), None)
    assert [topic for topic, _, _ in hub.sent] == ["first", "second"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"connections": LIVE}, r"@app.on_insert\(Order\).broadcast\(connections=...\) takes Connections of gateleg.websocket"),
        ({"topic": ""}, r"broadcast\(topic=...\) takes a text or a function, got ''; write topic=lambda order: f\"shop:{order.shop}\""),
        ({"topic": 5}, "takes a text or a function, got 5"),
        ({"message": A}, r"broadcast\(message=...\) takes a function, got .*; write message=lambda order: order"),
    ],
)
def test_what_is_not_a_registry_a_topic_or_a_message_is_refused_at_import(given: dict[str, Any], told: str) -> None:
    app = StreamResolver(SHOP)
    usual: dict[str, Any] = {"connections": Hub(), "topic": "orders", "message": repr}
    with pytest.raises(DeclarationError, match=told):
        app.on_insert(Order).broadcast(**{**usual, **given})
    assert not list(app.handlers)
