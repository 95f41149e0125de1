"""Requests in words: before they are sent, and what they took afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.store import Scan, Store
from tests.unit.store.notes import TABLE, Note, Script, Tally

if TYPE_CHECKING:
    from gateleg.store import Prepared

KEY = Tally.key(name="a")
HERE = Store(TABLE, table_name="t", transport=Script([]), cursor_keys=["the key that signs cursors"])


def test_a_query_is_told_with_its_key_filter_and_cost_before_and_after() -> None:
    answer: dict[str, Any] = {"Items": [], "Count": 0, "ScannedCount": 9, "ConsumedCapacity": {"CapacityUnits": 4.5}}
    results = Store(TABLE, table_name="t", transport=Script([answer])).query(Note.named(name="a").where(Note.count > 3).only(Note.count))
    before = results.explain()
    assert (before.operation, before.table, before.index) == ("Query", "t", None)
    assert (before.key, before.filtered) == ("pk = 'NOTE#a' AND sk = 'NOTE'", "_type = 'Note' AND count > 3")
    assert before.projection == "_type, count, name, pk, sk"
    assert "consumed" not in str(before)
    list(results)
    assert str(results.explain()).splitlines() == [
        "Query on t",
        "  key: pk = 'NOTE#a' AND sk = 'NOTE'",
        "  filter: _type = 'Note' AND count > 3",
        "  reads only: _type, count, name, pk, sk",
        "  estimated: 0.5 read units or more",
        "  consumed: 4.5 read units (1 requests, 9 items read, 0 given)",
    ]


def test_a_scan_of_an_index_names_it_and_has_no_key() -> None:
    explanation = HERE.scan(Scan.of(Note).on("by_owner")).explain()
    assert (explanation.index, explanation.key) == ("by_owner", None)
    assert str(explanation).startswith("Scan on t, index by_owner\n  filter: _type = 'Note'")


@pytest.mark.parametrize(
    ("prepared", "operation", "key", "estimate"),
    [
        (HERE.prepare.get(KEY), "GetItem", "pk = 'TALLY#a' AND sk = 'TALLY'", 0.5),
        (HERE.prepare.get(KEY, consistent=True), "GetItem", "pk = 'TALLY#a' AND sk = 'TALLY'", 1),
        (HERE.prepare.put(Tally(name="a")), "PutItem", None, 1),
        (HERE.prepare.put(Note(name="a", owner="x" * 5_000)), "PutItem", None, 6),
        (HERE.prepare.update(KEY, Tally.count.add(1)), "UpdateItem", "pk = 'TALLY#a' AND sk = 'TALLY'", 1),
        (HERE.prepare.delete(KEY), "DeleteItem", "pk = 'TALLY#a' AND sk = 'TALLY'", 1),
        (HERE.prepare.batch_get([KEY, Tally.key(name="b")]), "BatchGetItem", "2 items", 1),
        (HERE.prepare.batch_put([Tally(name="a"), Tally(name="b")]), "BatchWriteItem", "2 items", 2),
        (HERE.prepare.batch_delete([KEY]), "BatchWriteItem", "1 items", 1),
        (HERE.prepare.batch_delete([]), "", None, 0),
    ],
)
def test_each_operation_is_told_with_its_key_and_least_cost(
    prepared: Prepared[Any], operation: str, key: str | None, estimate: float
) -> None:
    explanation = prepared.explain()
    assert (explanation.operation, explanation.key, explanation.estimate) == (operation, key, estimate)


def test_an_update_is_told_with_its_changes_and_condition() -> None:
    explanation = HERE.prepare.update(KEY, Tally.count.add(2), when=Tally.count < 5).explain()
    assert (explanation.update, explanation.condition) == ("ADD count 2", "_type = 'Tally' AND count < 5")


def test_what_an_operation_took_is_told_after_it_was_sent() -> None:
    store = Store(TABLE, table_name="t", transport=Script([{"ConsumedCapacity": {"CapacityUnits": 3.0}}]))
    prepared = store.prepare.put(Tally(name="a"))
    store.send(prepared)
    assert "consumed: 3 write units (1 requests" in str(prepared.explain())


def test_a_transaction_is_told_part_by_part_at_twice_the_price() -> None:
    answer = {"ConsumedCapacity": [{"TableName": "t", "CapacityUnits": 6.0}]}
    with Store(TABLE, table_name="t", transport=Script([answer])).transact() as tx:
        tx.create(Tally(name="a"))
        tx.check(Tally.key(name="b"), Tally.count > 1)
        explanation = tx.explain()
        assert len(tx.params()["TransactItems"]) == 2
    assert (explanation.table, explanation.estimate) == ("t", 4)
    assert [part.operation for part in explanation.parts] == ["Put", "ConditionCheck"]
    assert explanation.parts[1].condition == "_type = 'Tally' AND count > 1"
    assert tx.explain().reading.capacity == 6.0
