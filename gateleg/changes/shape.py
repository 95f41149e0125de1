"""What of a stack must not change unseen: the resources that hold data, the form of what they hold, and who may call."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.intrinsics import Environment, evaluated
from gateleg.changes.routes import Routes, routes_of
from gateleg.changes.stateful import KEPT_FLAG, STATEFUL
from gateleg.changes.tables import OPEN, DeclaredTable, declared_tables, text
from gateleg.changes.template import TABLES, is_array, is_object, resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.changes.intrinsics import Place
    from gateleg.changes.template import Json

NESTED: Final = "AWS::CloudFormation::Stack"
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_TABLE: Final = (
    "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "GlobalSecondaryIndexes", "ImportSourceSpecification", "KeySchema",
    "KinesisStreamSpecification", "LocalSecondaryIndexes", "MultiRegionConsistency", "PointInTimeRecoverySpecification", "Replicas",
    "SSESpecification", "StreamSpecification", "TableClass", "TableName", "TimeToLiveSpecification", "WarmThroughput",
)  # fmt: skip
_REPLICA: Final = (
    "DeletionProtectionEnabled", "KinesisStreamSpecification", "PointInTimeRecoverySpecification", "Region", "SSESpecification", "TableClass",
)  # fmt: skip
_INDEX: Final = ("IndexName", "KeySchema", "Projection")
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "AttributeDefinitions": ("AttributeName", "AttributeType"),
    "GlobalSecondaryIndexes": _INDEX,
    "LocalSecondaryIndexes": _INDEX,
    "Replicas": _REPLICA,
}


@dataclass(frozen=True)
class StackShape:
    """What of one stack must not change unseen.

    Attributes:
        name: The stack's name.
        resources: Its tables and other resources that hold data, by logical id; those of a nested stack as `Nested/Table`.
        forms: By the logical id of a table, the stored form of its items.
        routes: Its routes by API.
        region: Its region, as replicas name it.
    """

    name: str
    resources: Json = field(default_factory=dict[str, Any], hash=False)
    forms: Json = field(default_factory=dict[str, Any], hash=False)
    routes: Routes = field(default_factory=dict[str, dict[str, list[str]]], hash=False)
    region: str = OPEN

    @property
    def tables(self) -> Iterator[DeclaredTable]:
        """Its tables."""
        for name in self.resources:
            *path, logical_id = name.split("/")
            yield from declared_tables({"Resources": {logical_id: self.resources[name]}}, (self.name, *path), self.region)

    def within(self, region: str) -> StackShape:
        """The shape in a region, where it was open; as it is where that is open too, or its own was not."""
        if self.region != OPEN or region == OPEN:
            return self
        told: Json = evaluated({"Resources": self.resources}, Environment(None, region))["Resources"]
        return StackShape(self.name, told, self.forms, self.routes, region)

    def kept(self) -> StackShape:
        """The shape without what makes no difference later, everything in one order."""
        plain = {name: _reduced(resource) for name, resource in sorted(self.resources.items())}
        return StackShape(self.name, plain, dict(sorted(self.forms.items())), self.routes, self.region)


def read_shape(
    name: str, template: Json, place: Place, *, nested: Mapping[str, Json] | None = None, forms: Mapping[str, Json] | None = None
) -> StackShape:
    """Read the shape of a stack from its template.

    Args:
        name: The stack's name.
        template: Its template.
        place: Its account and region, as far as they are known.
        nested: The templates of its nested stacks, by a text that stands in their `TemplateURL`.
        forms: What the declarations say, by the logical id of the table.
    """
    found: Json = {}
    routes: Routes = {}
    for path, told in _each(template, place, nested or {}):
        found |= {"/".join((*path, one)): resource for one, resource in resources(told, *TABLES, *STATEFUL)}
        routes |= {"/".join((*path, api)): keys for api, keys in routes_of(told).items()}
    region = place.region or OPEN
    return StackShape(name, found, {table: form for table, form in (forms or {}).items() if table in found}, routes, region)


def _each(
    template: Json, place: Place, nested: Mapping[str, Json], path: tuple[str, ...] = (), given: Mapping[str, Any] | None = None
) -> Iterator[tuple[tuple[str, ...], Json]]:
    told = evaluated(template, Environment(place.account, place.region), given)
    yield path, told
    for name, resource in resources(told, NESTED):
        properties = resource.get("Properties", {})
        url = json.dumps(properties.get("TemplateURL"))
        for inner in (inner for key, inner in nested.items() if key in url):
            yield from _each(inner, place, nested, (*path, name), properties.get("Parameters", {}))


def _reduced(resource: Json) -> Json:
    kind, properties = resource["Type"], resource.get("Properties", {})
    kept = _TABLE if kind in TABLES else (*STATEFUL[kind], KEPT_FLAG)
    plain = {name: _sorted(name, properties[name]) for name in sorted(kept) if name in properties}
    return {"Type": kind, **{policy: resource[policy] for policy in _POLICIES if policy in resource}, "Properties": plain}


def _sorted(name: str, value: Any) -> Any:
    if name not in _PARTS or not is_array(value):
        return value
    parts = [{key: part[key] for key in sorted(part) if key in _PARTS[name]} if is_object(part) else part for part in value]
    for part in parts:
        projection = part.get("Projection") if is_object(part) else None
        if is_object(projection) and is_array(projection.get("NonKeyAttributes")):
            part["Projection"] = {**projection, "NonKeyAttributes": sorted(projection["NonKeyAttributes"], key=text)}
    return sorted(parts, key=text)
