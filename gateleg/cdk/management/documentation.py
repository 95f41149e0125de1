"""What handlers tell of their routes, as documentation parts that API Gateway keeps beside the API and publishes by itself.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXTENSION = "x-amazon-apigateway-documentation"
_TOLD = ("summary", "description", "tags", "deprecated")
_PARAMETERS = {"path": "PATH_PARAMETER", "query": "QUERY_PARAMETER", "header": "REQUEST_HEADER"}
_UNTOLD = "What the integration answers."


def documentation_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The value of `x-amazon-apigateway-documentation`; its version is another for other parts, and the same for the same.

    Args:
        document: The OpenAPI document, with what the handlers tell.
    """
    parts = [{"location": location, "properties": properties} for location, properties in _parts(document)]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return {"version": digest[:12], "documentationParts": parts}


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    if told := document["info"].get("description"):
        yield {"type": "API"}, {"info": {"description": told, "version": document["info"]["version"]}}
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        if told := schema.get("description"):
            yield {"type": "MODEL", "name": name}, {"description": told}
    for path, item in document["paths"].items():
        for member, operation in item.items():
            yield from _of_operation({"path": path, "method": "*" if member.startswith("x-") else member.upper()}, operation)


def _of_operation(place: dict[str, str], operation: Mapping[str, Any]) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    if told := {name: operation[name] for name in _TOLD if operation.get(name)}:
        yield {"type": "METHOD", **place}, told
    for parameter in operation.get("parameters", ()):
        if description := parameter.get("description"):
            yield {"type": _PARAMETERS[parameter["in"]], **place, "name": parameter["name"]}, {"description": description}
    for status, answer in operation.get("responses", {}).items():
        # A mock that answers preflights and what nobody told of are for no reader.
        if _is_told(answer.get("description"), operation):
            yield {"type": "RESPONSE", **place, "statusCode": str(status)}, {"description": answer["description"]}


def _is_told(description: Any, operation: Mapping[str, Any]) -> bool:
    return bool(description) and description != _UNTOLD and operation["x-amazon-apigateway-integration"].get("type") != "mock"
