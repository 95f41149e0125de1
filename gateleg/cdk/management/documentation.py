"""What handlers tell of their routes, as documentation parts that API Gateway keeps beside the API and publishes by itself.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html.
"""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.sizes import PARTS
from gateleg.cdk.told import MAPPED, UNTOLD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Parts = Iterator[tuple[dict[str, str], dict[str, Any]]]

EXTENSION = "x-amazon-apigateway-documentation"
_TOLD = ("summary", "description", "tags", "deprecated")
_PARAMETERS = {"path": "PATH_PARAMETER", "query": "QUERY_PARAMETER", "header": "REQUEST_HEADER"}


def documentation_of(document: Mapping[str, Any], authorizers: Mapping[str, str]) -> dict[str, Any]:
    """The value of `x-amazon-apigateway-documentation`; its version is another for other parts, and the same for the same.

    Models say in their schemas what the parts of their fields say, so that these are left out where an API cannot have so many.

    Args:
        document: The OpenAPI document, with what the handlers tell.
        authorizers: By name, what callers are told of an authorizer.
    """
    schemas = document.get("components", {}).get("schemas", {})
    parts = [*_of_api(document), *_of_authorizers(authorizers), *_of_models(schemas), *_of_paths(document["paths"], schemas)]
    fields = [*_of_fields(schemas)]
    said = parts + (fields if len(parts) + len(fields) <= PARTS else [])
    listed = [{"location": location, "properties": properties} for location, properties in said]
    digest = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
    return {"version": digest[:12], "documentationParts": listed}


def _of_api(document: Mapping[str, Any]) -> Parts:
    if told := document["info"].get("description"):
        yield {"type": "API"}, {"info": {"description": told, "version": document["info"]["version"]}}


def _of_authorizers(authorizers: Mapping[str, str]) -> Parts:
    for name, told in authorizers.items():
        yield {"type": "AUTHORIZER", "name": name}, {"description": told}


def _of_models(schemas: Mapping[str, Any]) -> Parts:
    for name, schema in schemas.items():
        yield from _described({"type": "MODEL", "name": name}, schema)


def _of_fields(schemas: Mapping[str, Any]) -> Parts:
    for name, schema in schemas.items():
        for field, said in schema.get("properties", {}).items():
            yield from _described({"type": "MODEL", "name": f"{name}.{field}"}, said)


def _of_paths(paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> Parts:
    for path, item in paths.items():
        for member, operation in item.items():
            place = {"path": path, "method": "*" if member.startswith("x-") else member.upper()}
            yield from _of_request(place, operation, schemas)
            yield from chain.from_iterable(
                _of_answer(place | {"statusCode": str(status)}, answer, schemas) for status, answer in _answers(operation)
            )


def _of_request(place: dict[str, str], operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Parts:
    if told := {name: operation[name] for name in _TOLD if operation.get(name)}:
        yield {"type": "METHOD", **place}, told
    for parameter in operation.get("parameters", ()):
        yield from _described({"type": _PARAMETERS[parameter["in"]], **place, "name": parameter["name"]}, parameter)
    body = operation.get("requestBody", {})
    yield from _described({"type": "REQUEST_BODY", **place}, body if body.get("description") else _model(body, schemas))


def _of_answer(place: dict[str, str], answer: Mapping[str, Any], schemas: Mapping[str, Any]) -> Parts:
    if answer.get("description") not in {UNTOLD, MAPPED}:
        yield from _described({"type": "RESPONSE", **place}, answer)
    for name, header in answer.get("headers", {}).items():
        yield from _described({"type": "RESPONSE_HEADER", **place, "name": name}, header)
    yield from _described({"type": "RESPONSE_BODY", **place}, _model(answer, schemas))


def _answers(operation: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    # A mock that answers preflights is for no reader.
    if operation["x-amazon-apigateway-integration"].get("type") != "mock":
        yield from operation.get("responses", {}).items()


def _model(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """The model of a request's or an answer's body; nothing where it has none."""
    references = (kind.get("schema", {}).get("$ref", "") for kind in body.get("content", {}).values())
    return next((schemas.get(reference.rpartition("/")[2], {}) for reference in references), dict[str, Any]())


def _described(location: dict[str, str], said: Mapping[str, Any]) -> Parts:
    if told := said.get("description"):
        yield location, {"description": told}
