"""The DynamoDB tables that templates declare, read for comparison: what AWS takes in any order has none here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.template import RETAINING, TABLES, listed, resources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.changes.template import Json

StackPath = tuple[str, ...]
"""A stack's name; for a nested stack the root's, and the logical id of each one below it."""

GLOBAL: Final = "GlobalSecondaryIndexes"
LOCAL: Final = "LocalSecondaryIndexes"

OPEN: Final = '{"Ref": "AWS::Region"}'
"""The region of a stack that is deployed to any, as replicas name it."""


@dataclass(frozen=True)
class DeclaredTable:
    """One table of an evaluated template.

    Attributes:
        stack: The stack that declares it.
        logical_id: Its logical id.
        resource: The resource.
        region: The region of the stack.
    """

    stack: StackPath
    logical_id: str
    resource: Json = field(hash=False)
    region: str

    def __str__(self) -> str:
        return f"the table {self.logical_id} of stack {'/'.join(self.stack)}"

    @property
    def kind(self) -> str:
        """The resource's type."""
        return str(self.resource["Type"])

    @property
    def properties(self) -> Json:
        """What is said for every region."""
        found: Json = self.resource.get("Properties", {})
        return found

    @property
    def replicas(self) -> dict[str, Json]:
        """What is said for each region of a global table."""
        return {text(replica.get("Region")): replica for replica in listed(self.properties, "Replicas")}

    @property
    def home(self) -> Json:
        """What is said for the stack's own region."""
        return self.replicas.get(self.region, {}) if self.kind == TABLES[0] else self.properties

    @property
    def name(self) -> str | None:
        """The name that the template gives; `None` if CloudFormation makes one."""
        given = self.properties.get("TableName")
        return None if given is None else text(given)

    @property
    def types(self) -> dict[str, str]:
        """The type of each attribute that is declared."""
        return {
            text(given.get("AttributeName")): text(given.get("AttributeType")) for given in listed(self.properties, "AttributeDefinitions")
        }

    @property
    def keys(self) -> tuple[str, ...]:
        """The table's key attributes, with their types."""
        return tuple(f"{name} ({self.types.get(name, '?')})" for name in key_names(self.properties))

    def indexes(self, which: str) -> dict[str, Json]:
        """The global or the local indexes, by name."""
        return {text(index.get("IndexName")): index for index in listed(self.properties, which)}

    def retained(self, policy: str = "DeletionPolicy") -> bool:
        """Whether CloudFormation leaves the table behind when it lets go of it."""
        return self.resource.get(policy) in RETAINING


def declared_tables(
    template: Json, stack: StackPath, region: str, kind: Callable[..., DeclaredTable] = DeclaredTable
) -> Iterator[DeclaredTable]:
    """Yield the tables of an evaluated template.

    Args:
        template: The template.
        stack: Its stack.
        region: The stack's region, as the replicas of its tables name it.
        kind: The class of what comes out.
    """
    for logical_id, resource in resources(template, *TABLES):
        yield kind(stack, logical_id, resource, region)


def key_names(node: Json) -> tuple[str, ...]:
    """Return the key attributes of a table or an index, partition keys before sort keys."""
    keys = sorted(listed(node, "KeySchema"), key=lambda key: text(key.get("KeyType")))
    return tuple(text(key.get("AttributeName")) for key in keys)


def projection(index: Json) -> tuple[str, ...]:
    """Return what an index holds beside the keys."""
    given = index.get("Projection", {})
    return (text(given.get("ProjectionType", "ALL")), *sorted(map(text, given.get("NonKeyAttributes", ()))))


def expiry(table: DeclaredTable) -> str | None:
    """Return the attribute by which items expire; `None` while none do."""
    given = table.properties.get("TimeToLiveSpecification", {})
    return text(given.get("AttributeName")) if true(given.get("Enabled")) else None


def text(value: Any) -> str:
    """Return a text as it stands, and an intrinsic as JSON."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def true(value: Any) -> bool:
    """Return whether a flag is set, written as CloudFormation takes it."""
    return value in (True, "true")
