"""What a function sees and may on the embedded AWS: what it would on AWS, and no more."""

from __future__ import annotations

import json
import queue
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gateleg.local.crash_lines import tell_crashes
from gateleg.local.functions import chosen_functions, log_lines

if TYPE_CHECKING:
    from gateleg.local import LocalAws

pytestmark = pytest.mark.integration
BOTO3: Any = boto3
SERVER_ERROR = {"message": "Internal server error"}


def told(aws: LocalAws, what: str, **headers: str) -> Any:
    answer = httpx.get(f"{aws.endpoint('rest').url}told/{what}", timeout=30, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def logged(aws: LocalAws, function: str) -> str:
    return "\n".join(line.text for line in log_lines(aws.target, chosen_functions(aws.target, function)))


@pytest.mark.parametrize(("module", "seen"), [("boto3", True), ("botocore", True), ("json", True), ("handlers", True)])
def test_a_function_sees_its_asset_the_standard_library_and_what_lambda_brings(aws: LocalAws, module: str, seen: bool) -> None:  # noqa: FBT001 (a column)
    assert told(aws, module) is seen


@pytest.mark.parametrize("module", ["httpx", "pytest", "pydantic", "aws_lambda_powertools", "gateleg", "ministack", "tests"])
def test_a_function_does_not_see_what_only_the_developer_has(aws: LocalAws, module: str) -> None:
    assert told(aws, module) is False


def test_the_environment_is_lambda_s_and_the_function_s_own(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVELOPERS_TOKEN", "secret")
    seen = told(aws, "environment")
    assert "DEVELOPERS_TOKEN" not in seen
    assert {"AUTH", "STATE_DIR", "GATELEG_LOCAL_SECRET", "PYTHONPATH", "VIRTUAL_ENV"}.isdisjoint(seen)
    assert aws.state.secret not in json.dumps(seen)
    name = seen["AWS_LAMBDA_FUNCTION_NAME"]
    assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert (seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], seen["AWS_LAMBDA_FUNCTION_VERSION"]) == ("256", "$LATEST")
    assert (seen["_HANDLER"], seen["TZ"], seen["AWS_REGION"]) == ("handlers.service.rest", ":UTC", "us-east-1")
    assert seen["AWS_LAMBDA_LOG_GROUP_NAME"] == f"/aws/lambda/{name}"
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert seen["LAMBDA_TASK_ROOT"] == told(aws, "path")[-1]


def test_the_request_context_has_the_keys_that_aws_sends(aws: LocalAws) -> None:
    context = told(aws, "context")
    assert context["domainPrefix"] == context["apiId"]
    assert context["domainName"].startswith(f"{context['apiId']}.execute-api.")
    assert {"accountId", "deploymentId", "extendedRequestId", "httpMethod", "path", "protocol", "requestId", "requestTime"} <= set(context)
    assert context["identity"]["userArn"] is None
    assert {"cognitoIdentityId", "caller", "sourceIp", "userAgent"} <= set(context["identity"])


def test_what_is_sent_twice_arrives_twice_and_the_last_one_where_there_is_room_for_one(aws: LocalAws) -> None:
    url = f"{aws.endpoint('rest').url}told/event?x=1&x=2&y=3"
    event = httpx.get(url, timeout=30, headers=[("x-two", "a"), ("x-two", "b"), ("cookie", "c=1"), ("cookie", "d=2")]).json()
    assert (event["headers"]["x-two"], event["multiValueHeaders"]["x-two"]) == ("b", ["a", "b"])
    assert len(event["multiValueHeaders"]["cookie"]) == 1
    assert event["queryStringParameters"] == {"x": "2", "y": "3"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": ["3"]}


def test_headers_of_the_gateway_cannot_be_forged(aws: LocalAws) -> None:
    seen = told(aws, "headers", **{"X-Forwarded-For": "10.0.0.1"})
    assert (seen["x-forwarded-for"], seen["x-forwarded-port"]) == ("127.0.0.1", str(aws.state.port))


@pytest.mark.parametrize("what", ["raises", "malformed", "exits", "large"])
def test_what_goes_wrong_in_a_function_is_not_told_to_the_client(aws: LocalAws, what: str) -> None:
    answer = httpx.get(f"{aws.endpoint('rest').url}told/{what}", timeout=30)
    assert (answer.status_code, answer.json()) == (502, SERVER_ERROR)


def test_the_log_has_the_traceback_with_the_places_of_lambda(aws: LocalAws) -> None:
    httpx.get(f"{aws.endpoint('rest').url}told/raises", timeout=30)
    text = logged(aws, "Rest")
    assert "[ERROR] ZeroDivisionError: on purpose" in text
    assert 'File "/var/task/handlers/service.py", line ' in text


def test_logs_are_followed_line_by_line_and_each_is_told_once(aws: LocalAws) -> None:
    followed = log_lines(aws.target, chosen_functions(aws.target, "Rest"), follow=True)
    seen: list[str] = []
    for number in range(3):
        httpx.get(f"{aws.endpoint('rest').url}files/followed-{number}", timeout=20)
    httpx.get(f"{aws.endpoint('rest').url}told/raises", timeout=20)
    for line in followed:
        seen.append(line.text)
        if "[ERROR] ZeroDivisionError: on purpose" in line.text:
            break
    starts = [text for text in seen if text.startswith("START RequestId: ")]
    assert len(starts) == len(set(starts))


def test_a_crash_is_told_with_the_project_s_file_and_line(aws: LocalAws) -> None:
    lines: queue.Queue[str] = queue.Queue()
    ended = threading.Event()
    thread = threading.Thread(target=tell_crashes, args=(aws, lines.put, ended))
    thread.start()
    try:
        httpx.get(f"{aws.endpoint('rest').url}told/raises", timeout=20)
        said = r"\S*Rest\S* failed: handlers/service\.py:\d+: ZeroDivisionError: on purpose \(all of it: gateleg local logs \S+\)"
        deadline = time.monotonic() + 20
        while not re.fullmatch(said, lines.get(timeout=20)):
            assert time.monotonic() < deadline
    finally:
        ended.set()
        thread.join()


def test_a_function_that_takes_too_long_is_ended_and_told(aws: LocalAws) -> None:
    answer = httpx.get(f"{aws.endpoint('rest').url}slow", timeout=60)
    assert (answer.status_code, answer.json()) == (502, SERVER_ERROR)
    text = logged(aws, "Slow")
    assert "begun /slow" in text
    assert "Task timed out after 1.00 seconds" in text
    assert "ended" not in text


def test_a_function_knows_how_long_it_may_run(aws: LocalAws) -> None:
    assert 15_000 < told(aws, "remaining") <= 20_000


@pytest.mark.parametrize(("size", "status"), [(5_000_000, 200), (7_000_000, 413), (11_000_000, 413)])
def test_a_request_may_be_as_large_as_lambda_and_the_gateway_take(aws: LocalAws, size: int, status: int) -> None:
    answer = httpx.post(f"{aws.endpoint('rest').url}told/size", content="x" * size, timeout=60)
    assert answer.status_code == status


@pytest.mark.parametrize(("kind", "limit"), [("RequestResponse", 6 * 1024 * 1024), ("Event", 1024 * 1024)])
def test_an_invocation_may_be_as_large_as_lambda_takes(aws: LocalAws, kind: str, limit: int) -> None:
    functions = aws.client("lambda")
    [name] = [one["FunctionName"] for one in functions.list_functions()["Functions"] if "Authorize" in one["FunctionName"]]
    event = {"methodArn": "x", "fill": ""}
    event["fill"] = "x" * (limit - len(json.dumps(event)))
    functions.invoke(FunctionName=name, InvocationType=kind, Payload=json.dumps(event))
    event["fill"] += "x"
    with pytest.raises(functions.exceptions.RequestTooLargeException, match=f"smaller than {limit} bytes"):
        functions.invoke(FunctionName=name, InvocationType=kind, Payload=json.dumps(event))


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example", "https://a.example"),
        ("https://b.example", "https://b.example"),
        ("http://localhost:5173", "http://localhost:5173"),
    ],
)
def test_a_preflight_names_the_origin_that_asks_if_it_is_allowed(aws: LocalAws, origin: str, allowed: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    answer = httpx.options(f"{aws.endpoint('rest').url}pages", headers=asked, timeout=30)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, allowed)


class TestSockets:
    def connected(self, aws: LocalAws, subprotocols: list[Subprotocol] | None = None) -> ClientConnection:
        return connect(aws.endpoint("websocket").url + "?token=good", subprotocols=subprotocols)

    def test_the_route_chooses_the_sub_protocol(self, aws: LocalAws) -> None:
        with self.connected(aws, subprotocols=[Subprotocol("v2"), Subprotocol("v1")]) as socket:
            assert socket.subprotocol == "v2"
        with self.connected(aws) as socket:
            assert socket.subprotocol is None

    def test_a_route_answers_where_it_has_a_response_and_nowhere_else(self, aws: LocalAws) -> None:
        with self.connected(aws) as socket:
            socket.send('{"action": "unanswered"}')
            socket.send('{"action": "answered"}')
            context = json.loads(socket.recv(timeout=20))
            assert context["routeKey"] == "answered"
            with pytest.raises(TimeoutError):
                socket.recv(timeout=0.5)

    def test_the_context_of_a_message_is_aws_s(self, aws: LocalAws) -> None:
        with self.connected(aws) as socket:
            contexts: list[dict[str, Any]] = []
            for _ in range(2):
                time.sleep(0.01)
                socket.send('{"action": "answered"}')
                contexts.append(json.loads(socket.recv(timeout=20)))
            assert contexts[0]["connectedAt"] == contexts[1]["connectedAt"]
            assert contexts[0]["messageDirection"] == "IN"
            assert {"messageId", "authorizer", "domainName", "apiId", "identity"} <= set(contexts[0])

    def test_a_crash_is_told_to_the_log_and_not_to_the_client(self, aws: LocalAws) -> None:
        with self.connected(aws) as socket:
            socket.send('{"action": "boom"}')
            said = json.loads(socket.recv(timeout=20))
            assert (said["message"], set(said)) == ("Internal server error", {"message", "connectionId", "requestId"})
        text = logged(aws, "Socket")
        assert "socket boom" in text
        assert "[ERROR] ZeroDivisionError: in the socket" in text

    def test_a_message_that_is_too_long_closes_the_connection(self, aws: LocalAws) -> None:
        with self.connected(aws) as socket:
            socket.send(json.dumps({"action": "answered", "text": "x" * 131_072}))
            with pytest.raises(ConnectionClosedError) as closed:
                socket.recv(timeout=20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009

    def test_a_binary_message_closes_the_connection(self, aws: LocalAws) -> None:
        with self.connected(aws) as socket:
            socket.send(b"bytes")
            with pytest.raises(ConnectionClosedError) as closed:
                socket.recv(timeout=20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1003

    @pytest.mark.parametrize("stage", ["none", ""])
    def test_a_stage_that_there_is_not_takes_no_connection(self, aws: LocalAws, stage: str) -> None:
        url = aws.endpoint("websocket").url.rpartition("/")[0]
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"{url}/{stage}?token=good")

    def test_a_connection_can_be_asked_about_posted_to_and_closed(self, aws: LocalAws) -> None:
        url = aws.endpoint("websocket").url.replace("ws://", "http://")
        keys = {"aws_access_key_id": aws.state.account, "aws_secret_access_key": aws.state.secret, "region_name": aws.state.region}
        management: Any = BOTO3.client("apigatewaymanagementapi", endpoint_url=url, **keys)
        with self.connected(aws) as socket:
            socket.send('{"action": "answered"}')
            connection = json.loads(socket.recv(timeout=20))["connectionId"]
            said = management.get_connection(ConnectionId=connection)
            assert abs(said["ConnectedAt"].timestamp() - time.time()) < 60
            assert (said["Identity"]["SourceIp"], set(said["Identity"])) == ("127.0.0.1", {"SourceIp", "UserAgent"})
            with pytest.raises(management.exceptions.PayloadTooLargeException):
                management.post_to_connection(ConnectionId=connection, Data=b"x" * 131_073)
            management.post_to_connection(ConnectionId=connection, Data=b"posted")
            assert socket.recv(timeout=20) == "posted"
            management.delete_connection(ConnectionId=connection)
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=20)
        with pytest.raises(management.exceptions.GoneException):
            management.post_to_connection(ConnectionId=connection, Data=b"late")

    def test_functions_of_one_api_run_side_by_side(self, aws: LocalAws) -> None:
        with self.connected(aws) as one, self.connected(aws) as other:
            for socket in (one, other):
                socket.send('{"action": "answered"}')
            assert {json.loads(socket.recv(timeout=20))["routeKey"] for socket in (one, other)} == {"answered"}
