"""Requests of HTTP APIs that end in a line feed, of which API Gateway and a resolver think differently.

An HTTP API decodes a path: `/rooms/all%0A` is not `/rooms/all` to it, and goes to `/rooms/{room}`. The `$` of a resolver's pattern stands before a
line feed at the end, too, so that the resolver answers by `/rooms/all`. REST APIs hand a path on as it was sent.
https://github.com/middleapi/standard-server/pull/93 tells of captures on AWS: HTTP APIs decode under both payloads, and REST APIs do not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateleg.description import Route

_KINDS = ("literal", "variable", "greedy")


def with_line_feeds(routes: Sequence[Route], covers: Callable[[Route, Route], bool]) -> list[Route]:
    """The routes of an app, each with those by which the app may answer in its place where the path ends in a line feed.

    Args:
        routes: The app's routes of one API.
        covers: Whether requests for another route would go to a route if the other were not there.
    """
    found: dict[str, list[str]] = {}
    for route in routes:
        if (taken := _taker(route, routes, covers)) is not None:
            found.setdefault(taken.key, []).append(route.key)
    return [replace(route, also=tuple(dict.fromkeys((*route.also, *found.get(route.key, ()))))) for route in routes]


def _taker(route: Route, routes: Sequence[Route], covers: Callable[[Route, Route], bool]) -> Route | None:
    """Which route API Gateway takes a request of another one for, once a line feed is behind it."""
    if not route.segments or route.segments[-1].kind != "literal":
        return None
    wider = (one for one in routes if one.segments and one.segments[-1].kind != "literal" and covers(one, route))
    return min(wider, key=lambda one: ([_KINDS.index(segment.kind) for segment in one.segments], one.method == "ANY"), default=None)
