"""Renders the routes of a REST API as one OpenAPI 3.0.1 document with API Gateway's extensions.

Plain data in, plain data out: the document depends on nothing but its arguments, so that its hash can name the deployment.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateleg.cdk.cors import Cors
    from gateleg.cdk.routes import Route
    from gateleg.cdk.schemas import SchemaConverter

_VALIDATORS = {
    "body": {"validateRequestBody": True, "validateRequestParameters": False},
    "parameters": {"validateRequestBody": False, "validateRequestParameters": True},
    "all": {"validateRequestBody": True, "validateRequestParameters": True},
}
_NEVER_BLANK = {"integer", "number", "boolean"}
_ERROR_BODY = '{"message":$context.error.messageString,"requestId":"$context.requestId"}'
_SERVER_ERROR_BODY = '{"message":"Internal server error","requestId":"$context.requestId"}'


@dataclass(frozen=True)
class Checks:
    """What the gateway checks of a request before it calls the handler.

    Attributes:
        model: The name of the body's model; `None` for an unchecked body.
        required: The names of query parameters that must be there.
    """

    model: str | None = None
    required: tuple[str, ...] = ()

    @property
    def validator(self) -> str | None:
        """The request validator that does it; `None` for none."""
        if self.model is None:
            return "parameters" if self.required else None
        return "all" if self.required else "body"


@dataclass
class Document:
    """The parts of the API, as they are known so far; `render` makes the document.

    Attributes:
        title: The API's name.
        routes: Every route.
        checks: By route key, for those that are checked.
        security: By route key, the security requirements; an empty list for public routes.
        schemes: The security schemes by name.
        models: The models by name.
        cors: Cross-origin access.
        app_preflights: Targets whose handlers answer preflights themselves, where the gateway has no `cors`.
    """

    title: str
    routes: Sequence[Route]
    checks: Mapping[str, Checks]
    security: Mapping[str, list[dict[str, list[str]]]]
    schemes: Mapping[str, Any]
    models: Mapping[str, Any]
    cors: Cors | None
    app_preflights: frozenset[str]

    def render(self, integrations: Mapping[str, Any]) -> dict[str, Any]:
        """The OpenAPI document.

        Args:
            integrations: What each route target calls: `x-amazon-apigateway-integration` objects.
        """
        paths: dict[str, dict[str, Any]] = {}
        for route in self.routes:
            paths.setdefault(route.path, {})[_member(route.method)] = self._operation(route, integrations[route.target])
        for path, item in paths.items():
            self._add_preflight(path, item, integrations)
        components = {"securitySchemes": dict(self.schemes), "schemas": {name: self.models[name] for name in sorted(self.models)}}
        document: dict[str, Any] = {
            "openapi": "3.0.1",
            "info": {"title": self.title, "version": "1.0"},
            "paths": paths,
            "components": {name: part for name, part in components.items() if part},
            "x-amazon-apigateway-gateway-responses": gateway_responses(self.cors),
        }
        used = {check.validator for check in self.checks.values()} - {None}
        if used:
            document["x-amazon-apigateway-request-validators"] = {name: _VALIDATORS[name] for name in sorted(filter(None, used))}
        return document

    def _operation(self, route: Route, integration: Any) -> dict[str, Any]:
        operation: dict[str, Any] = {"responses": {}, "security": self.security[route.key], "x-amazon-apigateway-integration": integration}
        checks = self.checks.get(route.key, Checks())
        parameters = [_parameter(name, "path") for name in re.findall(r"\{([^}+]+)\+?\}", route.path)]
        parameters += [_parameter(name, "query") for name in checks.required]
        if parameters:
            operation["parameters"] = parameters
        if checks.model is not None:
            schema = {"$ref": f"#/components/schemas/{checks.model}"}
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        if checks.validator is not None:
            operation["x-amazon-apigateway-request-validator"] = checks.validator
        return operation

    def _add_preflight(self, path: str, item: dict[str, Any], integrations: Mapping[str, Any]) -> None:
        if "options" in item:
            return
        routes = [route for route in self.routes if route.path == path]
        if self.cors is not None:
            methods = sorted({route.method for route in routes} | {"OPTIONS"})
            every = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
            item["options"] = self.cors.preflight(every if "ANY" in methods else methods)
        elif answering := [route for route in routes if route.target in self.app_preflights]:
            item["options"] = {"responses": {}, "security": [], "x-amazon-apigateway-integration": integrations[answering[0].target]}


def request_checks(route: Route, converter: SchemaConverter) -> Checks:
    """What the gateway can check for a route without refusing anything that its handler takes.

    A body is checked where it is required JSON. A query parameter is required where its schema leaves no room for a blank
    value, because API Gateway takes blank for missing.
    """
    operation = route.operation or {}
    body: dict[str, Any] = operation.get("requestBody") or {}
    content: dict[str, Any] = body.get("content") or {}
    parameters: list[dict[str, Any]] = operation.get("parameters") or []
    model = None
    if body.get("required") and set(content) == {"application/json"}:
        model = converter.model(content["application/json"].get("schema"), _body_name(route))
    required = [
        parameter["name"]
        for parameter in parameters
        if parameter.get("in") == "query" and parameter.get("required") and _never_blank(parameter.get("schema") or {})
    ]
    return Checks(model, tuple(dict.fromkeys(required)))


def gateway_responses(cors: Cors | None) -> dict[str, Any]:
    """The bodies and headers of the errors that API Gateway makes itself; nothing of the inside shows.

    Args:
        cors: Cross-origin access, so that pages may read the errors.
    """
    headers = {"responseParameters": cors.gateway_headers()} if cors is not None else {}
    return {
        "DEFAULT_4XX": headers | {"responseTemplates": {"application/json": _ERROR_BODY}},
        "DEFAULT_5XX": headers | {"responseTemplates": {"application/json": _SERVER_ERROR_BODY}},
    }


def function_integration(uri: Any) -> dict[str, Any]:
    """The Lambda proxy integration of a function.

    Args:
        uri: The function's invocation URI, possibly an intrinsic function of CloudFormation.
    """
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}


def _member(method: str) -> str:
    return "x-amazon-apigateway-any-method" if method == "ANY" else method.lower()


def _parameter(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": {"type": "string"}}


def _never_blank(schema: dict[str, Any]) -> bool:
    if schema.get("type") in _NEVER_BLANK:
        return True
    if "enum" in schema:
        return all(value not in ("", None) for value in schema["enum"])
    return schema.get("type") == "string" and (schema.get("minLength") or 0) > 0


def _body_name(route: Route) -> str:
    words = re.findall(r"[A-Za-z0-9]+", route.path)
    return "".join(word[:1].upper() + word[1:] for word in (route.method.lower(), *words)) + "Body"
