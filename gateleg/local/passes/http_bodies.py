"""The emulator reads no OpenAPI body of an HTTP API; it has its routes, integrations and authorizers as resources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.local.openapi.document import EXTENSION, Document
from gateleg.local.template import is_object, logical_id, replace_resources, resources

if TYPE_CHECKING:
    from gateleg.local.openapi.document import Operation
    from gateleg.local.template import Json, Target

_INTEGRATION = {
    "httpMethod": "IntegrationMethod",
    "uri": "IntegrationUri",
    "payloadFormatVersion": "PayloadFormatVersion",
    "timeoutInMillis": "TimeoutInMillis",
    "connectionType": "ConnectionType",
    "connectionId": "ConnectionId",
    "requestParameters": "RequestParameters",
    "responseParameters": "ResponseParameters",
}
_AUTHORIZER = {
    "authorizerUri": "AuthorizerUri",
    "authorizerPayloadFormatVersion": "AuthorizerPayloadFormatVersion",
    "authorizerResultTtlInSeconds": "AuthorizerResultTtlInSeconds",
    "authorizerCredentials": "AuthorizerCredentialsArn",
    "enableSimpleResponses": "EnableSimpleResponses",
}


def expand_http_bodies(template: Json, target: Target) -> Json:
    """Replace every OpenAPI body by the resources that API Gateway's import would make of it."""
    del target
    for api, resource in list(resources(template, "AWS::ApiGatewayV2::Api")):
        body = resource.get("Properties", {}).get("Body")
        if is_object(body) and "paths" in body:
            template = _expand(template, api, resource, Document(body))
    return template


def _expand(template: Json, api: str, resource: Json, document: Document) -> Json:
    made: Json = {}
    for name, scheme in document.security_schemes.items():
        if EXTENSION + "authorizer" in scheme:
            made[_authorizer_id(api, name)] = _authorizer(api, name, scheme[EXTENSION + "authorizer"])
    for operation in document.operations():
        if (given := operation.integration) is not None:
            key = _key(operation)
            target = logical_id(api, "Integration", str(given.get("$ref", key)))
            made[target] = _integration(api, document.follow(given))
            made[logical_id(api, "Route", key)] = _route(api, key, target, operation)
    changed: Json = {api: {**resource, "Properties": _api(document, resource["Properties"])}, **made}
    for name, deployment in resources(template, "AWS::ApiGatewayV2::Deployment"):
        if deployment.get("Properties", {}).get("ApiId") == {"Ref": api}:
            changed[name] = {**deployment, "DependsOn": sorted(made)}
    return replace_resources(template, changed)


def _api(document: Document, given: Json) -> Json:
    info: Json = document.body.get("info", {})
    properties: Json = {"Name": info.get("title", ""), "ProtocolType": "HTTP", "Description": info.get("description", "")}
    if cors := document.extension("cors"):
        # The emulator looks for CloudFormation's settings under the names of the document.
        properties["CorsConfiguration"] = cors
    return properties | {name: value for name, value in given.items() if name not in {"Body", "FailOnWarnings"}}


def _key(operation: Operation) -> str:
    default = operation.method == "ANY" and operation.body.get("isDefaultRoute") is True
    return "$default" if default else f"{operation.method} {operation.path}"


def _integration(api: str, given: Json) -> Json:
    properties: Json = {"ApiId": {"Ref": api}, "IntegrationType": str(given["type"]).upper()}
    properties |= {theirs: given[ours] for ours, theirs in _INTEGRATION.items() if ours in given}
    if "integrationSubtype" in given:
        # The emulator keeps neither, and a URI, which such an integration does not have.
        properties["IntegrationUri"] = {"Fn::Join": [" ", [given["integrationSubtype"], given.get("credentials", "")]]}
    return {"Type": "AWS::ApiGatewayV2::Integration", "Properties": properties}


def _route(api: str, key: str, target: str, operation: Operation) -> Json:
    properties: Json = {"ApiId": {"Ref": api}, "RouteKey": key, "Target": {"Fn::Join": ["", ["integrations/", {"Ref": target}]]}}
    for requirement in operation.security:
        for name, scopes in requirement.items():
            properties |= _asked_by(api, name, operation.document.security_schemes.get(name, {}), scopes)
    return {"Type": "AWS::ApiGatewayV2::Route", "Properties": properties}


def _asked_by(api: str, name: str, scheme: Json, scopes: list[str]) -> Json:
    if authorizer := scheme.get(EXTENSION + "authorizer"):
        kind = "JWT" if authorizer.get("type") == "jwt" else "CUSTOM"
        asked: Json = {"AuthorizationType": kind, "AuthorizerId": {"Ref": _authorizer_id(api, name)}}
        return {**asked, "AuthorizationScopes": scopes} if scopes else asked
    return {"AuthorizationType": "AWS_IAM"} if str(scheme.get(EXTENSION + "authtype", "")).lower() == "awssigv4" else {}


def _authorizer_id(api: str, name: str) -> str:
    return logical_id(api, "Authorizer", name)


def _authorizer(api: str, name: str, given: Json) -> Json:
    sources: Any = given.get("identitySource", [])
    properties: Json = {
        "ApiId": {"Ref": api},
        "Name": name,
        "AuthorizerType": str(given.get("type", "request")).upper(),
        "IdentitySource": [source.strip() for source in sources.split(",")] if isinstance(sources, str) else sources,
    }
    properties |= {theirs: given[ours] for ours, theirs in _AUTHORIZER.items() if ours in given}
    if configuration := given.get("jwtConfiguration"):
        properties["JwtConfiguration"] = {"Issuer": configuration["issuer"], "Audience": configuration["audience"]}
    return {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": properties}
