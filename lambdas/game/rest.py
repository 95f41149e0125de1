"""The REST API: game servers record what was played, anybody may read it, and the page with the live leaderboard."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path as File
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.logging import correlation_paths
from pydantic import BaseModel, Field

from gateleg.errors import ItemNotFoundError
from gateleg.model import Page
from gateleg.rest import handle_errors, public, uses
from gateleg.store import Store
from lambdas.game.model import GAMES, NAME, Player, Score, Session
from lambdas.game.sessions import record
from lambdas.page import read_page

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

app = APIGatewayRestResolver(enable_validation=True)
logger = Logger()
store = Store(GAMES)
handle_errors(app)
app.configure_openapi(title="Game", version="1.0.0")

Limit = Annotated[int, Query(ge=1, le=100)]
Name = Annotated[str, Path(pattern=NAME)]
SPECTATORS = "spectators carry no token"


class Profile(BaseModel):
    """What a player is called."""

    name: str = Field(min_length=1, max_length=40)


class Played(BaseModel):
    """What was played, and how well."""

    game: str = Field(pattern=NAME)
    points: int = Field(ge=0, le=999_999_999)


@cache
def page_of(socket: str) -> tuple[str, dict[str, str]]:
    """The page and its headers."""
    return read_page(File(__file__).with_name("page.html"), {"socket": socket}, connects_to=[socket])


@app.get("/", include_in_schema=False)
@public(SPECTATORS)
def page() -> Response[str]:
    """The page with the live leaderboard."""
    text, headers = page_of(os.environ["GAME_SOCKET_URL"])
    return Response(200, "text/html; charset=utf-8", text, headers=dict(headers))


@app.put("/players/<player>")
@uses(Player.put)
def join(player: Name, profile: Profile) -> Player:
    """Write a player's profile."""
    return store.put(Player(player=player, name=profile.name))


@app.get("/players/<player>")
@public(SPECTATORS)
@uses(Player.get)
def profile(player: Name) -> Player:
    """A player's profile; 404 if there is none."""
    if found := store.get(Player.key(player=player)):
        return found
    raise ItemNotFoundError(f"there is no player {player}", path=player)


@app.put("/players/<player>/sessions/<session_id>")
@uses(Session.create, Score.get, Score.create, Score.update)
def played(player: Name, session_id: str, played: Played) -> Score:
    """Record a session, once for its id; gives the player's score in the game."""
    return record(store, Session(player=player, session_id=session_id, game=played.game, points=played.points))


@app.get("/players/<player>/sessions")
@public(SPECTATORS)
@uses(Session.of)
def history(player: Name, limit: Limit = 25, cursor: str | None = None) -> Page[Session]:
    """What a player played, the latest first."""
    return store.page(Session.of(player=player), limit=limit, cursor=cursor)


@app.get("/games/<game>/leaders")
@public(SPECTATORS)
@uses(Score.leaders)
def leaders(game: Name, limit: Limit = 10, cursor: str | None = None) -> Page[Score]:
    """The scores of a game, the most points first; the shards of the index are merged."""
    return store.page(Score.leaders(game=game), limit=limit, cursor=cursor)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
