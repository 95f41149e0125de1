"""A DynamoDB table of a template, and what a policy can name of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gateleg.template.canonical import canonical, listing, mapping, qualify
from gateleg.template.find import named
from gateleg.template.stack_template import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.template.stack_template import StackTemplate

TABLE_TYPES = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")


class PolicyTarget(Protocol):
    """What `allowed_actions(on=...)` takes: a table, one of its indexes, its stream."""

    @property
    def service(self) -> str:
        """The prefix of the actions that apply to it, such as `dynamodb`."""
        ...

    @property
    def owner(self) -> StackTemplate:
        """The template that it stands in."""
        ...

    def arns(self, view: StackTemplate) -> tuple[str, ...]:
        """Its ARN as the given template would know it; more than one where the deployment makes the name."""
        ...

    def spelled_out(self, pattern: str, view: StackTemplate) -> str:
        """A policy's resource with the references to it written out as an ARN."""
        ...


@dataclass(frozen=True)
class TableView(Resource):
    """A DynamoDB table; as a target of a policy, the table without its indexes."""

    service = "dynamodb"

    @property
    def name(self) -> str:
        """The physical name: a literal or canonical text, `${LogicalId}` where the deployment makes it."""
        given = self.properties.get("TableName")
        return f"${{{self.logical_id}}}" if given is None else canonical(given, self.view.bindings)

    @property
    def key_schema(self) -> Mapping[str, str]:
        """The key attributes of the table, `HASH` and `RANGE` to attribute name."""
        return _key_schema(self.properties)

    @property
    def attribute_types(self) -> Mapping[str, str]:
        """`S`, `N` or `B` for each attribute that a key uses."""
        found = (mapping(item) for item in listing(self.properties.get("AttributeDefinitions")))
        return {str(item["AttributeName"]): str(item["AttributeType"]) for item in found}

    @property
    def indexes(self) -> tuple[str, ...]:
        """The names of the global and local secondary indexes."""
        return tuple(self._indexes())

    def index(self, name: str) -> IndexView:
        """One index.

        Raises:
            TemplateMismatchError: The table has no such index; the message lists those it has.
        """
        __tracebackhide__ = True
        definition = named("index", name, self._indexes(), where=f"table {self}")
        return IndexView(table=self, name=name, definition=definition)

    @property
    def stream(self) -> StreamView:
        """The table's stream, as a target of a policy."""
        return StreamView(table=self)

    @property
    def owner(self) -> StackTemplate:
        """See `PolicyTarget`."""
        return self.view

    def arns(self, view: StackTemplate) -> tuple[str, ...]:
        """See `PolicyTarget`."""
        return tuple(f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{name}" for name in self._names(view))

    def spelled_out(self, pattern: str, view: StackTemplate) -> str:
        """See `PolicyTarget`."""
        arn = self.arns(view)[0]
        name = self._names(view)[0]
        for token, text in (
            (f"{self.logical_id}.StreamArn", f"{arn}/stream/latest"),
            (f"{self.logical_id}.Arn", arn),
            (self.logical_id, name),
        ):
            pattern = pattern.replace(_seen_from(view, self.view, f"${{{token}}}"), text)
        return pattern

    def _names(self, view: StackTemplate) -> tuple[str, ...]:
        seen = _seen_from(view, self.view, self.name)
        # CloudFormation names a table {stack}-{logical id}-{13 characters}: a wildcard in a policy may reach that name.
        return (seen, f"{self.view.stack_name}-{self.logical_id}-GENERATEDNAME") if "TableName" not in self.properties else (seen,)

    def _indexes(self) -> dict[str, Mapping[str, Any]]:
        kinds = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        found = [mapping(item) for kind in kinds for item in listing(self.properties.get(kind))]
        return {str(item.get("IndexName")): item for item in found}


@dataclass(frozen=True)
class _Part:
    """Something below a table's ARN."""

    table: TableView

    service = "dynamodb"
    suffix = ""

    @property
    def owner(self) -> StackTemplate:
        """See `PolicyTarget`."""
        return self.table.view

    def arns(self, view: StackTemplate) -> tuple[str, ...]:
        """See `PolicyTarget`."""
        return tuple(arn + self.suffix for arn in self.table.arns(view))

    def spelled_out(self, pattern: str, view: StackTemplate) -> str:
        """See `PolicyTarget`."""
        return self.table.spelled_out(pattern, view)


@dataclass(frozen=True)
class IndexView(_Part):
    """One index of a table."""

    name: str
    definition: Mapping[str, Any] = field(repr=False, hash=False)

    @property
    def suffix(self) -> str:  # type: ignore[override]  # a computed name takes the place of the class's constant
        """What its ARN has after the table's."""
        return f"/index/{self.name}"

    @property
    def key_schema(self) -> Mapping[str, str]:
        """The key attributes of the index, `HASH` and `RANGE` to attribute name; several of one kind, joined by a comma."""
        return _key_schema(self.definition)

    @property
    def projection(self) -> str:
        """`ALL`, `KEYS_ONLY` or `INCLUDE`."""
        return str(mapping(self.definition.get("Projection")).get("ProjectionType", ""))

    def __str__(self) -> str:
        return f"{self.table}/index/{self.name}"


@dataclass(frozen=True)
class StreamView(_Part):
    """The stream of a table."""

    suffix = "/stream/latest"

    def __str__(self) -> str:
        return f"{self.table}/stream"


def _key_schema(definition: Mapping[str, Any]) -> dict[str, str]:
    found = (mapping(item) for item in listing(definition.get("KeySchema")))
    keys: dict[str, str] = {}
    for item in found:
        kind, name = str(item["KeyType"]), str(item["AttributeName"])
        keys[kind] = f"{keys[kind]}, {name}" if kind in keys else name
    return keys


def _seen_from(view: StackTemplate, owner: StackTemplate, text: str) -> str:
    return text if view is owner or view.name == owner.name else qualify(text, owner.name)
