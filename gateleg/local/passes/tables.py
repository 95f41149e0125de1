"""The emulator replaces a global table at every change unless it has a name, and deletes what its protection would keep."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.intrinsics import evaluated
from gateleg.changes.template import RETAINING, TABLES
from gateleg.local.template import is_array, is_object, listed, replace_resources, resources, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local.template import Json, Target

_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_NESTED: Final = "NestedStackResource"
"""Stands in the name of a nested stack for every level, and in no other; left out, it leaves room in the 255 characters of a table's name."""

_LONGEST: Final = 40
"""Of a logical id, in a name that what stands for the whole id is part of."""


def keep_tables(template: Json, target: Target) -> Json:
    """Make every change of a table that AWS makes in place keep its items on the emulator.

    A table without a name gets one, which stays the same until a change that no table takes: of its keys or local indexes. Indexes stand in
    the order of their names, for the emulator takes another order for another index. What is protected from deletion is retained.
    """
    tables = dict(resources(template, *TABLES))
    plain = evaluated({**template, "Resources": tables}, target)["Resources"]
    changed: Json = {name: _kept(name, table, plain.get(name, table)) for name, table in tables.items()}
    return replace_resources(template, changed) if changed else template


def made_name(given: Any, logical_id: str, stack: str = "") -> str | None:
    """Return the physical name of a table that `keep_tables` named; `None` if the template names it otherwise.

    Args:
        given: The table's name as the template has it.
        logical_id: The table's logical id.
        stack: The stack's physical name.
    """
    joined = given.get("Fn::Join") if is_object(given) else None
    parts = joined[-1] if is_array(joined) and is_array(joined[-1]) else []
    made = parts[:-1] == _prefix(logical_id) and re.fullmatch(r"[0-9A-F]{13}", str(parts[-1]))
    return "-".join([stack.replace(_NESTED, ""), *map(str, parts[1:])]) if made else None


def _prefix(logical_id: str) -> list[Any]:
    stack = {"Fn::Join": ["", {"Fn::Split": [_NESTED, {"Ref": "AWS::StackName"}]}]}
    return [stack, logical_id[:_LONGEST]]


def _made(logical_id: str, properties: Json) -> Json:
    """Return the stack's name, the logical id, and what stands for the parts that a table keeps for life."""
    fixed = {name: properties.get(name) for name in ("KeySchema", "LocalSecondaryIndexes", "ImportSourceSpecification")}
    keys = set(_named(fixed, "AttributeName"))
    types = [
        definition for definition in listed(properties, "AttributeDefinitions") if keys.intersection(_named(definition, "AttributeName"))
    ]
    digest = sha256(json.dumps([logical_id, fixed, types], sort_keys=True).encode()).hexdigest()[:13].upper()
    return {"Fn::Join": ["-", [*_prefix(logical_id), digest]]}


def _named(node: Any, key: str) -> Iterator[str]:
    """Yield every text that stands under a key, at any depth."""
    if is_object(node):
        yield from (value for name, value in node.items() if name == key and isinstance(value, str))
    for part in node.values() if is_object(node) else node if is_array(node) else ():
        yield from _named(part, key)


def _kept(logical_id: str, table: Json, plain: Json) -> Json:
    properties: Json = _ordered(table.get("Properties", {}))
    made = _made(logical_id, properties)
    named = rewrite(properties.get("TableName", made), lambda node: made if node == {"Ref": "AWS::NoValue"} else node)
    retained = {policy: "Retain" for policy in _POLICIES if table.get(policy) not in RETAINING} if _protected(plain) else {}
    return {**table, **retained, "Properties": {**properties, "TableName": named}}


def _protected(table: Json) -> bool:
    properties = table.get("Properties", {})
    return any(place.get("DeletionProtectionEnabled") in (True, "true") for place in (properties, *listed(properties, "Replicas")))


def _ordered(properties: Json) -> Json:
    """Return properties whose lists stand in one order wherever AWS takes any; key schemas keep theirs."""
    return {name: _sorted(name, value) for name, value in properties.items()}


def _sorted(name: str, value: Any) -> Any:
    if name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes") and is_array(value):
        return sorted((rewrite(index, _projected) for index in value), key=_text)
    return sorted(value, key=_text) if name == "AttributeDefinitions" and is_array(value) else value


def _projected(node: Any) -> Any:
    attributes = node.get("NonKeyAttributes") if is_object(node) else None
    if is_array(attributes):
        return {**node, "NonKeyAttributes": sorted(attributes, key=_text)}
    return node


def _text(value: Any) -> str:
    return str(value.get("IndexName") or value.get("AttributeName") or value) if is_object(value) else str(value)
