"""Reads WebSocket and HTTP APIs: `AWS::ApiGatewayV2` resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.testing.canonical import canonical, listing, mapping
from gateleg.testing.routes import AuthorizerView, RouteView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.testing.stack_template import Resource, StackTemplate

API_TYPE = "AWS::ApiGatewayV2::Api"


def routes(view: StackTemplate, api: Resource) -> Iterator[RouteView]:
    """The routes of one WebSocket or HTTP API."""
    for route in view.of_type("AWS::ApiGatewayV2::Route"):
        if route.text("ApiId") == f"${{{api.logical_id}}}":
            yield _route(view, api, route)


def authorizers(view: StackTemplate, api: Resource) -> Iterator[AuthorizerView]:
    """The authorizers of one WebSocket or HTTP API."""
    for resource in view.of_type("AWS::ApiGatewayV2::Authorizer"):
        if resource.text("ApiId") == f"${{{api.logical_id}}}":
            yield _authorizer(view, api, resource)


def _authorizer(view: StackTemplate, api: Resource, resource: Resource) -> AuthorizerView:
    given = resource.properties
    return AuthorizerView(
        view,
        api.logical_id,
        canonical(given.get("Name", resource.logical_id), view.bindings),
        str(given.get("AuthorizerType")),
        ttl=given.get("AuthorizerResultTtlInSeconds"),
        identity_sources=tuple(canonical(source, view.bindings) for source in listing(given.get("IdentitySource"))),
        uri=canonical(given.get("AuthorizerUri", ""), view.bindings),
        definition=resource.definition,
    )


def _route(view: StackTemplate, api: Resource, route: Resource) -> RouteView:
    given = route.properties
    kind = str(given.get("AuthorizationType", "NONE"))
    named = next(
        (found for found in authorizers(view, api) if f"${{{_id_of(view, found)}}}" == canonical(given.get("AuthorizerId", ""))), None
    )
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
        definition=route.definition,
    )


def _id_of(view: StackTemplate, authorizer: AuthorizerView) -> str:
    return next(found.logical_id for found in view.of_type("AWS::ApiGatewayV2::Authorizer") if found.definition is authorizer.definition)
