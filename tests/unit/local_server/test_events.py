"""What is put into events that the emulator leaves out."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any
from urllib.parse import unquote

import pytest

from gateleg.local.server.events import completing_rest, completing_websocket, decoding_variables, keeping_paths
from gateleg.local.server.request import Request, current


def test_a_connection_was_opened_at_one_moment_from_its_first_event_to_its_last() -> None:
    moments = itertools.count(1_000)

    def build(kind: str) -> dict[str, Any]:
        return {"connectionId": "c", "eventType": kind, "connectedAt": next(moments)}

    completed = completing_websocket(build)
    kinds = ["CONNECT", "CONNECT", "MESSAGE", "DISCONNECT", "CONNECT"]
    assert [completed(kind)["connectedAt"] for kind in kinds] == [1_000, 1_000, 1_000, 1_000, 1_004]


@pytest.mark.parametrize(
    ("raw", "path", "sent"),
    [
        ("/_aws/execute-api/a/live/rooms/r%20ed%2F1", "/rooms/r ed/1", "/rooms/r%20ed%2F1"),
        ("/live/rooms/%C3%A9/", "/rooms/é/", "/rooms/%C3%A9/"),
        ("/_aws/execute-api/a/live", "/", "/"),
        ("/l%69ve/rooms/r%20ed", "/rooms/r ed", "/rooms/r ed"),
    ],
)
def test_a_rest_api_serves_the_path_as_it_was_sent(raw: str, path: str, sent: str) -> None:
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": unquote(raw), "raw_path": raw.encode(), "headers": []}

    async def execute(*given: Any) -> Any:
        return given

    token = current.set(Request.of(scope))
    try:
        assert asyncio.run(keeping_paths(execute)("a", "live", "GET", path, {}, b"", {})) == ("a", "live", "GET", sent, {}, b"", {})
    finally:
        current.reset(token)


def test_variables_of_a_path_are_decoded_and_what_a_greedy_one_hands_on_is_not() -> None:
    def match(api: str, segments: list[str]) -> Any:
        return (None, None) if not segments else ({"api": api}, {"rest": "/".join(segments)})

    found = decoding_variables(match)
    assert found("a", ["a%20b", "%2F"]) == ({"api": "a"}, {"rest": "a b//"})
    assert found("a", []) == (None, {})
    event: dict[str, Any] = {
        "resource": "/files/{rest+}",
        "path": "/files/a%20b/c/",
        "pathParameters": {"rest": "a b/c"},
        "requestContext": {"identity": {}},
        "headers": {},
        "multiValueHeaders": {},
        "multiValueQueryStringParameters": None,
    }

    def build(*_: object) -> dict[str, Any]:
        return event

    assert completing_rest(build)("a", "live", {})["pathParameters"] == {"rest": "a%20b/c"}
