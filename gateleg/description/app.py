"""One app: its routes, and what its function and its API must be given."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from gateleg.description.route import Requirements, Route, with_tuples
from gateleg.description.table import TableShape
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 11
"""The version of the JSON form; a reader refuses any other."""

Kind = Literal["rest", "http", "websocket", "stream", "function", "table"]


@dataclass(frozen=True)
class Needs:
    """What a handler needs where it runs.

    Attributes:
        files: The files below the root that it loads, or may load later, by their paths from the root: `lambdas/chat/rest.py`.
        distributions: The installed distributions that it imports from, by their normalized names: `python-ulid`.
        variables: The environment variables without which its import fails, beside those that Lambda sets.
    """

    files: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class CorsConfig:
    """Cross-origin access as an app itself declares and answers it: the arguments of Powertools' `CORSConfig`.

    Attributes:
        allow_origins: `https://host[:port]` each, or the single `*`.
        allow_headers: Request headers that pages may send.
        expose_headers: Response headers that pages may read.
        max_age: For how many seconds a browser may remember the preflight; `None` where the app does not say.
        allow_credentials: Whether cookies and the like may be sent.
    """

    allow_origins: tuple[str, ...]
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age: int | None = None
    allow_credentials: bool = False


@dataclass(frozen=True)
class App:
    """What an app says of itself.

    Attributes:
        name: The app string, `package.module:attribute`.
        kind: `rest` for a Powertools `APIGatewayRestResolver`, `http` for an `APIGatewayHttpResolver`, `websocket` for a `WebSocketResolver`,
            `stream` for a `StreamResolver`, `function` for a plain handler, `table` for the declaration of a table.
        routes: In the order of declaration. Of a stream, its handlers, by what they take: `INSERT Order`. Of a plain handler that declares what it
            does, that one, by its own name.
        title: The API's name, where the app gives one.
        version: The API's version, where the app gives one.
        summary: What the API is for, for readers.
        action_key: Of a WebSocket app, the key of a message that holds its route key.
        validates: Whether the handlers validate requests.
        answers_invalid: Whether the app answers invalid requests in a form of its own, by an exception handler, and not by Powertools'.
        answers_unknown: Whether the app answers what no route has, by `@app.not_found`.
        security: What the app asks for where a route does not say; `None` where it says nothing either.
        cors: What the app answers to other origins; `None` where it does not.
        prefixes: What the app takes off a request's path before it looks for a route; `None` stands for a pattern.
        schemas: The JSON Schemas (2020-12) that bodies refer to by `#/components/schemas/NAME`.
        needs: What the handler needs where it runs.
        table: What a table's declaration says; of a stream, what that of its table says.
        apps: Of a plain handler, the resolvers that it is or calls, of which no more is said than what they answer and whom they ask for.
        beside: Of a plain handler, the resolvers that its modules hold beside these: nobody can tell that it does not call them. The same is said.
        sharded: Of a WebSocket app, whether topics of its registry may have several shards.
        channels: Of a WebSocket app, whether topics of its registry may be channels of AppSync Events.
        counts_principals: Of a WebSocket app, whether it counts the messages of each principal, whom an authorizer has to name.
        authorizes: Of a plain handler that `tokens.authorizer()` made, where it finds the token: `querystring.NAME`, or `channel` of a subscription.
        audience: Of such a handler, which API the tokens are for.
        filters: Of a stream, the filter patterns of which one matches each record that a handler takes; none for every record.
    """

    name: str
    kind: Kind
    routes: tuple[Route, ...] = ()
    title: str | None = None
    version: str | None = None
    summary: str | None = None
    action_key: str | None = None
    validates: bool = False
    answers_invalid: bool = False
    answers_unknown: bool = False
    security: Requirements | None = None
    cors: CorsConfig | None = None
    prefixes: tuple[str | None, ...] = ()
    schemas: dict[str, Any] = field(default_factory=dict[str, Any])
    needs: Needs = field(default_factory=Needs)
    table: TableShape | None = None
    apps: tuple[App, ...] = ()
    beside: tuple[App, ...] = ()
    filters: tuple[dict[str, Any], ...] = ()
    sharded: bool = False
    channels: bool = False
    counts_principals: bool = False
    authorizes: str | None = None
    audience: str | None = None

    def asking(self, route: Route) -> Route:
        """A route of the app with what the app asks for, where the route itself says neither that nor why it is public."""
        return replace(route, security=self.security) if route.security is None and route.public is None else route

    def to_json(self) -> str:
        """The description as JSON, the same for the same app."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """The description as plain data; `from_dict` reads it."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, text: str) -> App:
        """Read what `to_json` wrote.

        Raises:
            DeclarationError: The text is not a description, or one of another format.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise _not_one(error) from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> App:
        """Read what `to_dict` gave.

        Raises:
            DeclarationError: The data are not a description, or one of another format.
        """
        try:
            return cls._from_dict(dict(data))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if isinstance(error, DeclarationError):
                raise
            raise _not_one(error) from error

    @classmethod
    def from_file(cls, path: Path) -> App:
        """Read a description from a file."""
        return cls.from_json(path.read_text(encoding="utf-8"))

    @classmethod
    def _from_dict(cls, data: dict[str, Any]) -> App:
        if (given := data.pop("format", None)) != FORMAT:
            message = f"the description has format {given!r}, this release reads {FORMAT}; describe the app again"
            raise DeclarationError(message, code="declaration.description", value=given)
        return cls._of(data)

    @classmethod
    def _of(cls, data: dict[str, Any]) -> App:
        apps, beside, cors, needs, prefixes, routes, security, table, filters = (
            data.pop(name) for name in ("apps", "beside", "cors", "needs", "prefixes", "routes", "security", "table", "filters")
        )
        return cls(
            **data,
            routes=tuple(map(Route.from_dict, routes)),
            security=None if security is None else tuple(security),
            cors=None if cors is None else CorsConfig(**with_tuples(cors)),
            prefixes=tuple(prefixes),
            needs=Needs(**with_tuples(needs)),
            table=None if table is None else TableShape.from_dict(table),
            apps=tuple(cls._of(dict(app)) for app in apps),
            beside=tuple(cls._of(dict(app)) for app in beside),
            filters=tuple(filters),
        )


def _not_one(error: Exception) -> DeclarationError:
    message = f"this is not a description of an app ({error}); write one with `gateleg describe package.module:app -o file.json`"
    return DeclarationError(message, code="declaration.description")
