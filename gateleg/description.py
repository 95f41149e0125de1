"""The plain data of a described app: what `gateleg.describe` writes and the constructs read.

Standard library only. A description can be kept in a file and given to a construct in place of the app, for a synth
where the handlers' dependencies are not installed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""The version of the JSON form; a reader refuses any other."""


@dataclass(frozen=True)
class DescribedUse:
    """One operation that a handler declares: what it does to which entity, through the table's key or an index.

    Attributes:
        table: The table's declared name (`Table.name`), not a physical one.
        entity: The entity's class name.
        operation: A verb of `gateleg.model.uses.ACTIONS`: get, put, create, update, delete, check, query, scan, batch_get, batch_write.
        index: The index that is read; `None` for the table itself.
    """

    table: str
    entity: str
    operation: str
    index: str | None = None


@dataclass(frozen=True)
class DescribedRoute:
    """One route of an app.

    Attributes:
        key: `GET /rooms/{room}` for REST, the route key (`send`, `$connect`) for a WebSocket.
        handler: The function behind it, for messages: `lambdas.chat.rest:list_messages`.
        operation: The OpenAPI 3.1 operation object. `None` where the route is kept out of the schema or Powertools could not generate one;
            for a WebSocket route, `{"payload": <JSON schema>}` or `None`.
        uses: The declared uses.
        public: Why the route needs no authorizer; `None` where it does.
        problem: Why there is no schema, where Powertools could not generate one.
    """

    key: str
    handler: str
    operation: dict[str, Any] | None = None
    uses: tuple[DescribedUse, ...] = ()
    public: str | None = None
    problem: str | None = None

    @property
    def method(self) -> str:
        """The HTTP method, upper case; `ANY` for all. Only for REST routes."""
        return self.key.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The path as API Gateway writes it: `/rooms/{room}`. Only for REST routes."""
        return self.key.split(" ", 1)[1]


@dataclass(frozen=True)
class Description:
    """One app: its routes, the schemas they share, what it uses.

    Attributes:
        app: The app string, `package.module:attribute`.
        kind: `rest` for a Powertools `APIGatewayRestResolver`, `websocket` for a `WebSocketResolver`.
        routes: In the order of declaration.
        schemas: `components.schemas` of the app's OpenAPI 3.1 document.
        info: `title`, `version` and, where given, `description` of the API.
        validates: Whether the handlers validate (`enable_validation=True`), so that bad requests may be refused at the gateway too.
        cors: Whether the app answers with CORS headers itself (`cors=CORSConfig(...)`).
    """

    app: str
    kind: Literal["rest", "websocket"]
    routes: tuple[DescribedRoute, ...]
    schemas: dict[str, Any] = field(default_factory=dict[str, Any])
    info: dict[str, str] = field(default_factory=dict[str, str])
    validates: bool = False
    cors: bool = False

    def to_json(self) -> str:
        """The description as JSON, the same for the same app."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """The description as plain data; `from_dict` reads it."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, text: str) -> Description:
        """Read what `to_json` wrote.

        Raises:
            DeclarationError: The text is no description, or one of another format.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise _no_description(error) from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Description:
        """Read what `to_dict` gave.

        Raises:
            DeclarationError: The data are no description, or one of another format.
        """
        try:
            return cls._from_dict(dict(data))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if isinstance(error, DeclarationError):
                raise
            raise _no_description(error) from error

    @classmethod
    def from_file(cls, path: Path) -> Description:
        """Read a description from a file."""
        return cls.from_json(path.read_text(encoding="utf-8"))

    @classmethod
    def _from_dict(cls, data: dict[str, Any]) -> Description:
        if (given := data.pop("format", None)) != FORMAT:
            message = f"the description has format {given!r}, this release reads {FORMAT}; describe the app again"
            raise DeclarationError(message, code="declaration.description", value=given)
        routes = tuple(_route(**route) for route in data.pop("routes"))
        return cls(**data, routes=routes)


def _route(*, uses: list[dict[str, Any]], **fields: Any) -> DescribedRoute:
    return DescribedRoute(uses=tuple(DescribedUse(**use) for use in uses), **fields)


def service_name(app: str) -> str:
    """The short name of an app or handler string, used for functions and logs.

    `lambdas.chat.rest:app` is `chat-rest`: of more than two parts the first is dropped, and an attribute other than `app` is added.
    """
    module, _, attribute = app.partition(":")
    parts = module.split(".")
    if len(parts) > 2:  # noqa: PLR2004 (package.service.module)
        parts = parts[1:]
    return "-".join([*parts, *([attribute] if attribute not in {"", "app"} else [])])


def _no_description(error: Exception) -> DeclarationError:
    message = f"this is no description of an app ({error}); write one with `gateleg describe package.module:app -o file.json`"
    return DeclarationError(message, code="declaration.description")
