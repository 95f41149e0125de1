"""Conditions on an item as event filter patterns, which Lambda asks of each record of a stream before it calls a function.

Follows https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html and
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax. A pattern knows exact texts, prefixes, `anything-but`
and whether a leaf is there; numbers of items are texts in a record, which it cannot order.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from gateleg.errors import ExpressionError
from gateleg.model.entity_shapes import entity_shapes
from gateleg.model.paths.conditions import Comparison, FunctionCall, Joined, Membership, Negated, Operand, as_condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.model.kinds import Kind
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.paths.place import Place

Pattern = dict[str, Any]
"""A filter pattern, or a part of one: by name a pattern of what is below, or a list of what the leaf may be."""

THERE: list[Any] = [{"exists": True}]
ABSENT: list[Any] = [{"exists": False}]

_SCALARS = frozenset({"S", "N", "B", "BOOL", "NULL"})
_LEAST, _MOST = -7, 21
"""Between which powers of ten DynamoDB is known to write a number without an exponent."""
_ALTERNATIVES = 5
"""How many patterns a condition may become: as many as Lambda takes in all."""


def patterns_of(condition: Condition | None, entity: type[Kind]) -> tuple[Pattern, ...]:
    """The patterns of an image, one of which matches where the condition holds of the item.

    Args:
        condition: A condition on items of the entity; `None` for any item.
        entity: The entity.

    Raises:
        ExpressionError: No pattern says it, it names an attribute of another entity, or one whose values are secret.
    """
    if condition is None:
        return ({},)
    for path in as_condition(condition).paths():
        entity.__gateleg__.check_path(path)
    found = _Writer(entity).alternatives(condition, holds=True)
    if len(found) > _ALTERNATIVES:
        message = f"the condition is {len(found)} patterns for Lambda, which takes {_ALTERNATIVES}; ask for less of it here, and for the rest in the handler"
        raise ExpressionError(message, path=entity.__name__)
    return tuple(found)


def matches(pattern: Mapping[str, Any], record: Any) -> bool:
    """Whether a record matches a pattern, as Lambda would decide."""
    held: Mapping[str, Any] = cast("Mapping[str, Any]", record) if isinstance(record, Mapping) else {}
    return all(
        matches(cast("Pattern", wanted), held.get(name)) if isinstance(wanted, Mapping) else any(_is(one, name, held) for one in wanted)
        for name, wanted in pattern.items()
    )


def _is(wanted: Any, name: str, held: Mapping[str, Any]) -> bool:
    if not isinstance(wanted, Mapping):
        return name in held and held[name] == wanted
    [(operator, operand)] = cast("Mapping[str, Any]", wanted).items()
    if operator == "exists":
        return (name in held) is operand
    if name not in held:
        return False
    return str(held[name]).startswith(operand) if operator == "prefix" else held[name] not in operand


class _Writer:
    """Writes the conditions on one entity."""

    def __init__(self, entity: type[Kind]) -> None:
        layout = entity.__gateleg__
        self._shapes = entity_shapes({layout.name: entity})[layout.name].attributes

    def alternatives(self, condition: Condition, *, holds: bool) -> list[Pattern]:
        """The patterns of a condition, or of its opposite."""
        match condition:
            case Negated(part=part):
                return self.alternatives(part, holds=not holds)
            case Joined(word=word, parts=parts):
                each = [self.alternatives(part, holds=holds) for part in parts]
                return _all(each) if (word == "AND") is holds else [one for alternatives in each for one in alternatives]
            case Comparison(operator=operator, left=Operand(path=path, size=False), right=dict()) if operator in {"=", "<>"}:
                return self._equal(path, [cast("Mapping[str, Any]", condition.right)], holds=(operator == "=") is holds)
            case Membership(subject=Operand(path=path, size=False), choices=choices) if all(isinstance(one, dict) for one in choices):
                return self._equal(path, cast("Sequence[Mapping[str, Any]]", choices), holds=holds)
            case FunctionCall(function="begins_with", subject=Operand(path=path), arguments=({"S": str(prefix)},)) if holds:
                return [_at(path, {"S": [{"prefix": prefix}]})]
            case FunctionCall(function="attribute_exists" | "attribute_not_exists" as function, subject=Operand(path=path)):
                return self._there(path, holds=(function == "attribute_exists") is holds)
            case _:
                raise _unsaid(condition, holds=holds)

    def _equal(self, path: Place, wires: Sequence[Mapping[str, Any]], *, holds: bool) -> list[Pattern]:
        by_type: dict[str, list[Any]] = {}
        for wire in wires:
            [(kind, value)] = wire.items()
            by_type.setdefault(kind, []).append(_text(path, kind, value))
        if holds:
            return [_at(path, {kind: values}) for kind, values in by_type.items()]
        if len(by_type) > 1:
            message = f"{path!r} is compared with values of several types, which no one pattern says; compare it with those of one"
            raise ExpressionError(message, path=repr(path))
        [(kind, values)] = by_type.items()
        other: list[Any] = [not value for value in values] if kind == "BOOL" else [{"anything-but": values}]
        # What is not there differs, too; and so does what is stored as another type.
        always = path.attribute.required and self._types(path) == (kind,)
        differs = [] if kind == "NULL" else [_at(path, {kind: other})]
        return differs if always else [*differs, _at(path, {kind: ABSENT})]

    def _there(self, path: Place, *, holds: bool) -> list[Pattern]:
        types = () if path.steps else self._types(path)
        if not types or not set(types) <= _SCALARS:
            message = (
                f"whether {path!r} is there is a question for the handler: Lambda knows it of texts, numbers, bytes and booleans alone, "
                "that are attributes by themselves"
            )
            raise ExpressionError(message, path=repr(path))
        held = (*types, *(("NULL",) if path.attribute.keeps_null else ()))
        return [_at(path, {kind: THERE}) for kind in held] if holds else [_at(path, dict.fromkeys(held, ABSENT))]

    def _types(self, path: Place) -> tuple[str, ...]:
        return self._shapes[path.attribute.stored].types


def _at(path: Place, value: Pattern) -> Pattern:
    """A pattern of the value of a path, in its place in the image."""
    if path.attribute.hidden or path.attribute.secret:
        message = f"{path!r} is secret, and a filter stands in the template for all to read; ask for it in the handler"
        raise ExpressionError(message, path=repr(path))
    for step in reversed(path.steps):
        if isinstance(step, int):
            message = f"{path!r} is a place in a list, which no pattern names; ask for it in the handler"
            raise ExpressionError(message, path=repr(path))
        value = {"M": {step: value}}
    return {path.attribute.stored: value}


def _text(path: Place, kind: str, value: Any) -> Any:
    """A value as it stands in a record."""
    match kind:
        case "S" | "BOOL" | "NULL":
            return value
        case "B":
            return b64encode(value).decode()
        case "N":
            return _number(path, Decimal(value))
        case _:
            message = f"{path!r} is compared with a whole list, map or set, and a pattern compares leaves; compare its parts, or ask in the handler"
            raise ExpressionError(message, path=repr(path))


def _number(path: Place, number: Decimal) -> str:
    if not number:
        return "0"
    if not _LEAST < number.adjusted() < _MOST:
        message = f"{path!r} is compared with {path.given(number)!r}, and a pattern compares numbers as texts, which is certain of those from 1e-6 to 1e21 alone; ask in the handler"
        raise ExpressionError(message, path=repr(path))
    return f"{number.normalize():f}"


def _all(each: Sequence[Sequence[Pattern]]) -> list[Pattern]:
    """The patterns that match where one of each of the alternatives does."""
    found: list[Pattern] = [{}]
    for alternatives in each:
        found = [merged(one, other) for one in found for other in alternatives]
    return found


def merged(one: Pattern, other: Pattern) -> Pattern:
    """The pattern that matches where both do.

    Raises:
        ExpressionError: Both are of one leaf, of which a pattern asks once.
    """
    both = dict(one)
    for name, wanted in other.items():
        known = both.get(name)
        if known is None or known == wanted:
            both[name] = wanted
        elif isinstance(known, dict) and isinstance(wanted, dict):
            both[name] = merged(cast("Pattern", known), cast("Pattern", wanted))
        else:
            message = f"a pattern asks one thing of {name!r}, and here are {known} and {wanted}; join them in in_(), or ask for one in the handler"
            raise ExpressionError(message, path=name)
    return both


def _unsaid(condition: Condition, *, holds: bool) -> ExpressionError:
    paths = ", ".join(map(repr, condition.paths())) or repr(condition)
    message = (
        f"no filter pattern of Lambda says {'' if holds else 'the opposite of '}{_named(condition)} of {paths}: it knows ==, !=, in_, begins_with, exists and not_exists; "
        "leave it out here, and ask in the handler"
    )
    return ExpressionError(message, path=paths)


def _named(condition: Condition) -> str:
    match condition:
        case Comparison(operator=operator, left=Operand(size=size), right=right):
            return "a size" if size else "a comparison of two paths" if isinstance(right, Operand) else operator
        case FunctionCall(function=function):
            return function
        case _:
            return type(condition).__name__.lower()
