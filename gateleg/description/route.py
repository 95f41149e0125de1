"""One route of an app, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateleg.description.paths import Segment, parse_key, path_of
from gateleg.description.uses import Use

if TYPE_CHECKING:
    from collections.abc import Mapping

Requirements = tuple[dict[str, list[str]], ...]
"""OpenAPI security requirements: one of them must hold, and of that one every name."""


@dataclass(frozen=True)
class Body:
    """What a handler takes as the body of a request.

    Attributes:
        schema: A JSON Schema (2020-12) of all that the handler takes, coerced values included; `{}` where nothing can be said.
        required: Whether there must be one.
        media_types: The content types that the handler declares.
    """

    schema: dict[str, Any]
    required: bool = True
    media_types: tuple[str, ...] = ("application/json",)


@dataclass(frozen=True)
class Route:
    """One route, of an app or named directly.

    Attributes:
        key: `GET /rooms/{room}` for REST, the route key (`send`, `$connect`) for a WebSocket.
        handler: Who answers, for messages: `lambdas.chat.rest:list_messages`.
        uses: What the handler does to tables.
        security: What the route itself asks for; `None` where it says nothing and the gateway's default holds.
        public: Why the route needs no authorizer; `None` where it does.
        also: The keys of other routes of the app that may answer a request which API Gateway delivers by this key, because the
            handlers' patterns are narrower than API Gateway's paths. Their access must be the same.
        cors: Whether its answers carry the app's CORS headers.
        publishes: Whether the handler declares that it sends to WebSocket connections.
        binary: Whether it answers with bytes, or compresses what it answers.
        uploads: Whether it takes a form with files, whose bytes no text holds.
        body: What it takes as a body; `None` for no body, or one that is not described.
        parameters: The query parameters that must be there.
        headers: What its middlewares read of a request's headers, such as `Idempotency-Key`.
        unlisted: What the handler reads of a request and its operation does not list: `query.tenant`, `header.x-lang`, `body`; `anything` where it
            declares nothing that is checked.
        operation: The OpenAPI 3.1 operation object, for readers; of a WebSocket route `payload` and `reply`, JSON schemas,
            `summary` and `description`, and of `$connect` also `subprotocols` and `events`, each where there is one.
        problem: Why there is no operation, where Powertools could not generate one.
        place: Where the handler is declared, for messages: `lambdas/chat/rest.py:88`, from the root; empty where nobody can say.
        unanswered: Why no request would be answered, and what to write instead; `None` where nothing is known to be wrong.
    """

    key: str
    handler: str
    uses: tuple[Use, ...] = ()
    security: Requirements | None = None
    public: str | None = None
    also: tuple[str, ...] = ()
    cors: bool = False
    publishes: bool = False
    binary: bool = False
    uploads: bool = False
    body: Body | None = None
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    operation: dict[str, Any] | None = None
    problem: str | None = None
    place: str = ""
    unanswered: str | None = None

    @cached_property
    def parsed(self) -> tuple[str, tuple[Segment, ...]]:
        """The HTTP method, upper case, and the segments of the path. Only for REST routes.

        Raises:
            RouteError: The key is not a method and a path.
        """
        return parse_key(self.key, self.handler)

    @property
    def method(self) -> str:
        """The HTTP method, upper case; `ANY` for all. Only for REST routes."""
        return self.parsed[0]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments of the path; none for `/`. Only for REST routes."""
        return self.parsed[1]

    @property
    def path(self) -> str:
        """The path as API Gateway writes it: `/rooms/{room}`. Only for REST routes."""
        return path_of(self.segments)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Route:
        """Read what `dataclasses.asdict` gave and JSON kept."""
        fields = with_tuples(data)
        body, uses = fields.pop("body", None), fields.pop("uses", ())
        return cls(**fields, uses=tuple(Use(**with_tuples(use)) for use in uses), body=None if body is None else Body(**with_tuples(body)))


def with_tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    """What JSON kept of a dataclass, whose sequences are tuples."""
    return {name: tuple(value) if value.__class__ is list else value for name, value in data.items()}
