"""Key conditions, filters and whole queries in wire form: follows "Key condition expressions for the Query operation"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.expressions.conditions import MAX_CHOICES, condition_text
from gateleg.expressions.placeholders import Placeholders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.model.entity import Entity
    from gateleg.model.layout import Layout
    from gateleg.model.paths import Path
    from gateleg.model.query import Query


def query_params(query: Query[Entity]) -> dict[str, Any]:
    """The parameters of DynamoDB's Query for a query, without the table's physical name and the place to begin at.

    Items of other entities in the same partition are filtered out by the table's type attribute.
    """
    placeholders = Placeholders()
    params: dict[str, Any] = {"KeyConditionExpression": key_condition_text(query, placeholders), "ScanIndexForward": query.forward}
    params["FilterExpression"] = _filter_text(query, placeholders)
    if query.index is not None:
        params["IndexName"] = query.index
    if query.consistent_read:
        params["ConsistentRead"] = True
    return {**params, **placeholders.params()}


def key_condition_text(query: Query[Entity], placeholders: Placeholders) -> str:
    """What a query asks of the key, in DynamoDB's language."""
    schema = query.schema
    text = f"{placeholders.name(schema.partition.stored)} = {placeholders.value(query.partition)}"
    if query.sort is None or schema.sort is None:
        return text
    name = placeholders.name(schema.sort.stored)
    values = [placeholders.value(wire) for wire in query.sort.values]
    match query.sort.operator:
        case "between":
            return f"{text} AND {name} BETWEEN {values[0]} AND {values[1]}"
        case "begins_with":
            return f"{text} AND begins_with({name}, {values[0]})"
        case operator:
            return f"{text} AND {name} {operator} {values[0]}"


def type_condition_text(layout: Layout, placeholders: Placeholders) -> str:
    """The condition that an item is of this entity; it also fails where there is no item."""
    return f"{placeholders.name(layout.table.type_attribute)} = {placeholders.value({'S': layout.name})}"


def types_condition_text(layouts: Sequence[Layout], placeholders: Placeholders) -> str:
    """The condition that an item is of one of these entities."""
    if len(layouts) == 1:
        return type_condition_text(layouts[0], placeholders)
    name = placeholders.name(layouts[0].table.type_attribute)
    values = [placeholders.value({"S": layout.name}) for layout in layouts]
    groups = [f"{name} IN ({', '.join(values[begin : begin + MAX_CHOICES])})" for begin in range(0, len(values), MAX_CHOICES)]
    return groups[0] if len(groups) == 1 else f"({' OR '.join(groups)})"


def projection_text(paths: Iterable[Path[Any]], placeholders: Placeholders) -> str:
    """A projection expression: the paths, joined by commas."""
    return ", ".join(placeholders.path(path) for path in paths)


def _filter_text(query: Query[Entity], placeholders: Placeholders) -> str:
    text = types_condition_text(query.entity.__gateleg__.family, placeholders)
    return text if query.filter is None else f"{text} AND {condition_text(query.filter, placeholders)}"
