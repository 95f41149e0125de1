"""What a handler declares that it does to a table, and the IAM actions that this takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from gateleg.errors import UsesError

if TYPE_CHECKING:
    from collections.abc import Mapping

Operation = Literal[
    "get",
    "put",
    "create",
    "update",
    "delete",
    "check",
    "query",
    "scan",
    "batch_get",
    "batch_write",
    "partiql_select",
    "partiql_insert",
    "partiql_update",
    "partiql_delete",
]
"""What can be done to items, in gateleg's verbs."""

ACTIONS: Mapping[Operation, tuple[str, ...]] = MappingProxyType(
    {
        "get": ("dynamodb:GetItem",),
        "put": ("dynamodb:PutItem",),
        "create": ("dynamodb:PutItem",),
        "update": ("dynamodb:UpdateItem",),
        "delete": ("dynamodb:DeleteItem",),
        "check": ("dynamodb:ConditionCheckItem",),
        "query": ("dynamodb:Query",),
        "scan": ("dynamodb:Scan",),
        "batch_get": ("dynamodb:BatchGetItem",),
        "batch_write": ("dynamodb:BatchWriteItem",),
        "partiql_select": ("dynamodb:PartiQLSelect",),
        "partiql_insert": ("dynamodb:PartiQLInsert",),
        "partiql_update": ("dynamodb:PartiQLUpdate",),
        "partiql_delete": ("dynamodb:PartiQLDelete",),
    }
)
"""The IAM actions of each operation. The parts of a transaction need the actions of the same operations done alone."""


@dataclass(frozen=True)
class Use:
    """One operation on the items of one entity.

    Attributes:
        table: The table's declared name (`Table.name`).
        entity: The entity's class name.
        operation: A key of `ACTIONS`.
        index: The index that is read; `None` for the table itself.
        tenant: The attribute that says whose the entity's items are; `None` where a session of any kind may do it.
        leading: What the partition keys begin with, `*` standing for what follows, and `{tenant}` for the tenant where there is one; empty where
            nothing says so.
        across: Whether it was declared to reach the items of all tenants.
        pages: Whether what is read may be given on in pages, whose cursors are signed; the registry of connections reads for itself alone.
    """

    table: str
    entity: str
    operation: Operation
    index: str | None = None
    tenant: str | None = None
    leading: tuple[str, ...] = ()
    across: bool = False
    pages: bool = True


@runtime_checkable
class Usable(Protocol):
    """Whatever a handler may declare as used: `Message.create`, `Message.in_room`."""

    def declared_uses(self) -> tuple[Use, ...]:
        """The operations that this stands for."""
        ...


@dataclass(frozen=True)
class AcrossTenants:
    """Uses that are granted for all tenants alike; made by `across_tenants`."""

    uses: tuple[Use, ...]

    def declared_uses(self) -> tuple[Use, ...]:
        """The uses, held to no tenant."""
        return self.uses


def across_tenants(*usables: Usable, why: str) -> AcrossTenants:
    """Let a function do something to the items of all tenants: `@uses(across_tenants(Invoice.scan, why="bills all at night"))`.

    Args:
        usables: Operations and access patterns of entities with `tenant=`.
        why: Why that is right; for whoever reviews it.

    Raises:
        UsesError: There is no reason, or something is given that is not a use.
    """
    if not isinstance(why, str) or not why.strip():  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
        raise UsesError(f"across_tenants() was given why={why!r}; say why a function may touch the items of all tenants", value=why)
    if wrong := [usable for usable in usables if not isinstance(usable, Usable)]:  # pyright: ignore[reportUnnecessaryIsInstance] (as above)
        raise UsesError(f"across_tenants() takes uses, such as Invoice.scan, got {wrong[0]!r}", value=wrong[0])
    if not usables:
        raise UsesError("across_tenants() was given no uses; pass operations, such as Invoice.scan")
    return AcrossTenants(tuple(replace(use, tenant=None, leading=(), across=True) for usable in usables for use in usable.declared_uses()))
