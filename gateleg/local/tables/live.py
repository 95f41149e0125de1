"""The tables that an assembly declares, and those that the embedded AWS holds: its own CloudFormation says what was deployed last."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.intrinsics import evaluated
from gateleg.changes.tables import DeclaredTable, StackPath, declared_tables
from gateleg.changes.template import TABLES
from gateleg.local.clients import client
from gateleg.local.passes.tables import keep_tables, made_name
from gateleg.local.template import resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateleg.local.assembly import Assembly
    from gateleg.local.template import Json, Target

_NESTED: Final = "AWS::CloudFormation::Stack"
_NOTHING_LIVE: Final = ("CREATE_FAILED", "DELETE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")


class LocalTable(DeclaredTable):
    """A table of an adapted template, which names every one."""

    @property
    def name(self) -> str | None:
        """The name that the template gave before it was adapted; `None` if there was none."""
        return None if made_name(self.properties.get("TableName"), self.logical_id) else super().name


class Declared:
    """What the stacks that are to be deployed declare.

    Args:
        assembly: The assembly as it was synthesized.
        target: The embedded AWS.
        stacks: Names or patterns of the stacks to deploy; all if there are none.

    Attributes:
        templates: The template of each stack, by name.
        paths: Every stack, and every nested one.
        tables: Their tables, named as they are on the embedded AWS.
    """

    def __init__(self, assembly: Assembly, target: Target, stacks: Sequence[str] = ()) -> None:
        self.templates: dict[str, Json] = {}
        self.paths: set[StackPath] = set()
        self.tables: list[DeclaredTable] = []
        self._target = target
        self._nested = {asset.key: asset.path for asset in assembly.file_assets() if asset.path.name.endswith(".template.json")}
        for stack in assembly.stacks(stacks):
            self.templates[stack.name] = stack.template
            self._read(stack.template, (stack.name,), {})

    def _read(self, template: Json, path: StackPath, given: Mapping[str, Any]) -> None:
        told = evaluated(keep_tables(_reduced(template), self._target), self._target, given)
        self.paths.add(path)
        self.tables += declared_tables(told, path, self._target.region, LocalTable)
        for name, properties in _nested(told):
            url = json.dumps(properties.get("TemplateURL"))
            for file in (file for key, file in self._nested.items() if key in url):
                self._read(json.loads(file.read_text(encoding="utf-8")), (*path, name), properties.get("Parameters", {}))


class LiveTables:
    """What the embedded AWS holds of some stacks.

    Args:
        target: The embedded AWS.
        stacks: Names of the stacks; those that are not deployed are passed over.

    Attributes:
        dynamodb: A client of the tables.
        templates: The deployed template of each stack, by name.
        tables: Their tables, as the deployed templates declare them.
        names: The physical name of each table.
    """

    def __init__(self, target: Target, stacks: Iterable[str]) -> None:
        self.dynamodb: Any = client("dynamodb", target)
        self.templates: dict[str, Json] = {}
        self.tables: list[DeclaredTable] = []
        self.names: dict[tuple[StackPath, str], str] = {}
        self._target = target
        self._formation: Any = client("cloudformation", target)
        self._stacks: dict[StackPath, str] = {}
        pages = self._formation.get_paginator("describe_stacks").paginate()
        statuses = {stack["StackName"]: stack["StackStatus"] for page in pages for stack in page["Stacks"]}
        for name in stacks:
            if statuses.get(name, "DELETE_COMPLETE") not in _NOTHING_LIVE:
                self.templates[name] = self._read(name, (name,), {})

    def physical_name(self, table: DeclaredTable) -> str | None:
        """Return the name that a table has once it is deployed; `None` where only the deploy tells."""
        given = table.properties.get("TableName")
        stack = self._stacks.get(table.stack, table.stack[0] if len(table.stack) == 1 else None)
        made = made_name(given, table.logical_id, stack or "")
        return made if made and stack else table.name if isinstance(given, str) else None

    def holds_items(self, name: str | None) -> bool:
        """Return whether there is a table of a name and anything in it."""
        with contextlib.suppress(self.dynamodb.exceptions.ResourceNotFoundException):
            return name is not None and bool(self.dynamodb.scan(TableName=name, Limit=1, Select="COUNT")["Count"])
        return False

    def _read(self, name: str, path: StackPath, given: Mapping[str, Any]) -> Json:
        template: Json = self._formation.get_template(StackName=name)["TemplateBody"]
        told = evaluated(_reduced(template), self._target, given)
        self._stacks[path] = name
        held = self._held(name) if told["Resources"] else {}
        for table in declared_tables(told, path, self._target.region, LocalTable):
            if table.logical_id in held:
                self.tables.append(table)
                self.names[path, table.logical_id] = held[table.logical_id]
        for logical_id, properties in _nested(told):
            if logical_id in held:
                self._read(held[logical_id].split("/")[1], (*path, logical_id), properties.get("Parameters", {}))
        return template

    def _held(self, stack: str) -> dict[str, str]:
        pages = self._formation.get_paginator("list_stack_resources").paginate(StackName=stack)
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"] for page in pages for resource in page["StackResourceSummaries"]
        }


def _reduced(template: Json) -> Json:
    return {**template, "Resources": dict(resources(template, _NESTED, *TABLES))}


def _nested(template: Json) -> Iterator[tuple[str, Json]]:
    for name, resource in resources(template, _NESTED):
        yield name, resource.get("Properties", {})
