"""Handlers of the changes of a table: a resolver for its stream, on Powertools' batch processor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.description.marks import uses
from gateleg.description.uses import across_tenants

if TYPE_CHECKING:
    from gateleg.stream.resolver import StreamResolver

__all__ = ["StreamResolver", "across_tenants", "uses"]


def __getattr__(name: str) -> Any:
    # What marks handlers is light; the resolver brings Powertools' batch processor.
    if name == "StreamResolver":
        from gateleg.stream.resolver import StreamResolver

        return StreamResolver
    message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
    raise AttributeError(message)
