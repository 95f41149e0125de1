"""The schemas of an OpenAPI document: 3.0 in the words of 3.1, and every reference by the name of a schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from gateleg.cdk.contract_shape import SCHEMA_LISTS, SCHEMA_MAPS, SCHEMAS, referred

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
_COMPONENTS = "#/components/schemas/"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_OPENABLE = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")


class Schemas:
    """Reads the schemas of one document.

    Attributes:
        told: By name, those of its components, and those elsewhere in it that are referred to.
    """

    def __init__(self, source: str, content: Json) -> None:
        self._source = source
        self._content = content
        self._moved: dict[str, str] = {}
        given: Json = content.get("components", {}).get("schemas", {})
        self.told: Json = dict(given)
        self.told |= {name: self.read(schema) for name, schema in given.items()}

    def read(self, schema: Any) -> Any:
        """A schema as `told` has it."""
        return modern(schema, self._reference)

    def _reference(self, reference: str) -> str:
        name = reference.removeprefix(_COMPONENTS)
        if reference.startswith(_COMPONENTS) and _NAME.fullmatch(name):
            return reference
        if reference not in self._moved:
            own = base = "_".join(_NAME.findall(reference.removeprefix(_COMPONENTS).replace("~1", "/")))
            number = 1
            while own in self.told:
                number += 1
                own = f"{base}_{number}"
            # It may refer to itself.
            self._moved[reference], self.told[own] = own, {}
            self.told[own] = self.read(referred(self._source, self._content, reference))
        return _COMPONENTS + self._moved[reference]


def modern(schema: Any, reference: Callable[[str], str] = str) -> Any:
    """A schema of 3.0 in the words of 3.1: null is a type, and bounds that are left out are numbers.

    Args:
        schema: The schema.
        reference: What a reference in it is to be.
    """
    if not isinstance(schema, dict):
        return {} if schema else {"not": {}}
    said: Json = {name: _part(name, part, reference) for name, part in cast("Json", schema).items()}
    if said.pop("nullable", False) is True:
        said = said | {"type": [said["type"], "null"]} if isinstance(said.get("type"), str) else {"anyOf": [said, {"type": "null"}]}
    for bound in ("minimum", "maximum"):
        exclusive = f"exclusive{bound.capitalize()}"
        if isinstance(said.get(exclusive), bool) and said.pop(exclusive) and bound in said:
            said[exclusive] = said.pop(bound)
    return said


def _part(name: str, part: Any, reference: Callable[[str], str]) -> Any:
    if name == "$ref":
        return reference(part)
    if name in SCHEMA_MAPS:
        return {each: modern(one, reference) for each, one in part.items()}
    if name in SCHEMA_LISTS:
        return [modern(one, reference) for one in part]
    return modern(part, reference) if name in SCHEMAS and not (name in _OPENABLE and isinstance(part, bool)) else part
