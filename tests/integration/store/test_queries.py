"""Queries and pages: each finds exactly its own items, in order, and a cursor leads on only where it was given."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import CursorError, ItemInvalidError
from tests.integration.store.chat import CHAT, MIXED, PLAIN, Everything, Message, Odd, Presence, Seventh

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.model import Query
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def message(number: int, **values: object) -> Message:
    given = {"room": "lobby", "message_id": f"m{number:02d}", "author": "ann", "body": "x", "likes": number}
    return Message.model_validate({**given, "sent_at": START + timedelta(minutes=number), **values})


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    store = make_store(CHAT)
    store.batch_put([message(number) for number in range(7)])
    store.batch_put([message(90, room="lobby2"), message(91, room="lobby#MSG"), Presence(room="lobby", user="ann")])
    return store


def numbers(store: Store, query: Query[Message]) -> list[int]:
    return [found.likes for found in store.query(query)]


def test_a_pattern_finds_its_partitions_entities_alone_in_its_order(store: Store) -> None:
    assert numbers(store, Message.in_room(room="lobby")) == [6, 5, 4, 3, 2, 1, 0]
    assert numbers(store, Message.in_room(room="lobby").reversed()) == [0, 1, 2, 3, 4, 5, 6]


def test_entities_of_one_partition_are_told_apart(store: Store) -> None:
    assert [found.user for found in store.query(Presence.in_room(room="lobby"))] == ["ann"]
    assert [found.user for found in store.query(Presence.in_room(room="lobby", user="ann"))] == ["ann"]
    assert list(store.query(Presence.in_room(room="lobby", user="an"))) == []


def test_a_value_with_the_separator_in_it_leads_to_no_other_partition(store: Store) -> None:
    assert numbers(store, Message.in_room(room="lobby#MSG")) == [91]


def test_an_index_is_asked_by_its_own_keys_and_values_are_transformed(store: Store) -> None:
    assert numbers(store, Message.by_author(author="ANN"))[:7] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("since", "before", "expected"), [(2, None, [2, 3, 4, 5, 6, 90, 91]), (None, 2, [0, 1]), (2, 4, [2, 3]), (5, 6, [5])]
)
def test_a_range_of_times_has_its_declared_ends(store: Store, since: int | None, before: int | None, expected: list[int]) -> None:
    query = Message.by_author(
        author="ann",
        since=None if since is None else START + timedelta(minutes=since),
        before=None if before is None else START + timedelta(minutes=before),
    )
    assert numbers(store, query) == expected


def test_a_range_that_holds_nothing_is_refused(store: Store) -> None:
    with pytest.raises(ItemInvalidError, match="holds nothing"):
        store.query(Message.by_author(author="ann", since=START, before=START))


def test_a_range_of_text_has_its_declared_ends(store: Store) -> None:
    assert numbers(store, Message.in_room_between(room="lobby", after="m02", until="m04")) == [3, 4]


def test_a_range_of_a_plain_number_has_its_declared_ends(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    store.batch_put([Everything(owner="o", number=number) for number in (-10, 2, 9, 10, 100)])
    assert [found.number for found in store.query(Everything.of(owner="o", since=2, until=10))] == [2, 9, 10]
    assert [found.number for found in store.query(Everything.of(owner="o", since=10))] == [10, 100]
    assert [found.number for found in store.query(Everything.of(owner="o"))] == [-10, 2, 9, 10, 100]


def test_an_index_on_plain_attributes_needs_no_declaration(store: Store) -> None:
    store.batch_put([message(20, rank=2), message(21, rank=1), message(22, rank=3)])
    assert numbers(store, Message.ranked(room="lobby", until=2)) == [21, 20]


def test_a_filter_thins_what_is_found(store: Store) -> None:
    query = Message.in_room(room="lobby").where(Message.likes.in_([1, 3, 5])).where(~(Message.likes == 3))
    assert numbers(store, query) == [5, 1]
    assert numbers(store, query.limit(1)) == [5]


def test_a_limit_ends_the_iteration(store: Store) -> None:
    assert numbers(store, Message.in_room(room="lobby").limit(3)) == [6, 5, 4]


def test_consistent_reads_see_every_write(store: Store) -> None:
    store.create(message(50))
    assert numbers(store, Message.in_room(room="lobby").consistent())[0] == 50


@pytest.mark.parametrize(
    "query",
    [
        Message.in_room(room="lobby"),
        Message.in_room(room="lobby").reversed(),
        Message.in_room(room="lobby").where(Message.likes != 3),
        Message.by_author(author="ann"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_together_are_the_query_without_gap_or_repetition(store: Store, query: Query[Message], size: int) -> None:
    expected = numbers(store, query)
    pages = [store.page(query, limit=size)]
    while (cursor := pages[-1].cursor) is not None:
        pages.append(store.page(query, limit=size, cursor=cursor))
    assert [item.likes for page in pages for item in page.items] == expected
    assert all(len(page.items) == size for page, _ in pairwise(pages))
    assert pages[-1].items


def test_pages_are_full_where_other_entities_lie_between(make_store: MakeStore) -> None:
    store = make_store(MIXED)
    store.batch_put([(Odd if number % 7 else Seventh)(place="p", number=number) for number in range(40)])
    first = store.page(Seventh.all_in(place="p"), limit=4)
    second = store.page(Seventh.all_in(place="p"), limit=4, cursor=first.cursor)
    assert [[found.number for found in page.items] for page in (first, second)] == [[0, 7, 14, 21], [28, 35]]
    assert second.cursor is None
    assert [found.number for found in store.query(Seventh.all_in(place="p").limit(5))] == [0, 7, 14, 21, 28]


def test_pages_are_filled_across_the_megabyte_that_one_request_reads(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    for number in range(6):
        store.put(Everything(owner="o", number=number, data=b"x" * 300_000))
    found = store.page(Everything.of(owner="o"), limit=6)
    assert ([item.number for item in found.items], found.cursor) == ([0, 1, 2, 3, 4, 5], None)


def test_a_filter_that_keeps_all_costs_what_no_filter_costs(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    store.batch_put([Everything(owner="o", number=number, data=b"x" * 400) for number in range(300)])

    def took(query: Query[Everything]) -> tuple[float, int]:
        capacity, scanned, cursor = 0.0, 0, None
        while True:
            page = store.page(query, limit=20, cursor=cursor)
            capacity, scanned, cursor = capacity + page.reading.capacity, scanned + page.reading.scanned, page.cursor
            if cursor is None:
                return capacity, scanned

    plain, filtered = took(Everything.of(owner="o")), took(Everything.of(owner="o").where(Everything.data.size() > 3))
    assert filtered[0] <= 2 * plain[0]
    assert filtered[1] <= 2 * plain[1]


def test_a_cursor_serves_its_own_query_alone(store: Store) -> None:
    cursor = store.page(Message.in_room(room="lobby"), limit=2).cursor
    assert cursor is not None
    for other in (
        Message.in_room(room="lobby2"),
        Message.in_room(room="lobby").reversed(),
        Message.in_room(room="lobby").where(Message.likes > 1),
        Message.by_author(author="ann"),
    ):
        with pytest.raises(CursorError):
            store.page(other, cursor=cursor)


def test_no_cursor_with_a_changed_character_is_taken(store: Store) -> None:
    query = Message.in_room(room="lobby")
    cursor = store.page(query, limit=2).cursor
    assert cursor is not None
    for place, character in enumerate(cursor):
        changed = "A" if character != "A" else "B"
        with pytest.raises(CursorError):
            store.page(query, cursor=cursor[:place] + changed + cursor[place + 1 :])


@pytest.mark.parametrize("cursor", ["", ".", "a.b", "x" * 100_000, "ünïcode.å", base64.urlsafe_b64encode(b"{}").decode() + "."])
def test_what_is_no_cursor_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(CursorError):
        store.page(Message.in_room(room="lobby"), cursor=cursor)


def test_an_old_key_still_opens_cursors_after_a_rotation(make_store: MakeStore, store: Store) -> None:
    query = Message.in_room(room="lobby")
    old = make_store(CHAT, table_name=store.table_name, cursor_keys=["the key of last year"])
    rotated = make_store(CHAT, table_name=store.table_name, cursor_keys=["the key of this year", "the key of last year"])
    stranger = make_store(CHAT, table_name=store.table_name, cursor_keys=["the key of somebody else"])
    cursor = old.page(query, limit=2).cursor
    assert [item.likes for item in rotated.page(query, limit=2, cursor=cursor).items] == [4, 3]
    with pytest.raises(CursorError):
        stranger.page(query, limit=2, cursor=cursor)


def test_the_parameters_of_a_query_are_what_dynamodb_takes(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    params = store.query(Message.in_room(room="lobby").limit(2)).params()
    assert [item["likes"] for item in dynamodb_engine.query(**params)["Items"]] == [{"N": "6"}, {"N": "5"}]
