"""Small tables, and what is answered to a change from one to another."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gateleg.changes.intrinsics import evaluated
from gateleg.changes.table_changes import TableChange, table_changes
from gateleg.changes.tables import DeclaredTable, declared_tables
from gateleg.local.passes.tables import keep_tables
from gateleg.local.tables.check import told
from gateleg.local.tables.live import LocalTable
from gateleg.local.template import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]
TARGET = Target(port=4600, region="eu-west-1")
GLOBAL, PLAIN = KINDS = ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"]
WARM = {"ReadUnitsPerSecond": 20_000, "WriteUnitsPerSecond": 5_000}


def keys(*names: str) -> list[Json]:
    return [{"AttributeName": name, "KeyType": role} for name, role in zip(names, ("HASH", "RANGE"), strict=False)]


def index(name: str, *of: str, include: Sequence[str] = (), **more: Any) -> Json:
    projection: Json = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(include)} if include else {"ProjectionType": "ALL"}
    return {"IndexName": name, "KeySchema": keys(*(of or ("g",))), "Projection": projection, **more}


def replicas(*regions: str, **more: Any) -> list[Json]:
    return [{"Region": region, **more} for region in ("eu-west-1", *regions)]


def table(kind: Any = GLOBAL, *, policy: Any = "Retain", types: Any = None, **given: Any) -> Json:
    """A table whose definitions are those that its keys need, unless they are given."""
    properties: Json = {"KeySchema": keys("pk", "sk"), "BillingMode": "PAY_PER_REQUEST", **given}
    nodes = (properties, *properties.get("GlobalSecondaryIndexes", ()), *properties.get("LocalSecondaryIndexes", ()))
    used: Json = {key["AttributeName"]: "S" for node in nodes for key in node["KeySchema"]} | (types or {})
    properties.setdefault("AttributeDefinitions", [{"AttributeName": name, "AttributeType": kind} for name, kind in used.items()])
    if kind == GLOBAL:
        properties.setdefault("Replicas", replicas())
    return {"Type": kind, "DeletionPolicy": policy, "UpdateReplacePolicy": policy, "Properties": properties}


def both(*indexes: Json, **more: Any) -> Json:
    return table(GlobalSecondaryIndexes=list(indexes), **more)


def declared(resources: Json, *stack: str) -> list[DeclaredTable]:
    template = {"Resources": copy.deepcopy(resources)}
    return list(declared_tables(evaluated(keep_tables(template, TARGET), TARGET), stack or ("S",), TARGET.region, LocalTable))


def changes(before: Json, after: Json) -> list[TableChange]:
    return table_changes(declared(before), declared(after), {("S",)})


def answer(before: Json, after: Json) -> tuple[str, str]:
    """The one answer to the change of a table."""
    [change] = changes({"T": before}, {"T": after})
    return change.answer, told(change)


def passes(before: Json, *steps: Json) -> bool:
    """Whether AWS makes each step."""
    stages = [before, *steps]
    return [change for was, now in pairwise(stages) for change in changes({"T": was}, {"T": now}) if change.answer != "told"] == []
