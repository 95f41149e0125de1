"""An index whose keys are of several attributes, on both engines: DynamoDB puts them together, and nothing of it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.model import DESCENDING, Attr, Entity, Index, Table, access, attr, key

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

GAMES = Table("games", partition_key="pk", indexes=[Index("by_leg", partition_key=("tenant", "region"), sort_key=("leg", "bracket"))])


class Game(Entity, table=GAMES):
    """A game of a tournament."""

    number: Attr[int]
    tenant: Attr[str]
    region: Attr[str | None] = attr(default=None)
    leg: Attr[int]
    bracket: Attr[str]

    key = key("GAME#{number}")

    @access(index="by_leg")
    def played(*, tenant: str, region: str, leg: int | None = None, bracket: str | None = None) -> None: ...
    @access(index="by_leg", sort=DESCENDING)
    def latest(*, tenant: str, region: str, since: int | None = None, until: int | None = None) -> None: ...
    @access(index="by_leg")
    def begun(*, tenant: str, region: str, leg: int, prefix: str) -> None: ...


class Break(Entity, table=GAMES):
    """A break between games: of another entity, in the same index."""

    number: Attr[int]
    tenant: Attr[str]
    region: Attr[str]
    leg: Attr[int]
    bracket: Attr[str]

    key = key("BREAK#{number}")

    @access(index="by_leg")
    def taken(*, tenant: str, region: str, leg: int) -> None: ...


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    store = make_store(GAMES)
    store.batch_put([Game(number=n, tenant="a", region="eu", leg=n // 4, bracket=("lower", "upper")[n % 2]) for n in range(24)])
    store.batch_put(
        [Game(number=100, tenant="a", region="us", leg=1, bracket="upper"), Game(number=101, tenant="ae", region="u", leg=1, bracket="u")]
    )
    store.put(Game(number=102, tenant="a", leg=1, bracket="upper"))
    store.put(Break(number=1, tenant="a", region="eu", leg=2, bracket="middle"))
    return store


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Game.played(tenant="a", region="eu"), {*range(24)}),
        (Game.played(tenant="a", region="eu", leg=2), {8, 9, 10, 11}),
        (Game.played(tenant="a", region="eu", leg=2, bracket="upper"), {9, 11}),
        (Game.latest(tenant="a", region="eu", since=4), {*range(16, 24)}),
        (Game.latest(tenant="a", region="eu", since=1, until=2), {*range(4, 12)}),
        (Game.begun(tenant="a", region="eu", leg=3, prefix="lo"), {12, 14}),
        (Game.played(tenant="a", region="us"), {100}),
        (Game.played(tenant="ae", region="u"), {101}),
    ],
)
def test_questions_find_what_they_ask_for(store: Store, query: Any, expected: set[int]) -> None:
    assert {found.number for found in store.query(query)} == expected


def test_items_come_in_the_order_of_the_sort_keys_attributes(store: Store) -> None:
    found = [(game.leg, game.bracket) for game in store.query(Game.played(tenant="a", region="eu"))]
    assert found == sorted(found)
    assert [game.leg for game in store.query(Game.latest(tenant="a", region="eu"))] == sorted((leg for leg, _ in found), reverse=True)


def test_pages_go_on_where_they_ended(store: Store) -> None:
    found: list[int] = []
    cursor = None
    while True:
        page = store.page(Game.played(tenant="a", region="eu"), limit=7, cursor=cursor)
        found += [game.number for game in page.items]
        if (cursor := page.cursor) is None:
            break
    assert sorted(found) == [*range(24)]


def test_several_entities_of_a_partition_come_at_once(store: Store) -> None:
    found = list(store.collect(Game.played(tenant="a", region="eu", leg=2, bracket="upper"), Break.taken(tenant="a", region="eu", leg=2)))
    assert [type(item).__name__ for item in found] == ["Break", "Game", "Game"]


def test_an_update_moves_an_item_within_the_index(store: Store) -> None:
    store.update(Game.key(number=9), Game.leg.set(7))
    assert {found.number for found in store.query(Game.played(tenant="a", region="eu", leg=2))} == {8, 10, 11}
    assert [found.number for found in store.query(Game.played(tenant="a", region="eu", leg=7))] == [9]
