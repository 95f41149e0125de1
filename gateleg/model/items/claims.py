"""Unique attributes: for each value that is taken, a small item of the same table claims it for the entity that has it.

DynamoDB knows no constraint but that of a key. So the claim's key is made of the value, and whoever would take the value
writes the claim, in one transaction with the entity, on condition that there is none or that it is its own already.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Context, Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gateleg.errors import DeclarationError, ItemInvalidError
from gateleg.model.keys.escapes import escaped
from gateleg.model.keys.key import Key
from gateleg.model.keys.schema import CLAIM_MARK, MAX_KEY_BYTES, key_types
from gateleg.model.kinds import lineage
from gateleg.model.values.annotations import base_types
from gateleg.model.values.hidden import SecretWire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.description.table import KeyType
    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.keys.schema import KeySchema
    from gateleg.model.kinds import Kind, TableBase
    from gateleg.model.values.wire import WireValue

OWNER = "owner"
"""The attribute of a claim that holds the key of the entity that has the value."""

_RESERVED = frozenset("%#.")
_ALL_DIGITS = Context(prec=38)
"""Python's own context would round what DynamoDB tells apart."""
_SINGLE = (str, int, float, Decimal, bytes, date, datetime, time, UUID, Enum)


@dataclass(frozen=True)
class Claim:
    """The claim of one value.

    Attributes:
        attribute: The unique attribute.
        value: The value, in wire form.
        key: The key of the claim's item, as one of the entity's.
    """

    attribute: Attribute
    value: WireValue
    key: Key[Any]

    def item(self, owner: Key[Any], expiry: WireValue | None) -> dict[str, WireValue]:
        """The claim's item; it expires with the entity.

        Args:
            owner: The key of the entity that has the value.
            expiry: The entity's time of expiry, where it has one.
        """
        table = owner.entity.__gateleg__.table
        item = {**self.key.wire, table.type_attribute: {"S": CLAIM_MARK}, OWNER: {"M": dict(owner.wire)}}
        return item if expiry is None or table.ttl is None else {**item, table.ttl: expiry}


class Claims:
    """The unique attributes of one entity.

    Args:
        entity: The entity's class.
        table: Its table.
        attributes: Its attributes, by name.
        schemas: Its keys.

    Attributes:
        attributes: The unique attributes.

    Raises:
        DeclarationError: A unique attribute has no single value, or the table's keys cannot hold claims.
    """

    def __init__(self, entity: type[Kind], table: TableBase, attributes: Mapping[str, Attribute], schemas: Iterable[KeySchema]) -> None:
        self._entity = entity
        self._table = table
        self._watched = {name for name, attribute in attributes.items() if attribute.storage.unique or attribute.stored == table.ttl}
        self.attributes: tuple[Attribute, ...] = tuple(attribute for attribute in attributes.values() if attribute.storage.unique)
        self._types: dict[str, KeyType] = key_types(schemas, attributes.values(), table.all_key_names) if self.attributes else {}
        for attribute in self.attributes:
            _check_type(attribute)
            self._check_key(attribute)

    def __bool__(self) -> bool:
        return bool(self.attributes)

    def concern(self, names: Iterable[str]) -> bool:
        """Whether claims change with these attributes: the unique ones, and the time of expiry."""
        return bool(self.attributes) and not self._watched.isdisjoint(names)

    def of(self, item: Mapping[str, WireValue]) -> dict[str, Claim]:
        """The claims of an item's values, by attribute name; an attribute that it lacks claims nothing.

        Raises:
            ItemInvalidError: A value is of a type that a key cannot hold, or longer than a key.
        """
        found = ((attribute, item.get(attribute.stored, {"NULL": True})) for attribute in self.attributes)
        return {attribute.name: self._claim(attribute, wire) for attribute, wire in found if "NULL" not in wire}

    def _claim(self, attribute: Attribute, wire: WireValue) -> Claim:
        names = (escaped(name, _RESERVED) for name in (_scope(self._entity, attribute), attribute.stored))
        text = f"{CLAIM_MARK}{'.'.join(names)}#{_text(attribute, wire)}"
        size = len(text.encode())
        if size > MAX_KEY_BYTES["partition"]:
            message = f"{attribute!r} is unique, and its value makes a key of {size} bytes; DynamoDB takes {MAX_KEY_BYTES['partition']}"
            raise ItemInvalidError(f"{message}: give it a max_length=", path=repr(attribute), value=attribute.given(wire))
        key = {self._table.partition_key: _filled(self._types[self._table.partition_key], text)}
        if self._table.sort_key is not None:
            key[self._table.sort_key] = _filled(self._types[self._table.sort_key], CLAIM_MARK)
        if attribute.secret:
            key, wire = {name: SecretWire(part) for name, part in key.items()}, SecretWire(wire)
        return Claim(attribute, wire, Key(self._entity, key, {attribute.name: attribute.given(next(iter(wire.values())))}))

    def _check_key(self, attribute: Attribute) -> None:
        if self._types[self._table.partition_key] == "N":
            message = f"{attribute!r} is unique, which takes items under keys of text; the partition key of table {self._table.name!r} is a number"
            raise DeclarationError(f"{message}: make it text", path=repr(attribute))


def _scope(entity: type[Kind], attribute: Attribute) -> str:
    """The name of the eldest entity that declares the attribute in this table: a value is unique among it and all its subclasses."""
    table = entity.__gateleg__.table
    kin: list[Any] = [layout for layout in lineage(entity) if layout.table is table and attribute.name in layout.attributes]
    names: list[str] = [layout.name for layout in kin if layout.attributes[attribute.name].storage.unique]
    return names[-1]


def _filled(kind: KeyType, text: str) -> WireValue:
    """A text as a key attribute of a type; a number cannot hold it, and need not where the other key does."""
    return {"S": text} if kind == "S" else {"B": text.encode()} if kind == "B" else {"N": "0"}


def _text(attribute: Attribute, wire: WireValue) -> str:
    """A value as text, so that each value has one, and no two have the same."""
    [(kind, content)] = wire.items()
    match kind:
        case "S":
            return f"S{content}"
        case "N":
            return f"N{Decimal(content).normalize(_ALL_DIGITS)}"
        case "B":
            return f"B{b64encode(content).decode()}"
        case _:
            message = f"{attribute!r} is unique, and was saved as {attribute.given(wire)!r}; only text, numbers and bytes can be unique"
            raise ItemInvalidError(message, path=repr(attribute), value=attribute.given(wire))


def _check_type(attribute: Attribute) -> None:
    kinds = base_types(attribute.annotation)
    if attribute.storage.save is None and (bool in kinds or not kinds or not all(issubclass(kind, _SINGLE) for kind in kinds)):
        message = f"{attribute!r} is declared with unique=True, and its type is {attribute.annotation!r}"
        raise DeclarationError(
            f"{message}; only text, numbers, bytes and what is stored as those can be unique",
            path=repr(attribute),
            value=attribute.annotation,
        )
