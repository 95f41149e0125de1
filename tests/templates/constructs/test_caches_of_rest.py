"""Caches of a REST API's stages: what is kept, and that no caller is answered what another one was."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cognito as cognito

from gateleg.cdk import (
    ApiKeyAuthorizer,
    Cache,
    CachedRoute,
    CognitoAuthorizer,
    Cors,
    IamAuthorizer,
    RequestAuthorizer,
    TokenAuthorizer,
)
from gateleg.errors import DeclarationError, RouteError
from tests.templates.constructs.samples import Template, function, synthesized
from tests.templates.constructs.test_stages_of_rest import (
    API,
    DEPLOYMENT,
    LIMIT,
    MINE,
    PAINTS,
    PLACE,
    STAGE,
    integration,
    settings,
    shop,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow


def cached(code: HandlerCode, key: str, route: CachedRoute | None = None, **props: Any) -> Template:
    return synthesized(lambda stack: shop(stack, code, cache=Cache({key: route or CachedRoute()}), **props))


def test_a_route_is_cached_encrypted_by_what_its_handler_declares(code: HandlerCode) -> None:
    template = cached(code, PAINTS.key, CachedRoute(ttl=Duration.minutes(1)))
    stage = template.one(STAGE)
    assert (stage["CacheClusterEnabled"], stage["CacheClusterSize"]) == (True, "0.5")
    own = settings(template)["GET /~1paints~1{shade}"]
    assert (own["CachingEnabled"], own["CacheDataEncrypted"], own["CacheTtlInSeconds"]) == (True, True, 60)
    assert own["ThrottlingRateLimit"] == 100
    assert not settings(template)["* /*"].get("CachingEnabled")
    assert integration(template, "/paints/{shade}")["cacheKeyParameters"] == [
        "method.request.header.accept-language",
        "method.request.path.shade",
        "method.request.querystring.limit",
    ]
    assert "cacheKeyParameters" not in integration(template, "/mine")


def test_a_cookie_that_a_handler_declares_is_among_the_keys(code: HandlerCode) -> None:
    session = {"in": "cookie", "name": "session", "schema": {"type": "string"}}
    template = cached(
        code, MINE.key, CachedRoute(shared="told by the cookie"), described=(replace(MINE, operation={"parameters": [session]}),)
    )
    assert integration(template, "/mine")["cacheKeyParameters"] == ["method.request.header.Cookie"]


def test_the_age_of_answers_makes_no_deployment_and_their_keys_do(code: HandlerCode) -> None:
    def deployed(route: CachedRoute) -> str:
        return cached(code, PAINTS.key, route).id_of(DEPLOYMENT)

    assert deployed(CachedRoute()) == deployed(CachedRoute(ttl=Duration.seconds(1)))
    assert deployed(CachedRoute()) != deployed(CachedRoute(keys=["query.limit"]))


AUTHORIZERS: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "token": (lambda judge: TokenAuthorizer(judge, header="X-Token"), ["header.X-Token"]),
    "key": (lambda _: ApiKeyAuthorizer(), ["header.x-api-key"]),
    "request": (
        lambda judge: RequestAuthorizer(judge, ["header.X-User", "querystring.tenant"]),
        ["header.X-User", "querystring.tenant"],
    ),
    "whole": (lambda judge: RequestAuthorizer(judge, ["method.request.header.X-User"]), ["header.X-User"]),
}


@pytest.mark.parametrize("name", AUTHORIZERS)
def test_each_caller_of_a_guarded_route_has_a_cache_of_its_own(name: str, code: HandlerCode) -> None:
    make, keys = AUTHORIZERS[name]

    def build(route: CachedRoute) -> Template:
        def built(stack: Stack) -> None:
            shop(stack, code, authorizers={name: make(function(stack, code))}, cache=Cache({MINE.key: route}))

        return synthesized(built)

    template = build(CachedRoute())
    assert integration(template, "/mine")["cacheKeyParameters"] == sorted(f"method.request.{key}" for key in [*keys, "querystring.limit"])
    operation = template.one(API)["Body"]["paths"]["/mine"]["get"]
    assert {one["name"] for one in operation["parameters"]} == {"limit", *(key.split(".")[1] for key in keys)}
    shared = build(CachedRoute(shared="all read the same list"))
    assert integration(shared, "/mine")["cacheKeyParameters"] == ["method.request.querystring.limit"]


def test_a_pool_s_caller_is_told_by_the_token(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        shop(stack, code, authorizers={"people": CognitoAuthorizer([cognito.UserPool(stack, "P")])}, cache=Cache({MINE.key: CachedRoute()}))

    assert "method.request.header.Authorization" in integration(synthesized(build), "/mine")["cacheKeyParameters"]


LEAKS: dict[str, Callable[[Any], Any]] = {
    "signed requests": lambda _: IamAuthorizer(),
    "a judge that is asked each time": lambda judge: RequestAuthorizer(judge, ["header.X"], ttl=Duration.seconds(0)),
    "a judge that looks elsewhere": lambda judge: RequestAuthorizer(judge, ["header.X", "context.identity.sourceIp"]),
}


@pytest.mark.parametrize("make", LEAKS.values(), ids=LEAKS)
def test_a_cache_that_would_leak_between_callers_is_refused(make: Callable[[Any], Any], code: HandlerCode) -> None:
    def build(route: CachedRoute) -> Template:
        def built(stack: Stack) -> None:
            shop(stack, code, authorizers={"who": make(function(stack, code))}, cache=Cache({MINE.key: route}))

        return synthesized(built)

    with pytest.raises(RouteError, match=r"write CachedRoute\(shared='why all are answered alike'\)"):
        build(CachedRoute())
    assert build(CachedRoute(shared="why")).all(STAGE)


def test_what_depends_on_something_undeclared_is_refused(code: HandlerCode) -> None:
    repeated = replace(PAINTS, operation={"parameters": [LIMIT | {"schema": {"anyOf": [{"type": "array"}, {"type": "null"}]}}]})
    with pytest.raises(RouteError, match="may come several times"):
        cached(code, PAINTS.key, described=(repeated,))
    with pytest.raises(RouteError, match=r"write CachedRoute\(keys="):
        cached(code, PAINTS.key, facts={"validates": False})
    with pytest.raises(RouteError, match=r"write CachedRoute\(keys="):
        cached(code, PAINTS.key, described=(replace(PAINTS, operation=None),))
    with pytest.raises(RouteError, match="cache GET routes alone"):
        cached(code, PLACE.key)
    template = cached(code, PAINTS.key, CachedRoute(keys=["query.page"]), facts={"validates": False})
    assert integration(template, "/paints/{shade}")["cacheKeyParameters"] == [
        "method.request.path.shade",
        "method.request.querystring.page",
    ]


def test_what_a_handler_reads_and_no_key_holds_is_refused(code: HandlerCode) -> None:
    hidden = replace(PAINTS, unlisted=("query.tenant",))
    with pytest.raises(RouteError, match=r"reads query.tenant, .* write CachedRoute\(keys="):
        cached(code, PAINTS.key, described=(hidden,))
    template = cached(code, PAINTS.key, CachedRoute(keys=["query.tenant"]), described=(hidden,))
    assert "method.request.querystring.tenant" in integration(template, "/paints/{shade}")["cacheKeyParameters"]
    for route in (CachedRoute(), CachedRoute(keys=[])):
        with pytest.raises(RouteError, match="takes a body that no key holds"):
            cached(code, PAINTS.key, route, described=(replace(PAINTS, unlisted=("body",)),))


@pytest.mark.parametrize(
    ("key", "instead", "written"),
    [
        ("query.limt", "write 'query.limit', or declare it: limt: Annotated", "query.limit"),
        ("query.Limit", "write 'query.limit', or declare it", "query.limit"),
        ("query.page-no", "leave it out, or declare it: name: Annotated[str | None, Query(alias='page-no')] = None", "query.limit"),
        ("header.accept-langage", "write 'header.accept-language'", "header.Accept-Language"),
    ],
)
def test_a_key_that_no_request_has_is_refused(key: str, instead: str, written: str, code: HandlerCode) -> None:
    with pytest.raises(RouteError, match=re.escape(f"by {key!r}, and its handler declares no such parameter; {instead}")):
        cached(code, PAINTS.key, CachedRoute(keys=[key]))
    assert cached(code, PAINTS.key, CachedRoute(keys=[written]))
    where, _, name = key.partition(".")
    declared = replace(PAINTS, operation={"parameters": [{"in": where, "name": name, "schema": {"type": "string"}}]})
    assert cached(code, PAINTS.key, CachedRoute(keys=[key]), described=(declared,))


@pytest.mark.parametrize("facts", [{"headers": ("X-Tenant",)}, {"unlisted": ("header.x-tenant",)}, {}])
def test_a_header_that_somebody_else_reads_is_a_key(facts: dict[str, Any], code: HandlerCode) -> None:
    template = cached(code, PAINTS.key, CachedRoute(keys=["header.X-Tenant"]), described=(replace(PAINTS, **facts),))
    assert "method.request.header.X-Tenant" in integration(template, "/paints/{shade}")["cacheKeyParameters"]


def test_where_nothing_is_checked_nothing_is_known_of_keys(code: HandlerCode) -> None:
    template = cached(code, PAINTS.key, CachedRoute(keys=["query.tenant"]), described=(replace(PAINTS, unlisted=("anything",)),))
    assert "method.request.querystring.tenant" in integration(template, "/paints/{shade}")["cacheKeyParameters"]


def test_answers_to_pages_and_compressed_ones_are_kept_apart(code: HandlerCode) -> None:
    template = cached(code, PAINTS.key, CachedRoute(keys=[]), cors=Cors(["https://a.example"]), described=(replace(PAINTS, binary=True),))
    assert integration(template, "/paints/{shade}")["cacheKeyParameters"] == [
        "method.request.header.Accept-Encoding",
        "method.request.header.Origin",
        "method.request.path.shade",
    ]


def test_two_stages_with_one_route_tell_apart_what_either_does(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        both = replace(PAINTS, operation={"parameters": [LIMIT | {"name": "a"}, LIMIT | {"name": "b"}]})
        rest = shop(stack, code, described=(both,), cache=Cache({PAINTS.key: CachedRoute(keys=["query.a"])}, size=1.6))
        rest.add_stage("beta", cache=Cache({PAINTS.key: CachedRoute(keys=["query.b"])}))

    names = integration(synthesized(build), "/paints/{shade}")["cacheKeyParameters"]
    assert names == ["method.request.path.shade", "method.request.querystring.a", "method.request.querystring.b"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Cache({}), "costs and keeps nothing"),
        (lambda: Cache({"GET /x": CachedRoute()}, size=2), "one of 0.5, 1.6"),
        (lambda: CachedRoute(ttl=Duration.hours(2)), "1 to 3600 seconds"),
        (lambda: CachedRoute(ttl=Duration.seconds(0)), "1 to 3600 seconds"),
        (lambda: CachedRoute(keys=["path.x"]), "'query.NAME' or 'header.NAME'"),
    ],
)
def test_a_cache_that_aws_has_not_is_refused(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        make()
