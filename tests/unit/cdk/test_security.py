"""Deny by default: a route has an authorizer, or says why it needs none."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.cdk.authorizers import ApiKeyAuthorizer, Authorizer, CognitoAuthorizer, IamAuthorizer, RequestAuthorizer
from gateleg.cdk.routes import Route
from gateleg.cdk.security import Security
from gateleg.errors import AuthorizerError

POOL: Any = object()


def route(*security: dict[str, list[str]], public: str | None = None) -> Route:
    return Route("GET", "/rooms", "svc.rest:rooms", "svc.rest:app", security, public)


def test_without_authorizers_a_route_is_refused_with_its_handler_and_the_ways_out() -> None:
    with pytest.raises(AuthorizerError, match=r"GET /rooms of svc\.rest:rooms has no authorizer") as caught:
        Security({}, None).requirements(route())
    assert "@public('why')" in str(caught.value)
    assert "authorizers=" in str(caught.value)


def test_a_public_route_has_no_requirement() -> None:
    assert Security({}, None).requirements(route(public="health")) == []
    assert Security({"iam": IamAuthorizer()}, None).requirements(route(public="health")) == []


def test_the_only_authorizer_guards_routes_that_name_none() -> None:
    assert Security({"iam": IamAuthorizer()}, None).requirements(route()) == [{"iam": []}]
    assert Security({"iam": IamAuthorizer()}, None).requirements(route({})) == [{"iam": []}]


def test_of_several_authorizers_one_must_be_named() -> None:
    several: dict[str, Authorizer] = {"iam": IamAuthorizer(), "users": CognitoAuthorizer([POOL])}
    with pytest.raises(AuthorizerError, match="default_authorizer"):
        Security(several, None).requirements(route())
    assert Security(several, "users").requirements(route()) == [{"users": []}]
    assert Security(several, "users").requirements(route({"iam": []})) == [{"iam": []}]


def test_an_unknown_authorizer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(AuthorizerError, match=r"names the authorizer 'usres', and the gateway has 'users'"):
        Security({"users": CognitoAuthorizer([POOL])}, None).requirements(route({"usres": []}))
    with pytest.raises(AuthorizerError, match="default_authorizer='x'"):
        Security({"users": CognitoAuthorizer([POOL])}, "x")


def test_scopes_are_for_cognito() -> None:
    both: dict[str, Authorizer] = {"iam": IamAuthorizer(), "users": CognitoAuthorizer([POOL])}
    assert Security(both, None).requirements(route({"users": ["rooms/read"]})) == [{"users": ["rooms/read"]}]
    with pytest.raises(AuthorizerError, match="scopes"):
        Security(both, None).requirements(route({"iam": ["rooms/read"]}))


def test_api_gateway_asks_one_authorizer_beside_a_key() -> None:
    several: dict[str, Authorizer] = {"iam": IamAuthorizer(), "users": CognitoAuthorizer([POOL]), "key": ApiKeyAuthorizer()}
    assert Security(several, None).requirements(route({"key": [], "users": []})) == [{"key": [], "users": []}]
    with pytest.raises(AuthorizerError, match="one authorizer a route"):
        Security(several, None).requirements(route({"iam": [], "users": []}))
    with pytest.raises(AuthorizerError, match="one authorizer a route"):
        Security(several, None).requirements(route({"iam": []}, {"users": []}))


def test_names_that_openapi_cannot_hold_are_refused() -> None:
    with pytest.raises(AuthorizerError, match="my users"):
        Security({"my users": IamAuthorizer()}, None)


@pytest.mark.parametrize("source", ["Authorization", "header.", "header.a,header.b", "body.x"])
def test_identity_sources_that_are_none_are_refused(source: str) -> None:
    with pytest.raises(AuthorizerError, match="identity source"):
        RequestAuthorizer(POOL, [source])


def test_identity_sources_take_the_prefix_of_their_api() -> None:
    authorizer = RequestAuthorizer(POOL, ["header.Authorization", "method.request.querystring.token", "context.identity.sourceIp"])
    assert authorizer.sources("route") == [
        "route.request.header.Authorization",
        "route.request.querystring.token",
        "context.identity.sourceIp",
    ]


def test_identity_sources_are_a_list() -> None:
    with pytest.raises(AuthorizerError, match=r"write \['header.Authorization'\]"):
        RequestAuthorizer(POOL, "header.Authorization")


def test_answers_cannot_be_remembered_by_nothing() -> None:
    with pytest.raises(AuthorizerError, match="ttl"):
        RequestAuthorizer(POOL, [])


def test_a_cognito_authorizer_needs_a_pool() -> None:
    with pytest.raises(AuthorizerError, match="user_pools"):
        CognitoAuthorizer([])
