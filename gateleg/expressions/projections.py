"""Projection expressions: follows "Using projection expressions in DynamoDB" of the developer guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError
from gateleg.model.queries.projection import distinct, held_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.expressions.placeholders import Placeholders
    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.path import Path


def projection_text(paths: Iterable[Path[Any]], placeholders: Placeholders) -> str:
    """A projection expression: the paths, joined by commas."""
    return ", ".join(placeholders.path(path) for path in paths)


def projection_params(
    layouts: Sequence[Layout], index: str | None, paths: Sequence[Path[Any]], placeholders: Placeholders
) -> dict[str, Any]:
    """What is read of each item: the paths, the keys, what the keys are made of, and the type; nothing said where all is read.

    Raises:
        ExpressionError: The index does not hold an attribute that is asked for, or not all of them and the whole is asked for.
    """
    _check_held(layouts, index, paths)
    if not paths:
        return {}
    table = layouts[0].table
    held = held_names(table, index)
    names = {*table.key_names, table.type_attribute, *(() if index is None else table.index(index).key_names)}
    names |= {attribute.stored for layout in layouts for attribute in layout.primary.attributes.values()}
    names |= {table.ttl} if table.ttl is not None else set[str]()
    whole = {path.attribute.stored for path in paths if not path.steps} | (names if held is None else names & held)
    parts = [path for path in distinct(paths) if path.attribute.stored not in whole]
    texts = [placeholders.name(name) for name in sorted(whole)]
    return {"ProjectionExpression": ", ".join([*texts, *([projection_text(parts, placeholders)] if parts else [])])}


def _check_held(layouts: Sequence[Layout], index: str | None, paths: Sequence[Path[Any]]) -> None:
    held = held_names(layouts[0].table, index)
    if held is None:
        return
    if lacking := [path for path in paths if path.attribute.stored not in held]:
        message = f"index {index!r} does not hold {lacking[0]!r}; it holds {', '.join(sorted(held))}"
        raise ExpressionError(f"{message}: leave it out, or read the table", path=repr(lacking[0]))
    wanted = {attribute.stored for layout in layouts for attribute in layout.attributes.values()} | {layouts[0].table.type_attribute}
    if not paths and (lacking_names := sorted(wanted - held)):
        message = f"index {index!r} does not hold {', '.join(lacking_names)}, so that no whole item comes out of it"
        raise ExpressionError(f"{message}; say with .only(...) what to read, or project ALL", path=index)
