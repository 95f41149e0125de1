"""Key conditions, filters and whole queries in wire form: follows "Key condition expressions for the Query operation"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError
from gateleg.expressions.conditions import MAX_CHOICES, condition_text
from gateleg.expressions.placeholders import Placeholders
from gateleg.expressions.projections import projection_params
from gateleg.model.queries.projection import held_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.model.entity import Entity
    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.paths.path import Path
    from gateleg.model.queries.query import Query, SortCondition


def query_params(query: Query[Entity]) -> dict[str, Any]:
    """The parameters of DynamoDB's Query for a query, without the table's physical name and the place to begin at.

    Items of other entities in the same partition are filtered out by the table's type attribute.

    Raises:
        ExpressionError: An index is read that does not hold what is asked for.
    """
    placeholders = Placeholders()
    layouts = [query.entity.__gateleg__]
    params: dict[str, Any] = {"KeyConditionExpression": key_condition_text(query, placeholders), "ScanIndexForward": query.forward}
    params |= kept_params(layouts, query.index, query.filter, placeholders)
    params |= projection_params(layouts, query.index, query.projection, placeholders)
    if query.index is not None:
        params["IndexName"] = query.index
    if query.consistent_read:
        params["ConsistentRead"] = True
    return {**params, **placeholders.params()}


def scan_params(layouts: Sequence[Layout], index: str | None, where: Condition | None, paths: Sequence[Path[Any]]) -> dict[str, Any]:
    """The parameters of DynamoDB's Scan for the items of some entities of one table, as `query_params` gives those of a query.

    Args:
        layouts: The entities.
        index: The index that is walked through; `None` for the table itself.
        where: What is kept.
        paths: What is read of each item; empty for all of it.

    Raises:
        ExpressionError: The index does not hold what is asked for.
    """
    placeholders = Placeholders()
    params = kept_params(layouts, index, where, placeholders)
    params |= projection_params(layouts, index, paths, placeholders)
    if index is not None:
        params["IndexName"] = index
    return {**params, **placeholders.params()}


def kept_params(layouts: Sequence[Layout], index: str | None, where: Condition | None, placeholders: Placeholders) -> dict[str, Any]:
    """The filter that keeps the items of some entities, and of them those that fulfil a condition.

    Raises:
        ExpressionError: The index does not hold the type of its items, and several entities are in it.
    """
    table = layouts[0].table
    held = held_names(table, index)
    texts: list[str] = []
    if held is None or table.type_attribute in held:
        texts.append(types_condition_text([member for layout in layouts for member in layout.family], placeholders))
    elif others := [entity.__name__ for entity in table.entities.values() if index in entity.__gateleg__.indexes][1:]:
        message = f"index {index!r} does not hold {table.type_attribute!r}, which tells the items of its entities apart"
        raise ExpressionError(f"{message} ({layouts[0]!r}, {', '.join(others)}); add it to the projection: include(...)", path=index)
    if where is not None:
        texts.append(condition_text(where, placeholders))
    return {"FilterExpression": " AND ".join(texts)} if texts else {}


def key_condition_text(query: Query[Entity], placeholders: Placeholders) -> str:
    """What a query asks of the key, in DynamoDB's language."""
    texts = [f"{placeholders.name(stored)} = {placeholders.value(wire)}" for stored, wire in query.asked.items()]
    texts += [_asked_text(part.stored, asked, placeholders) for part, asked in zip(query.schema.sort, query.sort, strict=False)]
    return " AND ".join(texts)


def _asked_text(stored: str, asked: SortCondition, placeholders: Placeholders) -> str:
    name = placeholders.name(stored)
    values = [placeholders.value(wire) for wire in asked.values]
    match asked.operator:
        case "between":
            return f"{name} BETWEEN {values[0]} AND {values[1]}"
        case "begins_with":
            return f"begins_with({name}, {values[0]})"
        case operator:
            return f"{name} {operator} {values[0]}"


def types_condition_text(layouts: Sequence[Layout], placeholders: Placeholders) -> str:
    """The condition that an item is of one of these entities; where there is no item, it is only fulfilled for the table's `default_type`."""
    table = layouts[0].table
    text = _named_text(layouts, placeholders)
    if table.default_type not in {layout.name for layout in layouts}:
        return text
    return f"({text} OR attribute_not_exists({placeholders.name(table.type_attribute)}))"


def _named_text(layouts: Sequence[Layout], placeholders: Placeholders) -> str:
    name = placeholders.name(layouts[0].table.type_attribute)
    values = [placeholders.value({"S": layout.name}) for layout in {layout.name: layout for layout in layouts}.values()]
    if len(values) == 1:
        return f"{name} = {values[0]}"
    groups = [f"{name} IN ({', '.join(values[begin : begin + MAX_CHOICES])})" for begin in range(0, len(values), MAX_CHOICES)]
    return groups[0] if len(groups) == 1 else f"({' OR '.join(groups)})"
