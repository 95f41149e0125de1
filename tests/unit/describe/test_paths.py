"""Powertools' rules in API Gateway's form."""

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from gateleg.describe.covering import cover
from gateleg.errors import RouteError
from gateleg.rest.powertools import routes_of


def paths(rule: str) -> list[str]:
    app = APIGatewayRestResolver()
    app.get(rule)(lambda: "")
    return [key.removeprefix("GET ") for covered in cover(routes_of(app)) for key in covered.keys]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("/", ["/"]),
        ("/rooms", ["/rooms"]),
        ("/rooms/", ["/rooms"]),
        ("/v1.0/robots.txt", ["/v1.0/robots.txt"]),
        (r"/robots\.txt", ["/robots.txt"]),
        ("/robots[.]txt", ["/robots.txt"]),
        ("/.well-known/jwks.json", ["/.well-known/jwks.json"]),
        ("/events:batch", ["/events:batch"]),
        (r"/a\x2fb", ["/a/b"]),
        ("/rooms/<room>", ["/rooms/{room}"]),
        ("/rooms/<room_id>/messages/<id>", ["/rooms/{room_id}/messages/{id}"]),
        (".+", ["/", "/{proxy+}"]),
        (".*", ["/", "/{proxy+}"]),
        ("/.+", ["/{proxy+}"]),
        ("/.*", ["/", "/{proxy+}"]),
        ("/files/.+", ["/files/{proxy+}"]),
        ("/files/.*", ["/files", "/files/{proxy+}"]),
        ("/files(/.*)?", ["/files", "/files/{proxy+}"]),
        ("/files/(.+)", ["/files/{proxy+}"]),
        ("/files/.+/meta", ["/files/{proxy+}"]),
        ("/files.*", ["/{proxy+}"]),
        ("/a[^b]c", ["/{proxy+}"]),
        ("/a|/b", ["/{proxy+}"]),
        ("/files/[a-z/]+", ["/files/{proxy+}"]),
        ("/users/<user>/.+", ["/users/{user}/{proxy+}"]),
    ],
)
def test_a_rule_has_its_paths(rule: str, expected: list[str]) -> None:
    assert paths(rule) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("/a/?", ["/a"]),
        ("/a(/b)?", ["/a", "/a/b"]),
        ("/items(/<id>)?", ["/items", "/items/{id}"]),
        ("/(cats|dogs)/<id>", ["/cats/{id}", "/dogs/{id}"]),
        ("/files/(a/b|c)", ["/files/a/b", "/files/c"]),
        ("/items/(red|blue)", ["/items/red", "/items/blue"]),
        ("/items/(red|[a-z]+)", ["/items/{segment2}"]),
        ("/a{2}", ["/aa"]),
        ("/(x/){0,1}y", ["/y", "/x/y"]),
        ("/a/[a-z]*", ["/a", "/a/{segment2}"]),
        ("/a(/[a-z])*", ["/{proxy+}"]),
    ],
)
def test_what_may_be_left_out_or_chosen_gets_a_path_each(rule: str, expected: list[str]) -> None:
    assert paths(rule) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("/users/<id>.json", ["/users/{id}"]),
        ("/users/user-<id>", ["/users/{id}"]),
        ("/items/<id>:cancel", ["/items/{id}"]),
        ("/range/<a>-<b>", ["/range/{segment2}"]),
        ("/v[0-9]+/x", ["/{segment1}/x"]),
        ("/items/[0-9]+", ["/items/{segment2}"]),
        (r"/items/\d{1,9}/parts", ["/items/{segment2}/parts"]),
        ("/items/[^/]+", ["/items/{segment2}"]),
        ("/items/(?!all)[a-z]+", ["/items/{segment2}"]),
        ("/[0-9]+/<segment1>", ["/{segment1}/{segment1_}"]),
        ("/a+b", ["/{segment1}"]),
        ("/~user", ["/{segment1}"]),
        ("/@me", ["/{segment1}"]),
        (r"/a\+b/c", ["/{segment1}/c"]),
    ],
)
def test_a_segment_that_is_neither_text_nor_a_variable_is_covered_by_one(rule: str, expected: list[str]) -> None:
    assert paths(rule) == expected


def test_choices_beyond_count_are_covered_by_a_greedy_variable() -> None:
    assert paths("/" + "(a|b/)" * 8) == ["/{proxy+}"]


@pytest.mark.parametrize(
    ("rule", "instead"),
    [
        ("rooms", "/rooms"),
        ("<room>", "/<room>"),
        ("/rooms//messages", "/rooms/messages"),
        ("/a?x=1", "/a"),
        ("/files/<path:.+>", "<path>"),
        ("/files/<int:id>", "<id>"),
        ("/rooms/{room}", "<room>"),
        ("/files/{proxy+}", "<proxy>"),
        ("/café", "/<name>"),
        ("/a b", "/<name>"),
        ("/a%20b", "/<name>"),
        (r"/a\?b", "/<name>"),
        (r"/(a|b)/\1", "<name>"),
        ("/(?i:rooms)", "<name>"),
        ("/rooms/<räum>", "a name of those"),
        (r"/\s", "<name>"),
    ],
)
def test_a_rule_that_api_gateway_lacks_is_refused_with_what_to_write(rule: str, instead: str) -> None:
    with pytest.raises(RouteError, match=r"test_paths:.*; write ") as caught:
        paths(rule)
    assert instead in caught.value.message.partition("; write ")[2]
    assert caught.value.path == rule
    advised = instead if instead.startswith("/") else f"/rooms/{instead}"
    assert paths("/rooms/<room>" if " " in instead else advised)
