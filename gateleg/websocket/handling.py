"""What the resolver does around a handler: its arguments, its middlewares, its answer on the way to the client."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.errors import ConnectionGoneError, GatelegError, PayloadError
from gateleg.websocket.injection import awaited
from gateleg.websocket.messages import encode
from gateleg.websocket.routes import DEFAULT
from gateleg.websocket.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.websocket.invocation import Invocation
    from gateleg.websocket.routes import SocketRoute

logger: logging.Logger = logging.getLogger("gateleg.websocket")

_ECHO = 128


@dataclass(frozen=True)
class WrittenResult:
    """A result that was written before, by what its handler says that it returns.

    Attributes:
        data: As JSON has it.
        error: What the client is told in its place: the handler has run, and what it returned cannot be sent.
    """

    data: Any = None
    error: dict[str, Any] | None = None


def message_arguments(invocation: Invocation, route: SocketRoute, control: frozenset[str]) -> dict[str, Any]:
    """The arguments of a message's handler.

    Args:
        invocation: The event.
        route: Whose handler.
        control: The keys that are no part of the payload.

    Raises:
        PayloadError: The message is not what the handler takes.
    """
    incoming, binding, default = invocation.incoming, route.binding, route.key == DEFAULT
    if default and not binding.names and binding.rest is None:
        return {}
    if binding.whole is not None and binding.raw is not None:
        return {binding.whole: incoming.text() if binding.raw is str else incoming.octets()}
    return binding.read(incoming.message(), control=control, unknown="ignore" if default else "forbid")


def query_arguments(invocation: Invocation, route: SocketRoute) -> dict[str, Any]:
    """The arguments of a `$connect` handler: the query string's values, as lists where there are several."""
    event = invocation.event
    single: Mapping[str, Any] = event.get("queryStringParameters") or {}
    several: Mapping[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    return route.binding.read({**single, **{name: values for name, values in several.items() if len(values) > 1}}, unknown="ignore")


def chained(middlewares: tuple[Callable[..., Any], ...], handle: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What calls the middlewares, the first outermost, and in the end the handler."""
    call = handle
    for middleware in reversed(middlewares):
        call = _wrapped(middleware, call)
    return call


def plain_frame(action: Any, result: Any, request_id: Any) -> bytes:
    """An answer whose result is written as it is.

    Raises:
        AnswerInvalidError: It is not JSON, or too large.
    """
    return encode({"action": action, "data": result, "request_id": request_id})


def echo(invocation: Invocation, routes: Mapping[str, SocketRoute], action_key: str) -> tuple[Any, Any]:
    """The action and the client's request id; API Gateway's, where the message has none or cannot be read.

    The action is the route's key where there is one: of an action that is said twice, API Gateway may read the other.
    """
    action = invocation.route_key if invocation.route_key in routes else _said(invocation).get(action_key)
    request_id = own_id(invocation)
    return action[:_ECHO] if isinstance(action, str) else None, invocation.request_id if request_id is None else request_id


def own_id(invocation: Invocation) -> str | int | None:
    """The client's own id of its message, by which it knows the answer; `None` where it gave none that can be told again."""
    try:
        request_id = invocation.incoming.message().get("request_id")
    except PayloadError:
        request_id = _id_in(invocation)
    return request_id if isinstance(request_id, (str, int)) and len(str(request_id)) <= _ECHO else None


def post(invocation: Invocation, data: bytes) -> None:
    """Send the answer to whoever asked; that it cannot be sent is logged."""
    connection = invocation.connection
    try:
        Transport(connection.endpoint).post(connection.id, data)
    except ConnectionGoneError:
        logger.info("connection %s closed before it was answered", connection.id, extra=place_of(invocation))
    except GatelegError as error:
        logger.error("connection %s could not be answered: %s", connection.id, error, extra=place_of(invocation))  # noqa: TRY400 (the error says it all)


def place_of(invocation: Invocation) -> dict[str, Any]:
    """What a log record says of the event, beside the message: `request_id` is API Gateway's, as in its access log."""
    return {"request_id": invocation.request_id, "connection_id": invocation.connection.id, "route_key": invocation.route_key}


def _id_in(invocation: Invocation) -> Any:
    """The id in a message that is refused for what else is in it, such as half a character: its client waits for the answer."""
    try:
        request_id = json.loads(invocation.incoming.text())["request_id"]
        str(request_id).encode()
    except (PayloadError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return request_id


def _said(invocation: Invocation) -> dict[str, Any]:
    try:
        return invocation.incoming.message()
    except PayloadError:
        return {}


def _wrapped(middleware: Callable[..., Any], following: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda app: awaited(middleware(app, following))
