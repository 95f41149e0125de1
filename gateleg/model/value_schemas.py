"""What the attributes of an entity may be, as JSON schemas without references, titles and defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from warnings import catch_warnings, simplefilter

from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, PydanticJsonSchemaWarning

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core.core_schema import DecimalSchema, DictSchema

_SAID = frozenset({"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"})
"""What says nothing of which values there are."""

DIGITS: Final = {"maxDigits": "max_digits", "decimalPlaces": "decimal_places"}
"""What is said of the digits of numbers, which JSON schemas have no words for, by what pydantic calls it."""


class _Told(GenerateJsonSchema):
    """Pydantic's schemas, which say too how many digits numbers may have, and which names of a map are numbers."""

    def decimal_schema(self, schema: DecimalSchema) -> dict[str, Any]:
        """The schema of a `Decimal`, of which some versions of pydantic tell the digits by patterns."""
        limits: dict[str, Any] = {**schema}
        told: dict[str, Any] = super().decimal_schema(schema)
        members = [{name: said for name, said in member.items() if name != "pattern"} for member in told.get("anyOf", ())]
        digits = {name: limits[limit] for name, limit in DIGITS.items() if limits.get(limit) is not None}
        return told | ({"anyOf": members} if members else {}) | digits

    def dict_schema(self, schema: DictSchema) -> dict[str, Any]:
        """The schema of a map."""
        names = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        return super().dict_schema(schema) | ({"propertyNames": names} if names.get("type") in {"integer", "number"} else {})


def value_schemas(entity: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """By attribute, the schema of its values; none where pydantic cannot write that of the entity.

    Args:
        entity: The entity's class.
    """
    try:
        with catch_warnings():
            # What a default cannot be written as is no matter here.
            simplefilter("ignore", PydanticJsonSchemaWarning)
            whole = entity.model_json_schema(by_alias=False, schema_generator=_Told)
    except PydanticUserError:
        return {}
    return {name: _plain(schema, whole.get("$defs", {}), ()) for name, schema in whole.get("properties", {}).items()}


def _plain(schema: Any, defined: dict[str, Any], within: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        items: list[Any] = schema  # pyright: ignore[reportUnknownVariableType] (JSON)
        return [_plain(one, defined, within) for one in items]
    if not isinstance(schema, dict):
        return schema
    told: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType] (JSON)
    if (name := told.get("$ref", "").rpartition("/")[2]) in defined:
        # What holds itself is not followed again.
        return {} if name in within else _plain(defined[name], defined, (*within, name))
    kept = {name: _plain(part, defined, within) for name, part in told.items() if name not in {*_SAID, "properties"}}
    # The names of attributes may be those of what is said for people.
    named = {name: _plain(part, defined, within) for name, part in told.get("properties", {}).items()}
    return kept | ({"properties": named} if "properties" in told else {})
