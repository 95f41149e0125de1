"""The reference of a WebSocket API for its clients: one AsyncAPI 3.0 document, as its handlers say it.

The document speaks for the API: it receives what clients send, and sends answers and events. All of it goes over one connection, so there is one
channel. Plain data in, plain data out. Follows https://www.asyncapi.com/docs/reference/specification/v3.0.0 and its binding for WebSockets
(https://github.com/asyncapi/bindings/tree/master/websockets).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gateleg.description.handlers import service_name
from gateleg.description.refusals import ERROR
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.description.app import App
    from gateleg.description.route import Route

_CHANNEL = "#/channels/socket"
_SCHEMAS = "#/components/schemas/"
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9._-]")
REQUEST_ID = "request_id"
"""The key of a message that holds the client's own id of it."""

_REQUEST_ID = {
    "description": "The client's own id of its message, told again in the answer.",
    "type": ["string", "integer"],
    "maxLength": 128,
}


def asyncapi_of(
    app: App, *, title: str | None = None, version: str | None = None, url: str | None = None, schemes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The document.

    Args:
        app: The description of a WebSocket app.
        title: The API's name; by default that of the app.
        version: The API's version.
        url: Where the API is, `wss://host/stage`; left out where nobody knows.
        schemes: How a client says who it is, security schemes of AsyncAPI by name: each of them opens a connection.

    Raises:
        DeclarationError: It is an app of another kind, or the URL is none of a WebSocket API.
    """
    if app.kind != "websocket":
        message = f"{app.name} is a {app.kind} app, and AsyncAPI tells of WebSocket apps; name a WebSocketResolver, such as lambdas.chat.socket:app"
        raise DeclarationError(message, path=app.name, value=app.kind)
    document = _Document(app)
    for route in app.routes:
        document.add(route)
    return document.whole(
        {"title": title or app.title or service_name(app.name), "version": version or app.version or "1.0.0"}, _server(url), schemes or {}
    )


def resolved(app: App, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of an app, or the one that it does no more than refer to."""
    while set(schema) == {"$ref"} and schema["$ref"].startswith(_SCHEMAS):
        schema = app.schemas[schema["$ref"].removeprefix(_SCHEMAS)]
    return dict(schema)


def is_repeatable(app: App, route: Route) -> bool:
    """Whether a message of a route may come again: it asks for a `request_id`, and does once what comes with the same."""
    told = route.operation or {}
    return bool(told.get("repeatable")) or REQUEST_ID in resolved(app, told.get("payload", {})).get("required", ())


class _Document:
    def __init__(self, app: App) -> None:
        self._app = app
        self._names: dict[str, str] = {}
        self._operations: dict[str, Any] = {}
        self._bindings: dict[str, Any] = {"method": "GET"}
        self._subprotocols: list[str] = []
        self._messages: dict[str, Any] = {
            "error": {
                "summary": "What went wrong with a message",
                "payload": _object(error=ERROR, action={"type": ["string", "null"]}, request_id=_REQUEST_ID),
            }
        }

    def add(self, route: Route) -> None:
        """Tell of a route."""
        told = route.operation or {}
        if route.key == "$connect":
            self._connect(told)
        elif route.key == "$disconnect":
            pass
        elif route.key == "$default":
            # Without a handler of the app's own, `$default` answers that there is no such action.
            if told:
                self._receive(route, told, told.get("payload", {}))
        else:
            self._receive(route, told, self._taken(route, told.get("payload")))

    def whole(self, info: dict[str, str], server: dict[str, Any] | None, schemes: Mapping[str, Any]) -> dict[str, Any]:
        """The document of all that was told."""
        if self._app.summary:
            info = {**info, "description": self._app.summary}
        channel: dict[str, Any] = {
            "address": None if server is None else "",
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in self._messages},
            "bindings": {"ws": self._bindings},
        }
        if self._subprotocols:
            channel["description"] = f"Subprotocols, the best first: {', '.join(self._subprotocols)}."
        document: dict[str, Any] = {"asyncapi": "3.0.0", "info": info, "defaultContentType": "application/json"}
        if server is not None:
            document["servers"] = {"api": server}
            if schemes:
                server["security"] = [{"$ref": f"#/components/securitySchemes/{name}"} for name in schemes]
        rest = {"channels": {"socket": channel}, "operations": self._operations, "messages": self._messages}
        used = reachable(rest, self._app.schemas)
        components = {
            "schemas": {name: schema for name, schema in self._app.schemas.items() if name in used},
            "messages": self._messages,
            "securitySchemes": dict(schemes),
        }
        document |= {"channels": rest["channels"], "operations": self._operations}
        document["components"] = {
            name: _of_draft_7(part) if name != "securitySchemes" else part for name, part in components.items() if part
        }
        return document

    def _connect(self, told: Mapping[str, Any]) -> None:
        if "payload" in told:
            query = resolved(self._app, told["payload"])
            self._bindings["query"] = _of_draft_7({"type": "object", "properties": {}, **query})
        if "subprotocols" in told:
            self._subprotocols = told["subprotocols"]
            header = {"type": "string", "description": f"One of {', '.join(self._subprotocols)}, or several of them."}
            self._bindings["headers"] = {"type": "object", "properties": {"Sec-WebSocket-Protocol": header}}
        for name, schema in told.get("events", {}).items():
            own = self._message(name, {"payload": schema, "summary": resolved(self._app, schema).get("description")})
            self._operations[f"send-{own}"] = {
                "action": "send",
                "channel": {"$ref": _CHANNEL},
                "summary": f"Clients get {name} without having asked",
                "messages": [{"$ref": f"{_CHANNEL}/messages/{own}"}],
            }

    def _receive(self, route: Route, told: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        said = {name: told[name] for name in ("summary", "description") if name in told}
        own = self._message(route.key, {"title": route.key, **said, "payload": payload})
        answers = ["error"]
        if "reply" in told:
            frame = _object(action={"const": route.key}, data=told["reply"], request_id=_REQUEST_ID)
            answers.insert(0, self._message(f"{route.key}.reply", {"title": f"Answer to {route.key}", "payload": frame}))
        self._operations[own] = {
            "action": "receive",
            "channel": {"$ref": _CHANNEL},
            **said,
            "messages": [{"$ref": f"{_CHANNEL}/messages/{own}"}],
            "reply": {"channel": {"$ref": _CHANNEL}, "messages": [{"$ref": f"{_CHANNEL}/messages/{name}"} for name in answers]},
        }

    def _message(self, name: str, message: dict[str, Any]) -> str:
        """Add a message, and say by which name: one that a JSON pointer and the specification's pattern allow."""
        plain = own = _UNNAMEABLE.sub("_", name)
        number = 1
        while own in self._messages:
            number += 1
            own = f"{plain}-{number}"
        self._messages[own] = {"name": name, **{key: value for key, value in message.items() if value is not None}}
        return own

    def _taken(self, route: Route, payload: Mapping[str, Any] | None) -> dict[str, Any]:
        """What a client sends: the payload with the action and the request id in the same object."""
        action = self._app.action_key or "action"
        own = {action: {"const": route.key}, REQUEST_ID: _REQUEST_ID}
        required = [action, REQUEST_ID] if is_repeatable(self._app, route) else [action]
        if payload is None:
            return {"type": "object", "required": required, "properties": own}
        schema = resolved(self._app, payload)
        if schema.get("type") != "object" or "allOf" in schema:
            return {"allOf": [{"type": "object", "required": required, "properties": own}, dict(payload)]}
        properties = {**own, **schema.get("properties", {})}
        return {
            **schema,
            "required": [*required, *(name for name in schema.get("required", ()) if name not in required)],
            "properties": properties,
        }


def _server(url: str | None) -> dict[str, Any] | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"wss", "ws"} or not parts.netloc or parts.query or parts.fragment:
        message = (
            f"a WebSocket API is at wss://, a host and the stage, got {url!r}; write wss://a1b2c3.execute-api.eu-north-1.amazonaws.com/live"
        )
        raise DeclarationError(message, path="url", value=url)
    return {"host": parts.netloc, "protocol": parts.scheme, **({"pathname": parts.path} if parts.path else {})}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():  # pyright: ignore[reportUnknownVariableType] (JSON)
            if name == "$ref" and isinstance(part, str):
                yield part
            else:
                yield from _references(part)
    elif isinstance(value, (list, tuple)):
        for part in value:  # pyright: ignore[reportUnknownVariableType] (JSON)
            yield from _references(part)


def reachable(value: Any, schemas: Mapping[str, Any]) -> set[str]:
    """The names of the schemas that something refers to, also by way of others."""
    found, pending = set[str](), [value]
    while pending:
        for reference in _references(pending.pop()):
            name = reference.removeprefix(_SCHEMAS)
            if reference.startswith(_SCHEMAS) and name in schemas and name not in found:
                found.add(name)
                pending.append(schemas[name])
    return found


def _of_draft_7(value: Any) -> Any:
    """JSON Schema as AsyncAPI takes it by default, draft 7: tuples are `items`, and nothing stands beside a `$ref`."""
    if isinstance(value, list):
        return [_of_draft_7(part) for part in value]  # pyright: ignore[reportUnknownVariableType] (JSON)
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {name: _of_draft_7(part) for name, part in value.items()}  # pyright: ignore[reportUnknownVariableType] (JSON)
    if isinstance(made.get("prefixItems"), list):
        made["additionalItems"] = made.pop("items", True)
        made["items"] = made.pop("prefixItems")
    if "$ref" in made and len(made) > 1 and isinstance(made["$ref"], str):
        made = {"allOf": [{"$ref": made.pop("$ref")}], **made}
    return made
