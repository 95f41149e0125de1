"""How the items of each entity are stored, as plain data: what a later declaration must still read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel

from gateleg.description.entity import AttributeShape, EntityShape
from gateleg.model.items.bodies import body_digest
from gateleg.model.keys.formats import returned_kinds
from gateleg.model.queries.access import AccessPattern
from gateleg.model.value_schemas import DIGITS, value_schemas
from gateleg.model.values.annotations import base_types

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.schema import KeySchema

_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("BOOL", (bool,)),
    ("N", (int, float, Decimal)),
    ("S", (str, date, time, timedelta, UUID)),
    ("B", (bytes, bytearray)),
    ("M", (BaseModel, Mapping)),
    ("set", (AbstractSet,)),
    ("L", (Sequence,)),
)
"""DynamoDB's types by the classes that are stored as them, the narrower first."""


def entity_shapes(entities: Mapping[str, Any]) -> dict[str, EntityShape]:
    """The shapes of a table's entities, by the name that their items carry."""
    return {name: _shape(entity) for name, entity in entities.items()}


def _shape(entity: Any) -> EntityShape:
    layout: Layout = entity.__gateleg__
    patterns: dict[str, AccessPattern[Any]] = entity._declared(AccessPattern)  # noqa: SLF001 (its own metaclass keeps them)
    schemas, keys = value_schemas(entity), (layout.primary, *layout.indexes.values())
    return EntityShape(
        key=_templates(layout.primary),
        indexes={name: _templates(schema) for name, schema in layout.indexes.items()},
        attributes={attribute.stored: _attribute(attribute, schemas.get(attribute.name, {})) for attribute in layout.attributes.values()},
        version=len(layout.options.upgrades),
        patterns={name: pattern.index for name, pattern in patterns.items()},
        partial=tuple(name for name, pattern in patterns.items() if pattern.partial),
        unique=tuple(attribute.stored for attribute in layout.claims.attributes),
        upgrades=tuple(_name(upgrade) for upgrade in layout.options.upgrades),
        bodies=tuple(body_digest(upgrade) for upgrade in layout.options.upgrades),
        unknown="" if layout.options.unknown == "drop" else layout.options.unknown,
        percent_encoded=tuple(
            dict.fromkeys(part.stored for one in keys for part in one.sort if part.template is not None and part.template.percent_encoded)
        ),
        leading={index or "": layout.leading(index) for index in (None, *layout.indexes)} if layout.options.tenant is not None else {},
    )


def _templates(schema: KeySchema) -> dict[str, str]:
    return {part.stored: f"{{{part.plain.name}}}" if part.template is None else part.template.text for part in schema.parts}


def _attribute(attribute: Attribute, schema: dict[str, Any]) -> AttributeShape:
    storage = attribute.storage
    hidden = storage.save is not None or storage.load is not None
    return AttributeShape(
        name=attribute.name,
        types=_types(attribute),
        required=attribute.required,
        form="" if attribute.count is None else attribute.count.value,
        save=_name(storage.save),
        load=_name(storage.load),
        schema={} if hidden else _whole(attribute, schema),
    )


def _whole(attribute: Attribute, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with the digits that a number may have, which pydantic leaves out, and that says so where there may be anything."""
    if not schema and attribute.annotation in {Any, object}:
        return {"anyOf": [{}]}
    digits = {name: getattr(rule, limit) for rule in attribute.constraints for name, limit in DIGITS.items() if hasattr(rule, limit)}
    return schema | {name: number for name, number in digits.items() if number is not None}


def _types(attribute: Attribute) -> tuple[str, ...]:
    classes = returned_kinds(attribute.storage.save)
    if attribute.storage.save is None:
        classes = {int} if attribute.count is not None and datetime in base_types(attribute.annotation) else attribute.stored_types
    found = {_type(kind) for kind in classes if kind is not type(None)}
    return () if "" in found else tuple(sorted(found))


def _type(kind: type) -> str:
    return next((name for name, classes in _TYPES if issubclass(kind, classes)), "")


def _name(function: Callable[[Any], Any] | None) -> str:
    """A function by its name, which tells one from another, and not what is changed within it."""
    return "" if function is None else str(getattr(function, "__qualname__", type(function).__qualname__))
