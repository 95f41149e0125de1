"""Update expressions: follows "Using update expressions in DynamoDB" of the developer guide."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError
from gateleg.expressions.conditions import filled
from gateleg.model.paths.updates import Add, Append, CopyPath, DeleteElements, Remove, SetRaw, SetValue, Update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.expressions.placeholders import Placeholders
    from gateleg.model.paths.place import Place

_EMPTY_LIST = {"L": list[Any]()}
_ZERO = {"N": "0"}


def update_text(updates: Sequence[Update], placeholders: Placeholders) -> str:
    """Updates in DynamoDB's language, their names and values put into the placeholders.

    Raises:
        ExpressionError: There is none, two of them touch one path, or one asks for what DynamoDB cannot do.
    """
    if not updates:
        raise ExpressionError("an update changes nothing; give at least one change, as in Message.likes.add(1)")
    _check_overlaps(updates)
    clauses: defaultdict[str, list[str]] = defaultdict(list)
    for update in sorted(updates, key=_turn):
        word, clause = _clause(update, placeholders)
        clauses[word].append(clause)
    return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses.items())


def _turn(update: Update) -> tuple[Any, ...]:
    """Places in lists are removed last, the furthest first: engines that remove one after the other then remove what was meant."""
    if not isinstance(update, Remove) or not any(isinstance(step, int) for step in update.path.steps):
        return (0,)
    return 1, update.path.attribute.stored, [(0, -step, "") if isinstance(step, int) else (1, 0, step) for step in update.path.steps]


def repeatable(updates: Sequence[Update]) -> bool:
    """Whether applying the updates twice leaves what applying them once does."""
    return not any(
        isinstance(update, (Add, Append, CopyPath, SetRaw)) or (isinstance(update, Remove) and _is_element(update.path))
        for update in updates
    )


def _clause(update: Update, placeholders: Placeholders) -> tuple[str, str]:
    path = placeholders.path(update.path)
    match update:
        case SetValue() | CopyPath() | SetRaw() | Append():
            return "SET", f"{path} = {_assigned(update, path, placeholders)}"
        case Add(wire=wire):
            return _added(update.path, path, wire, placeholders)
        case DeleteElements(wire=wire):
            _check_top_level(update.path, "delete elements of")
            return "DELETE", f"{path} {placeholders.value(wire)}"
        case Remove():
            return "REMOVE", path
        case _:
            raise ExpressionError(f"{update!r} is not an update; call a method of a path, as in Message.likes.add(1)", value=update)


def _assigned(update: SetValue | CopyPath | SetRaw | Append, path: str, placeholders: Placeholders) -> str:
    if isinstance(update, CopyPath):
        source = placeholders.path(update.source)
        return f"if_not_exists({path}, {source})" if update.only_if_absent else source
    if isinstance(update, SetRaw):
        return filled(update.raw, placeholders)
    value = placeholders.value(update.wire)
    if isinstance(update, SetValue):
        return f"if_not_exists({path}, {value})" if update.only_if_absent else value
    stored = f"if_not_exists({path}, {placeholders.value(_EMPTY_LIST)})"
    return f"list_append({value}, {stored})" if update.at_start else f"list_append({stored}, {value})"


def _added(target: Place, path: str, wire: dict[str, Any], placeholders: Placeholders) -> tuple[str, str]:
    if not target.steps:
        return "ADD", f"{path} {placeholders.value(wire)}"
    if "N" not in wire:
        _check_top_level(target, "add elements to")
    return "SET", f"{path} = if_not_exists({path}, {placeholders.value(_ZERO)}) + {placeholders.value(wire)}"


def _check_top_level(path: Place, what: str) -> None:
    if path.steps:
        message = f"DynamoDB cannot {what} the nested set {path!r}; set the whole of it, or make it an attribute of its own"
        raise ExpressionError(message, path=repr(path))


def _check_overlaps(updates: Sequence[Update]) -> None:
    seen: list[tuple[str | int, ...]] = []
    for update in updates:
        steps = (update.path.attribute.stored, *update.path.steps)
        for other in seen:
            shorter = min(len(steps), len(other))
            if steps[:shorter] == other[:shorter]:
                message = f"two updates touch {update.path!r}; DynamoDB applies all to the item as it was, so say it in one"
                raise ExpressionError(message, path=repr(update.path))
        seen.append(steps)


def _is_element(path: Place) -> bool:
    return bool(path.steps) and isinstance(path.steps[-1], int)
