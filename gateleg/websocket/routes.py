"""Routes of a WebSocket API: which function answers which route key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import RouteError
from gateleg.websocket.injection import refuse_generator
from gateleg.websocket.invocation import current
from gateleg.websocket.payload import Binding
from gateleg.websocket.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from aws_lambda_powertools.utilities.data_classes import APIGatewayWebSocketEvent

    from gateleg.websocket.invocation import CurrentConnection

    _Handler = TypeVar("_Handler", bound=Callable[..., Any])

CONNECT, DISCONNECT, DEFAULT = "$connect", "$disconnect", "$default"


@dataclass(frozen=True)
class SocketRoute:
    """One route.

    Attributes:
        key: What API Gateway selects it by.
        handler: The function.
        middlewares: Run before it, after those of the resolver.
    """

    key: str
    handler: Callable[..., Any]
    middlewares: tuple[Callable[..., Any], ...] = ()

    @cached_property
    def binding(self) -> Binding:
        """How the handler's parameters are read."""
        return Binding(self.handler)

    @cached_property
    def reply(self) -> Reply:
        """How the handler's result is written."""
        return Reply(self.binding, _name(self.handler))

    def payload_schema(self) -> dict[str, Any] | None:
        """The JSON schema of what the handler takes; `None` where it takes nothing."""
        return self.binding.schema()


class Router:
    """Routes in a module of their own; a resolver takes them with `include_router`."""

    def __init__(self) -> None:
        self._declared: dict[str, SocketRoute] = {}
        self._middlewares: list[Callable[..., Any]] = []
        self._exception_handlers: dict[type[Exception], Callable[[Any], Any]] = {}

    @property
    def routes(self) -> Mapping[str, SocketRoute]:
        """The routes, by key, in the order of declaration."""
        return dict(self._declared)

    @property
    def middlewares(self) -> tuple[Callable[..., Any], ...]:
        """What runs before every route."""
        return tuple(self._middlewares)

    @property
    def exception_handlers(self) -> tuple[Callable[..., Any], ...]:
        """What answers for a route that raises, each once."""
        return tuple(dict.fromkeys(self._exception_handlers.values()))

    def on_connect(self, *, middlewares: Iterable[Callable[..., Any]] = ()) -> Callable[[_Handler], _Handler]:
        """Register the handler of `$connect`.

        Its parameters are read from the query string. It refuses the client by raising `ConnectRefusedError` or returning `False`;
        a returned `{"statusCode": ..., "headers": ...}` is passed on, which is how a subprotocol is chosen. Whatever else it returns but nothing or `True`
        refuses the client, too, and is logged. Nothing can be posted to the client yet.
        """
        return self._register(CONNECT, middlewares)

    def on_disconnect(self, *, middlewares: Iterable[Callable[..., Any]] = ()) -> Callable[[_Handler], _Handler]:
        """Register the handler of `$disconnect`, which takes no parameters and runs after the connection has left the registry.

        `current_connection.topics` has what it was subscribed to.

        Raises:
            RouteError: The handler has parameters without defaults, or yields.
        """
        return self._register(DISCONNECT, middlewares)

    def on_default(self, *, middlewares: Iterable[Callable[..., Any]] = ()) -> Callable[[_Handler], _Handler]:
        """Register the handler of messages that no route takes; without one, the client is told which actions there are.

        A handler without parameters, or with `Annotated[str, Payload()]`, also takes text that is not JSON.
        """
        return self._register(DEFAULT, middlewares)

    def route(self, key: str, *, middlewares: Iterable[Callable[..., Any]] = ()) -> Callable[[_Handler], _Handler]:
        """Register the handler of messages whose action is `key`.

        Parameters are read from the message by name and validated, and keys that no parameter names are refused; what is returned is sent to the client as
        `{"action": key, "data": ...}`, validated by the function's return annotation. `None` is sent to a client that gave a `request_id`, and no other.

        Raises:
            RouteError: The key is empty, longer than 128 characters, begins with `$`, or is taken; or the handler yields.
        """
        if not isinstance(key, str) or not key or len(key) > 128:  # noqa: PLR2004 (API Gateway's limit)  # pyright: ignore[reportUnnecessaryIsInstance]: `@app.route` without its key gives the function here
            raise RouteError(f"a route key has 1 to 128 characters, {key!r} was given; write @app.route('send')", value=key)
        if key.startswith("$"):
            known = {CONNECT: "@app.on_connect()", DISCONNECT: "@app.on_disconnect()", DEFAULT: "@app.on_default()"}
            raise RouteError(f"{key!r} is not an action of a client; write {known.get(key, 'a key without $')}", path=key, value=key)
        return self._register(key, middlewares)

    def use(self, middlewares: Iterable[Callable[..., Any]]) -> None:
        """Run these before every route, in this order.

        Raises:
            RouteError: One of them yields.
        """
        self._middlewares.extend(_checked(middlewares))

    def exception_handler(self, exc_class: type[Exception] | list[type[Exception]]) -> Callable[[_Handler], _Handler]:
        """Register what answers an exception raised by a handler; its result is sent to the client as `data`.

        The handler of the most specific class is taken.
        """
        classes = exc_class if isinstance(exc_class, list) else [exc_class]

        def register(handler: _Handler) -> _Handler:
            refuse_generator(handler, "the exception handler")
            self._exception_handlers.update(dict.fromkeys(classes, handler))
            return handler

        return register

    def include_router(self, router: Router) -> None:
        """Take over a router's routes, middlewares and exception handlers.

        Raises:
            RouteError: A route key is taken.
        """
        for route in router.routes.values():
            self._add(SocketRoute(route.key, route.handler, (*router.middlewares, *route.middlewares)))
        self._exception_handlers = {**router._exception_handlers, **self._exception_handlers}

    @property
    def current_event(self) -> APIGatewayWebSocketEvent:
        """The event that is being resolved, as Powertools' data class."""
        from aws_lambda_powertools.utilities.data_classes import APIGatewayWebSocketEvent

        return APIGatewayWebSocketEvent(dict(current().event))

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of the event that is being resolved."""
        return current().lambda_context

    @property
    def current_connection(self) -> CurrentConnection:
        """The connection that the event came over."""
        return current().connection

    @property
    def context(self) -> dict[str, Any]:
        """What was appended for this event."""
        return current().context

    def append_context(self, **additional: Any) -> None:
        """Keep values until the event is answered."""
        current().context.update(additional)

    def clear_context(self) -> None:
        """Forget what was appended; once the event is answered, that happens by itself."""
        current().context.clear()

    def _register(self, key: str, middlewares: Iterable[Callable[..., Any]]) -> Callable[[_Handler], _Handler]:
        outer = _checked(middlewares)

        def register(handler: _Handler) -> _Handler:
            refuse_generator(handler, "the handler")
            self._add(SocketRoute(key, handler, outer))
            return handler

        return register

    def _add(self, route: SocketRoute) -> None:
        if first := self._declared.get(route.key):
            raise RouteError(
                f"{route.key} is declared twice: by {_name(first.handler)} and by {_name(route.handler)}; give one of them another key",
                path=route.key,
                value=route.handler,
            )
        if route.key == DISCONNECT and Binding(route.handler).required:
            raise RouteError(
                f"{_name(route.handler)} takes parameters, and $disconnect has none; write a function without, "
                "and read current_connection and current_event",
                path=route.key,
                value=route.handler,
            )
        self._declared[route.key] = route


def _checked(middlewares: Iterable[Callable[..., Any]]) -> tuple[Callable[..., Any], ...]:
    given = tuple(middlewares)
    for middleware in given:
        refuse_generator(middleware, "the middleware")
    return given


def _name(handler: Callable[..., Any]) -> str:
    return f"{handler.__module__}:{getattr(handler, '__qualname__', type(handler).__name__)}"
