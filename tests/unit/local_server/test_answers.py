"""What clients get of what functions return."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateleg.local.server import answers


@pytest.mark.parametrize(
    "response",
    [
        {"statusCode": 200},
        {"statusCode": "204", "body": None},
        {"statusCode": 200, "body": "x", "headers": {"a": "b", "c": 1}, "multiValueHeaders": None},
        {"statusCode": 200, "isBase64Encoded": False, "multiValueHeaders": {"a": ["b"]}},
    ],
)
def test_a_proxy_response_passes(response: dict[str, Any]) -> None:
    assert answers.of_rest_api({"body": response}) == ({**response, "body": response.get("body") or ""}, None)


@pytest.mark.parametrize(
    "done",
    [
        {"body": None},
        {"body": "text"},
        {"body": {"body": "x"}},
        {"body": {"statusCode": "ok"}},
        {"body": {"statusCode": 200, "body": {"a": 1}}},
        {"body": {"statusCode": 200, "headers": "x"}},
        {"body": {"statusCode": 200, "headers": {"a": ["x"]}}},
        {"body": {"statusCode": 200, "multiValueHeaders": {"a": "x"}}},
        {"body": {"statusCode": 200, "cookies": ["a=b"]}},
        {"body": {"errorMessage": "secret"}, "error": True},
        {"body": {"statusCode": 200}, "error": True},
        {"body": {"Reason": "x"}, "throttle": True},
    ],
)
def test_everything_else_is_an_error_that_tells_nothing(done: dict[str, Any]) -> None:
    assert answers.of_rest_api(done) == (None, "Internal server error")


def test_an_http_api_infers_what_is_left_out_and_tells_no_error() -> None:
    assert answers.of_any_api({"body": {"a": 1}})[0]["body"] == '{"a": 1}'
    assert answers.of_any_api({"body": None})[0] == {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": ""}
    assert answers.of_any_api({"body": {"statusCode": 201}})[0] == {"statusCode": 201}
    failed, _ = answers.of_any_api({"body": {"errorMessage": "secret"}, "error": True})
    assert (failed["statusCode"], json.loads(failed["body"])) == (500, {"message": "Internal Server Error"})


def context(kind: str) -> dict[str, Any]:
    return {"eventType": kind, "connectionId": "c", "apiId": "none", "routeKey": "r"}


def test_a_socket_s_error_tells_the_client_whom_to_ask_about() -> None:
    answered = answers.of_websocket({"error": True, "body": {"errorMessage": "secret"}}, context("MESSAGE"), "id")
    assert json.loads(answered["body"]) == {"message": "Internal server error", "connectionId": "c", "requestId": "id"}


@pytest.mark.parametrize("body", [None, {}, "text", {"headers": {}}])
def test_a_handshake_without_a_status_is_refused(body: Any) -> None:
    assert answers.of_websocket({"body": body}, context("CONNECT"), "id")["statusCode"] == 500


@pytest.mark.parametrize("name", ["Sec-WebSocket-Protocol", "sec-websocket-protocol"])
def test_the_sub_protocol_of_a_handshake_is_handed_on(name: str) -> None:
    chosen: list[str] = []
    token = answers.subprotocol.set(chosen)
    answers.of_websocket({"body": {"statusCode": 200, "headers": {name: "v1"}}}, context("CONNECT"), "id")
    answers.subprotocol.reset(token)
    assert chosen == ["v1"]
