"""What scans and counts ask of DynamoDB, and what they make of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.description.uses import Use
from gateleg.errors import DeclarationError, ExpressionError
from gateleg.model import Table
from gateleg.store import Patience, Scan, Store
from tests.unit.store.notes import TABLE, Note, Script, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store import Results

HERE = Store(TABLE, table_name="t")


def tally(number: int) -> dict[str, Any]:
    return Tally.__gateleg__.encode(Tally(name=str(number), count=number))


def answer(*numbers: int, end: int | None = None, scanned: int = 0, capacity: float = 0.5) -> dict[str, Any]:
    found: dict[str, Any] = {"Items": [tally(number) for number in numbers], "Count": len(numbers), "ScannedCount": scanned or len(numbers)}
    found["ConsumedCapacity"] = {"TableName": "t", "CapacityUnits": capacity}
    return found if end is None else {**found, "LastEvaluatedKey": dict(Tally.key(name=str(end)).wire)}


def store_with(*answers: dict[str, Any] | Exception) -> tuple[Store, Script]:
    script = Script(list(answers))
    return Store(TABLE, table_name="t", transport=script, patience=Patience(attempts=2, base=0)), script


def test_a_scan_keeps_the_items_of_its_entity() -> None:
    assert HERE.scan(Scan.of(Tally).where(Tally.count > 3).consistent()).params() == {
        "TableName": "t",
        "FilterExpression": "#0 = :0 AND #1 > :1",
        "ExpressionAttributeNames": {"#0": "_type", "#1": "count"},
        "ExpressionAttributeValues": {":0": {"S": "Tally"}, ":1": {"N": "3"}},
        "ConsistentRead": True,
        "ReturnConsumedCapacity": "TOTAL",
    }


@pytest.mark.parametrize("ask", [lambda: HERE.scan(TABLE), lambda: HERE.scan(Scan.of(Note, Tally))])
def test_a_scan_of_a_table_or_of_several_entities_keeps_the_items_of_each(ask: Callable[[], Results[Any]]) -> None:
    params = ask().params()
    assert params["FilterExpression"] == "#0 IN (:0, :1)"
    assert params["ExpressionAttributeValues"] == {":0": {"S": "Note"}, ":1": {"S": "Tally"}}


def test_a_scan_of_an_index_names_it_and_asks_for_its_use() -> None:
    scan = Scan.of(Note).on("by_owner")
    assert HERE.scan(scan).params()["IndexName"] == "by_owner"
    assert scan.declared_uses() == (Use("unit-1", "Note", "scan", "by_owner"),)


def test_no_more_is_read_than_a_limit_leaves_to_give() -> None:
    store, script = store_with(answer(1, 2, end=2), answer(3, 4))
    assert [found.count for found in store.scan(Scan.of(Tally).limit(3))] == [1, 2, 3]
    assert [asked.get("Limit") for _, asked in script.asked] == [3, 1]
    assert HERE.scan(Scan.of(Tally).where(Tally.count > 3).limit(3)).params()["Limit"] == 3


def test_results_tell_what_they_took_so_far() -> None:
    store, _ = store_with(answer(1, 2, end=2, scanned=7, capacity=1.5), answer(3, scanned=4))
    results = store.scan(Tally)
    assert results.reading.requests == 0
    assert next(results).count == 1
    assert (results.reading.requests, results.reading.scanned) == (1, 7)
    list(results)
    assert (results.reading.requests, results.reading.count, results.reading.scanned, results.reading.capacity) == (2, 3, 11, 2.0)


def test_segments_divide_the_table_among_them() -> None:
    by_segment = {0: [answer(1, end=1), answer(2)], 1: [answer(3)], 2: [answer()]}
    asked: list[dict[str, Any]] = []

    class Segments:
        def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            assert operation == "Scan"
            asked.append(params)
            return by_segment[params["Segment"]].pop(0)

    results = Store(TABLE, table_name="t", transport=Segments()).scan(Tally, segments=3)
    assert sorted(found.count for found in results) == [1, 2, 3]
    assert {params["TotalSegments"] for params in asked} == {3}
    assert (results.reading.requests, results.reading.count) == (4, 3)


def test_a_parallel_scan_gives_no_more_than_its_limit_and_raises_what_a_segment_meets() -> None:
    store, _ = store_with(answer(1, 2), answer(3, 4))
    assert len(list(store.scan(Scan.of(Tally).limit(3), segments=2))) == 3
    broken, _ = store_with(ZeroDivisionError(), ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        list(broken.scan(Tally, segments=2))


def test_a_count_reads_no_item_out_and_adds_up_over_the_requests() -> None:
    counted = {"Count": 5, "ScannedCount": 9, "LastEvaluatedKey": dict(Tally.key(name="5").wire)}
    store, script = store_with(counted, {"Count": 2, "ScannedCount": 2})
    assert store.count(Tally) == 7
    assert [asked["Select"] for _, asked in script.asked] == ["COUNT", "COUNT"]
    assert script.asked[1][1]["ExclusiveStartKey"] == dict(Tally.key(name="5").wire)


def test_a_count_of_a_limited_query_stops_there() -> None:
    store, script = store_with({"Count": 5, "ScannedCount": 5, "LastEvaluatedKey": dict(Note.key(name="5").wire)})
    assert store.count(Note.named(name="a").limit(3)) == 3
    assert script.asked[0][1]["Limit"] == 3


def test_a_page_tells_what_it_took_and_is_what_it_was_without_that() -> None:
    item = Note.__gateleg__.encode(Note(name="a"))
    response = {"Items": [item], "Count": 1, "ScannedCount": 4, "ConsumedCapacity": {"CapacityUnits": 2.5}}
    page = store_with(response)[0].page(Note.named(name="a"))
    assert (page.reading.requests, page.reading.count, page.reading.scanned, page.reading.capacity) == (1, 1, 4, 2.5)
    assert page.model_dump().keys() == {"items", "cursor"}
    assert page == type(page)(items=page.items)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (Scan.of, "one entity or more"),
        (lambda: Scan.of(Tally).where(Note.owner == "a"), "not an attribute of Tally"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (lambda: Scan.of(Tally).limit(0), "1 or more"),
        (lambda: Scan.of(Tally).on("by_owner"), "Tally is not in index"),
        (lambda: Scan.of(Note).consistent().on("by_owner"), "no consistent reads"),
        (lambda: Scan.of(Note).on("by_owner").consistent(), "no consistent reads"),
        (lambda: HERE.scan(Tally, segments=0), "1 to 1000000 segments"),
        (lambda: HERE.scan(Tally, segments=1_000_001), "1 to 1000000 segments"),
        (lambda: HERE.scan(Table("bare", partition_key="pk")), "has no entities"),
        (lambda: Store(Table("other", partition_key="pk"), table_name="t").scan(Tally), "Tally lives in table"),
        (lambda: Store(Table("other", partition_key="pk"), table_name="t").count(Tally), "Tally lives in table"),
    ],
)
def test_scans_that_cannot_be_are_refused_before(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()


def test_a_scan_of_an_index_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeclarationError, match="no index 'by_colour'"):
        Scan.of(Note).on("by_colour")
