"""What clients are answered where something is refused or fails, as references tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMAS = "#/components/schemas/"
_INVALID = "HTTPValidationError"
_PROBLEM = {
    "type": "object",
    "properties": {
        "loc": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        "msg": {"type": "string"},
        "type": {"type": "string"},
    },
}
ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "description": "For programs, such as `store.item_not_found`."},
        "message": {"type": "string", "description": "For people."},
        "details": {"type": "array", "description": "What is wrong with which value.", "items": _PROBLEM},
    },
}
"""What is within `error` of an answer."""

_REFUSAL: dict[str, Any] = {
    "type": "object",
    "description": "Of the API or of the handlers' resolver.",
    "required": ["message"],
    "properties": {"message": {"type": "string"}, "statusCode": {"type": "integer"}, "requestId": {"type": "string"}},
}
_DATA = {"type": "object", "description": "Of the data.", "required": ["error"], "properties": {"error": ERROR}}
_TOLD = (
    'A refusal: `{"message": ...}` of the API or of the handlers\' resolver, `{"error": {"code": ..., "message": ...}}` of the data, '
    "or what the app answers to an exception of its own."
)
UNTOLD: dict[str, Any] = {"default": {"description": "Whatever answers; nothing was said of it."}}


class Refusals:
    """The refusals of one document.

    Args:
        schemas: The schemas of its apps by name, which keep their names.

    Attributes:
        used: The schemas that the operations refer to besides, by name.
    """

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self.used: dict[str, Any] = {}

    def among(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers of an operation with those that its handler does not tell of.

        What Powertools says of a request that it refuses lacks the status in the body, and that values are refused by entities, too.
        """
        found = {code: self._invalid(answer) if _is_powertools(answer) else answer for code, answer in answers.items()}
        refused = self._any_of(_TOLD, self._added("Refusal", _REFUSAL), self._added("ErrorAnswer", _DATA))
        # A handler may answer with a status that it does not tell of, which is no refusal for that.
        return dict.fromkeys(("4XX", "5XX"), refused) | UNTOLD | found

    def _invalid(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        said = self._schemas.get(_INVALID, {})
        status = {"statusCode": {"type": "integer"}}
        self.used[_INVALID] = said | {"properties": status | said.get("properties", {}), "required": ["statusCode", "detail"]}
        # Clients that try one after the other find what asks for more first.
        return self._any_of(answer["description"], self._added("ErrorAnswer", _DATA), {"$ref": f"{_SCHEMAS}{_INVALID}"})

    def _added(self, name: str, schema: dict[str, Any]) -> dict[str, str]:
        """A reference to a schema under a name that no app uses."""
        while name in self._schemas:
            name = f"{name}_"
        self.used[name] = schema
        return {"$ref": f"{_SCHEMAS}{name}"}

    @staticmethod
    def _any_of(description: str, *schemas: dict[str, str]) -> dict[str, Any]:
        return {"description": description, "content": {"application/json": {"schema": {"anyOf": list(schemas)}}}}


def _is_powertools(answer: Mapping[str, Any]) -> bool:
    """Whether it is what Powertools tells of each request that it refuses."""
    return bool(answer.get("content") == {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{_INVALID}"}}})
