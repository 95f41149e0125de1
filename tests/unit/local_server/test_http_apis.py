"""The events of an HTTP API and its answers, as AWS documents them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver

from gateleg.local.server.http_apis import Asked, answering_preflights, keeping_slashes, rendered, version1, version2
from gateleg.local.server.request import Request, current

ASKED = Asked(
    api="abc",
    account="000000000000",
    stage="$default",
    path="/rooms/a",
    method="GET",
    headers={"x-a": "1", "cookie": "a=1; b=2", "user-agent": "test"},
    body=b"",
    query={"tag": ["x", "y"]},
    raw_query="tag=x&tag=y",
    route="GET /rooms/{room}",
    variables={"room": "a"},
    claims=None,
    scopes=[],
    context=None,
    caller=None,
)
CALLER = {"accessKey": "AKIA", "accountId": "1", "callerId": "AIDA", "userArn": "arn:aws:iam::1:user/u", "userId": "AIDA"}


def test_payload_2_joins_values_and_lists_cookies() -> None:
    event = version2(ASKED, {})
    assert (event["version"], event["routeKey"], event["rawPath"], event["rawQueryString"]) == (
        "2.0",
        "GET /rooms/{room}",
        "/rooms/a",
        "tag=x&tag=y",
    )
    assert event["queryStringParameters"] == {"tag": "x,y"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"] == {"x-a": "1", "user-agent": "test"}
    assert event["pathParameters"] == {"room": "a"}
    assert event["requestContext"]["http"]["method"] == "GET"


def test_payload_2_leaves_out_what_is_not_there() -> None:
    event = version2(replace(ASKED, headers={}, query={}, raw_query="", variables=None), {})
    assert not {"body", "cookies", "queryStringParameters", "pathParameters", "stageVariables"} & event.keys()
    assert (event["rawQueryString"], event["headers"], event["isBase64Encoded"]) == ("", {}, False)
    assert "authorizer" not in event["requestContext"]


def test_payload_1_has_the_last_and_all_values_and_null_for_what_is_not_there() -> None:
    event = version1(ASKED, {})
    assert (event["version"], event["resource"], event["path"], event["httpMethod"]) == ("1.0", "/rooms/{room}", "/rooms/a", "GET")
    assert (event["queryStringParameters"], event["multiValueQueryStringParameters"]) == ({"tag": "y"}, {"tag": ["x", "y"]})
    assert event["multiValueHeaders"]["x-a"] == ["1"]
    assert (event["body"], event["stageVariables"]) == (None, None)
    assert event["requestContext"]["authorizer"] == {"claims": None, "scopes": None}


def test_a_named_stage_is_in_the_paths_of_both() -> None:
    asked = replace(ASKED, stage="v1")
    assert version2(asked, {})["rawPath"] == version2(asked, {})["requestContext"]["http"]["path"] == "/v1/rooms/a"
    assert version1(asked, {})["path"] == version1(asked, {})["requestContext"]["path"] == "/v1/rooms/a"


@pytest.mark.parametrize(
    ("given", "new", "old"),
    [
        ({"context": {"partner": "p"}}, {"lambda": {"partner": "p"}}, {"partner": "p"}),
        ({"caller": CALLER}, {"iam": CALLER}, {"claims": None, "scopes": None}),
    ],
)
def test_each_version_tells_who_was_let_in(given: dict[str, Any], new: dict[str, Any], old: dict[str, Any]) -> None:
    asked = replace(ASKED, **given)
    assert version2(asked, {})["requestContext"]["authorizer"] == new
    assert version1(asked, {})["requestContext"]["authorizer"] == old


def test_payload_1_tells_who_signed() -> None:
    identity = version1(replace(ASKED, caller=CALLER), {})["requestContext"]["identity"]
    assert (identity["userArn"], identity["accessKey"], identity["sourceIp"]) == (CALLER["userArn"], "AKIA", "127.0.0.1")


def test_an_answer_keeps_its_cookies_its_values_and_its_bytes() -> None:
    given = {"statusCode": 201, "headers": {"X-A": True}, "cookies": ["a=1", "b=2"], "body": "aGk=", "isBase64Encoded": True}
    assert rendered(given) == (201, {"content-type": "application/json", "x-a": "true", "set-cookie": ["a=1", "b=2"]}, b"hi")


def test_an_answer_of_payload_1_has_several_values() -> None:
    given = {"statusCode": 200, "multiValueHeaders": {"Content-Type": ["text/plain"], "Vary": ["a", "b"]}, "body": "x"}
    assert rendered(given) == (200, {"content-type": "text/plain", "vary": "a,b"}, b"x")


CORS = {"allowOrigins": ["https://shop.example.com"], "allowMethods": ["GET", "POST"], "allowHeaders": ["X-A"], "maxAge": 5}


def allowed(cors: dict[str, Any], origin: str) -> dict[str, str]:
    """As the emulator has it."""
    return {"Access-Control-Allow-Origin": origin} if origin in cors["allowOrigins"] else {}


def test_a_preflight_lets_known_pages_in_and_tells_others_nothing() -> None:
    answered = answering_preflights(allowed)
    assert answered(CORS, "https://shop.example.com") == (
        204,
        {
            "Access-Control-Allow-Origin": "https://shop.example.com",
            "Access-Control-Allow-Methods": "GET,POST",
            "Access-Control-Allow-Headers": "X-A",
            "Access-Control-Max-Age": "5",
        },
        b"",
    )
    assert answered(CORS, "https://evil.example.com") == (204, {}, b"")


def test_without_cors_there_is_no_such_route() -> None:
    assert answering_preflights(allowed)({}, "https://shop.example.com")[0] == 404


@pytest.mark.parametrize(("stage", "by_http", "by_rest"), [("$default", 200, 200), ("v1", 200, 404)])
def test_powertools_finds_its_routes_where_a_gateway_lets_it_stand(stage: str, by_http: int, by_rest: int) -> None:
    """Why a REST resolver is refused behind a named stage of an HTTP API, and an HTTP resolver is not."""
    asked = replace(ASKED, stage=stage)
    http, rest = APIGatewayHttpResolver(), APIGatewayRestResolver()

    def room(room: str) -> dict[str, str]:
        return {"room": room}

    for app in (http, rest):
        app.get("/rooms/<room>")(room)
    context: Any = object()
    assert http.resolve(version2(asked, {}), context)["statusCode"] == by_http
    assert rest.resolve(version1(asked, {}), context)["statusCode"] == by_rest


@pytest.mark.parametrize(
    ("sent", "found", "expected"),
    [
        ("/paints/", ("$default", "/paints"), ("$default", "/paints/")),
        ("/paints", ("$default", "/paints"), ("$default", "/paints")),
        ("/a/b/", ("$default", "/a/b/"), ("$default", "/a/b/")),
        ("/", ("$default", "/"), ("$default", "/")),
        ("/live/", ("live", "/"), ("live", "/")),
    ],
)
def test_a_slash_at_the_end_of_a_path_stays(sent: str, found: tuple[str, str], expected: tuple[str, str]) -> None:
    token = current.set(Request("GET", f"/_aws/execute-api/abc{sent}", sent, (), {}, socket=False))

    def chosen(*_: object) -> tuple[str, str]:
        return found

    assert keeping_slashes(chosen)("abc", "first", "/") == expected
    current.reset(token)
