"""Security schemes of an OpenAPI body: the authorizers they make, and what they ask of a method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.local.openapi.document import EXTENSION
from gateleg.local.template import logical_id

if TYPE_CHECKING:
    from gateleg.local.openapi.document import Document, Operation
    from gateleg.local.template import Json

_AUTHORIZER_PROPERTIES = {
    "authorizerUri": "AuthorizerUri",
    "authorizerCredentials": "AuthorizerCredentials",
    "authorizerResultTtlInSeconds": "AuthorizerResultTtlInSeconds",
    "identityValidationExpression": "IdentityValidationExpression",
    "providerARNs": "ProviderARNs",
}


def authorizers(api: str, document: Document) -> Json:
    """Return one `AWS::ApiGateway::Authorizer` for each scheme that carries one."""
    return {
        _authorizer_id(api, name): _authorizer(api, name, scheme)
        for name, scheme in document.security_schemes.items()
        if EXTENSION + "authorizer" in scheme
    }


def method_security(api: str, operation: Operation) -> Json:
    """Return the properties of `AWS::ApiGateway::Method` that say who may call it."""
    properties: Json = {"AuthorizationType": operation.body.get(EXTENSION + "auth", {}).get("type", "NONE").upper()}
    schemes = operation.document.security_schemes
    for requirement in operation.security:
        for name, scopes in requirement.items():
            asked = _asked_by(api, name, schemes.get(name, {}), scopes)
            if properties["AuthorizationType"] != "NONE":
                asked.pop("AuthorizationType", None)
            properties |= asked
    return properties


def _authorizer_id(api: str, name: str) -> str:
    return logical_id(api, "Authorizer", name)


def _authorizer(api: str, name: str, scheme: Json) -> Json:
    given: Json = scheme[EXTENSION + "authorizer"]
    kind = str(given.get("type", "token")).upper()
    properties: Json = {
        "RestApiId": {"Ref": api},
        "Name": name,
        "Type": kind,
        "AuthType": scheme.get(EXTENSION + "authtype", "custom"),
        "IdentitySource": given.get("identitySource") or _identity_source(kind, scheme),
    }
    properties |= {theirs: given[ours] for ours, theirs in _AUTHORIZER_PROPERTIES.items() if ours in given}
    return {"Type": "AWS::ApiGateway::Authorizer", "Properties": properties}


def _identity_source(kind: str, scheme: Json) -> str:
    """A TOKEN or user-pool authorizer reads the header of its scheme; a REQUEST authorizer reads what it names, or nothing."""
    return "" if kind == "REQUEST" else f"method.request.header.{scheme.get('name', 'Authorization')}"


def _asked_by(api: str, name: str, scheme: Json, scopes: list[str]) -> Json:
    if EXTENSION + "authorizer" in scheme:
        pools = str(scheme[EXTENSION + "authorizer"].get("type", "")).upper() == "COGNITO_USER_POOLS"
        asked: Json = {"AuthorizationType": "COGNITO_USER_POOLS" if pools else "CUSTOM", "AuthorizerId": {"Ref": _authorizer_id(api, name)}}
        return {**asked, "AuthorizationScopes": scopes} if scopes else asked
    if str(scheme.get(EXTENSION + "authtype", "")).lower() == "awssigv4":
        return {"AuthorizationType": "AWS_IAM"}
    if scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
        return {"ApiKeyRequired": True}
    return {}
