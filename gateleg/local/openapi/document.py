"""An OpenAPI 3.0 or Swagger 2.0 document, read the way that API Gateway's import reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local.template import Json

EXTENSION = "x-amazon-apigateway-"
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        path: The path as the document writes it, such as `/rooms/{room}`.
        method: The HTTP method in upper case; `ANY` for `x-amazon-apigateway-any-method`.
        body: The operation object.
        parameters: The path's and the operation's parameters, references followed.
        document: The document that it is part of.
    """

    path: str
    method: str
    body: Json
    parameters: tuple[Json, ...]
    document: Document

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path, without empty ones."""
        return tuple(part for part in self.path.split("/") if part)

    @property
    def integration(self) -> Json | None:
        """The `x-amazon-apigateway-integration` object."""
        found: Json | None = self.body.get(EXTENSION + "integration")
        return found

    @property
    def security(self) -> list[Json]:
        """The operation's own security requirements, or the document's."""
        own: list[Json] | None = self.body.get("security")
        shared: list[Json] = self.document.body.get("security", [])
        return shared if own is None else own

    @property
    def validator(self) -> str | None:
        """The name of the request validator that applies, if one does."""
        key = EXTENSION + "request-validator"
        found: str | None = self.body.get(key, self.document.body.get(key))
        return found


@dataclass(frozen=True)
class Document:
    """A body of `AWS::ApiGateway::RestApi` or `AWS::ApiGatewayV2::Api`; intrinsic functions stay as they are."""

    body: Json

    def operations(self) -> Iterator[Operation]:
        """Yield every operation, in the document's order."""
        for path, item in self.body.get("paths", {}).items():
            shared = item.get("parameters", [])
            for name, operation in item.items():
                method = "ANY" if name == EXTENSION + "any-method" else name.upper()
                if method == "ANY" or name.lower() in METHODS:
                    given = {(p["name"], p["in"]): p for p in map(self.follow, [*shared, *operation.get("parameters", [])])}
                    yield Operation(path=path, method=method, body=operation, parameters=tuple(given.values()), document=self)

    def follow(self, node: Json) -> Json:
        """Return what a local `$ref` names, or the node itself."""
        reference = node.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return node
        target: Any = self.body
        for part in reference[2:].split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        return self.follow(target)

    @property
    def schemas(self) -> Json:
        """The named schemas, which API Gateway calls models."""
        found: Json = self.body.get("components", {}).get("schemas") or self.body.get("definitions", {})
        return found

    @property
    def security_schemes(self) -> Json:
        """The named security schemes."""
        found: Json = self.body.get("components", {}).get("securitySchemes") or self.body.get("securityDefinitions", {})
        return found

    @property
    def validators(self) -> Json:
        """The named request validators."""
        found: Json = self.extension("request-validators", {})
        return found

    def extension(self, name: str, default: Any = None) -> Any:
        """Return the document's `x-amazon-apigateway-<name>`."""
        return self.body.get(EXTENSION + name, default)
