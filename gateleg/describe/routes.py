"""Refuses routes that cannot stand beside each other in one API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.description import DescribedRoute


def refuse_conflicts(routes: Sequence[DescribedRoute]) -> None:
    """Check the routes of one REST app.

    Raises:
        RouteError: Two handlers for one method and path, or two variables under one parent.
    """
    handlers: dict[str, DescribedRoute] = {}
    variables: dict[str, tuple[str, DescribedRoute]] = {}
    for route in routes:
        if first := handlers.setdefault(route.key, route) if route.key in handlers else None:
            raise RouteError(
                f"{route.key} is declared twice: by {first.handler} and by {route.handler}; give one of them another path or method",
                path=route.key,
                value=route.handler,
            )
        handlers[route.key] = route
        _refuse_siblings(route, variables)


def _refuse_siblings(route: DescribedRoute, variables: dict[str, tuple[str, DescribedRoute]]) -> None:
    """API Gateway takes one variable under a parent, whatever the method; Powertools does not care."""
    parts = route.path.split("/")
    for number, part in enumerate(parts):
        if not part.startswith("{"):
            continue
        parent = "/".join(parts[:number]) or "/"
        known, first = variables.setdefault(parent, (part, route))
        if known != part:
            raise RouteError(
                f"API Gateway takes one variable under {parent}: {first.key} ({first.handler}) has {known}, "
                f"{route.key} ({route.handler}) has {part}; write the same variable in both",
                path=route.key,
                value=part,
            )
