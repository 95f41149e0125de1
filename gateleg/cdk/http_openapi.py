"""Renders the planned routes of an HTTP API as one OpenAPI 3.0.1 document with API Gateway's extensions.

An HTTP API keeps of an operation who may call it and what answers it; schemas and request bodies are ignored, so that none is there.
Plain data in, plain data out. Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.description.names import PUBLIC_EXTENSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateleg.cdk.cors import Cors
    from gateleg.cdk.plan import PlannedRoute

_INTEGRATIONS = "x-amazon-apigateway-integrations"
_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_TOLD = ("summary", "description")


@dataclass
class HttpDocument:
    """What an HTTP API holds; `render` makes the document.

    Attributes:
        info: `title`, `version`, `description`.
        routes: Every route.
        schemes: The security schemes by name.
        cors: Cross-origin access.
        default_endpoint: Whether it answers at its own URL, and not at a domain alone.
    """

    info: Mapping[str, str]
    routes: Sequence[PlannedRoute]
    schemes: Mapping[str, Any]
    cors: Cors | None = None
    default_endpoint: bool = True

    def render(self, integrations: Mapping[str, Any]) -> dict[str, Any]:
        """The OpenAPI document.

        Args:
            integrations: By target, what routes call: `x-amazon-apigateway-integration` objects. Routes of one target share it: an API has
                300 at most.
        """
        names = _names(integrations)
        paths: dict[str, dict[str, Any]] = {}
        ids: set[str] = set()
        for route in self.routes:
            method, path = route.key.split(" ", 1)
            member = _ANY if method == "ANY" else method.lower()
            paths.setdefault(path, {})[member] = _operation(route, names[route.integration], ids)
        document: dict[str, Any] = {"openapi": "3.0.1", "info": dict(self.info), "paths": paths}
        document["components"] = {_INTEGRATIONS: {names[target]: integration for target, integration in integrations.items()}}
        if self.schemes:
            document["components"]["securitySchemes"] = dict(self.schemes)
        if self.cors is not None:
            document["x-amazon-apigateway-cors"] = self.cors.of_http_api(self._shared())
        if not self.default_endpoint:
            # An import of OpenAPI 3.0 reads it here alone: elsewhere it says nothing, and the endpoint stays open.
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-endpoint-configuration.html
            document["servers"] = [{"url": "/", "x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}}]
        return document

    def _shared(self) -> list[str]:
        """The methods that pages of other origins may use."""
        methods = {route.key.split(" ", 1)[0] for route in self.routes}
        return list(_METHODS) if "ANY" in methods else sorted(methods | {"OPTIONS"})


def http_function_integration(uri: Any, payload: str) -> dict[str, Any]:
    """The Lambda proxy integration of a function.

    Args:
        uri: The function's invocation URI, possibly an intrinsic function of CloudFormation.
        payload: The version of the events that it reads: `1.0`, as REST APIs send them, or `2.0`.
    """
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, "payloadFormatVersion": payload}


def _operation(route: PlannedRoute, integration: str, ids: set[str]) -> dict[str, Any]:
    said = next((source.operation for source in route.sources if source.operation), dict[str, Any]())
    operation: dict[str, Any] = {name: said[name] for name in _TOLD if said.get(name) and said[name] != route.key}
    if name := said.get("operationId"):
        operation["operationId"] = _own(str(name), ids)
    variables = re.findall(r"\{([^}+]+)\+?\}", route.key)
    if variables:
        operation["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in variables]
    operation |= {
        "responses": {"default": {"description": "What the integration answers."}},
        # Of each operation: the document's own is for REST APIs documented not to be read.
        "security": route.access.requirements(),
        "x-amazon-apigateway-integration": {"$ref": f"#/components/{_INTEGRATIONS}/{integration}"},
    }
    if route.access.public is not None:
        operation[PUBLIC_EXTENSION] = route.access.public
    return operation


def _own(name: str, ids: set[str]) -> str:
    """An operation id that no other route has: apps do not know each other's."""
    own, number = name, 1
    while own in ids:
        number += 1
        own = f"{name}_{number}"
    ids.add(own)
    return own


def _names(targets: Mapping[str, Any]) -> dict[str, str]:
    """What components are named, each differently: letters, digits and `._-`."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for target in targets:
        names[target] = _own(re.sub(r"[^A-Za-z0-9._-]+", "-", target).strip("-"), taken)
    return names
