"""The keys of an entity: which attributes and templates fill the keys of its table and of the indexes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateleg.errors import KeyTemplateError
from gateleg.model.index import LocalIndex
from gateleg.model.keys.schema import KeyPart, KeySchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.keys.declared import IndexKey, KeyDeclaration
    from gateleg.model.keys.template import BoundTemplate, Template
    from gateleg.model.kinds import TableBase


class KeySchemas:
    """Matches an entity's declarations to the keys of its table.

    Args:
        entity: The name of the entity's class, for messages.
        table: Its table.
        attributes: Its attributes, by name.
    """

    def __init__(self, entity: str, table: TableBase, attributes: Mapping[str, Attribute]) -> None:
        self._entity = entity
        self._table = table
        self._attributes = attributes

    def primary(self, key: KeyDeclaration[Any]) -> KeySchema:
        """The table's key, as the entity fills it.

        Raises:
            KeyTemplateError: A key attribute that nothing fills, or typed parameters of another key.
        """
        partition = self._part(self._table.partition_key, key.partition, "partition_key=True")
        sort = None if self._table.sort_key is None else self._part(self._table.sort_key, key.sort, "sort_key=True")
        if self._table.sort_key is None and key.sort is not None:
            message = f"{self._entity} has a template for a sort key, {key.sort.text!r}, and table {self._table.name!r} has no sort key"
            raise KeyTemplateError(message, path=f"{self._entity}.key", value=key.sort.text)
        schema = KeySchema(self._entity, None, (partition,), () if sort is None else (sort,))
        self._check_identity(schema)
        if key.parameters is not None and set(key.parameters) != set(schema.attributes):
            message = (
                f"the key of {self._entity} is made of {', '.join(schema.attributes)}; its declaration takes {', '.join(key.parameters)}"
            )
            raise KeyTemplateError(message, path=f"{self._entity}.key", value=key.parameters)
        return schema

    def _check_identity(self, schema: KeySchema) -> None:
        placeholders = [(part.template, one) for part in schema.parts if part.template is not None for one in part.template.placeholders]
        whole = {part.plain.name for part in schema.parts if part.template is None}
        whole |= {one.attribute.name for _, one in placeholders if not one.loses}
        for template, one in placeholders:
            if one.attribute.name not in whole:
                message = f"key template {template.text!r} of {self._entity} formats {one.attribute.name!r} with {one.spec!r}, which makes one key of several values"
                write = f"write {{{one.attribute.name}}}, here or in the other part of the key, or make an attribute of what the format keeps, such as a date"
                raise KeyTemplateError(f"{message}; {write}", path=repr(one.attribute), value=template.text)

    def _part(self, stored: str, template: Template | None, hint: str) -> KeyPart:
        part = self._optional_part(stored, template)
        if part is None:
            message = (
                f"{self._entity} does not say how it fills {stored!r}, a key attribute of table {self._table.name!r}; "
                f"declare key = key(...), an attribute named {stored!r}, or attr({hint})"
            )
            raise KeyTemplateError(message, path=self._entity, value=stored)
        return part

    def _optional_part(self, stored: str, template: Template | None) -> KeyPart | None:
        if template is not None:
            bound: BoundTemplate = template.bind(self._entity, self._attributes)
            return KeyPart(stored, bound, {name: self._attributes[name] for name in bound.names})
        plain = next((attribute for attribute in self._attributes.values() if attribute.stored == stored), None)
        return None if plain is None else KeyPart(stored, None, {plain.name: plain})

    def indexes(self, primary: KeySchema, declared: Mapping[str, IndexKey]) -> dict[str, KeySchema]:
        """The keys of the indexes that the entity is in, by name.

        Args:
            primary: The table's key, whose partitions a local index shares.
            declared: The declarations of index keys.

        Raises:
            KeyTemplateError: A declaration fits no index, or fills one in part.
            DeclarationError: A declaration names an index that the table does not have.
        """
        by_index: dict[str, IndexKey] = {}
        for name, given in declared.items():
            if by_index.setdefault(given.index, given) is not given:
                first = next(other for other, key in declared.items() if key.index == given.index)
                message = f"{self._entity} fills index {given.index!r} twice, by {first} and by {name}; leave one out, or give both one name where a subclass means another key"
                raise KeyTemplateError(message, path=f"{self._entity}.{name}", value=given.index)
        for name, given in declared.items():
            index = self._table.index(given.index)
            if index.sort_key is None and given.sort is not None:
                message = f"{self._entity} has a template for a sort key of index {given.index!r}, which has none"
                raise KeyTemplateError(message, path=f"{self._entity}.{name}", value=given.sort.text)
            if isinstance(index, LocalIndex) and given.partition is not None:
                message = f"index {given.index!r} is local, so its partitions are the table's; write index_key({given.index!r}, sort=...)"
                raise KeyTemplateError(message, path=f"{self._entity}.{name}", value=given.partition.text)
        return {**self._global_indexes(by_index), **self._local_indexes(primary, by_index)}

    def _local_indexes(self, primary: KeySchema, by_index: Mapping[str, IndexKey]) -> dict[str, KeySchema]:
        schemas: dict[str, KeySchema] = {}
        for index in self._table.local_indexes:
            key = by_index.get(index.name)
            sort = self._optional_part(index.sort_key, key.sort if key else None)
            if sort is not None:
                schemas[index.name] = KeySchema(self._entity, index.name, primary.partition, (sort,), local=True)
        return schemas

    def _global_indexes(self, by_index: Mapping[str, IndexKey]) -> dict[str, KeySchema]:
        schemas: dict[str, KeySchema] = {}
        for index in self._table.indexes:
            key = by_index.get(index.name)
            partition = self._parts(index.name, "partition", index.partition_names, key.partition if key else None)
            sort = self._parts(index.name, "sort", index.sort_names, key.sort if key else None)
            lacking = set(index.key_names) - {part.stored for part in (*partition, *sort)}
            if index.sharded > 1 and not lacking:
                partition = (self._sharded(index.name, partition[0], index.sharded),)
            if not lacking:
                schemas[index.name] = KeySchema(self._entity, index.name, partition, sort)
            elif key is not None:
                first = next(name for name in index.key_names if name in lacking)
                role, several = ("partition", index.partition_names) if first in index.partition_names else ("sort", index.sort_names)
                advice = "give index_key a template for it" if len(several) == 1 else f"declare an attribute that is stored as {first!r}"
                message = f"{self._entity} fills index {index.name!r} but not its {role} key {first!r}; {advice}"
                raise KeyTemplateError(message, path=self._entity, value=index.name)
        return schemas

    def _sharded(self, index: str, part: KeyPart, shards: int) -> KeyPart:
        if part.template is None:
            message = f"{self._entity} fills the partition key of index {index!r} with {part.plain!r} as it is, and the index is sharded, which takes text to write the shard into"
            write = f"give it a template, under a name of its own: Index({index!r}, partition_key='...', ...) and index_key({index!r}, '{part.plain.name.upper()}#{{{part.plain.name}}}', ...)"
            raise KeyTemplateError(f"{message}; {write}", path=repr(part.plain), value=shards)
        return replace(part, shards=shards)

    def _parts(self, index: str, role: str, names: tuple[str, ...], template: Template | None) -> tuple[KeyPart, ...]:
        """Those attributes of an index's key that the entity fills.

        Raises:
            KeyTemplateError: A template for a key of several attributes.
        """
        if template is not None and len(names) > 1:
            message = (
                f"{self._entity} has the template {template.text!r} for the {role} key of index {index!r}, which is of several attributes"
            )
            raise KeyTemplateError(
                f"{message}; leave the template out, and declare attributes that are stored as {', '.join(names)}",
                path=self._entity,
                value=template.text,
            )
        found = (self._optional_part(name, template) for name in names)
        return tuple(part for part in found if part is not None)
