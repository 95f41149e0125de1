"""How one entity fills the key of its table or of an index: each key attribute from a template or from a plain attribute."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from gateleg.errors import ItemInvalidError, KeyTemplateError
from gateleg.model.keys.formats import stored_kinds
from gateleg.model.values.hidden import HIDDEN, SecretWire
from gateleg.model.values.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateleg.description.table import KeyType
    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.keys.template import BoundTemplate
    from gateleg.model.values.wire import WireValue

MAX_KEY_BYTES = {"partition": 2048, "sort": 1024}
"""The longest keys that DynamoDB takes."""

CLAIM_MARK = "#unique#"
"""What the keys of claims begin with, and their type: no entity's key begins so."""

_NO_KEYS = (bool, list, dict, set, frozenset, tuple, bytes, int, float, Decimal, BaseModel)


@dataclass(frozen=True)
class KeyPart:
    """One key attribute.

    Attributes:
        stored: Its name in DynamoDB.
        template: The template that makes it; `None` where an attribute is the key by itself.
        attributes: The attributes that it is made of, by name, in order.
        shards: Over how many partitions the items of one value are spread; one, unless it is the partition key of a sharded index.
    """

    stored: str
    template: BoundTemplate | None
    attributes: Mapping[str, Attribute]
    shards: int = 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The attributes that it is made of."""
        return tuple(self.attributes)

    @cached_property
    def plain(self) -> Attribute:
        """The attribute that is the key by itself, where there is no template."""
        return next(iter(self.attributes.values()))

    def wire(self, values: Mapping[str, Any]) -> WireValue | None:
        """The key attribute of these valid values; `None` where one of them is missing.

        Raises:
            ItemInvalidError: A value has no text form in a template.
        """
        for name in self.attributes:
            if values.get(name) is None:
                return None
        if self.template is None:
            return self.plain.encode(values[self.plain.name])
        return self.masked(to_wire(self.template.render(values)))

    def sharded(self, wire: WireValue, shard: int) -> WireValue:
        """The key attribute's wire form in a shard.

        The first shard has no suffix, so that what was stored before there were shards is in it. No value in a template has a `#`, so that no two
        values and shards make one key.
        """
        return self.masked({"S": f"{wire['S']}#{shard}"}) if shard else wire

    def of_item(self, wire: WireValue, key: Mapping[str, WireValue]) -> WireValue:
        """The key attribute's wire form in the shard of an item with this key."""
        if self.shards == 1:
            return wire
        from gateleg.model.keys.shards import shard_of

        return self.sharded(wire, shard_of(key, self.shards))

    def masked(self, wire: WireValue) -> WireValue:
        """A wire form of the key attribute, which does not show itself where a part of it is secret."""
        return SecretWire(wire) if self.secret else wire

    @cached_property
    def secret(self) -> bool:
        """Whether it is made of a secret attribute."""
        return any(attribute.secret for attribute in self.attributes.values())

    def type(self) -> KeyType:
        """The stored type.

        Raises:
            KeyTemplateError: The attribute's values are of a type that a key cannot have.
        """
        return self._type

    @cached_property
    def _type(self) -> KeyType:
        return "S" if self.template is not None else _plain_type(self.plain)


@dataclass(frozen=True)
class KeySchema:
    """The key of the table, or of an index, as one entity fills it.

    Attributes:
        entity: The name of the entity's class, for messages.
        index: The index; `None` for the table.
        partition: The partition key: one attribute, or up to four of an index.
        sort: The sort key: none, one attribute, or up to four of an index.
        local: Whether the index is a local one, which can be read with strong consistency.
    """

    entity: str
    index: str | None
    partition: tuple[KeyPart, ...]
    sort: tuple[KeyPart, ...] = ()
    local: bool = False

    @cached_property
    def parts(self) -> tuple[KeyPart, ...]:
        """The attributes of the partition key, and those of the sort key."""
        return (*self.partition, *self.sort)

    @cached_property
    def partition_names(self) -> tuple[str, ...]:
        """The attributes that the partition key is made of."""
        return tuple(name for part in self.partition for name in part.names)

    @cached_property
    def sort_names(self) -> tuple[str, ...]:
        """The attributes that the sort key is made of, those aside that the partition key has too."""
        return tuple(name for part in self.sort for name in part.names if name not in self.partition_names)

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes that the key is made of, each once, in order."""
        return {name: attribute for part in self.parts for name, attribute in part.attributes.items()}

    @property
    def shards(self) -> int:
        """Over how many partitions the items of one partition key are spread."""
        return self.partition[0].shards

    def wire(self, values: Mapping[str, Any], key: Mapping[str, WireValue] | None = None) -> dict[str, WireValue]:
        """The key attributes of these valid values, without those that miss a value.

        Args:
            values: The values, by name.
            key: The item's key in its table, which says its shard; `None` of that key itself.

        Raises:
            ItemInvalidError: A value has no text form, or a fraction that a key does not hold, or a key is longer than DynamoDB allows.
        """
        for attribute in self._exact:
            attribute.check_exact(values.get(attribute.name))
        found = {part.stored: wire for part in self.parts if (wire := part.wire(values)) is not None}
        self.check_sizes(self.longest(found))
        if key is not None:
            found |= {part.stored: part.of_item(found[part.stored], key) for part in self.partition if part.stored in found}
        return found

    def longest(self, found: Mapping[str, WireValue]) -> Mapping[str, WireValue]:
        """Key attributes as they are in the shard with the longest name: what is stored in one shard can be asked of all."""
        part = self.partition[0]
        return found if part.stored not in found else {**found, part.stored: part.sharded(found[part.stored], part.shards - 1)}

    @cached_property
    def _exact(self) -> tuple[Attribute, ...]:
        """The attributes of which not all that is stored tells values apart, as a table's key must; an index may hold several under one."""
        return tuple(one for one in self.attributes.values() if one.count is not None) if self.index is None else ()

    def check_sizes(self, written: Mapping[str, WireValue]) -> None:
        """Check those of the wire values, by stored name, that are parts of this key.

        Raises:
            ItemInvalidError: A key is empty, longer than DynamoDB allows, or of another type than the key is declared with.
        """
        for role, parts in (("partition", self.partition), ("sort", self.sort)):
            sizes = [self._size(part, role, written[part.stored]) for part in parts if part.stored in written]
            if sum(sizes) > MAX_KEY_BYTES[role]:
                names = ", ".join(name for part in parts for name in part.names)
                message = f"the {role} key of {self.entity} in index {self.index!r} has {sum(sizes)} bytes in its attributes together; DynamoDB takes {MAX_KEY_BYTES[role]}"
                raise ItemInvalidError(message, path=names, value=sum(sizes))

    def _size(self, part: KeyPart, role: str, wire: WireValue) -> int:
        """The bytes of a key attribute's wire value.

        Raises:
            ItemInvalidError: As `check_sizes`, of this attribute alone.
        """
        [(kind, content)] = wire.items()
        shown = HIDDEN if any(attribute.hidden for attribute in part.attributes.values()) else content
        if kind != part.type():
            message = (
                f"the {role} key {part.stored!r} of {self.entity} is declared as {part.type()}, and its save= made {shown!r} of type {kind}"
            )
            raise ItemInvalidError(f"{message}; annotate what save= returns: -> str", path=", ".join(part.names), value=shown)
        size = len(content.encode() if isinstance(content, str) else content)
        if size > MAX_KEY_BYTES[role] or size == 0:
            message = f"the {role} key {part.stored!r} of {self.entity} has {size} bytes; DynamoDB takes 1 to {MAX_KEY_BYTES[role]}"
            raise ItemInvalidError(message, path=", ".join(part.names), value=shown)
        if content[: len(CLAIM_MARK)] in {CLAIM_MARK, CLAIM_MARK.encode()}:
            message = f"the {role} key {part.stored!r} of {self.entity} begins with {CLAIM_MARK!r}, as only the claims of unique values do"
            raise ItemInvalidError(message, path=", ".join(part.names), value=shown)
        return size


def key_types(schemas: Iterable[KeySchema], attributes: Iterable[Attribute], names: Collection[str]) -> dict[str, KeyType]:
    """The stored types of the key attributes that an entity fills, by stored name.

    Args:
        schemas: Its keys.
        attributes: All its attributes.
        names: The key attributes of its table and of all indexes.

    Raises:
        KeyTemplateError: An attribute's values are of a type that a key cannot have.
    """
    own: dict[str, KeyType] = {part.stored: part.type() for schema in schemas for part in schema.parts}
    # DynamoDB demands the type of an index's key of every item that has the attribute, in the index or not.
    others: dict[str, KeyType] = {
        one.stored: KeyPart(one.stored, None, {one.name: one}).type() for one in attributes if one.stored in names
    }
    return {**others, **own}


def _plain_type(attribute: Attribute) -> KeyType:
    kinds = stored_kinds(attribute)
    if kinds and all(issubclass(kind, (int, float, Decimal)) and kind is not bool for kind in kinds):
        return "N"
    if kinds and all(issubclass(kind, (bytes, bytearray)) for kind in kinds):
        return "B"
    if not kinds or any(_is_no_key(kind) for kind in kinds):
        message = f"{attribute!r} is a key by itself and must be text, a number or bytes; its type is {attribute.annotation!r}"
        raise KeyTemplateError(message, path=attribute.name)
    return "S"


def _is_no_key(kind: Any) -> bool:
    return issubclass(kind, _NO_KEYS) or is_dataclass(kind)
