"""Operations of an OpenAPI body as the resources and methods that API Gateway's import makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.local.openapi.models import model_dependencies, request_models
from gateleg.local.openapi.security import method_security
from gateleg.local.template import logical_id

if TYPE_CHECKING:
    from gateleg.local.openapi.document import Document, Operation
    from gateleg.local.template import Json

_LOCATIONS = {"query": "querystring", "header": "header", "path": "path"}
_INTEGRATION_PROPERTIES = {
    "uri": "Uri",
    "httpMethod": "IntegrationHttpMethod",
    "credentials": "Credentials",
    "requestParameters": "RequestParameters",
    "requestTemplates": "RequestTemplates",
    "timeoutInMillis": "TimeoutInMillis",
    "cacheKeyParameters": "CacheKeyParameters",
    "cacheNamespace": "CacheNamespace",
    "contentHandling": "ContentHandling",
    "connectionId": "ConnectionId",
    "connectionType": "ConnectionType",
}
_RESPONSE_PROPERTIES = {
    "responseParameters": "ResponseParameters",
    "responseTemplates": "ResponseTemplates",
    "contentHandling": "ContentHandling",
}


def resources(api: str, document: Document) -> Json:
    """Return one `AWS::ApiGateway::Resource` for each path and each path above it."""
    paths = {operation.segments[:depth] for operation in document.operations() for depth in range(1, len(operation.segments) + 1)}
    return {
        _resource_id(api, segments): {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {"RestApiId": {"Ref": api}, "ParentId": _resource_ref(api, segments[:-1]), "PathPart": segments[-1]},
        }
        for segments in sorted(paths)
    }


def methods(api: str, document: Document) -> Json:
    """Return one `AWS::ApiGateway::Method` for each operation."""
    return {method_id(api, operation): _method(api, operation) for operation in document.operations()}


def method_id(api: str, operation: Operation) -> str:
    """Return the logical id of an operation's method."""
    return logical_id(api, "Method", operation.method, "/".join(operation.segments))


def _resource_id(api: str, segments: tuple[str, ...]) -> str:
    return logical_id(api, "Resource", "/".join(segments))


def _resource_ref(api: str, segments: tuple[str, ...]) -> Json:
    return {"Ref": _resource_id(api, segments)} if segments else {"Fn::GetAtt": [api, "RootResourceId"]}


def _method(api: str, operation: Operation) -> Json:
    properties: Json = {
        "RestApiId": {"Ref": api},
        "ResourceId": _resource_ref(api, operation.segments),
        "HttpMethod": operation.method,
        "OperationName": operation.body.get("operationId", ""),
        **method_security(api, operation),
        "RequestParameters": _request_parameters(operation),
        "RequestModels": request_models(operation),
        "MethodResponses": [{"StatusCode": str(code)} for code in operation.body.get("responses", {}) if str(code).isdigit()],
    }
    if operation.integration is not None:
        properties["Integration"] = _integration(operation.integration)
    resource: Json = {"Type": "AWS::ApiGateway::Method", "Properties": properties}
    dependencies = model_dependencies(api, operation)
    return {**resource, "DependsOn": dependencies} if dependencies else resource


def _request_parameters(operation: Operation) -> dict[str, bool]:
    return {
        f"method.request.{_LOCATIONS[parameter['in']]}.{parameter['name']}": bool(parameter.get("required", False))
        for parameter in operation.parameters
        if parameter.get("in") in _LOCATIONS
    }


def _integration(given: Json) -> Json:
    kind = str(given.get("type", "AWS_PROXY")).upper()
    properties: Json = {"Type": kind, "PassthroughBehavior": str(given.get("passthroughBehavior", "WHEN_NO_MATCH")).upper()}
    properties |= {theirs: given[ours] for ours, theirs in _INTEGRATION_PROPERTIES.items() if ours in given}
    if kind == "MOCK" and "RequestTemplates" in properties:
        properties["RequestTemplates"] = {name: _quoted_status(text) for name, text in properties["RequestTemplates"].items()}
    responses = [_response(pattern, response) for pattern, response in given.get("responses", {}).items()]
    return {**properties, "IntegrationResponses": responses} if responses else properties


def _quoted_status(text: Any) -> Any:
    """API Gateway takes a bare `statusCode` key in a mock's template; the emulator looks for the quoted one."""
    return re.sub(r"(?<![\"'\w])statusCode(?=\s*:)", '"statusCode"', text) if isinstance(text, str) else text


def _response(pattern: str, given: Json) -> Json:
    properties: Json = {"StatusCode": str(given.get("statusCode", "200")), "SelectionPattern": "" if pattern == "default" else pattern}
    return properties | {theirs: given[ours] for ours, theirs in _RESPONSE_PROPERTIES.items() if ours in given}
