"""Describes a `StreamResolver`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.describe.handlers import declared, name_of, place_of
from gateleg.description import App, Route
from gateleg.description.marks import check_marks, public_reason_of
from gateleg.errors import AuthorizerError, DeclarationError
from gateleg.places import of_function

if TYPE_CHECKING:
    from gateleg.stream import StreamResolver


def describe_stream(app: str, resolver: StreamResolver) -> App:
    """Describe a resolver: its table, its handlers with their uses, and the filters of its event source.

    Raises:
        DeclarationError: It has no handlers.
        ExpressionError: A filter pattern is longer than Lambda takes.
        AuthorizerError: A handler is marked public.
        UsesError: A mark of uses does not reach a handler.
    """
    handlers = list(resolver.handlers)
    if not handlers:
        message = f"{app} has no handlers, so that nobody would take a change; write @app.on_change(...) above a function"
        raise DeclarationError(message, path=app)
    check_marks(handlers)
    return App(
        name=app,
        kind="stream",
        routes=tuple(_described(resolver, key, handler) for key, handler in handlers),
        table=resolver.table.shape(),
        filters=resolver.filters,
    )


def _described(resolver: StreamResolver, key: str, handler: Any) -> Route:
    if (public := public_reason_of(handler)) is not None:
        message = f"@public({public!r}) on {name_of(handler)} does nothing: a stream is read by its function alone; leave it out"
        raise AuthorizerError(message, path=key, value=public, place=of_function(handler))
    return Route(key, name_of(handler), place=place_of(handler), **declared([handler], resolver.implied_uses))
