"""What is done to the data, tested on a table of its own."""

from pathlib import Path
from typing import Any

from examples.data.orders import DEMO, ORDERS, Order, in_pounds
from gateleg.data import backfill, export_items, import_items, seed
from gateleg.testing import MakeStore


def old(order_id: str, customer: str) -> dict[str, Any]:
    """An order as it was stored before there were an index and currencies."""
    return {
        "pk": {"S": f"ORDER#{order_id}"},
        "_type": {"S": "Order"},
        "order_id": {"S": order_id},
        "customer": {"S": customer},
        "cents": {"N": "5"},
        "placed_at": {"S": "2024-01-01T00:00:00.000000Z"},
        "revision": {"N": "3"},
    }


def test_old_orders_are_found_by_customer_after_the_backfill(make_store: MakeStore) -> None:
    store = make_store(ORDERS)
    for order_id, customer in (("1", "ada"), ("2", "bob.uk")):
        make_store.client.put_item(TableName=store.table_name, Item=old(order_id, customer))

    assert backfill(store, Order, change=in_pounds, dry_run=True).written == 2
    assert backfill(store, Order, change=in_pounds).written == 2
    assert backfill(store, Order, change=in_pounds).unchanged == 2

    [order] = store.query(Order.of_customer(customer="bob.uk"))
    assert (order.currency, order.revision) == ("GBP", 3)


def test_the_demonstration_is_there_once_and_comes_back_from_a_file(make_store: MakeStore, tmp_path: Path) -> None:
    store, other = make_store(ORDERS), make_store(ORDERS)
    assert [seed(store, DEMO).written for _ in range(2)] == [3, 0]

    export_items(store, tmp_path / "orders.jsonl.gz")

    assert import_items(other, tmp_path / "orders.jsonl.gz").written == 3
    assert list(other.query(Order.of_customer(customer="ada"))) == list(store.query(Order.of_customer(customer="ada")))
