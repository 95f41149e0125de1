"""Renders the planned routes of a REST API as one OpenAPI 3.0.1 document with API Gateway's extensions.

Plain data in, plain data out. Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.cdk.management.gateway_responses import gateway_responses
from gateleg.cdk.schemas import Models
from gateleg.cdk.told import MAPPED, Telling
from gateleg.cdk.validation import VALIDATORS, refusal_responses
from gateleg.description.names import PUBLIC_EXTENSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateleg.cdk.cors import Cors
    from gateleg.cdk.management.gateway_responses import GatewayResponse
    from gateleg.cdk.plan import PlannedRoute
    from gateleg.description import App

_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_UNTITLED = "1.0"
_MAPPED_HEADER = "method.response.header."
_MAPPED_PARAMETER = re.compile(r"method\.request\.(?:multivalue)?(header|querystring)\.(.+)")


@dataclass
class Document:
    """What an API holds; `render` makes the document.

    Attributes:
        info: `title`, `version`, `description`.
        routes: Every route.
        schemes: The security schemes by name.
        apps: The apps whose routes they are.
        models: The models.
        cors: Cross-origin access.
        answers: By type, what API Gateway itself shall answer.
    """

    info: Mapping[str, str]
    routes: Sequence[PlannedRoute]
    schemes: Mapping[str, Any]
    apps: Sequence[App] = ()
    models: Models = field(default_factory=Models)
    cors: Cors | None = None
    answers: Mapping[str, GatewayResponse] = field(default_factory=dict[str, "GatewayResponse"])

    def render(self, integrations: Mapping[str, Any]) -> dict[str, Any]:
        """The OpenAPI document.

        Args:
            integrations: By target, what routes call: `x-amazon-apigateway-integration` objects.
        """
        paths = self._paths(integrations)
        schemas = self.models.schemas
        components = {"securitySchemes": dict(self.schemes), "schemas": {name: schemas[name] for name in sorted(schemas)}}
        document: dict[str, Any] = {
            "openapi": "3.0.1",
            "info": dict(self.info),
            "paths": paths,
            "components": {name: part for name, part in components.items() if part},
        }
        headers = {} if self.cors is None else self.cors.gateway_headers()
        responses = gateway_responses(self.answers, headers)
        if used := sorted({name for route in self.routes if (name := route.checks.validator) is not None}):
            refusals = refusal_responses(
                {name: said for name, said in responses["BAD_REQUEST_BODY"].items() if name == "responseParameters"}
            )
            responses |= {kind: answer for kind, answer in refusals.items() if kind not in self.answers}
            document["x-amazon-apigateway-request-validators"] = {name: VALIDATORS[name] for name in used}
        return document | {"x-amazon-apigateway-gateway-responses": responses}

    def _paths(self, integrations: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        by_path: dict[str, list[tuple[str, PlannedRoute]]] = {}
        for route in self.routes:
            method, path = route.key.split(" ", 1)
            by_path.setdefault(path, []).append((method, route))
        telling = Telling(self.apps, self.models)
        paths: dict[str, dict[str, Any]] = {}
        for path, routes in by_path.items():
            paths[path] = {
                _member(method): _operation(route, telling.of(route), integrations[route.integration]) for method, route in routes
            }
            if self.cors is not None and "options" not in paths[path] and (methods := _shared(routes)):
                variables = [_parameter(name, "path") for name in re.findall(r"\{([^}+]+)\+?\}", path)]
                paths[path]["options"] = self.cors.preflight(methods) | ({"parameters": variables} if variables else {})
        return paths


def info_of(name: str, apps: Sequence[App]) -> dict[str, str]:
    """The document's `info`: that of the one app that gives any; where several do, the API's name and a line for each.

    API Gateway names an API by the title, so the title is what metrics are found by.

    Args:
        name: The API's name.
        apps: The descriptions.
    """
    told = [app for app in apps if app.title or app.version or app.summary]
    if len(told) > 1:
        lines = [f"{app.title or app.name} {app.version or ''}: {app.summary or ''}".rstrip(": ") for app in told]
        return {"title": name, "version": _UNTITLED, "description": "\n".join(lines)}
    version = next((app.version for app in told if app.version), _UNTITLED)
    summaries = [app.summary for app in told if app.summary]
    return {"title": name, "version": version} | ({"description": summaries[0]} if summaries else {})


def function_integration(uri: Any) -> dict[str, Any]:
    """The Lambda proxy integration of a function.

    Args:
        uri: The function's invocation URI, possibly an intrinsic function of CloudFormation.
    """
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}


def _operation(route: PlannedRoute, told: dict[str, Any], integration: Any) -> dict[str, Any]:
    told_of_it = any((source.operation or {}).get("responses") for source in route.sources)
    # `security` stands on each operation: AWS documents that it does not read the document's own.
    operation = told | {
        "responses": _responses(integration, told["responses"] if told_of_it else {}) or told["responses"],
        "security": route.access.requirements(),
        "x-amazon-apigateway-integration": integration,
    }
    if route.access.public is not None:
        operation[PUBLIC_EXTENSION] = route.access.public
    parameters: list[dict[str, Any]] = told.get("parameters", [])
    named = {parameter["name"] for parameter in parameters}
    parameters = [*parameters, *(mapped for mapped in _mapped_parameters(integration) if mapped["name"] not in named)]
    if parameters:
        operation["parameters"] = parameters
    if route.checks.model is not None:
        schema = {"$ref": f"#/components/schemas/{route.checks.model}"}
        operation["requestBody"] = {**told.get("requestBody", {}), "required": True, "content": {"application/json": {"schema": schema}}}
    if route.checks.validator is not None:
        operation["x-amazon-apigateway-request-validator"] = route.checks.validator
    return operation


def _responses(integration: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The statuses and headers that an integration's answers are mapped to: API Gateway refuses what is mapped and not declared."""
    found: dict[str, Any] = {code: dict(answer) for code, answer in told.items()}
    for answer in integration.get("responses", {}).values():
        declared = found.setdefault(str(answer.get("statusCode", "200")), {"description": MAPPED})
        names = [name.removeprefix(_MAPPED_HEADER) for name in answer.get("responseParameters", {})]
        if names:
            declared.setdefault("headers", {}).update({name: {"schema": {"type": "string"}} for name in names})
    return found


def _mapped_parameters(integration: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The headers and queries that an integration maps from a request; as with answers, they must be declared."""
    used = [_MAPPED_PARAMETER.fullmatch(str(value)) for value in integration.get("requestParameters", {}).values()]
    named = {(match[2], "query" if match[1] == "querystring" else "header") for match in used if match}
    return [_parameter(name, where) | {"required": False} for name, where in sorted(named)]


def _shared(routes: Sequence[tuple[str, PlannedRoute]]) -> list[str]:
    """The methods that pages of other origins may use, or none."""
    methods = {method for method, route in routes if any(source.cors for source in route.sources)}
    if not methods:
        return []
    return list(_METHODS) if "ANY" in methods else sorted(methods | {"OPTIONS"})


def _member(method: str) -> str:
    return _ANY if method == "ANY" else method.lower()


def _parameter(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": {"type": "string"}}
