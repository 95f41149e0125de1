"""Deny by default: a route has an authorizer, or says why it needs none; what is unknown or contradictory is neither."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aws_cdk import Duration

from gateleg.cdk.access import Access, AccessRules
from gateleg.cdk.authorizers import ApiKeyAuthorizer, Authorizer, CognitoAuthorizer, IamAuthorizer, RequestAuthorizer, TokenAuthorizer
from gateleg.description import Route
from gateleg.errors import AuthorizerError

POOL: Any = SimpleNamespace(user_pool_arn="arn:pool")
JUDGE: Any = SimpleNamespace(function_arn="arn:judge")


def route(*security: dict[str, list[str]], public: str | None = None) -> Route:
    return Route("GET /rooms", "svc.rest:rooms", security=security or None, public=public)


def asked(rules: AccessRules, one: Route) -> list[dict[str, list[str]]]:
    return rules.of(one).requirements()


def test_without_authorizers_a_route_is_refused_with_its_handler_and_the_ways_out() -> None:
    with pytest.raises(AuthorizerError, match=r"GET /rooms of svc\.rest:rooms has no authorizer") as caught:
        AccessRules({}, None).of(route())
    assert "@public('why')" in str(caught.value)
    assert "authorizers=" in str(caught.value)
    assert asked(AccessRules({}, None), route(public="why")) == []
    assert asked(AccessRules({"name": IamAuthorizer()}, None), route()) == [{"name": []}]


def test_a_public_route_has_no_requirement_and_keeps_its_reason() -> None:
    assert AccessRules({"iam": IamAuthorizer()}, None).of(route(public="health")) == Access(public="health")
    assert AccessRules({"iam": IamAuthorizer()}, None).of(route(public="health")).public == "health"


def test_the_only_authorizer_guards_routes_that_name_none() -> None:
    assert asked(AccessRules({"iam": IamAuthorizer()}, None), route()) == [{"iam": []}]


@pytest.mark.parametrize("security", [(), ({},), ({"iam": []}, {})])
def test_security_that_lets_anyone_in_is_refused_whatever_the_default(security: Any) -> None:
    """`security=[{}]` means "nobody is asked" in OpenAPI: neither opened without a reason nor silently guarded."""
    rules = AccessRules({"iam": IamAuthorizer()}, "iam")
    with pytest.raises(AuthorizerError, match=r"write @public\('why'\)"):
        rules.of(Route("GET /rooms", "svc.rest:rooms", security=security))
    assert asked(rules, route(public="why")) == []


def test_a_route_that_is_public_and_names_an_authorizer_is_refused() -> None:
    rules = AccessRules({"iam": IamAuthorizer()}, None)
    with pytest.raises(AuthorizerError, match="leave one of the two out"):
        rules.of(route({"iam": []}, public="why"))


def test_of_several_authorizers_one_must_be_named() -> None:
    several: dict[str, Authorizer] = {"iam": IamAuthorizer(), "users": CognitoAuthorizer([POOL])}
    with pytest.raises(AuthorizerError, match="default_authorizer"):
        AccessRules(several, None).of(route())
    assert asked(AccessRules(several, "users"), route()) == [{"users": []}]
    assert asked(AccessRules(several, "users"), route({"iam": []})) == [{"iam": []}]


def test_an_unknown_authorizer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(AuthorizerError, match=r"names the authorizer 'usres', and the gateway has 'users'"):
        AccessRules({"users": CognitoAuthorizer([POOL])}, None).of(route({"usres": []}))
    with pytest.raises(AuthorizerError, match="default_authorizer='x'"):
        AccessRules({"users": CognitoAuthorizer([POOL])}, "x")


@pytest.mark.parametrize("given", ["IAM", None, {}, object(), IamAuthorizer, JUDGE])
def test_what_is_not_an_authorizer_opens_nothing(given: Any) -> None:
    with pytest.raises(AuthorizerError, match=r"write one of .*TokenAuthorizer\(function\)"):
        AccessRules({"iam": given}, None)
    assert asked(AccessRules({"iam": TokenAuthorizer(JUDGE)}, None), route()) == [{"iam": []}]


def test_scopes_are_for_cognito() -> None:
    both: dict[str, Authorizer] = {"iam": IamAuthorizer(), "users": CognitoAuthorizer([POOL])}
    assert asked(AccessRules(both, None), route({"users": ["rooms/read"]})) == [{"users": ["rooms/read"]}]
    with pytest.raises(AuthorizerError, match="scopes"):
        AccessRules(both, None).of(route({"iam": ["rooms/read"]}))


def test_api_gateway_asks_one_authorizer_beside_a_key() -> None:
    several: dict[str, Authorizer] = {"iam": IamAuthorizer(), "users": CognitoAuthorizer([POOL]), "key": ApiKeyAuthorizer()}
    assert asked(AccessRules(several, None), route({"key": [], "users": []})) == [{"key": [], "users": []}]
    with pytest.raises(AuthorizerError, match="one authorizer a route"):
        AccessRules(several, None).of(route({"iam": [], "users": []}))
    with pytest.raises(AuthorizerError, match="one authorizer a route"):
        AccessRules(several, None).of(route({"iam": []}, {"users": []}))


def test_names_that_openapi_cannot_hold_are_refused() -> None:
    with pytest.raises(AuthorizerError, match="my users"):
        AccessRules({"my users": IamAuthorizer()}, None)


@pytest.mark.parametrize("source", ["Authorization", "header.", "header.a,header.b", "body.x"])
def test_texts_that_are_not_identity_sources_are_refused(source: str) -> None:
    with pytest.raises(AuthorizerError, match="identity source"):
        RequestAuthorizer(JUDGE, [source])


def test_identity_sources_take_the_prefix_of_their_api() -> None:
    authorizer = RequestAuthorizer(JUDGE, ["header.Authorization", "method.request.querystring.token", "context.identity.sourceIp"])
    assert authorizer.sources("route") == [
        "route.request.header.Authorization",
        "route.request.querystring.token",
        "context.identity.sourceIp",
    ]


def test_answers_cannot_be_remembered_by_nothing() -> None:
    with pytest.raises(AuthorizerError, match="ttl"):
        RequestAuthorizer(JUDGE, [])
    assert RequestAuthorizer(JUDGE, [], ttl=Duration.seconds(0)).sources("method") == []


@pytest.mark.parametrize("seconds", [0, 3600])
def test_answers_are_remembered_for_an_hour_at_most(seconds: int) -> None:
    assert TokenAuthorizer(JUDGE, ttl=Duration.seconds(seconds)).ttl is not None
    with pytest.raises(AuthorizerError, match="at most 3600 seconds, got 3601"):
        TokenAuthorizer(JUDGE, ttl=Duration.seconds(3601))


def test_a_cognito_authorizer_needs_a_pool() -> None:
    with pytest.raises(AuthorizerError, match="user_pools"):
        CognitoAuthorizer([])


@pytest.mark.parametrize("header", ["X Token, b", "a b,c", "", "it's", "X-Token\n"])
def test_texts_that_name_no_header_are_refused(header: str) -> None:
    for make in (lambda: TokenAuthorizer(JUDGE, header=header), lambda: CognitoAuthorizer([POOL], header=header)):
        with pytest.raises(AuthorizerError, match="takes the name of a header"):
            make()
    assert TokenAuthorizer(JUDGE, header="X-Token").header == "X-Token"
