"""Records of a table's stream, as entities: what an item was and what it is."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, cast, get_args

from gateleg.errors import ItemInvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.kinds import Kind, TableBase
    from gateleg.model.values.wire import WireValue

E_co = TypeVar("E_co", bound="Kind", covariant=True)
E = TypeVar("E", bound="Kind")

Event = Literal["INSERT", "MODIFY", "REMOVE"]
"""What happened to an item."""

_TTL_PRINCIPAL = "dynamodb.amazonaws.com"


class Record(Protocol):
    """One record of a stream's Lambda event: a plain dict, or Powertools' `DynamoDBRecord`."""

    def __getitem__(self, key: str, /) -> Any:
        """One of the record's entries."""
        ...

    def get(self, key: str, /) -> Any:
        """One of the record's entries; `None` where it is not there."""
        ...


@dataclass(frozen=True)
class Change(Generic[E_co]):
    """One change of one item.

    Attributes:
        event: What happened.
        old: The entity before; `None` where there was none, where the stream does not hold old images, or where no entity is declared for the item.
        new: The entity after, likewise.
        keys: The item's key attributes in wire form, by stored name.
        at: When it happened, to the second; `None` where the record does not say it.
        sequence: The record's number: what `batchItemFailures` names.
        expired: Whether DynamoDB removed the item because its time was over.
    """

    event: Event
    old: E_co | None
    new: E_co | None
    keys: Mapping[str, WireValue]
    at: datetime | None
    sequence: str
    expired: bool

    def of(self, entity: type[E]) -> Change[E] | None:
        """The change as one of this entity or its subclasses; `None` where it is one of another: `if change := any_change.of(Message): ...`."""
        found = [image for image in (self.old, self.new) if image is not None]
        return cast("Change[E]", self) if found and all(isinstance(image, entity) for image in found) else None


def read_change(table: TableBase, record: Record) -> Change[Any]:
    """A stream's record as a change of an entity of the table. Pure: nothing is read or written.

    Raises:
        ItemInvalidError: It is not a record of a stream.
        StoredItemInvalidError: An image's values are not valid.
    """
    find: Callable[[str], Any] = getattr(record, "get", lambda _: None)
    event = find("eventName")
    content: Mapping[str, Any] = find("dynamodb") or {}
    if event not in get_args(Event) or "Keys" not in content:
        message = "this is not a record of a DynamoDB stream; give one of event['Records'], which has eventName and dynamodb.Keys"
        raise ItemInvalidError(message, path="Records", value=event)
    identity: Mapping[str, Any] = find("userIdentity") or {}
    at = content.get("ApproximateCreationDateTime")
    return Change(
        cast("Event", event),
        _entity(table, content.get("OldImage")),
        _entity(table, content.get("NewImage")),
        _wired(content["Keys"]),
        None if at is None else _moment(at),
        str(content.get("SequenceNumber", "")),
        expired=event == "REMOVE" and identity.get("principalId") == _TTL_PRINCIPAL,
    )


def _moment(at: Any) -> datetime:
    try:
        return at if isinstance(at, datetime) else datetime.fromtimestamp(float(at), UTC)
    except (TypeError, ValueError, OverflowError) as error:
        message = f"the record says that it was made at {at!r}, which is not a number of seconds since 1970; give it as the stream does"
        raise ItemInvalidError(message, path="ApproximateCreationDateTime", value=at) from error


def _entity(table: TableBase, image: Mapping[str, Any] | None) -> Any:
    if not image:
        return None
    entity = table.entities.get(str(table.type_of(image)))
    return None if entity is None else entity.__gateleg__.decode(_wired(image))


def _wired(image: Mapping[str, Any]) -> dict[str, WireValue]:
    return {name: _wire(value) for name, value in image.items()}


def _wire(value: Mapping[str, Any]) -> WireValue:
    """A value as the API has it: a Lambda event spells bytes as base64."""
    [(kind, content)] = value.items()
    match kind:
        case "B":
            return {"B": _bytes(content)}
        case "BS":
            return {"BS": [_bytes(part) for part in content]}
        case "M":
            return {"M": _wired(content)}
        case "L":
            return {"L": [_wire(part) for part in content]}
        case _:
            return {kind: content}


def _bytes(content: Any) -> bytes:
    return b64decode(content) if isinstance(content, str) else bytes(content)
