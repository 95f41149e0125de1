"""Answers the events of a WebSocket API."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from gateleg.client.statuses import is_internal
from gateleg.description.names import SWEEP_SOURCE
from gateleg.errors import (
    AnswerInvalidError,
    BindingError,
    ConnectionGoneError,
    ConnectRefusedError,
    DeclarationError,
    GatelegError,
    PayloadError,
    RouteError,
)
from gateleg.websocket.guards import Guard, Guards
from gateleg.websocket.handling import (
    WrittenResult,
    chained,
    echo,
    logger,
    message_arguments,
    own_id,
    place_of,
    plain_frame,
    post,
    query_arguments,
)
from gateleg.websocket.incoming import Incoming
from gateleg.websocket.injection import Injector, awaited
from gateleg.websocket.invocation import CURRENT, CurrentConnection, Invocation, current
from gateleg.websocket.messages import encode, error_frame
from gateleg.websocket.routes import CONNECT, DEFAULT, DISCONNECT, Router, SocketRoute
from gateleg.websocket.subprotocols import Subprotocols
from gateleg.websocket.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateleg.description.uses import Use
    from gateleg.websocket.broadcast import BroadcastResult
    from gateleg.websocket.connections import Connections

_SWEEP_RESERVE = 2_000  # milliseconds
_OK, _BAD, _FORBIDDEN, _FAILED = 200, 400, 403, 500
_REQUEST_ID = "request_id"
_STATUS = re.compile(r"[1-5]\d\d")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


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
            `$request.body.{action_key}`: letters, digits and `_`, a key of the message itself.
        principal: The name in the authorizer's context that says who connects, where there is no registry to say so.
        guards: What is asked of every connection and message before a handler runs.
        subprotocols: What the API speaks (`Sec-WebSocket-Protocol`), the best first. `$connect` is answered with the first that the client offers, too; a
            client that offers none of them is refused, and one that offers nothing is let in.
        events: The types of the messages that clients get without having asked, such as what is broadcast; they stand in the AsyncAPI document.

    Attributes:
        action_key: As given.
        events: As given.
        dependency_overrides: What is called in the place of a dependency, for tests, as with Powertools' resolvers.

    Raises:
        DeclarationError: Messages are to be counted, and there is no registry; or an argument is not what it must be.
    """

    def __init__(
        self,
        connections: Connections | None = None,
        *,
        action_key: str = "action",
        principal: str = "principalId",
        guards: Guards | None = None,
        subprotocols: Sequence[str] = (),
        events: Sequence[type] = (),
    ) -> None:
        super().__init__()
        _check(connections=connections, guards=guards, principal=principal, events=events)
        self.events: tuple[type, ...] = tuple(events)
        self._connections = connections
        self.action_key: str = _checked_key(action_key)
        self.dependency_overrides: dict[Callable[..., Any], Callable[..., Any]] = {}
        self._control = frozenset({action_key, _REQUEST_ID})
        self._subprotocols = Subprotocols(subprotocols)
        self._unknown = SocketRoute(DEFAULT, self.unknown_action)
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
    def subprotocols(self) -> tuple[str, ...]:
        """What the API speaks, the best first."""
        return self._subprotocols.names

    @property
    def sharded(self) -> bool:
        """Whether topics of the registry may have several shards."""
        return self._connections is not None and self._connections.sharded

    @property
    def has_channels(self) -> bool:
        """Whether topics of the registry may be channels of AppSync Events."""
        return self._connections is not None and self._connections.has_channels

    @property
    def counts_principals(self) -> bool:
        """Whether the messages of each principal are counted."""
        return self._guard.counts_principals

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
            the sweep found. For the queue of `WebSocketGateway(workers=...)`, what of the batch is to come again.

        Raises:
            PayloadError: The event is not one of a WebSocket API.
            BatchProcessingError: No message of the workers' batch reached everybody.
        """
        if event.get("source") == SWEEP_SOURCE:
            return self._sweep(event, context)
        if (records := event.get("Records")) is not None:
            return self._work(records, context)
        connection = CurrentConnection.of(event, principal=self._principal)
        invocation = Invocation(event, context, connection, Incoming(event))
        token = CURRENT.set(invocation)
        try:
            if invocation.route_key == CONNECT:
                return self._connect(invocation)
            return self._disconnect(invocation) if invocation.route_key == DISCONNECT else self._message(invocation)
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
        message = current().incoming.message()
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

    def _work(self, records: Any, context: Any) -> dict[str, Any]:
        from gateleg.websocket.worker import work  # brings Powertools' batch processor, which no connection or message needs

        return work(self.connections, records, context)

    def _sweep(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        swept = self.connections.sweep(
            within=timedelta(milliseconds=context.get_remaining_time_in_millis() - _SWEEP_RESERVE), endpoint=event["endpoint"]
        )
        logger.info("swept the registry: %s", swept)
        return asdict(swept)

    def _connect(self, invocation: Invocation) -> dict[str, Any]:
        try:
            self._guard.connecting(invocation.event)
            chosen = self._subprotocols.chosen(invocation.event)
        except ConnectRefusedError as error:
            return self._refusal(invocation, error)
        try:
            if not self._registered(invocation):
                return {"statusCode": _FORBIDDEN}
            answer = _opening(self._run(invocation, self.routes[CONNECT]))
        except Exception as error:  # noqa: BLE001 (whatever a handler raises refuses the client; it is logged)
            self._unregister(invocation)
            return self._refusal(invocation, error)
        if not _opens(answer):
            self._unregister(invocation)
            return answer
        return answer if chosen is None else {**answer, "headers": {"Sec-WebSocket-Protocol": chosen, **(answer.get("headers") or {})}}

    def _registered(self, invocation: Invocation) -> bool:
        """Whether the connection is in the registry now, if there is one; not where it has ended meanwhile, which stays remembered."""
        try:
            if self._connections is not None:
                self._connections.register(invocation.connection)
        except ConnectionGoneError as error:
            logger.info("a connection was refused: %s", error, extra=place_of(invocation))
            return False
        return True

    def _refusal(self, invocation: Invocation, error: Exception) -> dict[str, Any]:
        """The answer to `$connect`: what an exception handler says, where that refuses, and otherwise the error's own."""
        answer, left = self._handled(error)
        if _answers(answer) and not _opens(answer):
            return cast("dict[str, Any]", answer)
        error = left or error
        if isinstance(error, (ConnectRefusedError, PayloadError)):
            logger.info("a connection was refused: %s", error, extra=place_of(invocation))
            return {"statusCode": _FORBIDDEN if isinstance(error, ConnectRefusedError) else _BAD}
        logger.error("$connect failed: %s", error, exc_info=error, extra=place_of(invocation))
        return {"statusCode": _FAILED}

    def _unregister(self, invocation: Invocation) -> None:
        try:
            if self._connections is not None:
                self._connections.withdraw(invocation.connection.id)
        except GatelegError as error:
            logger.warning(
                "refused connection %s is still registered until it expires: %s",
                invocation.connection.id,
                error,
                extra=place_of(invocation),
            )

    def _disconnect(self, invocation: Invocation) -> dict[str, Any]:
        try:
            if self._connections is not None:
                topics = self._connections.forget(invocation.connection.id)
                invocation.connection = replace(invocation.connection, topics=topics)
            if DISCONNECT in self._declared:
                self._run(invocation, self._declared[DISCONNECT])
        except Exception as error:  # noqa: BLE001 (logged, or handled by the app)
            _, left = self._handled(error)
            if left is not None:
                logger.error("$disconnect failed: %s", left, exc_info=left, extra=place_of(invocation))
                return {"statusCode": _FAILED}
        return {"statusCode": _OK}

    def _message(self, invocation: Invocation) -> dict[str, Any]:
        declared = self._declared
        route = declared.get(invocation.route_key) or declared.get(DEFAULT) or self._unknown
        try:
            if self._guard.asks:
                self._guard.message(invocation.connection, invocation.incoming.octets())
            result = self._run(invocation, route)
        except Exception as error:  # noqa: BLE001 (told to the client, and logged where it is ours)
            answer = self._failed(invocation, error)
            self._guard.after(error, invocation.connection.id)
            return answer
        return self._reply(invocation, route.reply.frame, result)

    def _run(self, invocation: Invocation, route: SocketRoute) -> Any:
        def handle(_app: Any) -> Any:
            given = self._arguments(invocation, route)
            if wanted := route.binding.injected:
                given |= Injector(self.dependency_overrides).arguments(wanted)
            return awaited(route.handler(**given))

        return chained((*self._middlewares, *route.middlewares), handle)(self)

    def _arguments(self, invocation: Invocation, route: SocketRoute) -> dict[str, Any]:
        if invocation.route_key == CONNECT:
            return query_arguments(invocation, route)
        return {} if invocation.route_key == DISCONNECT else message_arguments(invocation, route, self._control)

    def _handled(self, error: Exception) -> tuple[Any, Exception | None]:
        """What an exception handler answers, and the error that is left where there is none for it, or it raises one itself."""
        handler = next((self._exception_handlers[base] for base in type(error).__mro__ if base in self._exception_handlers), None)
        try:
            return (None, error) if handler is None else (awaited(handler(error)), None)
        except Exception as raised:  # noqa: BLE001 (a handler may raise an error that is meant for the client)
            return None, raised

    def _failed(self, invocation: Invocation, error: Exception) -> dict[str, Any]:
        answer, left = self._handled(error)
        if left is None:
            return self._reply(invocation, plain_frame, answer)
        error = left
        if is_internal(error):
            logger.error("%s failed: %s", invocation.route_key, error, exc_info=error, extra=place_of(invocation))
        post(invocation, encode(error_frame(error, *echo(invocation, self._declared, self.action_key))))
        # The client is told by the post; API Gateway would count a 4xx as an error of the integration, and alarms of ours would ring for mistakes of theirs.
        return {"statusCode": _FAILED if is_internal(error) else _OK}

    def _reply(self, invocation: Invocation, frame: Callable[[Any, Any, Any], bytes], result: Any) -> dict[str, Any]:
        if isinstance(result, WrittenResult):
            if result.error is not None:
                action, request_id = echo(invocation, self._declared, self.action_key)
                post(invocation, encode({"error": result.error, "action": action, "request_id": request_id}))
                return {"statusCode": _FAILED}
            frame, result = plain_frame, result.data
        if result is not None or own_id(invocation) is not None:
            action, request_id = echo(invocation, self._declared, self.action_key)
            try:
                data = frame(action, result, request_id)
            except (AnswerInvalidError, RouteError) as error:
                logger.error("the result of %s cannot be sent: %s", invocation.route_key, error, extra=place_of(invocation))
                post(invocation, encode(error_frame(RuntimeError(), action, request_id)))
                return {"statusCode": _FAILED}
            post(invocation, data)
        return {"statusCode": _OK}


def _check(*, connections: Any, guards: Any, principal: Any, events: Any) -> None:
    registry = connections is None
    if connections is not None:
        from gateleg.websocket.connections import Connections  # which has been imported where there is a registry

        registry = isinstance(connections, Connections)
    listed = isinstance(events, Collection) and not isinstance(events, str)
    named = isinstance(principal, str) and principal
    rules: dict[str, tuple[Any, Any, str, str]] = {
        "connections": (connections, registry, "the registry", "write connections=Connections(TABLE)"),
        "guards": (guards, guards is None or isinstance(guards, Guards), "Guards", "write guards=Guards(max_bytes=16_384)"),
        "principal": (principal, named, "a name in the authorizer's context", "write principal='principalId', or leave it out"),
        "events": (events, listed, "a list of the classes of messages", "write events=[Said, Presence]"),
    }
    for name, (value, fits, wanted, advice) in rules.items():
        if not fits:
            message = f"WebSocketResolver({name}=...) takes {wanted}, got {value!r}; {advice}"
            raise DeclarationError(message, path=f"WebSocketResolver.{name}", value=value)


def _checked_key(key: str) -> str:
    if not isinstance(key, str) or not _KEY.fullmatch(key):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
        message = f"action_key is the name of a key of the message, of letters, digits and _, got {key!r}"
        # A route selection expression reads a dot as a step into an object, where the handlers would look for one key.
        raise DeclarationError(f"{message}; write action_key='action'", path="action_key", value=key, code="websocket.action_key")
    if key == _REQUEST_ID:
        message = f"{key!r} is the key by which a client finds the answer to its message, and cannot name the route, too"
        raise DeclarationError(f"{message}; write action_key='action'", path="action_key", value=key, code="websocket.action_key")
    return key


def _opening(result: Any) -> dict[str, Any]:
    """The answer to `$connect` that a handler's result stands for.

    Raises:
        AnswerInvalidError: It stands for none: what was meant to refuse must not let in.
    """
    if result is None or isinstance(result, bool):
        return {"statusCode": _FORBIDDEN if result is False else _OK}
    if _answers(result):
        return cast("dict[str, Any]", result)
    message = f"a handler of $connect returns nothing, True, False or {{'statusCode': 200, 'headers': {{...}}}}, got {result!r}"
    raise AnswerInvalidError(f"{message}; raise ConnectRefusedError('...') to refuse", path=CONNECT, value=result)


def _answers(result: Any) -> bool:
    """Whether API Gateway takes it for the answer to `$connect`."""
    if not isinstance(result, dict):
        return False
    given = cast("dict[str, Any]", result)
    return bool(_STATUS.fullmatch(str(given.get("statusCode")))) and isinstance(given.get("headers") or {}, dict)


def _opens(answer: Mapping[str, Any]) -> bool:
    """Whether API Gateway opens the connection: any status but of the 200s refuses it."""
    return str(answer["statusCode"]).startswith("2")
