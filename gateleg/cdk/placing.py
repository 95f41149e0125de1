"""The place of a route in its API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
