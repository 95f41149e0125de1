"""Expressions in DynamoDB's own words, for what paths have no method for."""

from __future__ import annotations

from string import Formatter
from typing import Any

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.model.paths.conditions import Operand, Raw
from gateleg.model.paths.place import Place
from gateleg.model.paths.size import Size
from gateleg.model.values.hidden import HIDDEN
from gateleg.model.values.wire import to_wire

_RESERVED = "#:"


def raw(text: str, *arguments: object) -> Raw:
    """An expression in DynamoDB's own words: `raw("size({}) > {} + {}", Message.body, Message.limit, 3)`.

    As a condition or filter, joined with others by `&`, `|` and `~`; or as a new value: `Order.total.set(raw("{} - {}", Order.price, 3))`.
    Nobody checks what it says before DynamoDB does, but for the type of a new value where that can be told, so that an attribute with constraints takes
    it for a value only with a condition on that attribute beside it: `when=Order.total >= 3`. Names and values stand for placeholders all the same.

    Args:
        text: The expression, with `{}` for each path and value.
        arguments: What stands there, in order: paths, sizes of paths (`Message.body.size()`), and values, stored without transforms.

    Raises:
        ExpressionError: The number of gaps is not that of the arguments; or the text has placeholders of its own, which could
            mean another's name or value.
        ItemInvalidError: DynamoDB cannot hold a value.
    """
    hidden = any(_path(argument).attribute.hidden for argument in arguments if isinstance(argument, (Place, Size)))
    told = HIDDEN if hidden else text
    texts = _parted(text, told)
    if len(texts) - 1 != len(arguments):
        message = f"raw({told!r}) has {len(texts) - 1} gaps {{}}, and {len(arguments)} arguments were given; give one for each"
        raise ExpressionError(message, path="raw", value=told)
    if any(character in part for part in texts for character in _RESERVED):
        message = f"raw({told!r}) holds `#` or `:`, with which DynamoDB's placeholders begin; write {{}} and give the path or value as an argument"
        raise ExpressionError(message, path="raw", value=told)
    made = Raw(texts, tuple(_gap(argument, hidden=hidden) for argument in arguments))
    return made.masked() if any(path.attribute.secret for path in made.paths()) else made


def _parted(text: str, told: Any) -> tuple[str, ...]:
    texts: list[str] = []
    literal = ""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise ExpressionError(f"raw({told!r}) cannot be read: {error}; write {{}} for each argument", path="raw", value=told) from error
    for before, name, spec, conversion in parts:
        literal += before
        if name is None:
            continue
        if name or spec or conversion:
            raise ExpressionError(f"raw({told!r}) names a gap; write {{}} and give the arguments in order", path="raw", value=told)
        texts.append(literal)
        literal = ""
    return (*texts, literal)


def _path(argument: Any) -> Place:
    path: Place = argument if isinstance(argument, Place) else argument.operand.path
    return path


def _gap(argument: object, *, hidden: bool) -> object:
    if isinstance(argument, Place):
        return Operand(argument)
    if isinstance(argument, Size):
        return argument.operand
    try:
        return to_wire(argument)
    except ItemInvalidError:
        if not hidden:
            raise
        raise ItemInvalidError(f"raw() cannot take {HIDDEN!r}, which has no stored form", path="raw", value=HIDDEN) from None
