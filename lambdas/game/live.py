"""The WebSocket API, whose clients watch a game, and what sends the changes of the table's scores to them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from gateleg.store import Store
from gateleg.stream import StreamResolver
from gateleg.websocket import Connections, WebSocketResolver, public, uses
from lambdas.game.model import GAMES, NAME, Score

MOST = 100

store = Store(GAMES)
connections = Connections(GAMES, shards=lambda topic: 2 if topic.startswith("game:") else 1)
socket = WebSocketResolver(connections, events=[Score])


class Board(BaseModel):
    """The best scores of a game, the most points first."""

    best: list[Score]


@socket.on_connect()
@public("spectators carry no token")
def come() -> None:
    """Let everybody in."""


@socket.route("watch")
@uses(Score.leaders)
def watch(game: Annotated[str, Field(pattern=NAME)], limit: Annotated[int, Field(ge=1, le=MOST)] = 10) -> Board:
    """Send the best scores of a game, and from now on each of its scores that changes."""
    connections.join(f"game:{game}")
    return Board(best=list(store.query(Score.leaders(game=game).limit(limit))))


@socket.route("ping")
def ping() -> None:
    """Keep the connection open: API Gateway closes one that is silent for ten minutes."""


changes = StreamResolver(GAMES)
changes.on_insert(Score).broadcast(connections, topic=lambda score: f"game:{score.game}", message=lambda score: score)
changes.on_modify(Score).broadcast(connections, topic=lambda _, score: f"game:{score.game}", message=lambda _, score: score)
