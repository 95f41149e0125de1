"""How the values of an attribute are stored, as its declaration says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model.values.moments import StoredAs

Role = Literal["created_at", "updated_at", "version", "ttl"]
"""What the store does with an attribute by itself."""


@dataclass(frozen=True)
class Storage:
    """How an attribute is stored; rides on its pydantic field as metadata.

    Attributes:
        stored: Its name in DynamoDB; `None` for the attribute's own.
        save: Turns the value into what is stored.
        load: Turns what is stored into the value.
        key: Whether it is the table's partition or sort key by itself.
        role: What the store does with it by itself.
        stored_as: How a datetime is stored; `None` for ISO text, or for epoch seconds where it is the time of expiry.
        unique: Whether no two items have one value.
        forced: Whether the default takes the place of the value with each write.
    """

    stored: str | None = None
    save: Callable[[Any], Any] | None = None
    load: Callable[[Any], Any] | None = None
    key: Literal["partition", "sort"] | None = None
    role: Role | None = None
    stored_as: StoredAs | None = None
    unique: bool = False
    forced: bool = False
