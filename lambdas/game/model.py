"""What the game stores: players, the sessions that they played, and the best score of each in each game."""

from __future__ import annotations

from datetime import datetime

from gateleg.model import (
    ALL,
    DESCENDING,
    Attr,
    Entity,
    Index,
    StreamView,
    Table,
    access,
    attr,
    created_at,
    index_key,
    key,
    updated_at,
    version,
)

GAMES = Table(
    "games",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[Index("by_points", partition_key="gsi1pk", sort_key="gsi1sk", projection=ALL, sharded=4)],
)

NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"


class Player(Entity, table=GAMES):
    """Somebody who plays."""

    player: Attr[str] = attr(pattern=NAME)
    name: Attr[str] = attr(min_length=1, max_length=40)
    joined_at: Attr[datetime] = created_at()
    changed_at: Attr[datetime] = updated_at()

    key = key("PLAYER#{player}", "PROFILE")


class Session(Entity, table=GAMES):
    """A game that somebody played to its end; the game server chooses its id, a ULID or anything else that sorts by time."""

    player: Attr[str] = attr(pattern=NAME)
    session_id: Attr[str] = attr(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]*$")
    game: Attr[str] = attr(pattern=NAME)
    points: Attr[int] = attr(ge=0, le=999_999_999)
    ended_at: Attr[datetime] = created_at()

    key = key("PLAYER#{player}", "SESSION#{session_id}")

    @access(sort=DESCENDING)
    def of(*, player: str) -> None:
        """What somebody played, the latest first."""


class Score(Entity, table=GAMES):
    """The most points that a player has in a game; `revision` tells watchers which of two messages is the newer.

    It lies with its player, so that no partition of the table holds all scores of a game; those of the index are spread over shards.
    """

    player: Attr[str] = attr(pattern=NAME)
    game: Attr[str] = attr(pattern=NAME)
    points: Attr[int] = attr(ge=0, le=999_999_999)
    revision: Attr[int] = version()

    key = key("PLAYER#{player}", "SCORE#{game}")
    points_key = index_key("by_points", "GAME#{game}", "{points:09d}#{player}")

    @access(index="by_points", sort=DESCENDING)
    def leaders(*, game: str, since: int | None = None) -> None:
        """The scores of a game, the most points first."""
