"""One page of a query's answer."""

from __future__ import annotations

from functools import cached_property
from typing import Generic, TypeVar

from pydantic import BaseModel

from gateleg.model.queries.consumed import Reading

T = TypeVar("T")


class Page(BaseModel, Generic[T], defer_build=True):
    """Some items of a query, and the cursor that leads to the next ones; usable as the return annotation of a route.

    A page that is not full is not the last: a filter may have left too few, or none, of what its requests read. The last has no cursor.

    Attributes:
        items: The items, in the query's order; as many as the limit says, or fewer.
        cursor: Give it back for the next page; `None` where there are no more. Opaque, signed, and of use for the same query alone.
    """

    items: list[T]
    cursor: str | None = None

    @cached_property
    def reading(self) -> Reading:
        """What it took to read the page; no part of its content, and not serialized."""
        return Reading()


# Of `Page` alone, which is built should anybody make one: `Page[Message]` is built as it is named.
del Page.model_config["defer_build"]
