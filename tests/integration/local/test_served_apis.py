"""What the deployed sample answers to real HTTP and WebSocket clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gateleg.local.functions import chosen_functions, log_lines

if TYPE_CHECKING:
    from gateleg.local import LocalAws

pytestmark = pytest.mark.integration


def call(aws: LocalAws, method: str, path: str, **given: str | dict[str, str]) -> httpx.Response:
    headers = given.get("headers")
    return httpx.request(
        method,
        aws.endpoint("rest").url + path,
        json=given.get("json"),
        headers=headers if isinstance(headers, dict) else None,
        timeout=30,
    )


def test_a_route_of_the_body_reaches_its_handler(aws: LocalAws) -> None:
    answer = call(aws, "GET", "")
    assert (answer.status_code, answer.json()["greeting"]) == (200, "hello")


def test_a_greedy_path_takes_any_method(aws: LocalAws) -> None:
    assert call(aws, "PATCH", "files/a/b?x=1").json() == {"greeting": "hello", "path": "/files/a/b", "query": {"x": "1"}}


def test_a_handler_may_do_what_its_role_allows(aws: LocalAws) -> None:
    assert call(aws, "POST", "items", json={"id": "first"}, headers={"Authorization": "good"}).json() == {"id": "first"}
    stored = aws.client("dynamodb").scan(TableName=aws.outputs["Sample"]["TableName"])["Items"]
    assert {"pk": {"S": "first"}} in stored


def test_a_handler_is_denied_what_its_role_does_not_allow(aws: LocalAws) -> None:
    answer = call(aws, "GET", "scan")
    assert (answer.status_code, answer.json()["Code"]) == (500, "AccessDeniedException")


def test_a_generated_secret_can_be_read_through_a_policy_on_its_arn(aws: LocalAws) -> None:
    assert call(aws, "GET", "secret").json() == 32


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("bad", 403), ("good", 200)])
def test_the_authorizer_of_a_route_decides(aws: LocalAws, token: str | None, status: int) -> None:
    headers = {"Authorization": token} if token else {}
    assert call(aws, "POST", "items", json={"id": "authorized"}, headers=headers).status_code == status


def test_a_signed_route_refuses_an_unsigned_call(aws: LocalAws) -> None:
    assert call(aws, "GET", "signed").status_code == 403


@pytest.mark.parametrize("sent", [{}, {"id": "x"}])
def test_a_body_that_the_model_refuses_gets_the_worded_gateway_response(aws: LocalAws, sent: dict[str, str]) -> None:
    answer = call(aws, "POST", "items", json=sent, headers={"Authorization": "good"})
    assert (answer.status_code, answer.json()["problem"].strip()) == (422, "Invalid request body")


def test_a_missing_query_parameter_is_refused_and_a_given_one_passes(aws: LocalAws) -> None:
    assert call(aws, "GET", "query").status_code == 400
    assert call(aws, "GET", "query?needed=1").status_code == 200


def test_a_preflight_is_answered_by_the_gateway(aws: LocalAws) -> None:
    answer = call(aws, "OPTIONS", "items")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")


def test_an_unknown_path_is_refused_as_on_aws(aws: LocalAws) -> None:
    assert call(aws, "GET", "nowhere").status_code == 403


@pytest.mark.parametrize("route", ["echo", "explicit"])
def test_a_websocket_round_trip_goes_through_the_management_api(aws: LocalAws, route: str) -> None:
    with connect(aws.endpoint("websocket").url + "?token=good") as socket:
        socket.send(json.dumps({"action": route, "text": "hello"}))
        assert json.loads(socket.recv(timeout=20)) == {"said": "hello", "by": "good"}


@pytest.mark.parametrize(("query", "status"), [("?token=bad", 403), ("", 401)])
def test_a_websocket_handshake_is_refused_without_a_good_token(aws: LocalAws, query: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(aws.endpoint("websocket").url + query):
        pass
    assert refused.value.response.status_code == status


def test_urls_in_outputs_and_in_the_environment_are_local(aws: LocalAws) -> None:
    socket = aws.outputs["Sample"]["SocketUrl"]
    assert aws.outputs["Sample"]["Url"].startswith(f"{aws.endpoint_url}/_aws/execute-api/")
    assert socket.startswith("ws://127.0.0.1:")
    assert call(aws, "GET", "peer").json() == socket.replace("ws://", "http://")


def test_the_documentation_page_is_announced_because_the_api_routes_one(aws: LocalAws) -> None:
    assert aws.endpoint("docs").url == aws.endpoint("rest").url + "docs"
    assert httpx.get(aws.endpoint("docs").url, timeout=20).status_code == 200


def test_logs_hold_what_a_function_printed(aws: LocalAws) -> None:
    call(aws, "GET", "files/to/be/logged")
    lines = [line.text for line in log_lines(aws.target, chosen_functions(aws.target, "sample-rest"))]
    assert any("serving /files/{proxy+}" in line for line in lines)


def test_the_emulator_listens_on_loopback_only(aws: LocalAws) -> None:
    port = f"{aws.state.port:04X}"
    connections = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
    listening = {fields[1] for fields in map(str.split, connections) if fields[3] == "0A" and fields[1].endswith(":" + port)}
    assert listening == {"0100007F:" + port}
