"""What of an answer is always there: a model is written with all of its fields, those that have a default among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema


class AnsweredJsonSchema(GenerateJsonSchema):
    """Makes schemas as pydantic does, in which whatever is always answered is `required`.

    For what is read, a default makes a field optional. For what is answered it does not, since Powertools validates an answer and then
    writes it whole; pydantic leaves such fields out of `required` unless each model says `json_schema_serialization_defaults_required`.
    Models with a serializer of their own, which may leave out what it likes, stay as they are, and so do optional keys of a `TypedDict`.
    """

    _WHOLE: ClassVar = frozenset({"model-field", "dataclass-field"})
    _serialized: bool = False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The schema of a model."""
        outer, self._serialized = self._serialized, _serializes_itself(schema["cls"])
        try:
            return super().model_schema(schema)
        finally:
            self._serialized = outer

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: FBT001 (pydantic's signature)
    ) -> bool:
        """Whether a field is always there."""
        if self.mode != "serialization" or self._serialized or field["type"] not in self._WHOLE:
            return super().field_is_required(field, total)
        return field.get("serialization_exclude_if") is None


def _serializes_itself(kind: Any) -> bool:
    return issubclass(kind, BaseModel) and bool(kind.__pydantic_decorators__.model_serializers)
