"""A sharded index answers as one that is not, on both engines: pages, limits, orders, ranges, filters, counts."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateleg.model import DESCENDING, Attr, Entity, Index, Table, access, attr, index_key, key
from gateleg.store import AsyncStore, BotocoreTransport, ThreadTransport
from gateleg.testing.stores import CURSOR_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.model import Query
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

SHARDS = 4
SCORES = Table(
    "scores",
    partition_key="pk",
    sort_key="sk",
    indexes=[
        Index("by_score", partition_key="gpk", sort_key="gsk", sharded=SHARDS),
        Index("whole", partition_key="wpk", sort_key="wsk"),
        Index("by_place", partition_key="ppk", sort_key=("points", "name"), sharded=SHARDS),
        Index("unordered", partition_key="upk", sharded=SHARDS),
    ],
)


class Score(Entity, table=SCORES):
    """What somebody has in a game."""

    game: Attr[int]
    name: Attr[str]
    points: Attr[int] = attr(ge=0)
    counts: Attr[bool] = attr(default=True)

    key = key("GAME#{game}", "PLAYER#{name}")
    score_key = index_key("by_score", "GAME#{game}", "{points:06d}#{name}")
    whole_key = index_key("whole", "GAME#{game}", "{points:06d}#{name}")
    place_key = index_key("by_place", "GAME#{game}")
    unordered_key = index_key("unordered", "GAME#{game}")

    @access(index="by_score", sort=DESCENDING)
    def best(*, game: int, since: int | None = None, until: int | None = None) -> None: ...
    @access(index="whole", sort=DESCENDING)
    def best_of_whole(*, game: int, since: int | None = None, until: int | None = None) -> None: ...
    @access(index="by_place")
    def by_place(*, game: int, since: int | None = None) -> None: ...
    @access(index="unordered")
    def anyhow(*, game: int) -> None: ...


class Prize(Entity, table=SCORES):
    """Of another entity, in the same partitions."""

    game: Attr[int]
    name: Attr[str]
    points: Attr[int]

    key = key("GAME#{game}", "PRIZE#{name}")
    score_key = index_key("by_score", "GAME#{game}", "{points:06d}#{name}")
    whole_key = index_key("whole", "GAME#{game}", "{points:06d}#{name}")

    @access(index="by_score", sort=DESCENDING)
    def best(*, game: int) -> None: ...
    @access(index="whole", sort=DESCENDING)
    def best_of_whole(*, game: int) -> None: ...


GAMES = count()
PLAYERS = st.lists(
    st.builds(
        Score, game=st.just(0), name=st.text("abé#%\U0001f600", min_size=1, max_size=6), points=st.integers(0, 30), counts=st.booleans()
    ),
    max_size=24,
    unique_by=lambda score: score.name,
)
on_engines = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(SCORES)


def filled(store: Store, scores: list[Score]) -> int:
    """A game of its own with these scores."""
    game = next(GAMES)
    prizes = [Prize(game=game, name=f"p{points}", points=points) for points in (3, 17)]
    store.batch_put([*(score.model_copy(update={"game": game}) for score in scores), *prizes])
    return game


def pages(store: Store, query: Query[Any], limit: int) -> Iterator[list[str]]:
    cursor = None
    while True:
        page = store.page(query, limit=limit, cursor=cursor)
        yield [item.name for item in page.items]
        if (cursor := page.cursor) is None:
            return


def names(found: Any) -> list[str]:
    return [item.name for item in found]


@on_engines
@given(
    scores=PLAYERS,
    limit=st.integers(1, 30),
    bounds=st.tuples(st.none() | st.integers(0, 15), st.none() | st.integers(15, 30)),
    data=st.data(),
)
def test_a_sharded_index_answers_as_one_that_is_not(
    store: Store, scores: list[Score], limit: int, bounds: tuple[int | None, int | None], data: st.DataObject
) -> None:
    game = filled(store, scores)
    sharded: Query[Score] = Score.best(game=game, since=bounds[0], until=bounds[1])
    whole: Query[Score] = Score.best_of_whole(game=game, since=bounds[0], until=bounds[1])
    if data.draw(st.booleans()):
        sharded, whole = sharded.reversed(), whole.reversed()
    if data.draw(st.booleans()):
        sharded, whole = sharded.where(Score.counts == True), whole.where(Score.counts == True)  # noqa: E712
    expected = names(store.query(whole))
    assert names(store.query(sharded)) == expected
    assert names(store.query(sharded.limit(limit))) == expected[:limit]
    assert (store.count(sharded), store.count(sharded.limit(limit))) == (len(expected), min(limit, len(expected)))
    given = [*pages(store, sharded, limit)]
    assert [name for page in given for name in page] == expected
    assert [len(page) for page in given[:-1]] == [limit] * (len(given) - 1)
    assert given[-1] or not expected
    assert names(store.query(sharded.only(Score.name))) == expected


@on_engines
@given(scores=PLAYERS, limit=st.integers(1, 8))
def test_several_entities_of_a_sharded_partition_come_in_one_order(store: Store, scores: list[Score], limit: int) -> None:
    game = filled(store, scores)
    expected = names(store.collect(Score.best_of_whole(game=game), Prize.best_of_whole(game=game)))
    assert names(store.collect(Score.best(game=game), Prize.best(game=game))) == expected
    assert names(store.collect(Score.best(game=game), Prize.best(game=game), limit=limit)) == expected[:limit]
    found: list[str] = []
    cursor = None
    while True:
        page = store.page(store.collect(Score.best(game=game), Prize.best(game=game)), limit=limit, cursor=cursor)
        found += names(page.items)
        if (cursor := page.cursor) is None:
            break
    assert found == expected


@on_engines
@given(scores=PLAYERS, limit=st.integers(1, 8))
def test_every_item_of_equal_or_no_sort_keys_is_on_one_page(store: Store, scores: list[Score], limit: int) -> None:
    game = filled(store, [score.model_copy(update={"points": score.points % 2}) for score in scores])
    placed = [name for page in pages(store, Score.by_place(game=game), limit) for name in page]
    assert placed == [score.name for score in sorted(scores, key=lambda one: (one.points % 2, one.name.encode()))]
    assert sorted(name for page in pages(store, Score.anyhow(game=game), limit) for name in page) == sorted(score.name for score in scores)


def test_an_async_store_gives_the_same(store: Store, make_store: MakeStore) -> None:
    game = filled(store, [Score(game=0, name=f"n{number}", points=number % 7) for number in range(30)])
    transport = ThreadTransport(BotocoreTransport(make_store.client))
    awaiting = AsyncStore(SCORES, table_name=store.table_name, transport=transport, cursor_keys=CURSOR_KEYS)
    expected = names(store.query(Score.best(game=game)))

    async def asked() -> None:
        assert [item.name async for item in awaiting.query(Score.best(game=game))] == expected
        assert [item.name async for item in awaiting.query(Score.best(game=game).limit(7))] == expected[:7]
        first = await awaiting.page(Score.best(game=game), limit=11)
        rest = await awaiting.page(Score.best(game=game), limit=30, cursor=first.cursor)
        assert names([*first.items, *rest.items]) == expected
        assert await awaiting.count(Score.best(game=game)) == 30

    asyncio.run(asked())


def test_an_item_stays_in_its_shard_however_it_is_written(store: Store) -> None:
    game = next(GAMES)
    score = store.create(Score(game=game, name="ann", points=1))
    store.update(score, Score.points.set(9))
    store.put(Score(game=game, name="ann", points=5))
    with store.transact() as transaction:
        transaction.update(Score.key(game=game, name="ann"), Score.points.set(7))
    assert [(found.name, found.points) for found in store.query(Score.best(game=game))] == [("ann", 7)]
    kept: Any = store.prepare.put(score).params()["Item"]
    assert kept["gpk"] == store.prepare.put(Score(game=game, name="ann", points=30)).params()["Item"]["gpk"]


def test_what_was_stored_before_an_index_was_sharded_is_found(make_store: MakeStore) -> None:
    def declared(shards: int) -> tuple[Table, Any]:
        table = Table("hits", partition_key="pk", indexes=[Index("by_day", partition_key="gpk", sort_key="gsk", sharded=shards)])

        class Hit(Entity, table=table):
            number: Attr[int]

            key = key("HIT#{number}")
            day_key = index_key("by_day", "ALL", "{number:06d}")

            @access(index="by_day")
            def every() -> None: ...

        return table, Hit

    table, hit = declared(1)
    before = make_store(table)
    before.batch_put([hit(number=number) for number in range(10)])
    for shards in (3, 8):
        table, hit = declared(shards)
        store = make_store(table, table_name=before.table_name)
        assert [found.number for found in store.query(hit.every())] == [*range(10)]
        store.batch_put([hit(number=number) for number in range(0, 10, 2)])
    assert [found.number for found in store.query(hit.every())] == [*range(10)]
