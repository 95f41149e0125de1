"""Which changes a handler takes, and how it is called with one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from gateleg.errors import DeclarationError
from gateleg.model import StreamView
from gateleg.stream.filters import matches, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model import Change, Table
    from gateleg.model.items.streams import Event
    from gateleg.model.kinds import Kind
    from gateleg.stream.filters import Pattern

Gives = Literal["new", "old", "both", "change"]
"""With what a handler is called: the entity that is new, the one that was, both, or the whole change."""

Image = Literal["NewImage", "OldImage"]

EXPIRY = "dynamodb.amazonaws.com"
"""Who removes an item whose time is over."""

NEEDED: Mapping[Gives, tuple[Image, ...]] = {"new": ("NewImage",), "old": ("OldImage",), "both": ("NewImage", "OldImage"), "change": ()}
"""The images without which a handler cannot be called."""

HELD: Mapping[str | None, frozenset[Image]] = {
    None: frozenset(),
    StreamView.KEYS_ONLY: frozenset(),
    StreamView.NEW_IMAGE: frozenset({"NewImage"}),
    StreamView.OLD_IMAGE: frozenset({"OldImage"}),
    StreamView.NEW_AND_OLD_IMAGES: frozenset({"NewImage", "OldImage"}),
}
"""The images that a record may have, by what the stream holds."""

OF_EVENT: Mapping[Event, tuple[Image, ...]] = {"INSERT": ("NewImage",), "MODIFY": ("NewImage", "OldImage"), "REMOVE": ("OldImage",)}
"""The images that there are of an event, where the stream holds both."""


@dataclass(frozen=True)
class ChangeHandler:
    """One handler.

    Attributes:
        function: What is called.
        entity: Whose changes it takes, with those of the subclasses.
        events: Which of them.
        gives: What it is called with.
        images: By image, the patterns one of which it must match.
        expired: Whether only what expired, or only what did not, is taken; `None` for both.
        name: What tells it from the other handlers of the app, and is the same in the next version of the app.
    """

    function: Callable[..., Any]
    entity: type[Kind]
    events: tuple[Event, ...]
    gives: Gives
    images: Mapping[Image, tuple[Pattern, ...]]
    expired: bool | None = None
    name: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the entities, as items carry them."""
        return tuple(sorted(layout.name for layout in self.entity.__gateleg__.family))

    @property
    def key(self) -> str:
        """What it takes, for people: `INSERT MODIFY Order`."""
        return f"{' '.join(self.events)} {self.entity.__name__}"

    def takes(self, record: Mapping[str, Any], table: Table) -> bool:
        """Whether a record is one for it: of the event, of the kind, and such as the conditions ask."""
        event, content = record["eventName"], record["dynamodb"]
        if event not in self.events or self.expired not in {None, _expired(record)}:
            return False
        held = [name for name in OF_EVENT[event] if content.get(name)]
        if not held or not set(NEEDED[self.gives]) <= set(held) or any(table.type_of(content[name]) not in self.kinds for name in held):
            return False
        return all(any(matches(one, content[name]) for one in patterns) for name, patterns in self.images.items())

    def call(self, change: Change[Any]) -> Any:
        """Call the function with what it takes of a change whose record `takes` is true of."""
        given = {"new": (change.new,), "old": (change.old,), "both": (change.old, change.new), "change": (change,)}
        return self.function(*given[self.gives])

    def patterns(self, table: Table) -> list[Pattern]:
        """What the event source hands on for it: one of these matches each record that it takes, and maybe others."""
        return [pattern for event in self.events for pattern in self._patterns(table, event)]

    @property
    def unconditional(self) -> ChangeHandler:
        """The same of every item of its kinds."""
        return replace(self, images={}, expired=None)

    def _patterns(self, table: Table, event: Event) -> list[Pattern]:
        image = next(name for name in OF_EVENT[event] if name in HELD[table.stream])
        images: list[Pattern] = [{} if table.default_type in self.kinds else {image: {table.type_attribute: {"S": list(self.kinds)}}}]
        for name, patterns in self.images.items():
            images = [merged(one, {name: other} if other else {}) for one in images for other in patterns]
        known: Pattern = {"eventName": [event], **({"userIdentity": {"principalId": [EXPIRY]}} if self.expired else {})}
        return [{**known, **({"dynamodb": one} if one else {})} for one in images]


def _expired(record: Mapping[str, Any]) -> bool:
    identity: Mapping[str, Any] = record.get("userIdentity") or {}
    return identity.get("principalId") == EXPIRY


def check_view(table: Table, needed: tuple[Image, ...], handler: str) -> None:
    """Check that a table's stream holds the images that a handler needs.

    Raises:
        DeclarationError: It does not, or there is no stream.
    """
    if set(needed) <= HELD[table.stream]:
        return
    views = [view for view in StreamView if set(needed) <= HELD[view]]
    words = " and the ".join({"NewImage": "new", "OldImage": "old"}[name] for name in needed)
    held = "has no stream" if table.stream is None else f"has a stream of {table.stream.value}"
    message = f"{handler} needs the {words} image of an item, and table {table.name!r} {held}; write Table({table.name!r}, ..., stream=StreamView.{views[-1].name})"
    raise DeclarationError(message, path=table.name, value=table.stream)
