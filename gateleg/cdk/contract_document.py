"""Reads an OpenAPI document: references followed, what paths say given to their operations, and 3.0 in the words of 3.1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from gateleg.cdk.contract_file import parsed, plain
from gateleg.cdk.contract_schemas import Schemas
from gateleg.cdk.contract_shape import METHODS, check_shape, is_told, referred, refusal
from gateleg.description.paths import shape_of_key

Json = dict[str, Any]
_AMAZON = "x-amazon-apigateway-"
_DEEPEST = 64
_WORDS = ("summary", "description")
_PATH_WORDS = frozenset({"summary", "description", "parameters", "servers", "$ref"})


@dataclass(frozen=True)
class ContractOperation:
    """One operation of a document.

    Attributes:
        id: Its operation id.
        key: `GET /rooms/{room}`.
        told: The operation object with parameters, bodies and answers in it; schemas stay references.
        security: What it asks for, or the document does; `None` where neither says.
    """

    id: str
    key: str
    told: Json
    security: list[dict[str, list[str]]] | None


@dataclass(frozen=True)
class ContractDocument:
    """What a document says.

    Attributes:
        source: Where it is from, for messages.
        info: `title`, `version`, `description`.
        schemas: `components.schemas`.
        operations: In the order of the document.
        refused: What of it the gateway renders itself.
    """

    source: str
    info: Json
    schemas: Json
    operations: list[ContractOperation]
    refused: list[str]


def read_document(given: Any) -> ContractDocument:
    """Read a document.

    Args:
        given: A JSON or YAML file, or what was read from one.

    Raises:
        DeclarationError: It is not one of OpenAPI 3, a part is not what it must be, a reference leads nowhere, or an operation has no id of its own.
    """
    source = "the OpenAPI document" if isinstance(given, Mapping) else str(given)
    content = cast("Json", plain(given, source) if isinstance(given, Mapping) else parsed(Path(given)))
    version = content.get("openapi") if isinstance(content, dict) else None  # pyright: ignore[reportUnnecessaryIsInstance] (a file holds anything)
    if not re.fullmatch(r"3\.[01](\..+)?", str(version)):
        raise refusal(f"{source} is not an OpenAPI document of 3.0 or 3.1: it says openapi={version!r}; convert it to 3.0 or 3.1", version)
    check_shape(source, content)
    reader = _Reader(source, content)
    operations = list(reader.operations())
    seen: dict[str, ContractOperation] = {}
    for operation in operations:
        if (known := seen.setdefault(shape_of_key(operation.key), operation)) is not operation:
            said = f"{source} has {known.key} ({known.id}) and {operation.key} ({operation.id}), which are one to API Gateway; leave one of them out"
            raise refusal(said, operation.key)
        if (known := seen.setdefault(operation.id, operation)) is not operation:
            raise refusal(
                f"{source} gives {known.key} and {operation.key} one operationId, {operation.id!r}; give each its own", operation.id
            )
    return ContractDocument(source, content.get("info", {}), reader.schemas.told, operations, reader.refused)


class _Reader:
    def __init__(self, source: str, content: Json) -> None:
        self._source = source
        self._content = content
        self.schemas = Schemas(source, content)
        self.refused: list[str] = []
        components: Json = content.get("components", {})
        self._refuse("the document", content)
        self._refuse("components", components)
        parts: list[tuple[str, Any]] = [*cast("Json", components.get("securitySchemes") or {}).items()]
        parts += [(f"{name} {number}", part) for name in ("servers", "tags") for number, part in enumerate(content.get(name) or ())]
        for place, part in parts:
            self._refuse(place, part)

    def operations(self) -> list[ContractOperation]:
        found: list[ContractOperation] = []
        for path, item in self._content.get("paths", {}).items():
            if not is_told(path):
                continue
            if not path.startswith("/"):
                raise refusal(f"{self._source} has the path {path!r}; begin it with /", path)
            members = self._followed(item)
            self._refuse(path, members)
            self.refused += [
                f"{path} has {name!r}, which API Gateway has not; leave it out: its operations are {', '.join(METHODS)}"
                for name in members
                if name not in _PATH_WORDS and name not in METHODS and is_told(name)
            ]
            # With a slash at its end it is the same resource, as in aws/serverless-application-model, api_generator.py.
            place = path.rstrip("/") or "/"
            found += [self._operation(f"{method.upper()} {place}", members, members[method]) for method in members if method in METHODS]
        return found

    def _operation(self, key: str, item: Json, said: Json) -> ContractOperation:
        self._refuse(key, said)
        if not (name := said.get("operationId")):
            raise refusal(f"{self._source} gives {key} no operationId, by which it finds its handler; write one", key)
        parameters = self._parameters(key, item) | self._parameters(key, said)
        told = {name: part for name, part in said.items() if name not in {"parameters", "security", "callbacks", "servers"}}
        told["parameters"] = [self._parameter(one) for one in parameters.values()]
        if "requestBody" in told:
            told["requestBody"] = self._with_content(self._followed(told["requestBody"]))
        answers: Json = told.get("responses", {})
        told["responses"] = {code: self._answer(self._followed(answer)) for code, answer in answers.items() if is_told(code)}
        return ContractOperation(str(name), key, told, said.get("security", self._content.get("security")))

    def _parameters(self, key: str, said: Json) -> dict[tuple[str, str], Json]:
        """By where and name. Names of headers may be written in either case."""
        found: dict[tuple[str, str], Json] = {}
        for one in map(self._followed, said.get("parameters", ())):
            where, name = one["in"], one["name"]
            place = (where, name.lower() if where == "header" else name)
            if place in found:
                raise refusal(f"{self._source} gives {key} the {where} parameter {name!r} twice; leave one of them out", name)
            if where == "path" and not re.search(rf"\{{{re.escape(name)}\+?\}}", key):
                raise refusal(
                    f"{self._source} gives {key} the path parameter {name!r}, which its path has not; write {{{name}}} there", name
                )
            found[place] = one
        return found

    def _parameter(self, said: Json) -> Json:
        """A parameter with its schema, which it may have within the one media type of its content."""
        content: Json = said.get("content", {})
        within: Any = next((kind["schema"] for kind in content.values() if "schema" in kind), None)
        return {name: part for name, part in said.items() if name != "content"} | {
            "schema": self.schemas.read(said.get("schema", within or {}))
        }

    def _answer(self, answer: Json) -> Json:
        headers = {name: self._followed(header) for name, header in answer.get("headers", {}).items()}
        return self._with_content(answer) | ({"headers": headers} if headers else {})

    def _with_content(self, part: Json) -> Json:
        content: Json = part.get("content", {})
        found = {media: kind | {"schema": self.schemas.read(kind["schema"])} for media, kind in content.items() if "schema" in kind}
        return part | ({"content": {**content, **found}} if content else {})

    def _followed(self, part: Json) -> Json:
        """A part, or what its reference leads to."""
        for _ in range(_DEEPEST):
            if "$ref" not in part:
                return part
            part = referred(self._source, self._content, part["$ref"]) | self._beside(part)
        raise refusal(f"{self._source} has a reference that leads to itself, {part['$ref']}; end it", part["$ref"])

    def _beside(self, part: Json) -> Json:
        """What holds beside a reference: a summary and a description, in 3.1 alone. https://spec.openapis.org/oas/v3.1.0#reference-object."""
        if dropped := [name for name in part if name not in _WORDS and name != "$ref" and is_told(name)]:
            problem = (
                f"{', '.join(dropped)} beside the reference {part['$ref']!r} is dropped; write it into what is referred to, or leave it out"
            )
            self.refused += [] if problem in self.refused else [problem]
        return {} if self.schemas.is_old else {name: part[name] for name in _WORDS if name in part}

    def _refuse(self, place: str, part: Json) -> None:
        self.refused += [f"{place} has {name}, which the gateway renders itself; leave it out" for name in part if name.startswith(_AMAZON)]
