"""Declared uses, from whichever side they come, and the tables that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from gateleg.description.uses import ACTIONS, Usable, Use
from gateleg.errors import UsesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.description import TableShape


class _Declared(Protocol):
    """What a `ModelTable` is to its uses."""

    declaration: TableShape


_Table = TypeVar("_Table", bound="_Declared")

AnyUse = Usable | Use
"""What constructs take as a use: `Message.create`, an access pattern, or what a description holds."""


def flatten(uses: Iterable[AnyUse]) -> list[Use]:
    """Every single operation of the uses, once, in the order in which they came.

    Raises:
        UsesError: Something among them is not a use, has an operation that gateleg does not know, or reaches all tenants without saying so.
    """
    flat: dict[Use, None] = {}
    for use in uses:
        if isinstance(use, Use):
            flat[use] = None
        elif isinstance(use, Usable):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
            flat |= dict.fromkeys(use.declared_uses())
        else:
            message = f"a use is an operation or an access pattern of an entity, such as Message.create or Message.in_room, got {use!r}"
            raise UsesError(message, value=use)
    for use in flat:
        if use.operation not in ACTIONS:
            message = f"{use.entity} is used with the unknown operation {use.operation!r}; the operations are {', '.join(sorted(ACTIONS))}"
            raise UsesError(message, path=use.entity, value=use.operation)
        if use.tenant is not None and not use.leading:
            message = f"{use.entity}.{use.operation} names no key, and reaches the items of every {use.tenant}; write across_tenants({use.entity}.{use.operation}, why=...), or a query"
            raise UsesError(message, path=use.entity, value=use.operation)
    return list(flat)


def by_table(uses: Sequence[Use], tables: Sequence[_Table], user: str) -> list[tuple[_Table, list[Use]]]:
    """Each of the tables that the uses need, with its uses.

    Args:
        uses: Flat uses.
        tables: The tables at hand.
        user: Who uses them, for messages.

    Raises:
        UsesError: A use needs a table that is not at hand, or two of the tables have one name.
    """
    known: dict[str, _Table] = {}
    for table in tables:
        if known.setdefault(table.declaration.name, table) is not table:
            message = f"{user} was given two tables declared as {table.declaration.name!r}; give it one"
            raise UsesError(message, path=user, value=table.declaration.name)
    needed: dict[str, list[Use]] = {}
    for use in uses:
        if use.table not in known:
            given = ", ".join(repr(name) for name in known) or "none"
            message = f"{user} uses {use.entity} ({use.operation}) of the table {use.table!r}, and the tables it was given are {given}; pass tables=[...] with the ModelTable of {use.table!r}"
            raise UsesError(message, path=user, value=use.table)
        needed.setdefault(use.table, []).append(use)
    return [(known[name], parts) for name, parts in needed.items()]
