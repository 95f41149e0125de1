"""Answers the events of a WebSocket API."""

from __future__ import annotations

import inspect
import logging
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from gateleg.client.statuses import is_internal
from gateleg.description.names import SWEEP_SOURCE
from gateleg.errors import AnswerInvalidError, BindingError, ConnectionGoneError, ConnectRefusedError, GatelegError, PayloadError
from gateleg.websocket.guards import Guard, Guards
from gateleg.websocket.invocation import CURRENT, CurrentConnection, Invocation, current
from gateleg.websocket.messages import encode, error_frame
from gateleg.websocket.payload import decode, text_of
from gateleg.websocket.routes import CONNECT, DEFAULT, DISCONNECT, Router, SocketRoute
from gateleg.websocket.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateleg.description.uses import Use
    from gateleg.websocket.broadcast import BroadcastResult
    from gateleg.websocket.connections import Connections

logger: logging.Logger = logging.getLogger(__name__)

_ECHO = 128
_SWEEP_RESERVE = 2_000  # milliseconds
_OK, _BAD, _FORBIDDEN, _FAILED = 200, 400, 403, 500


class WebSocketResolver(Router):
    """Routes the events of an API Gateway WebSocket API to handlers; itself the Lambda handler.

    `$connect` registers the connection, then runs the `on_connect` handler; `$disconnect` removes it from the registry, then runs
    the `on_disconnect` handler. A message is a JSON object whose `action` names its route; the handler's parameters are read from it
    and validated. What goes wrong is told to the client over the socket:
    `{"error": {"code", "message", "details"}, "action", "request_id"}`, where `request_id` is the client's own if it sent one. An
    exception that is not for clients is logged, and the client is told no more than that it happened.

    The Lambda result is a status code without a body, so nothing but the handlers' messages reaches a client.

    Args:
        connections: The registry; without one, connections are not remembered and there are no broadcasts.
        action_key: The key of a message that holds its route key; the gateway's route selection expression is
            `$request.body.{action_key}`.
        principal: The name in the authorizer's context that says who connects, where there is no registry to say so.
        guards: What is asked of every connection and message before a handler runs.

    Raises:
        DeclarationError: Messages are to be counted, and there is no registry.
    """

    def __init__(
        self,
        connections: Connections | None = None,
        *,
        action_key: str = "action",
        principal: str = "principalId",
        guards: Guards | None = None,
    ) -> None:
        super().__init__()
        self._connections = connections
        self.action_key = action_key
        self._principal = connections.principal if connections is not None else principal
        self._guard = Guard(guards, connections)

    @property
    def connections(self) -> Connections:
        """The registry.

        Raises:
            BindingError: The resolver was made without one.
        """
        if self._connections is None:
            raise BindingError("this resolver remembers no connections; write WebSocketResolver(connections=Connections(TABLE))")
        return self._connections

    @property
    def routes(self) -> Mapping[str, SocketRoute]:
        """The declared routes, and those that the resolver answers by itself: `$connect`, `$default`, and with a registry `$disconnect`."""
        own = {CONNECT: self.accept, DEFAULT: self.unknown_action, **({DISCONNECT: self.closed} if self._connections is not None else {})}
        return {**self._declared, **{key: SocketRoute(key, handler) for key, handler in own.items() if key not in self._declared}}

    def implied_uses(self, key: str) -> tuple[Use, ...]:
        """What the resolver itself does to the registry when a route runs.

        Args:
            key: The route's key. Messages may join, leave and broadcast, which is what connecting and disconnecting take, too.
        """
        if self._connections is None:
            return ()
        counting = () if key in {CONNECT, DISCONNECT} else self._guard.uses
        return self._connections.broadcasting.uses if key == DISCONNECT else (*self._connections.registering.uses, *counting)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """The Lambda handler."""
        return self.resolve(event, context)

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answer one event.

        Args:
            event: The Lambda event of a WebSocket API.
            context: The Lambda context.

        Returns:
            The proxy result: a status code, for `$connect` also what its handler returned. For the schedule of `WebSocketGateway(sweep=...)`, what
            the sweep found.

        Raises:
            PayloadError: The event is not one of a WebSocket API.
        """
        if event.get("source") == SWEEP_SOURCE:
            return self._sweep(event, context)
        connection = CurrentConnection.of(event, principal=self._principal)
        token = CURRENT.set(Invocation(event, context, connection))
        try:
            key = current().route_key
            return {CONNECT: self._connect, DISCONNECT: self._disconnect}.get(key, self._message)()
        finally:
            CURRENT.reset(token)

    def broadcast(self, topic: str, payload: Any, *, exclude: Collection[str] = ()) -> BroadcastResult:
        """Send a message to every connection of a topic; see `Connections.broadcast`."""
        return self.connections.broadcast(topic, payload, exclude=exclude)

    def send(self, payload: Any) -> None:
        """Send a message to the client whose message is being answered.

        Raises:
            BindingError: The connection is still being opened, so nothing can be posted to it.
            ConnectionGoneError: It is closed.
            AnswerInvalidError: The payload is not JSON, or larger than 128 KB.
        """
        invocation = current()
        if invocation.connecting:
            raise BindingError("nothing can be sent to a client during $connect: the connection is open when the handler has returned")
        Transport(invocation.connection.endpoint).post(invocation.connection.id, encode(payload))

    def accept(self) -> None:
        """Answers `$connect` where no handler is declared."""

    def closed(self) -> None:
        """Answers `$disconnect` where no handler is declared."""

    def unknown_action(self) -> None:
        """Answers messages that no route takes, where no `on_default` handler is declared.

        Raises:
            PayloadError: Always; it says which actions there are.
        """
        message = decode(text_of(current().event))
        known = ", ".join(key for key in self._declared if not key.startswith("$")) or "none"
        if self.action_key not in message:
            raise PayloadError(
                f"the message has no {self.action_key!r}; write one of: {known}", code="websocket.no_action", path=self.action_key
            )
        raise PayloadError(
            f"there is no such {self.action_key!r}; write one of: {known}",
            code="websocket.unknown_action",
            path=self.action_key,
            value=message[self.action_key],
        )

    def _sweep(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        swept = self.connections.sweep(
            within=timedelta(milliseconds=context.get_remaining_time_in_millis() - _SWEEP_RESERVE), endpoint=event["endpoint"]
        )
        logger.info("swept the registry: %s", swept)
        return asdict(swept)

    def _connect(self) -> dict[str, Any]:
        connection = current().connection
        try:
            self._guard.connecting(current().event)
        except ConnectRefusedError as error:
            return {"statusCode": self._refusal(error)}
        try:
            if not self._registered(connection):
                return {"statusCode": _FORBIDDEN}
            result = self._run(self.routes[CONNECT], _query)
        except Exception as error:  # noqa: BLE001 (whatever a handler raises refuses the client; it is logged)
            self._unregister(connection)
            return {"statusCode": self._refusal(error)}
        if result is False:
            self._unregister(connection)
            return {"statusCode": _FORBIDDEN}
        if isinstance(result, dict) and "statusCode" in result:
            return cast("dict[str, Any]", result)
        return {"statusCode": _OK}

    def _registered(self, connection: CurrentConnection) -> bool:
        """Whether the connection is in the registry now, if there is one; not where it has ended meanwhile, which stays remembered."""
        try:
            if self._connections is not None:
                self._connections.register(connection)
        except ConnectionGoneError as error:
            logger.info("a connection was refused: %s", error)
            return False
        return True

    def _refusal(self, error: Exception) -> int:
        if isinstance(error, (ConnectRefusedError, PayloadError)):
            logger.info("a connection was refused: %s", error)
            return _FORBIDDEN if isinstance(error, ConnectRefusedError) else _BAD
        logger.error("$connect failed: %s", error, exc_info=error)
        return _FAILED

    def _unregister(self, connection: CurrentConnection) -> None:
        try:
            if self._connections is not None:
                self._connections.withdraw(connection.id)
        except GatelegError as error:
            logger.warning("refused connection %s is still registered until it expires: %s", connection.id, error)

    def _disconnect(self) -> dict[str, Any]:
        invocation = current()
        try:
            if self._connections is not None:
                topics = self._connections.forget(invocation.connection.id)
                invocation.connection = replace(invocation.connection, topics=topics)
            if DISCONNECT in self._declared:
                self._run(self._declared[DISCONNECT], _nothing)
        except Exception:
            logger.exception("$disconnect failed")
            return {"statusCode": _FAILED}
        return {"statusCode": _OK}

    def _message(self) -> dict[str, Any]:
        declared = self._declared
        route = declared.get(current().route_key) or declared.get(DEFAULT) or SocketRoute(DEFAULT, self.unknown_action)
        connection = current().connection
        try:
            self._guard.message(connection, text_of(current().event))
            result = self._run(route, self._arguments)
        except Exception as error:  # noqa: BLE001 (told to the client, and logged where it is ours)
            answer = self._failed(error)
            self._guard.after(error, connection.id)
            return answer
        return self._reply(result)

    def _run(self, route: SocketRoute, arguments: Callable[[SocketRoute], dict[str, Any]]) -> Any:
        def handle(_app: Any) -> Any:
            return _awaited(route.handler(**arguments(route)))

        call: Callable[[Any], Any] = handle
        for middleware in reversed((*self.middlewares, *route.middlewares)):
            call = _wrapped(middleware, call)
        return call(self)

    def _arguments(self, route: SocketRoute) -> dict[str, Any]:
        text = text_of(current().event)
        if route.key == DEFAULT and route.binding.takes_text:
            return route.binding.read({}, text)
        control = frozenset({self.action_key, "request_id"})
        return route.binding.read(decode(text), text, control=control, unknown="ignore" if route.key == DEFAULT else "forbid")

    def _failed(self, error: Exception) -> dict[str, Any]:
        handler = next((self._exception_handlers[base] for base in type(error).__mro__ if base in self._exception_handlers), None)
        if handler is not None:
            try:
                return self._reply(handler(error))
            except Exception as raised:  # noqa: BLE001 (a handler may raise an error that is meant for the client)
                error = raised
        if is_internal(error):
            logger.error("%s failed: %s", current().route_key, error, exc_info=error)
        self._post(error_frame(error, *self._echo()))
        return {"statusCode": _FAILED if is_internal(error) else _BAD}

    def _reply(self, result: Any) -> dict[str, Any]:
        if result is not None:
            action, request_id = self._echo()
            frame = {"action": action, "data": result, "request_id": request_id}
            try:
                encode(frame)
            except AnswerInvalidError as error:
                logger.error("the result of %s cannot be sent: %s", current().route_key, error)  # noqa: TRY400 (the stack is ours, the fault is in the result)
                frame = error_frame(RuntimeError(), action, request_id)
            self._post(frame)
        return {"statusCode": _OK}

    def _post(self, frame: dict[str, Any]) -> None:
        try:
            self.send(frame)
        except ConnectionGoneError:
            logger.info("connection %s closed before it was answered", current().connection.id)
        except GatelegError as error:
            logger.error("connection %s could not be answered: %s", current().connection.id, error)  # noqa: TRY400 (the error says it all)

    def _echo(self) -> tuple[Any, Any]:
        """The action and the client's request id; API Gateway's, where the message has none or cannot be read.

        The action is the route's key where there is one: of an action that is said twice, API Gateway may read the other.
        """
        invocation = current()
        try:
            message = decode(text_of(invocation.event))
        except PayloadError:
            message = {}
        action = invocation.route_key if invocation.route_key in self._declared else message.get(self.action_key)
        request_id = message.get("request_id")
        gateways = invocation.event["requestContext"].get("requestId")
        return (
            action[:_ECHO] if isinstance(action, str) else None,
            request_id if isinstance(request_id, (str, int)) and len(str(request_id)) <= _ECHO else gateways,
        )


def _wrapped(middleware: Callable[..., Any], following: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda app: middleware(app, following)


def _awaited(result: Any) -> Any:
    """The result of a handler, also where that is an `async def`."""
    if not inspect.iscoroutine(result):
        return result
    import asyncio

    return asyncio.run(result)


def _nothing(_route: SocketRoute) -> dict[str, Any]:
    return {}


def _query(route: SocketRoute) -> dict[str, Any]:
    """The arguments of a `$connect` handler: the query string's values, as lists where there are several."""
    event = current().event
    single: Mapping[str, Any] = event.get("queryStringParameters") or {}
    several: Mapping[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    return route.binding.read({**single, **{name: values for name, values in several.items() if len(values) > 1}}, unknown="ignore")
