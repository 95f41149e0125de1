"""Models of request bodies that nothing but API Gateway checks: they say all that its models can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from gateleg.cdk.schemas import Conversion, beside_reference

if TYPE_CHECKING:
    from gateleg.cdk.schemas import Models, Schema

_BOUNDS = (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1))
_SAID = ("minLength", "maxLength", "minItems", "maxItems", "pattern", "minimum", "maximum")
_UNSAID = ("multipleOf", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum")
_EXACT = 2**53


class _Strict(Conversion):
    """As for handlers, whose models take what they may take, but with the bounds of numbers."""

    _NUMBERS: ClassVar[dict[str, str]] = {}

    def convert(self, schema: Schema) -> Schema:
        """The draft-4 form."""
        if "const" in schema:
            schema = {**schema, "enum": [schema["const"]]}
        if (beside := beside_reference(schema)) and (rest := self.convert(beside)):
            referred = self.convert({"$ref": schema["$ref"]})
            return {"allOf": [referred, rest]} if referred else rest
        converted = super().convert(schema)
        if not converted or "$ref" in converted:
            return converted
        return converted | _bounds(schema)


def _bounds(schema: Schema) -> Schema:
    said: Schema = {}
    for inclusive, exclusive, step in _BOUNDS:
        if isinstance(schema.get(inclusive), (int, float)) and abs(schema[inclusive]) < _EXACT:
            said[inclusive] = schema[inclusive]
        if schema.get("type") == "integer" and isinstance(schema.get(exclusive), int) and abs(schema[exclusive]) < _EXACT:
            # Of whole numbers, what API Gateway's models do not know can be said by what they do.
            said |= {inclusive: schema[exclusive] + step, "exclusiveMaximum": False}
    return said if said.get("maximum") is not None else {name: value for name, value in said.items() if name != "exclusiveMaximum"}


def strict_model(models: Models, schema: Schema, name: str) -> str | None:
    """Add a model and return its name; `None` where it would check nothing.

    Args:
        models: The models of the API.
        schema: A JSON Schema (2020-12) that holds its definitions in `$defs`.
        name: The name that is wanted.
    """
    converted = _Strict(schema.get("$defs", {}), models).convert(schema)
    return str(models.kept(converted, name)["$ref"]).rsplit("/", 1)[1] if converted else None


def unsaid(schema: Schema, models: Models) -> list[str]:
    """What a schema of a value asks and no model of API Gateway checks.

    Args:
        schema: The schema.
        models: The models of the API.
    """
    converted: dict[str, Any] = _Strict({}, models).convert(schema)
    whole = schema.get("type") == "integer"
    return [
        *(word for word in _SAID if word in schema and word not in converted),
        *(word for word in _UNSAID if word in schema and not (whole and word.startswith("exclusive"))),
    ]
