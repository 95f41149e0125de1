"""An access pattern matched to a key: checked once as the class is made, filled in with each call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from inspect import Parameter
from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import AccessPatternError, ItemInvalidError
from gateleg.model.keys.formats import sorting_remedy, sorts_by_itself
from gateleg.model.keys.schema import MAX_KEY_BYTES
from gateleg.model.queries.access import DESCENDING
from gateleg.model.queries.projection import held_names
from gateleg.model.queries.query import Query, SortCondition
from gateleg.model.queries.ranges import plain_range, template_range
from gateleg.model.values.annotations import base_types
from gateleg.model.values.hidden import HIDDEN, says_so

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.schema import KeyPart, KeySchema
    from gateleg.model.kinds import Kind
    from gateleg.model.queries.access import AccessPattern, RangeOperator
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Kind")

_MOST_CHARACTER_BYTES = 4
_NUMBERS = (int, float, Decimal)


@dataclass(frozen=True)
class Plan:
    """How an access pattern's parameters fill a key.

    Attributes:
        label: `Message.in_room`, for messages.
        parameters: The pattern's parameters, by name.
        forward: Whether the smallest sort key comes first.
        schema: The key that answers it.
        fixed: The sort key's attributes that parameters fix, in the key's order.
        ranges: The range parameters and what they ask.
    """

    label: str
    parameters: Mapping[str, Parameter]
    forward: bool
    schema: KeySchema
    fixed: tuple[str, ...]
    ranges: Mapping[str, RangeOperator]

    def query(self, entity: type[E], arguments: Mapping[str, Any]) -> Query[E]:
        """The query for these arguments.

        Raises:
            AccessPatternError: An argument is unknown or missing.
            ItemInvalidError: A value of the wrong type, or a range that holds nothing.
        """
        given = self._with_defaults(arguments, hidden=says_so(entity))
        values = self._checked(given)
        partition = tuple(wire for part in self.schema.partition if (wire := part.wire(values)) is not None)
        if len(partition) != len(self.schema.partition):
            absent = next(name for name in self.schema.partition_names if values[name] is None)
            raise ItemInvalidError(f"{self.label} needs a value for {absent!r}, None was given", path=absent)
        conditions = self._sort_conditions(given, values)
        self.schema.check_sizes(self.schema.longest(self._asked(partition, conditions)))
        if conditions and not all(map(_is_short, conditions[-1].values)):
            from gateleg.model.queries import bounds

            conditions = (*conditions[:-1], bounds.within_keys(self.label, conditions[-1]))
        return Query(entity, self.schema, partition, conditions, forward=self.forward)

    def _asked(self, partition: tuple[WireValue, ...], conditions: tuple[SortCondition, ...]) -> dict[str, WireValue]:
        asked = {part.stored: wire for part, wire in zip(self.schema.partition, partition, strict=True)}
        sort = zip(self.schema.sort, conditions, strict=False)
        return asked | {part.stored: condition.values[0] for part, condition in sort if condition.operator == "="}

    def _with_defaults(self, arguments: Mapping[str, Any], *, hidden: bool) -> dict[str, Any]:
        parameters = self.parameters
        wanted = f"{self.label}({', '.join(str(parameter) for parameter in parameters.values())})"
        for name in arguments:
            if name not in parameters:
                shown: Any = HIDDEN if hidden else name
                raise AccessPatternError(f"{shown!r} is not a parameter of {wanted}", path=self.label, value=shown)
        missing = [name for name, parameter in parameters.items() if parameter.default is Parameter.empty and name not in arguments]
        if missing:
            raise AccessPatternError(f"{', '.join(missing)} is missing; write {wanted}", path=self.label, value=missing)
        return {name: arguments.get(name, parameter.default) for name, parameter in parameters.items()}

    def _checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        attributes = self.schema.attributes
        checked = {
            name: None if value is None else attributes[name].check(value) for name, value in given.items() if name not in self.ranges
        }
        for name, value in checked.items():
            attributes[name].check_exact(value)
        return checked

    def _sort_conditions(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[SortCondition, ...]:
        fixed = self._leading(values)
        bounds: dict[RangeOperator, Any] = {operator: given[name] for name, operator in self.ranges.items() if given[name] is not None}
        conditions: list[SortCondition] = []
        for part in self.schema.sort:
            condition = self._sort_condition(part, {name: values[name] for name in (*self.schema.partition_names, *fixed)}, bounds)
            if condition is not None:
                conditions.append(condition)
            if condition is None or condition.operator != "=":
                break
        return tuple(conditions)

    def _sort_condition(self, part: KeyPart, known: Mapping[str, Any], bounds: Mapping[RangeOperator, Any]) -> SortCondition | None:
        if part.template is None:
            # Of several, one that the partition key is made of too stands between those that are asked for.
            asked = part.plain.name in self.fixed or len(self.schema.sort) > 1
            return plain_range(self.label, part, known.get(part.plain.name) if asked else None, bounds)
        condition = template_range(self.label, part.template, known, bounds)
        return replace(condition, values=tuple(map(part.masked, condition.values))) if condition is not None and part.secret else condition

    def _leading(self, values: Mapping[str, Any]) -> list[str]:
        present = [name for name in self.fixed if values[name] is not None]
        if present != list(self.fixed[: len(present)]):
            skipped = next(name for name in self.fixed if values[name] is None)
            message = f"{self.label} was given {present[-1]!r} without {skipped!r}, which comes before it in the key"
            raise AccessPatternError(message, path=self.label, value=present[-1])
        return present


def _is_short(wire: WireValue) -> bool:
    """Whether a look is enough to see that a value is no longer than keys are."""
    return "N" in wire or len(next(iter(wire.values()))) * _MOST_CHARACTER_BYTES <= MAX_KEY_BYTES["sort"]


def make_plans(layout: Layout, patterns: Mapping[str, AccessPattern[Any]]) -> dict[str, Plan]:
    """Match each of an entity's access patterns to the key that answers it.

    Raises:
        AccessPatternError: A pattern reads an index that is not there, that does not hold the entity, or whose key its parameters do not fit.
    """
    return {name: _planned(f"{layout.entity.__name__}.{name}", layout, pattern) for name, pattern in patterns.items()}


def _planned(label: str, layout: Layout, pattern: AccessPattern[Any]) -> Plan:
    if pattern.index is None:
        return _matched(label, pattern, layout.primary)
    table, entity = layout.table, layout.entity.__name__
    if pattern.index not in {index.name for index in table.all_indexes}:
        known = ", ".join(repr(index.name) for index in table.all_indexes) or "none"
        message = f"{label} reads index {pattern.index!r}, which table {table.name!r} does not have; declared: {known}"
        raise AccessPatternError(message, path=label, value=pattern.index)
    if pattern.index not in layout.indexes:
        message = f"{label} reads index {pattern.index!r}, and {entity} is not in it; declare index_key({pattern.index!r}, ...)"
        raise AccessPatternError(message, path=label, value=pattern.index)
    if not pattern.partial:
        _check_held(label, layout, pattern.index)
    return _matched(label, pattern, layout.indexes[pattern.index])


def _check_held(label: str, layout: Layout, index: str) -> None:
    held = held_names(layout.table, index)
    if held is not None and (lacking := sorted(layout.read_names - held)):
        message = f"{label} reads index {index!r}, whose projection lacks {', '.join(lacking)}, so that no whole {layout.entity.__name__} comes out of it"
        raise AccessPatternError(
            f"{message}; project ALL, include(...) all of them, or declare @access(partial=True)", path=label, value=index
        )


def _matched(label: str, pattern: AccessPattern[Any], schema: KeySchema) -> Plan:
    """Match a pattern to a key.

    Raises:
        AccessPatternError: The parameters do not answer to the key; the message lists what would.
    """
    names = list(pattern.parameters)
    sort_names = schema.sort_names
    fixed = tuple(name for name in sort_names if name in names)
    ranges: dict[str, RangeOperator] = {
        name: pattern.ranges[name] for name in names if name not in schema.attributes and name in pattern.ranges
    }
    place = "the table's key" if schema.index is None else f"index {schema.index!r}"
    for name in names:
        if name not in schema.attributes and name not in ranges:
            message = f"{label} takes {name!r}, which {place} does not answer; its attributes: {', '.join(schema.attributes)}"
            raise AccessPatternError(f"{message}; ranges: {', '.join(pattern.ranges)}", path=label, value=name)
    if missing := [name for name in schema.partition_names if name not in names]:
        message = f"{label} lacks {', '.join(missing)}: {place} needs every attribute of its partition key"
        raise AccessPatternError(message, path=label, value=names)
    if optional := [name for name in schema.partition_names if pattern.parameters[name].default is None]:
        message = f"{label} has the default None for {optional[0]!r}, a part of the partition key of {place}, which every question needs"
        raise AccessPatternError(f"{message}; leave the default out", path=label, value=optional[0])
    if fixed != tuple(sort_names[: len(fixed)]):
        skipped = next(name for name in sort_names if name not in fixed)
        message = f"{label} takes {fixed[-1]!r} without {skipped!r}, which comes before it in the sort key of {place}"
        raise AccessPatternError(message, path=label, value=fixed[-1])
    if ranges:
        _check_ranges(label, pattern, schema, fixed, ranges)
    elif pattern.order == DESCENDING:
        _check_descending(label, schema, fixed)
    return Plan(label, pattern.parameters, pattern.order != DESCENDING, schema, fixed, ranges)


def _check_ranges(
    label: str, pattern: AccessPattern[Any], schema: KeySchema, fixed: tuple[str, ...], ranges: Mapping[str, RangeOperator]
) -> None:
    first = next(iter(ranges))
    if not schema.sort or len(set(ranges.values())) != len(ranges) or ("begins_with" in ranges.values() and len(ranges) > 1):
        message = f"{label} cannot have the ranges {', '.join(ranges)}: a sort key takes one lower and one upper end, or one prefix"
        raise AccessPatternError(message, path=label, value=first)
    if {">", ">="} <= set(ranges.values()) or {"<", "<="} <= set(ranges.values()):
        raise AccessPatternError(f"{label} has two parameters for one end of the range: {', '.join(ranges)}", path=label, value=first)
    optional = [name for name in fixed if pattern.parameters[name].default is not Parameter.empty]
    known = {*schema.partition_names, *fixed}
    part = next((part for part in schema.sort if not known.issuperset(part.names)), None)
    if optional or part is None:
        message = f"{label} has the range {first!r} and no attribute for it: a range asks of the attribute after the fixed ones"
        reason = f", and {optional[0]!r} is optional" if optional else f"; the sort key has only {', '.join(schema.sort_names) or 'text'}"
        raise AccessPatternError(message + reason, path=label, value=first)
    _check_ranged(label, part, next(name for name in part.names if name not in known), set(ranges.values()), first)


def _check_ranged(label: str, part: KeyPart, name: str, operators: set[RangeOperator], first: str) -> None:
    attribute = part.attributes[name]
    kinds = base_types(attribute.annotation)
    if "begins_with" in operators and not all(issubclass(kind, (str, bytes)) for kind in kinds):
        raise AccessPatternError(f"{label} asks for a prefix of {attribute!r}, which is not text", path=label)
    if part.template is None and len(operators) > 1 and operators != {">=", "<="}:
        message = (
            f"{label}: a plain sort key takes two ends only as `since` and `until`, both included; give the range {first!r} a key template"
        )
        raise AccessPatternError(message, path=label)
    if "begins_with" not in operators:
        _check_sorted(f"{label} has the range {first!r} of", label, part, name)


def _check_descending(label: str, schema: KeySchema, fixed: tuple[str, ...]) -> None:
    """Numbers of which the largest are asked for first are to be sorted as such: in a text, 9 is larger than 10."""
    known = {*schema.partition_names, *fixed}
    part, name = next(((part, name) for part in schema.sort for name in part.names if name not in known), (None, ""))
    if part is not None and (kinds := base_types(part.attributes[name].annotation)) and all(issubclass(kind, _NUMBERS) for kind in kinds):
        _check_sorted(f"{label} gives the largest first of", label, part, name)


def _check_sorted(what: str, label: str, part: KeyPart, name: str) -> None:
    attribute = part.attributes[name]
    spec, reserved, is_sorted = "", frozenset[str](), False
    if part.template is None:
        is_sorted = sorts_by_itself(attribute)
    else:
        placeholder = part.template.placeholders[part.template.names.index(name)]
        spec, reserved, is_sorted = placeholder.spec, placeholder.reserved, placeholder.sorts
    if not is_sorted:
        where = "by itself" if part.template is None else repr(part.template.text)
        message = f"{what} {attribute!r}, whose text in the key {where} does not sort as its values do"
        raise AccessPatternError(f"{message}; {sorting_remedy(attribute, spec, reserved)}", path=label, value=spec)
