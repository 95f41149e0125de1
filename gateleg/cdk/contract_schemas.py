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
_OLD = "3.0."
_OPENABLE = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")


class Schemas:
    """Reads the schemas of one document.

    Attributes:
        is_old: Whether the document is of OpenAPI 3.0.
        told: By name, those of its components, and those elsewhere in it that are referred to.
    """

    def __init__(self, source: str, content: Json) -> None:
        self._source = source
        self._content = content
        self.is_old: bool = str(content.get("openapi")).startswith(_OLD)
        self._moved: dict[str, str] = {}
        given: Json = content.get("components", {}).get("schemas", {})
        self.told: Json = dict(given)
        self.told |= {name: self.read(schema) for name, schema in given.items()}

    def read(self, schema: Any) -> Any:
        """A schema as `told` has it."""
        return modern(schema, self._reference, old=self.is_old)

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


def modern(schema: Any, reference: Callable[[str], str] = str, *, old: bool = True) -> Any:
    """A schema of 3.0 in the words of 3.1: null is a type, bounds that are left out are numbers, and what stands beside a reference is nothing.

    Args:
        schema: The schema.
        reference: What a reference in it is to be.
        old: Whether it is one of 3.0. In 3.1 what stands beside a reference holds too: https://spec.openapis.org/oas/v3.1.0#schema-object.
    """
    if not isinstance(schema, dict):
        return {} if schema else {"not": {}}
    given = cast("Json", schema)
    if old and "$ref" in given:
        given = {name: part for name, part in given.items() if name in {"$ref", "nullable"}}  # which many documents have there
    said: Json = {name: _part(name, part, reference, old=old) for name, part in given.items()}
    if said.pop("nullable", False) is True:
        said = said | {"type": [said["type"], "null"]} if isinstance(said.get("type"), str) else {"anyOf": [said, {"type": "null"}]}
    for bound in ("minimum", "maximum"):
        exclusive = f"exclusive{bound.capitalize()}"
        if isinstance(said.get(exclusive), bool) and said.pop(exclusive) and bound in said:
            said[exclusive] = said.pop(bound)
    return said


def _part(name: str, part: Any, reference: Callable[[str], str], *, old: bool) -> Any:
    if name == "$ref":
        return reference(part)
    if name in SCHEMA_MAPS:
        return {each: modern(one, reference, old=old) for each, one in part.items()}
    if name in SCHEMA_LISTS:
        return [modern(one, reference, old=old) for one in part]
    return modern(part, reference, old=old) if name in SCHEMAS and not (name in _OPENABLE and isinstance(part, bool)) else part
