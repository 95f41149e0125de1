"""Describes a `WebSocketResolver`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.describe.handlers import declared, name_of, place_of
from gateleg.describe.messages import operations
from gateleg.description import App, Route
from gateleg.description.marks import asked_by, check_marks, public_reason_of
from gateleg.errors import AuthorizerError
from gateleg.places import of_function
from gateleg.websocket.routes import CONNECT

if TYPE_CHECKING:
    from gateleg.websocket.resolver import WebSocketResolver
    from gateleg.websocket.routes import SocketRoute


def describe_websocket(app: str, resolver: WebSocketResolver) -> App:
    """Describe a resolver: its routes, their payloads, and the uses of its connection registry.

    Raises:
        RouteError: A handler's parameters cannot be read from a message.
        AuthorizerError: A handler other than that of `$connect` is marked public, or what that opens cannot be said.
        UsesError: A mark of uses does not reach the route.
    """
    routes = list(resolver.routes.values())
    check_marks((route.key, route.handler) for route in routes)
    told, schemas = operations(resolver, routes)
    return App(
        name=app,
        kind="websocket",
        routes=tuple(_described(resolver, route, told.get(route.key)) for route in routes),
        action_key=resolver.action_key,
        validates=True,
        schemas=schemas,
        sharded=resolver.sharded,
        channels=resolver.has_channels,
        counts_principals=resolver.counts_principals,
    )


def _described(resolver: WebSocketResolver, route: SocketRoute, operation: dict[str, Any] | None) -> Route:
    called = (*resolver.middlewares, *resolver.exception_handlers, *route.middlewares, route.handler)
    public = public_reason_of(route.handler)
    if public is not None and route.key != CONNECT:
        message = (
            f"@public({public!r}) on {name_of(route.handler)} does nothing: a WebSocket has its authorizer on $connect, and {route.key!r} "
            "comes over one that is open; mark the handler of @app.on_connect()"
        )
        raise AuthorizerError(message, path=route.key, value=public, place=of_function(route.handler))
    asked = any(one.required for one in asked_by(called, route.key))
    return Route(
        key=route.key,
        handler=name_of(route.handler),
        public=public,
        place=place_of(route.handler),
        operation=operation if not asked else {**(operation or {}), "repeatable": True},
        **declared(called, resolver.implied_uses(route.key)),
    )
