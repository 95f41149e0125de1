"""An entity as its declaration says that items are stored and asked for, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class AttributeShape:
    """How one attribute is stored.

    Attributes:
        name: Its name in Python.
        types: DynamoDB's types of what is stored, as far as the declaration says it: `S`, `N`, `M`; empty where a transform hides it.
        required: Whether an item without it is not valid.
        form: How a datetime is stored where it is not text: `epoch`, `epoch_ms`.
        save: The function that makes what is stored, by its name; empty for none.
        load: The function that reads it, by its name; empty for none.
        schema: The JSON schema of its values; empty where pydantic has none, or a transform makes something else of them.
    """

    name: str
    types: tuple[str, ...] = ()
    required: bool = False
    form: str = ""
    save: str = ""
    load: str = ""
    schema: dict[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AttributeShape:
        """Read what `dataclasses.asdict` gave and JSON kept."""
        given = dict(data)
        given["types"] = tuple(given["types"])
        return cls(**given)


@dataclass(frozen=True)
class EntityShape:
    """How the items of one entity are stored and asked for.

    Attributes:
        key: By the stored name of a key attribute of the table, its template: `ROOM#{room}`; `{room}` where the attribute is the key by itself.
        indexes: The same of each index that holds the entity, by the index's name.
        attributes: Its attributes by their stored names.
        version: The schema version of its items: how many upgrades there are.
        patterns: The index that answers each access pattern, by the pattern's name; `None` for the table's key.
        partial: The access patterns that do with what the index holds.
        unique: The attributes whose values are unique, by their stored names.
        upgrades: The upgrades of its items, by their names.
        bodies: What each of them does, as a digest; empty where nothing tells.
        unknown: What becomes of stored attributes that nobody declares: `keep` or `refuse`; empty where they are dropped.
        percent_encoded: The sort keys, of the table and of indexes, whose text at the end is written as all other is, by their stored names.
        leading: What the partition keys of one tenant begin with, by the index, `""` for the table; empty where the entity has no tenant.
    """

    key: dict[str, str]
    indexes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    attributes: dict[str, AttributeShape] = field(default_factory=dict[str, AttributeShape])
    version: int = 0
    patterns: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    partial: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    upgrades: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    unknown: str = ""
    percent_encoded: tuple[str, ...] = ()
    leading: dict[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EntityShape:
        """Read what `dataclasses.asdict` gave and JSON kept."""
        given = dict(data)
        given["attributes"] = {name: AttributeShape.from_dict(one) for name, one in given["attributes"].items()}
        for name in ("partial", "unique", "upgrades", "bodies", "percent_encoded"):
            given[name] = tuple(given.get(name, ()))
        given["leading"] = {index: tuple(keys) for index, keys in given.get("leading", {}).items()}
        return cls(**given)
