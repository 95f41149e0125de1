"""What reads of a sharded index send: to all shards at once, as much as is wanted, and on from each shard's own place."""

from __future__ import annotations

import base64
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import CursorError, StoredItemInvalidError
from gateleg.model import DESCENDING, Attr, Entity, Index, Table, access, attr, index_key, key
from gateleg.store import Store
from gateleg.store.shards import share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SHARDS = 5
KEYS = ["the key that signs cursors"]


def declared(shards: int) -> tuple[Table, Any]:
    table = Table("scores", partition_key="pk", indexes=[Index("by_score", partition_key="gpk", sort_key="gsk", sharded=shards)])

    class Score(Entity, table=table):
        number: Attr[int]
        points: Attr[int]
        counts: Attr[bool] = attr(default=True)

        key = key("SCORE#{number}")
        score_key = index_key("by_score", "ALL", "{points:06d}#{number:06d}")

        @access(index="by_score", sort=DESCENDING)
        def best() -> None: ...

    return table, Score


SCORES, Score = declared(SHARDS)
BEST = Score.best()


class Engine:
    """A transport that holds scores by partition, reads as many as `Limit` says, and no more than `at_once`, and keeps those that count."""

    def __init__(self, items: Iterable[dict[str, Any]], at_once: int = 1_000) -> None:
        self._partitions: dict[str, list[dict[str, Any]]] = {}
        for item in sorted(items, key=lambda one: one["gsk"]["S"], reverse=True):
            self._partitions.setdefault(item["gpk"]["S"], []).append(item)
        self._at_once = at_once
        self._lock = threading.Lock()
        self.asked: list[dict[str, Any]] = []

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert operation == "Query"
        with self._lock:
            self.asked.append(params)
        there = self._partitions.get(params["ExpressionAttributeValues"][":0"]["S"], [])
        start = params.get("ExclusiveStartKey", {}).get("gsk", {"S": "~"})["S"]
        left = [item for item in there if item["gsk"]["S"] < start]
        most = min(params.get("Limit", self._at_once), self._at_once)
        read = left[:most]
        kept = [item for item in read if item.get("counts", {"BOOL": True})["BOOL"]] if "AND" in params["FilterExpression"] else read
        answer: dict[str, Any] = {**({} if "Select" in params else {"Items": kept}), "Count": len(kept), "ScannedCount": len(read)}
        more = (
            {"LastEvaluatedKey": {name: read[-1][name] for name in ("pk", "gpk", "gsk")}} if read and len(read) == most else {}
        )  # as DynamoDB: it does not look on
        return {**answer, **more}


def engine(count: int, counts: Callable[[int], bool] = lambda _: True, at_once: int = 1_000) -> tuple[Store, Engine]:
    items = (Score.__gateleg__.encode(Score(number=n, points=n * 7 % 1000, counts=counts(n))) for n in range(count))
    transport = Engine(items, at_once)
    return Store(SCORES, table_name="t", transport=transport, cursor_keys=KEYS), transport


def in_order(numbers: Iterable[int]) -> list[int]:
    return sorted(numbers, key=lambda n: (n * 7 % 1000, n), reverse=True)


def walked(store: Store, query: Any, **page: Any) -> list[list[int]]:
    pages: list[list[int]] = []
    cursor = None
    while True:
        given = store.page(query, cursor=cursor, **page)
        pages.append([item.number for item in given.items])
        if (cursor := given.cursor) is None:
            return pages


def test_every_shard_is_asked_at_once() -> None:
    barrier = threading.Barrier(SHARDS, timeout=5)

    class Waiting(Engine):
        def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            barrier.wait()
            return super().call(operation, params)

    store = Store(SCORES, table_name="t", transport=Waiting([]), cursor_keys=KEYS)
    assert list(store.query(BEST)) == store.page(BEST).items == []
    assert store.count(BEST) == 0


def test_the_first_of_many_cost_a_share_of_each_shard_in_one_round() -> None:
    store, asked = engine(1_000)
    assert [item.number for item in store.query(BEST.limit(20))] == in_order(range(1_000))[:20]
    assert [params["Limit"] for params in asked.asked] == [share_of(20, SHARDS)] * SHARDS == [10] * SHARDS
    page = store.page(BEST, limit=20)
    assert (page.reading.requests, page.reading.scanned) == (SHARDS, 50)


@given(wanted=st.integers(1, 500), shards=st.integers(2, 100))
def test_a_share_is_no_more_than_all_that_is_wanted_and_no_less_than_its_part(wanted: int, shards: int) -> None:
    assert max(1, wanted / shards) <= share_of(wanted, shards) <= wanted


@pytest.mark.parametrize("at_once", [1, 3, 1_000])
@pytest.mark.parametrize("limit", [1, 4, 50])
@pytest.mark.parametrize("every", [1, 3, 40])
def test_pages_hold_all_once_in_order_whatever_a_request_reads_and_a_filter_keeps(at_once: int, limit: int, every: int) -> None:
    store, _ = engine(60, lambda n: n % every == 0, at_once)
    expected = in_order(range(0, 60, every))
    pages = walked(store, BEST.where(Score.counts == True), limit=limit, requests=200)  # noqa: E712
    assert pages == [expected[start : start + limit] for start in range(0, len(expected), limit)]


@pytest.mark.parametrize("every", [1, 7, 100])
def test_a_page_that_may_not_send_more_is_short_and_goes_on(every: int) -> None:
    store, asked = engine(60, lambda n: n % every == 0, at_once=2)
    pages = walked(store, BEST.where(Score.counts == True), limit=10, requests=1)  # noqa: E712
    assert [number for page in pages for number in page] == in_order(range(0, 60, every))
    assert len(asked.asked) <= SHARDS * len(pages)


def test_a_count_is_of_all_shards_and_stops_at_its_limit() -> None:
    store, asked = engine(100, lambda n: n % 2 == 0, at_once=7)
    assert store.count(BEST.where(Score.counts == True)) == 50  # noqa: E712
    assert all(params["Select"] == "COUNT" for params in asked.asked)
    asked.asked.clear()
    assert store.count(BEST.limit(5)) == 5
    assert len(asked.asked) == SHARDS


def test_a_cursor_is_of_one_number_of_shards_and_one_question() -> None:
    store, _ = engine(60)
    cursor = store.page(BEST, limit=10).cursor
    assert cursor is not None
    assert len(cursor) < 60 * SHARDS
    other, kind = declared(SHARDS + 1)
    for query, of in (
        (BEST.reversed(), store),
        (BEST.where(Score.points > 3), store),
        (kind.best(), Store(other, table_name="t", cursor_keys=KEYS)),
    ):
        with pytest.raises(CursorError, match="the cursor is not one of this query"):
            of.page(query, limit=10, cursor=cursor)
    payload, signature = cursor.split(".")
    altered = base64.urlsafe_b64encode(b"x" + base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).rstrip(b"=").decode()
    with pytest.raises(CursorError):
        store.page(BEST, limit=10, cursor=f"{altered}.{signature}")


def with_broken(*numbers: int) -> tuple[Store, Engine]:
    items = [Score.__gateleg__.encode(Score(number=n, points=n)) for n in range(40)]
    for number in numbers:
        items[number]["points"] = {"S": "many"}
    transport = Engine(items)
    return Store(SCORES, table_name="t", transport=transport, cursor_keys=KEYS), transport


def test_an_item_that_cannot_be_read_is_told_once_and_in_its_place() -> None:
    store, _ = with_broken(35, 20, 0)
    told: list[StoredItemInvalidError] = []
    cursor, pages = None, list[tuple[int, int]]()
    while True:
        page = store.page(BEST, limit=10, cursor=cursor, unreadable=told.append)
        pages.append((len(page.items), len(told)))
        if (cursor := page.cursor) is None:
            break
    assert pages == [(10, 1), (10, 2), (10, 2), (7, 3)]
    assert [found.number for found in store.query(BEST, unreadable=told.append)] == [n for n in reversed(range(40)) if n not in {35, 20, 0}]
    assert len(told) == 6


def test_items_that_cannot_be_read_are_told_in_order() -> None:
    store, _ = with_broken(*range(10, 40))
    told: list[StoredItemInvalidError] = []
    assert [found.number for found in store.query(BEST, unreadable=told.append)] == [*range(9, -1, -1)]
    assert [error.key["pk"]["S"] for error in told] == [f"SCORE#{number}" for number in range(39, 9, -1)]


def test_a_shard_that_gave_nothing_is_not_read_from_its_beginning_again() -> None:
    alone = {n for n in range(100) if Score.__gateleg__.encode(Score(number=n, points=0))["gpk"]["S"] == "ALL#2"}
    store, asked = engine(100, lambda n: n in alone, at_once=3)
    query = BEST.where(Score.counts == True)  # noqa: E712
    cursor = store.page(query, limit=3, requests=100).cursor
    asked.asked.clear()
    assert [item.number for item in store.page(query, limit=100, requests=100, cursor=cursor).items] == in_order(alone)[3:]
    assert all("ExclusiveStartKey" in params for params in asked.asked)


def test_an_item_that_cannot_be_read_fails_what_comes_to_it_and_nothing_before() -> None:
    store, _ = with_broken(20)
    assert len(store.page(BEST, limit=19).items) == 19
    found = store.query(BEST)
    assert [next(found).number for _ in range(19)] == [*range(39, 20, -1)]
    with pytest.raises(StoredItemInvalidError, match=r"not a valid Score: points.*stored under pk='SCORE#20'"):
        next(found)


def test_an_error_of_one_shard_is_raised() -> None:
    class Refusing(Engine):
        def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            if params["ExpressionAttributeValues"][":0"]["S"] == "ALL#3":
                raise ConnectionAbortedError("no way")
            return super().call(operation, params)

    store = Store(SCORES, table_name="t", transport=Refusing([]), cursor_keys=KEYS)
    for read in (lambda: list(store.query(BEST)), lambda: store.page(BEST), lambda: store.count(BEST)):
        with pytest.raises(ConnectionAbortedError, match="no way"):
            read()


def test_what_is_prepared_is_the_first_of_the_requests_and_explained_as_all_of_them() -> None:
    store, _ = engine(0)
    page = store.prepare.page(BEST, limit=20)
    assert page.params() == store.query(BEST.limit(20)).params()
    assert (page.params()["IndexName"], page.params()["ExpressionAttributeValues"][":0"]) == ("by_score", {"S": "ALL"})
    assert "asks: 5 shards at once" in str(page.explain())
    assert (page.explain().estimate, page.explain().most) == (2.5, 10 * SHARDS * 128)
    assert store.query(BEST).explain().estimate == store.prepare.count(BEST).explain().estimate == 2.5
    assert [use.index for use in Score.best.declared_uses()] == ["by_score"]
