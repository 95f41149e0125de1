"""Reads WebSocket and HTTP APIs: `AWS::ApiGatewayV2` resources, and the OpenAPI body of an HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.template import http_body
from gateleg.template.canonical import canonical, listing, mapping
from gateleg.template.routes import AuthorizerView, RouteView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.template.stack_template import Resource, StackTemplate

API_TYPE = "AWS::ApiGatewayV2::Api"


def protocol(api: Resource) -> str:
    """`HTTP` or `WEBSOCKET`; beside a body, which only HTTP APIs have, the template says none."""
    return "HTTP" if api.properties.keys() & {"Body", "BodyS3Location"} else str(api.properties.get("ProtocolType"))


def routes(view: StackTemplate, api: Resource) -> Iterator[RouteView]:
    """The routes of one WebSocket or HTTP API, those of its body first."""
    yield from http_body.routes(view, api)
    for route in view.of_type("AWS::ApiGatewayV2::Route"):
        if route.text("ApiId") == f"${{{api.logical_id}}}":
            yield _route(view, api, route)


def authorizers(view: StackTemplate, api: Resource) -> Iterator[AuthorizerView]:
    """The authorizers of one WebSocket or HTTP API."""
    yield from http_body.authorizers(view, api)
    for resource in view.of_type("AWS::ApiGatewayV2::Authorizer"):
        if resource.text("ApiId") == f"${{{api.logical_id}}}":
            yield _authorizer(view, api, resource)


def _authorizer(view: StackTemplate, api: Resource, resource: Resource) -> AuthorizerView:
    given = resource.properties
    configuration = mapping(given.get("JwtConfiguration"))
    return AuthorizerView(
        view,
        api.logical_id,
        canonical(given.get("Name", resource.logical_id), view.bindings),
        str(given.get("AuthorizerType")),
        ttl=given.get("AuthorizerResultTtlInSeconds"),
        identity_sources=tuple(canonical(source, view.bindings) for source in listing(given.get("IdentitySource"))),
        uri=canonical(given.get("AuthorizerUri", ""), view.bindings),
        issuer=canonical(configuration.get("Issuer", ""), view.bindings),
        audience=tuple(canonical(client, view.bindings) for client in listing(configuration.get("Audience"))),
        definition=resource.definition,
    )


def _route(view: StackTemplate, api: Resource, route: Resource) -> RouteView:
    given = route.properties
    kind = str(given.get("AuthorizationType", "NONE"))
    authorizer = view.referenced(given.get("AuthorizerId"))
    named = None if authorizer is None else _authorizer(view, api, authorizer)
    target = canonical(given.get("Target", ""), view.bindings).removeprefix("integrations/")
    integration = mapping(view.json["Resources"].get(target.strip("${}"), {}).get("Properties"))
    return RouteView(
        view,
        api.logical_id,
        str(given.get("RouteKey")),
        authorizer=named.name if named else kind if kind != "NONE" else None,
        authorizer_type=named.type if named else kind if kind != "NONE" else None,
        scopes=tuple(str(scope) for scope in listing(given.get("AuthorizationScopes"))),
        api_key=given.get("ApiKeyRequired") is True,
        integration_type=integration.get("IntegrationType"),
        integration_uri=canonical(integration.get("IntegrationUri", ""), view.bindings),
        payload_version=integration.get("PayloadFormatVersion"),
        definition=route.definition,
    )
