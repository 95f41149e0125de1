"""Reads an OpenAPI document: references followed, what paths say given to their operations, and 3.0 in the words of 3.1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gateleg.description.paths import METHODS
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]
_SCHEMAS = "#/components/schemas/"
_AMAZON = "x-amazon-apigateway-"
_DEEPEST = 64


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
        DeclarationError: It is not one of OpenAPI 3, a reference leads nowhere, or an operation has no id of its own.
    """
    source = "the OpenAPI document" if isinstance(given, Mapping) else str(given)
    content = cast("Json", _plain(given) if isinstance(given, Mapping) else _parsed(Path(given)))
    version = content.get("openapi") if isinstance(content, dict) else None  # pyright: ignore[reportUnnecessaryIsInstance] (a file holds anything)
    if not str(version).startswith("3.") or not isinstance(content.get("paths", {}), dict):
        raise _refusal(f"{source} is not an OpenAPI 3 document: it says openapi={version!r}; convert it to 3.0 or 3.1", version)
    reader = _Reader(source, content)
    operations = list(reader.operations())
    seen: dict[str, str] = {}
    for operation in operations:
        if (known := seen.setdefault(operation.id, operation.key)) != operation.key:
            raise _refusal(f"{source} gives {known} and {operation.key} one operationId, {operation.id!r}; give each its own", operation.id)
    schemas: Json = content.get("components", {}).get("schemas", {})
    return ContractDocument(
        source, content.get("info", {}), {name: modern(schema) for name, schema in schemas.items()}, operations, reader.refused
    )


def modern(schema: Any) -> Any:
    """A schema of 3.0 in the words of 3.1: null is a type, and bounds that are left out are numbers."""
    if isinstance(schema, list):
        return [modern(part) for part in cast("Sequence[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    said: Json = {
        name: modern(part) if name not in {"example", "examples", "default", "enum", "const"} else part
        for name, part in cast("Json", schema).items()
    }
    if said.pop("nullable", False) is True:
        said = said | {"type": [said["type"], "null"]} if isinstance(said.get("type"), str) else {"anyOf": [said, {"type": "null"}]}
    for bound in ("minimum", "maximum"):
        exclusive = f"exclusive{bound.capitalize()}"
        if isinstance(said.get(exclusive), bool) and said.pop(exclusive) and bound in said:
            said[exclusive] = said.pop(bound)
    return said


class _Reader:
    def __init__(self, source: str, content: Json) -> None:
        self._source = source
        self._content = content
        self.refused = [
            f"the document has {name}, which the gateway renders itself; leave it out" for name in content if name.startswith(_AMAZON)
        ]

    def operations(self) -> list[ContractOperation]:
        found: list[ContractOperation] = []
        for path, item in self._content.get("paths", {}).items():
            members = self._followed(item)
            self._refuse(path, members)
            methods = [method for method in members if method.upper() in METHODS - {"ANY"}]
            found += [self._operation(f"{method.upper()} {path}", members, members[method]) for method in methods]
        return found

    def _operation(self, key: str, item: Json, said: Json) -> ContractOperation:
        self._refuse(key, said)
        if not (name := said.get("operationId")):
            raise _refusal(f"{self._source} gives {key} no operationId, by which it finds its handler; write one", key)
        parameters = {(one["in"], one["name"]): one for given in (item, said) for one in map(self._followed, given.get("parameters", ()))}
        told = {name: part for name, part in said.items() if name not in {"parameters", "security", "callbacks", "servers"}}
        told["parameters"] = [one | {"schema": modern(one.get("schema", {}))} for one in parameters.values()]
        if "requestBody" in told:
            told["requestBody"] = self._with_content(self._followed(told["requestBody"]))
        answers: Json = told.get("responses", {})
        told["responses"] = {code: self._answer(self._followed(answer)) for code, answer in answers.items()}
        return ContractOperation(str(name), key, told, said.get("security", self._content.get("security")))

    def _answer(self, answer: Json) -> Json:
        headers = {name: self._followed(header) for name, header in answer.get("headers", {}).items()}
        return self._with_content(answer) | ({"headers": headers} if headers else {})

    def _with_content(self, part: Json) -> Json:
        content: Json = part.get("content", {})
        found = {media: kind | {"schema": modern(kind["schema"])} for media, kind in content.items() if "schema" in kind}
        return part | ({"content": {**content, **found}} if content else {})

    def _followed(self, part: Json) -> Json:
        """A part, or what its reference leads to."""
        for _ in range(_DEEPEST):
            if "$ref" not in part:
                return part
            part = self._at(str(part["$ref"]))
        raise _refusal(f"{self._source} has a reference that leads to itself, {part['$ref']}; end it", part["$ref"])

    def _at(self, reference: str) -> Json:
        found: Any = self._content
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = cast("Json", found).get(name) if isinstance(found, dict) else None
        if not reference.startswith("#/") or not isinstance(found, dict):
            raise _refusal(f"{self._source} refers to {reference!r}, which is not in it; put it there, under components", reference)
        return cast("Json", found)

    def _refuse(self, place: str, part: Json) -> None:
        self.refused += [f"{place} has {name}, which the gateway renders itself; leave it out" for name in part if name.startswith(_AMAZON)]


def _plain(given: Any) -> Any:
    """What was read, as JSON has it: YAML knows numbers as names, and dates."""
    try:
        return json.loads(json.dumps(given, default=str))
    except TypeError as error:
        raise _refusal(f"the OpenAPI document is no plain data ({error}); pass what json.load or yaml.safe_load gives", given) from error


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        return _yaml(path, text) if path.suffix in {".yaml", ".yml"} else json.loads(text)
    except OSError as error:
        raise _refusal(f"there is no document {path} ({error.strerror}); name the file, or pass what was read from it", str(path)) from None
    except ValueError as error:
        raise _refusal(f"{path} is not JSON: {error}; write JSON, or call a YAML file .yaml", str(path)) from error


def _yaml(path: Path, text: str) -> Any:
    try:
        yaml: Any = import_module("yaml")
    except ModuleNotFoundError:
        raise _refusal(f"{path} is YAML, and PyYAML is not installed; run: pip install pyyaml, or write it as JSON", str(path)) from None
    try:
        return _plain(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise _refusal(f"{path} is not YAML: {error}", str(path)) from error


def _refusal(message: str, value: Any) -> DeclarationError:
    return DeclarationError(message, path="Contract.document", value=value, code="declaration.contract.document")
