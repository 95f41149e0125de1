"""Powertools' rules in API Gateway's form."""

import pytest

from gateleg.describe.paths import gateway_paths
from gateleg.errors import RouteError


@pytest.mark.parametrize(
    ("rule", "paths"),
    [
        ("/", ["/"]),
        ("/rooms", ["/rooms"]),
        ("/v1.0/robots.txt", ["/v1.0/robots.txt"]),
        (r"/robots\.txt", ["/robots.txt"]),
        ("/events:batch", ["/events:batch"]),
        ("/rooms/<room>", ["/rooms/{room}"]),
        ("/rooms/<room_id>/messages/<id>", ["/rooms/{room_id}/messages/{id}"]),
        (".+", ["/", "/{proxy+}"]),
        (".*", ["/", "/{proxy+}"]),
        ("/.+", ["/{proxy+}"]),
        ("/.*", ["/", "/{proxy+}"]),
        ("/files/.+", ["/files/{proxy+}"]),
        ("/files/.*", ["/files", "/files/{proxy+}"]),
        ("/files/(.+)", ["/files/{proxy+}"]),
        ("/files/(a/b|c)", ["/files/{proxy+}"]),
        ("/files/[a-z/]+", ["/files/{proxy+}"]),
        ("/users/<user>/.+", ["/users/{user}/{proxy+}"]),
        ("/items/[0-9]+", ["/items/{segment2}"]),
        (r"/items/\d+/parts", ["/items/{segment2}/parts"]),
        ("/items/[^/]+", ["/items/{segment2}"]),
        ("/items/(red|blue)", ["/items/{segment2}"]),
    ],
)
def test_a_rule_has_its_path(rule: str, paths: list[str]) -> None:
    assert gateway_paths(rule, "shop:handler") == paths


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("rooms", "'/rooms'|/rooms"),
        ("/rooms//messages", "/rooms/messages"),
        ("/rooms/", "write /rooms"),
        ("/users/<id>.json", "whole segment"),
        ("/users/user-<id>", "whole segment"),
        ("/range/<a>-<b>", "whole segment"),
        ("/files/<path:.+>", "<path>"),
        ("/files/<int:id>", "<int>"),
        ("/files/.+/meta", "last segment"),
        ("/a/<id>/b/<id>", "twice"),
        ("/caf\u00e9", "a-z A-Z 0-9"),
        ("/a b", "a-z A-Z 0-9"),
        ("/rooms/<r\u00e4um>", "a-z A-Z 0-9 _"),
    ],
)
def test_a_rule_that_api_gateway_lacks_is_refused_with_what_to_write(rule: str, hint: str) -> None:
    with pytest.raises(RouteError, match=r"cannot express.*shop:handler.*write") as caught:
        gateway_paths(rule, "shop:handler")
    assert any(part in caught.value.message for part in hint.split("|"))
    assert caught.value.path == rule
