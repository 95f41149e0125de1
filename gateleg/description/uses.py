"""What a handler declares that it does to a table, and the IAM actions that this takes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

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
    """

    table: str
    entity: str
    operation: Operation
    index: str | None = None


@runtime_checkable
class Usable(Protocol):
    """Whatever a handler may declare as used: `Message.create`, `Message.in_room`."""

    def declared_uses(self) -> tuple[Use, ...]:
        """The operations that this stands for."""
        ...
