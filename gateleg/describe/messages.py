"""What the routes of a `WebSocketResolver` take and answer, as JSON schemas, and what their handlers' docstrings say."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal

from gateleg.describe.handlers import declaring
from gateleg.errors import RouteError
from gateleg.websocket.routes import CONNECT, DEFAULT, DISCONNECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    from gateleg.websocket.resolver import WebSocketResolver
    from gateleg.websocket.routes import SocketRoute

    _Said: TypeAlias = tuple[tuple[str, str], Literal["validation", "serialization"], TypeAdapter[Any]]

_REFERENCES = "#/components/schemas/{model}"


def operations(resolver: WebSocketResolver, routes: Iterable[SocketRoute]) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """What is told of each route, by key, and the schemas that they refer to.

    Args:
        resolver: The resolver.
        routes: Its routes.

    Raises:
        RouteError: A handler's parameters or its result, or an event, have no schema.
    """
    told: dict[str, dict[str, Any]] = {}
    types: list[_Said] = []
    for route in routes:
        told[route.key] = _spoken(route)
        if route.key not in {CONNECT, DISCONNECT} and (told[route.key] or route.key != DEFAULT):
            told[route.key] |= {"reply": {}} if route.reply.untold else {"reply": {"type": "null"}} if route.reply.described is None else {}
        types += _types(route)
    if resolver.subprotocols:
        told[CONNECT]["subprotocols"] = list(resolver.subprotocols)
    types.extend(((_name_of(event), "events"), "serialization", _event(event)) for event in resolver.events)
    if not types:
        return {key: operation for key, operation in told.items() if operation}, {}
    from pydantic import TypeAdapter

    found, document = TypeAdapter.json_schemas(types, ref_template=_REFERENCES, schema_generator=_generator())
    perhaps = {route.key for route in routes if route.reply.perhaps_none}
    for ((name, what), _), schema in found.items():
        if what == "events":
            told[CONNECT].setdefault("events", {})[name] = schema
        else:
            told[name][what] = {"anyOf": [schema, {"type": "null"}]} if what == "reply" and name in perhaps else schema
    return {key: operation for key, operation in told.items() if operation}, document.get("$defs", {})


def _generator() -> type[GenerateJsonSchema]:
    from pydantic.json_schema import GenerateJsonSchema

    class Written(GenerateJsonSchema):
        """Says that what is sent has the fields with defaults, too, since all of them are written."""

        def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 (pydantic's signature)
            if self.mode == "serialization" and field["type"] != "typed-dict-field":
                return not field.get("serialization_exclude")
            return super().field_is_required(field, total)

    return Written


def _types(route: SocketRoute) -> Iterator[_Said]:
    with declaring(route.handler):
        if route.payload_schema() is not None and (payload := route.binding.described()) is not None:
            yield (route.key, "payload"), "validation", payload
        if route.key not in {CONNECT, DISCONNECT} and (reply := route.reply.described) is not None:
            yield (route.key, "reply"), "serialization", _describable(reply, f"what the handler of {route.key} returns")


def _name_of(event: Any) -> str:
    if not isinstance(event, type):
        message = f"an event is a class, whose name it has in the AsyncAPI document, got {event!r}; write events=[Said, Presence]"
        raise RouteError(message, path="events", value=event)
    return event.__name__


def _event(event: type) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    try:
        return _describable(TypeAdapter(event), f"the event {event!r}")
    except PydanticUserError as error:
        raise _undescribable(f"the event {event!r}", error) from error


def _describable(adapter: TypeAdapter[Any], what: str) -> TypeAdapter[Any]:
    from pydantic.errors import PydanticUserError

    try:
        adapter.json_schema(mode="serialization")
    except PydanticUserError as error:
        raise _undescribable(what, error) from error
    return adapter


def _undescribable(what: str, error: Exception) -> RouteError:
    first = str(error).strip().partition("\n")[0]
    return RouteError(f"{what} has no JSON schema ({first}); write types that pydantic can describe", path=what)


def _spoken(route: SocketRoute) -> dict[str, Any]:
    """The first sentence and the rest of the handler's own docstring."""
    if getattr(route.handler, "__module__", "").startswith("gateleg."):
        return {}
    summary, _, rest = (inspect.getdoc(route.handler) or "").partition("\n\n")
    said = {"summary": " ".join(summary.split()).rstrip("."), "description": rest.strip()}
    return {name: text for name, text in said.items() if text}
