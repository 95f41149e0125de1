"""Sessions that end at the same moment, throttled and left without answers: each is recorded once, and the score is the best of them."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import StoreError
from gateleg.store import Patience
from gateleg.testing.faults import faults
from lambdas.game.model import GAMES, Score, Session
from lambdas.game.sessions import record

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

PLAYERS, SESSIONS, SERVERS = 12, 6, 12


def session(player: str, number: int, points: int, game: str = "tetris") -> Session:
    return Session(player=player, session_id=f"session-{number:03d}", game=game, points=points)


def insist(store: Store, played: Session) -> None:
    for _ in range(200):
        try:
            record(store, played)
        except StoreError:
            continue
        return
    pytest.fail(f"{played!r} was never recorded")


def test_every_session_counts_once_and_the_board_has_the_best_of_each(make_store: MakeStore) -> None:
    store = make_store(GAMES)
    chance = random.Random(3)  # noqa: S311 (chance that can be repeated)
    played = [session(f"p{player}", number, chance.randint(0, 5_000)) for player in range(PLAYERS) for number in range(SESSIONS)]
    twice = [*played, *chance.sample(played, len(played) // 2)]
    servers = make_store(GAMES, table_name=store.table_name, patience=Patience(attempts=2, base=0.002, cap=0.02))
    with faults(make_store.client, throttled=0.06, timed_out=0.06, lost=0.08, seed=9) as met, ThreadPoolExecutor(SERVERS) as pool:
        for done in [pool.submit(insist, servers, one) for one in twice]:
            done.result()

    assert min(met.throttled, met.timed_out, met.lost) > 5, met
    best = {f"p{player}": max(one.points for one in played if one.player == f"p{player}") for player in range(PLAYERS)}
    board = list(store.query(Score.leaders(game="tetris")))
    assert [(score.player, score.points) for score in board] == sorted(best.items(), key=lambda one: (one[1], one[0]), reverse=True)
    for player in best:
        history = list(store.query(Session.of(player=player)))
        assert [one.session_id for one in history] == [f"session-{number:03d}" for number in reversed(range(SESSIONS))]


def test_a_session_that_is_told_again_changes_nothing(make_store: MakeStore) -> None:
    store = make_store(GAMES)
    first = record(store, session("ann", 1, 70))
    better = record(store, session("ann", 2, 90))
    worse = record(store, session("ann", 3, 10))

    assert [first.points, better.points, worse.points] == [70, 90, 90]
    assert first.revision < better.revision == worse.revision
    assert record(store, session("ann", 2, 500)) == better
    [score] = store.query(Score.leaders(game="tetris"))
    assert score == better
    assert [score.points for score in store.query(Score.leaders(game="chess"))] == []


def test_a_board_is_in_the_order_of_its_points_and_not_of_their_digits(make_store: MakeStore) -> None:
    store = make_store(GAMES)
    for number, points in enumerate((9, 1_000_000, 10, 99, 100)):
        record(store, session(f"p{number}", 1, points))

    assert [score.points for score in store.query(Score.leaders(game="tetris").limit(4))] == [1_000_000, 100, 99, 10]
    assert [score.points for score in store.query(Score.leaders(game="tetris", since=99))] == [1_000_000, 100, 99]
