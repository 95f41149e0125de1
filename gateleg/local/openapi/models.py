"""Schemas of an OpenAPI body as models that hold everything they refer to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.local.template import is_object, logical_id, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local.openapi.document import Document, Operation
    from gateleg.local.template import Json

_REFERENCE = re.compile(r"^#/(?:components/schemas|definitions)/(?P<name>[^/]+)$")


def models(api: str, document: Document) -> Json:
    """Return one `AWS::ApiGateway::Model` for each schema by which a request's body is checked; others validate nothing."""
    used: Json = {}
    for operation in document.operations():
        used |= {name: document.schemas[name] if schema is None else schema for _, name, schema in _bodies(operation)}
    return {logical_id(api, "Model", name): _model(api, name, schema, document) for name, schema in used.items()}


def request_models(operation: Operation) -> dict[str, str]:
    """Return the model's name for each media type of the operation's request body."""
    return {media_type: name for media_type, name, _ in _bodies(operation)}


def model_dependencies(api: str, operation: Operation) -> list[str]:
    """Return the logical ids of the models that the operation's bodies need."""
    return [logical_id(api, "Model", name) for name in request_models(operation).values()]


def _bodies(operation: Operation) -> Iterator[tuple[str, str, Json | None]]:
    """Yield media type, model name and, where the schema has no name of its own, the schema."""
    for media_type, schema in _body_schemas(operation) if operation.validator is not None else ():
        found = _REFERENCE.match(str(schema.get("$ref", "")))
        if found:
            yield media_type, found["name"], None
        elif schema:
            yield media_type, logical_id(operation.method, operation.path, media_type), schema


def _body_schemas(operation: Operation) -> Iterator[tuple[str, Json]]:
    body = operation.document.follow(operation.body.get("requestBody", {}))
    for media_type, content in body.get("content", {}).items():
        yield media_type, content.get("schema", {})
    for parameter in operation.parameters:
        if parameter.get("in") == "body":
            yield "application/json", parameter.get("schema", {})


def _model(api: str, name: str, schema: Json, document: Document) -> Json:
    properties: Json = {"RestApiId": {"Ref": api}, "Name": name, "ContentType": "application/json"}
    properties["Schema"] = _closed(schema, document.schemas)
    return {"Type": "AWS::ApiGateway::Model", "Properties": properties}


def _closed(schema: Json, schemas: Json) -> Json:
    """Return a draft-4 schema whose references are all inside itself."""
    needed: Json = {}
    waiting = [schema]
    while waiting:
        for name in _names(waiting.pop()):
            if name in schemas and name not in needed:
                needed[name] = schemas[name]
                waiting.append(schemas[name])
    closed: Json = rewrite({**schema, "definitions": needed} if needed else schema, _draft4)
    return closed


def _names(node: Any) -> set[str]:
    found: set[str] = set()

    def note(part: Any) -> Any:
        match = _REFERENCE.match(part) if isinstance(part, str) else None
        if match:
            found.add(match["name"])
        return part

    rewrite(node, note)
    return found


def _draft4(node: Any) -> Any:
    if not is_object(node):
        return node
    schema: Json = dict(node)
    if isinstance(schema.get("$ref"), str):
        schema["$ref"] = _REFERENCE.sub(r"#/definitions/\g<name>", schema["$ref"])
    if schema.pop("nullable", False) is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema
