"""A leaderboard that many watch: the scores of games, and each change of one sent to all who watch that game."""

from typing import Any

from gateleg.model import DESCENDING, Attr, Entity, Index, StreamView, Table, access, attr, index_key, key, version
from gateleg.store import Store
from gateleg.stream import StreamResolver
from gateleg.websocket import Connections, WebSocketResolver, public, uses

GAMES = Table(
    "games",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[Index("best", partition_key="game_key", sort_key="points_key")],
)


class Score(Entity, table=GAMES):
    """The points of a player in a game; `revision` tells clients which of two messages is the newer."""

    game: Attr[str] = attr(min_length=1, max_length=40)
    player: Attr[str] = attr(min_length=1, max_length=40)
    points: Attr[int] = attr(ge=0, le=1_000_000)
    revision: Attr[int] = version()

    key = key("GAME#{game}", "PLAYER#{player}")
    best_key = index_key("best", "GAME#{game}", "{points:07d}")

    @access(index="best", sort=DESCENDING)
    def best(*, game: str) -> None:
        """The scores of a game, the highest first."""


connections = Connections(GAMES, shards=lambda topic: 2 if topic.startswith("game:") else 1)
store = Store(GAMES)

socket = WebSocketResolver(connections)


@socket.on_connect()
@public("anyone may watch")
def watching() -> None:
    """Let everybody in."""


@socket.route("watch")
@uses(Score.best)
def watch(game: str) -> dict[str, Any]:
    """Send the ten best of a game, and from now on each score of it that changes."""
    connections.join(f"game:{game}")
    return {"best": list(store.query(Score.best(game=game).limit(10)))}


changes = StreamResolver(GAMES)
changes.on_insert(Score).broadcast(connections, topic=lambda score: f"game:{score.game}", message=lambda score: score)
changes.on_modify(Score).broadcast(connections, topic=lambda _, score: f"game:{score.game}", message=lambda _, score: score)
