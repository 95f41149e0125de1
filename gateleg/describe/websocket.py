"""Describes a `WebSocketResolver`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.describe.handlers import name_of, sorted_uses, uses_with_dependencies
from gateleg.description import App, Route
from gateleg.rest.marks import public_reason_of
from gateleg.websocket.routes import CONNECT

if TYPE_CHECKING:
    from gateleg.websocket.resolver import WebSocketResolver
    from gateleg.websocket.routes import SocketRoute


def describe_websocket(app: str, resolver: WebSocketResolver) -> App:
    """Describe a resolver: its routes, their payloads, and the uses of its connection registry.

    Raises:
        RouteError: A handler's parameters cannot be read from a message.
    """
    return App(
        name=app,
        kind="websocket",
        routes=tuple(_described(resolver, route) for route in resolver.routes.values()),
        action_key=resolver.action_key,
        validates=True,
    )


def _described(resolver: WebSocketResolver, route: SocketRoute) -> Route:
    schema = route.payload_schema()
    called = (*resolver.middlewares, *route.middlewares, route.handler)
    declared = [use for function in called for use in uses_with_dependencies(function)]
    return Route(
        key=route.key,
        handler=name_of(route.handler),
        public=public_reason_of(route.handler),
        operation=None if schema is None or route.key == CONNECT else {"payload": schema},
        uses=sorted_uses([*declared, *resolver.implied_uses(route.key)]),
    )
