"""The files of the client: the script as it is, but for one line that says what the app's routes are; their types are written from the schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.browser.typescript import Types, comment, names_of
from gateleg.description.asyncapi import is_repeatable, reachable, resolved
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.description.app import App
    from gateleg.description.route import Route

SCRIPT, TYPES = "socket.js", "socket.d.ts"
_CHANNEL = ("channel.js", "channel.d.ts")
_FOLDER = Path(__file__).parent
_PING = "ping"
_CONTROL = "request_id"
_NOTHING: dict[str, Any] = {"type": "object", "additionalProperties": False}


def client_files(app: App) -> dict[str, str]:
    """The script and its types, by the names of their files; beside them `channel.js` and its types, where topics are channels of AppSync.

    Args:
        app: The description of a WebSocket app.

    Raises:
        DeclarationError: It is an app of another kind.
    """
    if app.kind != "websocket":
        message = f"{app.name} is a {app.kind} app, and the client speaks to WebSocket apps; name a WebSocketResolver, such as lambdas.chat.socket:app"
        raise DeclarationError(message, path=app.name, value=app.kind)
    script, types = _read(SCRIPT), _read(TYPES)
    lines = script.splitlines(keepends=True)
    lines[1] = f"const API = {json.dumps(_configuration(app))};\n"
    return {
        SCRIPT: "".join(lines),
        TYPES: "".join([*_declarations(app), "\n", types]),
        **{name: _read(name) for name in _CHANNEL if app.channels},
    }


def _read(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


def _called(app: App) -> list[Route]:
    return [route for route in app.routes if not route.key.startswith("$")]


def _configuration(app: App) -> dict[str, Any]:
    """What the script must know of the routes."""
    pings = any(route.key == _PING and not _payload(app, route).get("required") for route in app.routes)
    return {
        "action": app.action_key or "action",
        "ping": _PING if pings else None,
        "repeatable": [route.key for route in _called(app) if is_repeatable(app, route)],
    }


def _payload(app: App, route: Route) -> dict[str, Any]:
    """What a message of a route holds beside its action and its id, which the client writes."""
    if route.operation is None:  # nobody knows
        return {"type": "object"}
    schema = resolved(app, route.operation.get("payload", _NOTHING))
    control = {_CONTROL, app.action_key or "action"}
    if not control & schema.get("properties", {}).keys():
        return schema
    properties = {name: part for name, part in schema["properties"].items() if name not in control}
    required = [name for name in schema.get("required", ()) if name not in control]
    return {**schema, "properties": properties, "required": required} if properties else _NOTHING


def _referred(app: App) -> list[str]:
    """The schemas that the types refer to."""
    told = [(_payload(app, route), (route.operation or {}).get("reply")) for route in _called(app)]
    used = reachable([told, _connect(app).get("events", {})], app.schemas)
    return [name for name in app.schemas if name in used]


def _connect(app: App) -> dict[str, Any]:
    operations: list[dict[str, Any]] = [route.operation or {} for route in app.routes if route.key == "$connect"]
    return operations[0] if operations else {}


def _declarations(app: App) -> Iterator[str]:
    names = names_of(_referred(app))
    here, inside = Types({schema: f"Api.{name}" for schema, name in names.items()}), Types(names)
    yield f"// Written by `gateleg client {app.name}`.\n\n/** What clients send, by its action, and what they are answered. */\nexport interface Calls {{\n"
    for route in _called(app):
        told = route.operation or {}
        yield comment(_sentences(told.get("summary"), told.get("description"), _REPEATABLE if is_repeatable(app, route) else None), "  ")
        payload, reply = here.written(_payload(app, route), "    "), here.written(told.get("reply", True), "    ")
        yield f"  {json.dumps(route.key)}: {{\n    payload: {payload};\n    reply: {reply};\n  }};\n"
    connect = _connect(app)
    events = " | ".join(here.written(schema) for schema in connect.get("events", {}).values())
    protocols = " | ".join(map(json.dumps, connect.get("subprotocols", ())))
    yield f"}}\n\n/** What clients get without having asked. */\nexport type Message = {events or 'unknown'};\n\n"
    yield f"/** What the API speaks, the best first. */\nexport type Protocol = {protocols or 'string'};\n\nexport declare namespace Api {{\n"
    for schema, name in names.items():
        yield f"{comment(app.schemas[schema].get('description', ''), '  ')}  type {name} = {inside.written(app.schemas[schema], '  ')};\n"
    yield "}\n"


_REPEATABLE = "Sent again until it is answered, as the API does it once for each request id"


def _sentences(*parts: str | None) -> str:
    return " ".join(f"{part.strip().rstrip('.')}." for part in parts if part)
