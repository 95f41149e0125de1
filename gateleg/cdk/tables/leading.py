"""What keeps rights within a table that has tenants: each is held to keys that are not those of another tenant, or is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateleg.description.names import TENANT
from gateleg.description.uses import ACTIONS
from gateleg.errors import UsesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateleg.description import TableShape, Use

_NAME = re.compile(r"[A-Za-z0-9_.:=+@-]*")
"""What names of tenants are made of."""


def check_walls(shape: TableShape, uses: Iterable[Use]) -> None:
    """Refuse what would reach the items of tenants without being of one, or declared across them.

    Args:
        shape: The table.
        uses: Uses of it.

    Raises:
        UsesError: One would, or is of an entity with a tenant in a table that knows of none.
    """
    tenants = any(entity.leading for entity in shape.entities.values())
    for use in uses:
        if use.tenant is not None and not tenants:
            message = f"{use.entity} has tenant={use.tenant!r}, and the table {shape.name!r}, as it was given, has no entity with a tenant"
            instead = "give ModelTable the declaration from a module that imports all its entities"
            raise UsesError(f"{message}; {instead}", path=use.entity, value=use.tenant)
        if use.tenant is None and not use.across:
            _check_apart(shape, use)


def _check_apart(shape: TableShape, use: Use) -> None:
    called, tenants = f"{use.entity}.{use.operation}", _tenant_keys(shape, use)
    where = f"the table {shape.name!r}" if use.index is None else f"the index {use.index!r} of the table {shape.name!r}"
    if tenants and not use.leading:
        message = f"{called} names no key that policies tell from those of tenants, and {where} holds items of tenants"
        instead = f"begin the key with text, without * ? $, as in 'PLAN#{{name}}', or write across_tenants({called}, why=...)"
        raise UsesError(f"{message}; {instead}", path=use.entity, value=use.operation)
    for own, other in ((own, other) for own in use.leading for other in tenants if _meet(own, other)):
        message = f"{called} reaches the keys {own!r} of {where}, where those of tenants are {other!r}, and a tenant may be called so"
        instead = f"begin the key with other text, or write across_tenants({called}, why=...)"
        raise UsesError(f"{message}; {instead}", path=use.entity, value=own)


def statements(shape: TableShape, uses: Iterable[Use], resource: Callable[[Use], str]) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """The rights that uses take: a resource, what the keys of requests begin with (empty for any), and the actions.

    One action on one resource is said once, for a batch may have keys of several entities.

    Args:
        shape: The table.
        uses: Uses of it, which were checked.
        resource: Gives the ARN of what a use is of.
    """
    held: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for use in uses:
        keys = use.leading if use.tenant is not None or _tenant_keys(shape, use) else ()
        for action in ACTIONS[use.operation]:
            held.setdefault((resource(use), action), []).append(keys)
    grouped: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for (arn, action), found in held.items():
        together = tuple(dict.fromkeys(key for keys in found for key in keys)) if all(found) else ()
        grouped.setdefault((arn, together), set()).add(action)
    return [(arn, keys, sorted(actions)) for (arn, keys), actions in grouped.items()]


def _tenant_keys(shape: TableShape, use: Use) -> list[str]:
    """What the keys of tenants begin with, where the use reads or writes."""
    return [key for entity in shape.entities.values() for key in entity.leading.get(use.index or "", ())]


def _meet(own: str, tenants: str) -> bool:
    """Whether a tenant may be called so that its keys begin as those of an entity without one."""
    head, _, tail = tenants.partition(TENANT)
    text = own.removesuffix("*")
    if not text.startswith(head):
        return head.startswith(text)
    # What follows the name of a tenant is of the template, and no name has such a character.
    after = _NAME.sub("", text.removeprefix(head), count=1)
    return not after or after[0] in tail
