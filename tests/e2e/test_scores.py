"""The game service on the embedded AWS: every score that changes reaches whoever watches its game, through workers, whatever ends in between."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gateleg.store import Store
from lambdas.game.model import GAMES, Session
from lambdas.game.sessions import record
from tests.deployed_services import deploy_anew

if TYPE_CHECKING:
    import httpx

    from tests.deployed_services import DeployedServices

pytestmark = pytest.mark.e2e

BOARDS, WATCHERS, PLAYERS, ROUNDS = 20, 25, 2, 3
"""Five hundred sockets, and of each game six changes."""

AT_ONCE = 4
SECONDS = 240.0


class Watcher:
    """One socket that watches a game, and what it is told."""

    def __init__(self, game: str, line: ClientConnection) -> None:
        self.game = game
        self.line = line
        self.told: list[dict[str, Any]] = []
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                self.told.append(json.loads(await self.line.recv()))

    def scores(self) -> dict[str, list[int]]:
        """By player, the points that came, in their order."""
        found: dict[str, list[int]] = defaultdict(list)
        for message in self.told:
            if "player" in message:
                assert message["game"] == self.game, "a message of another game"
                found[message["player"]].append(message["points"])
        return found

    def heard(self) -> bool:
        scores = self.scores()
        return len(scores) == PLAYERS and all(points[-1] == ROUNDS - 1 for points in scores.values())


class Arena:
    """Watchers of games, and what writes scores."""

    def __init__(self, services: DeployedServices) -> None:
        self.services = services
        self.aws = services.aws
        self.url = services.url("game", "websocket")
        self.dynamodb = services.aws.client("dynamodb")
        self.table = services.table("game")
        self.store = Store(GAMES, table_name=self.table, client=self.dynamodb)
        self.slots = asyncio.Semaphore(AT_ONCE)

    async def watch(self, game: str) -> Watcher:
        async with self.slots:
            line = await connect(self.url, open_timeout=SECONDS, ping_interval=None)
            watcher = Watcher(game, line)
            await line.send(json.dumps({"action": "watch", "game": game}))
            await until(lambda: bool(watcher.told))
            assert watcher.told[0]["data"] == {"best": []}, watcher.told
        return watcher

    def write(self, game: str, player: str, points: int) -> None:
        record(self.store, Session(player=player, session_id=f"{game}-round-{points}", game=game, points=points))

    def page(self) -> httpx.Response:
        with self.services.anyone("game") as anyone:
            return anyone.get("/")

    def registered(self) -> set[str]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        return {one["connection_id"]["S"] for one in items if "connection_id" in one and "ended" not in one}


async def until(holds: Any, seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to be in time"
        await asyncio.sleep(0.05)


def test_everybody_who_watches_a_game_hears_of_each_change_in_order_and_of_no_other_game(services: DeployedServices) -> None:
    asyncio.run(_play(Arena(services)))


async def _play(arena: Arena) -> None:
    chance = random.Random(1)  # noqa: S311 (which connections fall is no secret)
    games = [f"game{number}" for number in range(BOARDS)]
    watchers = await asyncio.gather(*(arena.watch(game) for game in games for _ in range(WATCHERS)))
    fallen = set(chance.sample(watchers, len(watchers) // 10))
    for points in range(ROUNDS):
        for player in range(PLAYERS):
            await asyncio.gather(*(asyncio.to_thread(arena.write, game, f"player{player}", points) for game in games))
        if points == 1:
            for watcher in fallen:
                watcher.line.transport.abort()
            assert "SocketGameLiveSocket" in await asyncio.to_thread(deploy_anew, arena.aws)
    alive = [watcher for watcher in watchers if watcher not in fallen]
    await until(lambda: all(watcher.heard() for watcher in alive))
    for watcher in alive:
        for scores in watcher.scores().values():
            assert list(dict.fromkeys(scores)) == list(range(ROUNDS)), "each change, in its order; one may come again"
    await until(lambda: len(arena.registered()) == len(alive), 30)
    await asyncio.gather(*(watcher.line.close() for watcher in alive))
    assert (await asyncio.to_thread(arena.page)).is_success, "the embedded AWS answers while hundreds of connections end"
