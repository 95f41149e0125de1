"""The place of a route in its API, and what is said where one is named that has none."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateleg.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.cdk.access import Access
    from gateleg.description import Route


@dataclass(frozen=True)
class Placed:
    """One method of one path, or one route key, and the routes that it serves.

    Attributes:
        key: As API Gateway has it: `GET /rooms/{room}`, `send`.
        target: The name of what answers.
        access: Who may call.
        routes: The routes that it serves, all of one target and one access.
    """

    key: str
    target: str
    access: Access
    routes: tuple[Route, ...]


def unknown(said: str, key: str, known: Sequence[str]) -> RouteError:
    """The error of a name that no route has, with those that are like it.

    Args:
        said: What is wrong, which names it.
        key: The name.
        known: The routes that there are.
    """
    near = difflib.get_close_matches(str(key), known, n=3, cutoff=0.3) or known
    return RouteError(f"{said}; write one of {', '.join(map(repr, near))}", path=str(key), value=key)
