"""Reads an HTTP API from the OpenAPI body of its `AWS::ApiGatewayV2::Api`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.template.canonical import canonical, listing, mapping
from gateleg.template.rest import METHODS, PUBLIC, open_api
from gateleg.template.routes import AuthorizerView, RouteView, asked_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.template.stack_template import Resource, StackTemplate

_INTEGRATION = "x-amazon-apigateway-integration"


def routes(view: StackTemplate, api: Resource) -> Iterator[RouteView]:
    """The routes of the body, each with the integration that it refers to."""
    body = open_api(view, api)
    schemes = {found.name: found for found in authorizers(view, api)}
    for path, item in mapping(body.get("paths")).items():
        for method, raw in mapping(item).items():
            if method in METHODS:
                yield _route(view, api, _key(method, path, mapping(raw)), mapping(raw), schemes)


def authorizers(view: StackTemplate, api: Resource) -> Iterator[AuthorizerView]:
    """The authorizers that the security schemes of the body make."""
    schemes = mapping(mapping(open_api(view, api).get("components")).get("securitySchemes"))
    for name, raw in schemes.items():
        scheme = mapping(raw)
        settings = mapping(scheme.get("x-amazon-apigateway-authorizer"))
        if settings:
            yield _authorizer(view, api, name, scheme, settings)
        elif scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
            yield AuthorizerView(view, api.logical_id, name, "AWS_IAM", definition=scheme)


def _key(method: str, path: str, raw: Mapping[str, Any]) -> str:
    if not method.startswith("x-"):
        return f"{method.upper()} {path}"
    return "$default" if raw.get("isDefaultRoute") is True else f"ANY {path}"


def _route(view: StackTemplate, api: Resource, key: str, raw: Mapping[str, Any], schemes: Mapping[str, AuthorizerView]) -> RouteView:
    # The operation's own alone: nothing says that the document's is read.
    asked = asked_by(raw.get("security"))
    authorizer = next((schemes[name] for name, _ in asked if name in schemes), None)
    integration = _followed(open_api(view, api), mapping(raw.get(_INTEGRATION)))
    kind = integration.get("type")
    return RouteView(
        view,
        api.logical_id,
        key,
        authorizer=authorizer.name if authorizer else None,
        authorizer_type=authorizer.type if authorizer else None,
        scopes=tuple(str(scope) for name, scopes in asked if authorizer and name == authorizer.name for scope in listing(scopes)),
        integration_type=None if kind is None else str(kind).upper(),
        integration_uri=canonical(integration.get("uri", ""), view.bindings),
        payload_version=integration.get("payloadFormatVersion"),
        public_reason=raw.get(PUBLIC),
        definition=raw,
    )


def _followed(body: Mapping[str, Any], integration: Mapping[str, Any]) -> Mapping[str, Any]:
    """The integration, or the one of the components that it refers to."""
    reference = integration.get("$ref")
    if not isinstance(reference, str):
        return integration
    shared = mapping(mapping(body.get("components")).get("x-amazon-apigateway-integrations"))
    return mapping(shared.get(reference.rpartition("/")[2]))


def _authorizer(view: StackTemplate, api: Resource, name: str, scheme: Mapping[str, Any], settings: Mapping[str, Any]) -> AuthorizerView:
    configuration = mapping(settings.get("jwtConfiguration"))
    sources = ",".join(canonical(source, view.bindings) for source in listing(settings.get("identitySource")))
    return AuthorizerView(
        view,
        api.logical_id,
        name,
        str(settings.get("type")).upper(),
        ttl=settings.get("authorizerResultTtlInSeconds"),
        identity_sources=tuple(source.strip() for source in sources.split(",") if source.strip()),
        uri=canonical(settings.get("authorizerUri", ""), view.bindings),
        issuer=canonical(configuration.get("issuer", ""), view.bindings),
        audience=tuple(canonical(client, view.bindings) for client in listing(configuration.get("audience"))),
        definition=scheme,
    )
