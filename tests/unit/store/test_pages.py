"""What pages ask of DynamoDB: as much as they give, and no more requests than they may send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError
from gateleg.model import Attr, Entity, Table, access, attr, key
from gateleg.store import Scan, Store
from gateleg.store.portions import Portions
from tests.unit.store.notes import TABLE, Note, Script

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Query

SHELVES = Table("shelves", partition_key="pk", sort_key="sk")
KEYS = ["the key that signs cursors"]


class Book(Entity, table=SHELVES):
    shelf: Attr[str]
    number: Attr[int]
    lent: Attr[bool] = attr(default=False)

    key = key("SHELF#{shelf}", "BOOK#{number:06d}")

    @access
    def on(*, shelf: str) -> None: ...


class Sign(Entity, table=SHELVES):
    shelf: Attr[str]

    key = key("SHELF#{shelf}", "SIGN")

    @access
    def of(*, shelf: str) -> None: ...


BOOKS = Book.on(shelf="a")
STILL = Store(SHELVES, table_name="t", transport=Script([]), cursor_keys=KEYS)
KEPT = BOOKS.where(Book.lent == False)  # noqa: E712


class Shelf:
    """A transport that holds books, keeps each for which `keeps` is true, and reads as many as `Limit` says, a thousand at most."""

    def __init__(self, count: int, keeps: Callable[[int], bool]) -> None:
        self._count, self._keeps = count, keeps
        self.limits: list[int | None] = []

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert operation in {"Query", "Scan"}
        self.limits.append(params.get("Limit"))
        begin = int(params["ExclusiveStartKey"]["sk"]["S"].removeprefix("BOOK#")) + 1 if "ExclusiveStartKey" in params else 0
        read = range(begin, min(self._count, begin + min(1_000, params.get("Limit", 1_000))))
        items = [Book.__gateleg__.encode(Book(shelf="a", number=number)) for number in read if self._keeps(number)]
        answer: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(read)}
        more = {"LastEvaluatedKey": dict(Book.key(shelf="a", number=read[-1]).wire)} if read and read[-1] < self._count - 1 else {}
        return {**answer, **more}


def shelf(count: int, keeps: Callable[[int], bool]) -> tuple[Store, Shelf]:
    transport = Shelf(count, keeps)
    return Store(SHELVES, table_name="t", transport=transport, cursor_keys=KEYS), transport


@pytest.mark.parametrize("query", [BOOKS, KEPT])
def test_a_page_whose_filter_keeps_all_reads_what_it_gives_and_one_more(query: Query[Book]) -> None:
    store, asked = shelf(1_000, lambda _: True)
    page = store.page(query, limit=20)
    assert (len(page.items), page.reading.scanned, asked.limits) == (20, 21, [21])


@pytest.mark.parametrize(("share", "most"), [(2, 4), (3, 4), (10, 4), (50, 4)])
def test_a_page_of_a_filter_that_keeps_a_share_reads_little_more_than_it_must(share: int, most: int) -> None:
    store, asked = shelf(5_000, lambda number: number % share == share - 1)
    page = store.page(KEPT, limit=20)
    assert [found.number for found in page.items] == [share * (place + 1) - 1 for place in range(20)]
    assert page.reading.scanned <= 1.5 * share * 21
    assert len(asked.limits) <= most


def test_pages_of_a_filter_that_keeps_little_have_no_gap_and_no_repetition() -> None:
    store, _ = shelf(3_000, lambda number: number % 97 == 5)
    found: list[int] = []
    cursor = None
    while True:
        page = store.page(KEPT, limit=4, cursor=cursor)
        found += [book.number for book in page.items]
        if (cursor := page.cursor) is None:
            break
    assert found == list(range(5, 3_000, 97))


def test_a_page_stops_at_its_requests_and_its_cursor_goes_on() -> None:
    store, asked = shelf(5_000, lambda number: number >= 4_000)
    first = store.page(KEPT, limit=3, requests=2)
    assert (first.items, first.reading.scanned, asked.limits) == ([], 20, [4, 16])
    page, pages = first, 1
    while not page.items:
        assert page.cursor is not None
        page, pages = store.page(KEPT, limit=3, cursor=page.cursor), pages + 1
    assert [book.number for book in page.items] == [4_000, 4_001, 4_002]
    assert pages == 2


def test_a_page_takes_ten_requests_unless_told_otherwise() -> None:
    store, asked = shelf(50_000, lambda _: False)
    page = store.page(KEPT, limit=3)
    assert (len(asked.limits), page.items) == (10, [])
    assert page.cursor is not None


def test_a_limited_iteration_reads_as_much_as_it_gives_and_grows() -> None:
    store, asked = shelf(5_000, lambda number: number % 10 == 9)
    assert [book.number for book in store.query(KEPT.limit(5))] == [9, 19, 29, 39, 49]
    assert asked.limits[0] == 5
    assert sum(filter(None, asked.limits)) <= 75
    assert store.count(KEPT.limit(5)) == 5


def test_what_has_no_limit_is_read_a_megabyte_at_a_time() -> None:
    store, asked = shelf(3_000, lambda _: True)
    assert len(list(store.query(KEPT))) == store.count(KEPT) == 3_000
    assert set(asked.limits) == {None}


def test_a_request_reads_four_times_what_was_read_before_while_nothing_is_kept() -> None:
    portions = Portions(21)
    asked: list[int | None] = []
    for _ in range(4):
        asked.append(portions.next)
        portions.take(0, portions.next or 0)
    assert asked == [21, 84, 420, 2_100]


def test_a_collection_has_pages_and_a_limit_of_all_its_entities() -> None:
    store, asked = shelf(1_000, lambda _: True)
    collected = store.collect(BOOKS, Sign.of(shelf="a"))
    first = store.page(collected, limit=10)
    second = store.page(collected, limit=10, cursor=first.cursor)
    assert [book.number for book in [*first.items, *second.items] if isinstance(book, Book)] == list(range(20))
    assert asked.limits == [11, 11]
    assert collected.reading.requests == 0
    assert len(list(store.collect(BOOKS, Sign.of(shelf="a"), limit=7))) == 7
    assert asked.limits[2:] == [7]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: STILL.page(STILL.query(BOOKS)), "give it what query"),
        (lambda: STILL.page(STILL.scan(Book, segments=2)), "give it what query"),
        (lambda: STILL.page(STILL.collect(BOOKS, limit=3)), "a limit of 3"),
        (lambda: STILL.page(Scan.of(Book).limit(3)), "a limit of 3"),
        (lambda: STILL.page(Store(TABLE, table_name="n").collect(Note.named(name="a"))), "Note lives in table"),
        (lambda: STILL.page(BOOKS, requests=0), "1 request or more; requests=0"),
        (lambda: STILL.collect(BOOKS, limit=0), "a limit is 1 or more; 0"),
        (lambda: STILL.collect(BOOKS.limit(3)), r"give collect\(\) itself a limit="),
    ],
)
def test_what_no_page_can_keep_is_refused_before(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()


def test_explain_tells_what_a_page_costs_at_least_and_at_most() -> None:
    store = Store(SHELVES, table_name="t", cursor_keys=KEYS)
    explanation = store.prepare.page(KEPT, limit=20, requests=3).explain()
    assert (explanation.evaluated, explanation.estimate, explanation.most) == (21, 0.5, 3 * 128)
    assert str(explanation).splitlines()[-2:] == [
        "  reads first: 21 items, before the filter",
        "  estimated: 0.5 read units or more, 384 at most",
    ]
    assert store.prepare.page(KEPT.consistent(), limit=20).explain().most == 10 * 256
    assert store.query(KEPT).explain().most is None
