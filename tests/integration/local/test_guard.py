"""The embedded AWS serves its owner, and the deployed APIs as far as they let anybody; nobody else, however they ask."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

if TYPE_CHECKING:
    from gateleg.local import LocalAws

pytestmark = pytest.mark.integration
FOREIGN = "https://evil.example"
AWS: Any = boto3


def client(aws: LocalAws, service: str, key: str, secret: str) -> Any:
    once = Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": aws.state.region}
    return AWS.client(service, endpoint_url=aws.endpoint_url, config=once, **keys)


@pytest.mark.parametrize("key", ["000000000000", "test", "123456789012"])
@pytest.mark.parametrize("secret", ["local", "test", "x"])
def test_nobody_is_root_without_the_secret_of_the_run(aws: LocalAws, key: str, secret: str) -> None:
    for call in (
        client(aws, "dynamodb", key, secret).list_tables,
        client(aws, "s3", key, secret).list_buckets,
        client(aws, "lambda", key, secret).list_functions,
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 403


def test_the_secret_is_another_in_each_run_and_can_be_had_by_the_owner_alone(aws: LocalAws) -> None:
    assert len(aws.state.secret) >= 40
    assert (aws.directory.path / "state.json").stat().st_mode & 0o077 == 0
    assert aws.directory.path.stat().st_mode & 0o077 == 0
    assert aws.state.secret not in Path(f"/proc/{aws.state.pid}/cmdline").read_text(encoding="utf-8")


def test_a_signature_of_another_body_or_with_a_second_key_is_refused(aws: LocalAws) -> None:
    def signed(body: str) -> dict[str, str]:
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"}
        request = AWSRequest("POST", f"{aws.endpoint_url}/", data=body, headers=headers)
        SigV4Auth(Credentials(aws.state.account, aws.state.secret), "dynamodb", aws.state.region).add_auth(request)
        return dict(request.headers.items())

    assert httpx.post(aws.endpoint_url, content="{}", headers=signed("{}")).status_code == 200
    assert httpx.post(aws.endpoint_url, content='{"Limit": 1}', headers=signed("{}")).status_code == 403
    both = httpx.post(
        f"{aws.endpoint_url}?X-Amz-Credential=test/20260101/us-east-1/dynamodb/aws4_request", content="{}", headers=signed("{}")
    )
    assert both.status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/health"),
        ("GET", "/_localstack/health"),
        ("GET", "/health"),
        ("GET", "/_ministack/ses/messages"),
        ("GET", "/_ministack/lambda-code/Rest"),
        ("GET", "/_gateleg/run"),
        ("POST", "/_gateleg/save"),
        ("GET", "/restapis"),
        ("GET", "/2015-03-31/functions"),
        ("POST", "/2015-03-31/functions"),
        ("POST", "/"),
        ("GET", "/"),
        ("PUT", "/bucket"),
        ("DELETE", "/restapis/x"),
        ("GET", "//_ministack/health"),
        ("GET", "/%5Fministack/health"),
        ("GET", "/_ministack/../_ministack/health"),
    ],
)
def test_what_is_not_signed_reaches_no_control_path(aws: LocalAws, method: str, path: str) -> None:
    answer = httpx.request(method, aws.endpoint_url + path, content="{}", timeout=20)
    assert answer.status_code in {403, 404}, answer.text
    assert not any(name.startswith("access-control") for name in answer.headers)
    assert httpx.get(aws.endpoint("rest").url, timeout=20).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "user@127.0.0.1:{port}", ""]
)
def test_another_host_s_name_is_refused(aws: LocalAws, host: str) -> None:
    given = {"Host": host.format(port=aws.state.port)}
    for url in (aws.endpoint("rest").url, f"{aws.endpoint_url}/_gateleg/run"):
        assert httpx.get(url, headers=given, timeout=20).status_code in {400, 403, 404}


@pytest.mark.parametrize("host", ["abc.execute-api.localhost", "abc.lambda-url.us-east-1.localhost", "bucket.s3.localhost"])
def test_an_api_s_own_host_opens_no_control_path(aws: LocalAws, host: str) -> None:
    given = {"Host": f"{host}:{aws.state.port}"}
    for method, path in (("POST", "/_ministack/reset"), ("GET", "/_ministack/health"), ("GET", "/health"), ("POST", "/_gateleg/save")):
        assert httpx.request(method, aws.endpoint_url + path, headers=given, timeout=20).status_code in {403, 404}
    assert httpx.get(aws.endpoint("rest").url, timeout=20).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "api.localhost"])
def test_names_of_this_machine_are_served(aws: LocalAws, host: str) -> None:
    assert httpx.get(aws.endpoint("rest").url, headers={"Host": f"{host}:{aws.state.port}"}, timeout=20).status_code == 200


class TestPages:
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
    @pytest.mark.parametrize("origin", [FOREIGN, "null", "https://localhost.evil.example", "file://", "http://127.0.0.1.evil.example"])
    def test_one_of_another_origin_reaches_neither_aws_nor_an_api(self, aws: LocalAws, method: str, origin: str) -> None:
        for url in (f"{aws.endpoint('rest').url}files/x", f"{aws.endpoint_url}/bucket/key", f"{aws.endpoint_url}/_gateleg/run"):
            answer = httpx.request(method, url, headers={"Origin": origin}, timeout=20)
            assert answer.status_code in {403, 404}
            assert "access-control-allow-origin" not in answer.headers

    def test_even_with_the_secret_a_foreign_page_is_refused(self, aws: LocalAws) -> None:
        request = AWSRequest("GET", f"{aws.endpoint_url}/2015-03-31/functions", headers={"Origin": FOREIGN})
        SigV4Auth(Credentials("000000000000", aws.state.secret), "lambda", aws.state.region).add_auth(request)
        assert httpx.get(str(request.url), headers=dict(request.headers.items()), timeout=20).status_code == 403

    def test_what_the_api_allows_by_cors_is_served(self, aws: LocalAws) -> None:
        url = f"{aws.endpoint('rest').url}pages"
        assert httpx.get(url, headers={"Origin": "https://b.example"}, timeout=20).status_code == 200
        assert httpx.get(url, headers={"Origin": FOREIGN}, timeout=20).status_code == 403
        assert httpx.post(f"{aws.endpoint('rest').url}items", headers={"Origin": FOREIGN}, timeout=20).status_code == 401, (
            "its CORS rule is *"
        )

    def test_one_of_this_machine_is_served(self, aws: LocalAws) -> None:
        for origin in ("http://localhost:5173", "http://127.0.0.1:8000", "http://app.localhost"):
            assert httpx.get(aws.endpoint("rest").url, headers={"Origin": origin}, timeout=20).status_code == 200

    @pytest.mark.parametrize(
        ("mode", "dest", "method", "status"),
        [
            ("no-cors", "image", "GET", 403),
            ("no-cors", "script", "GET", 403),
            ("navigate", "iframe", "GET", 403),
            ("navigate", "document", "GET", 200),
        ],
    )
    def test_an_embedded_request_of_another_site_is_refused_and_a_followed_link_is_not(
        self, aws: LocalAws, mode: str, dest: str, method: str, status: int
    ) -> None:
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        assert httpx.request(method, aws.endpoint("rest").url, headers=headers, timeout=20).status_code == status

    def test_a_socket_of_another_origin_is_refused_at_the_handshake(self, aws: LocalAws) -> None:
        url = aws.endpoint("websocket").url + "?token=good"
        with pytest.raises(InvalidStatus) as refused, connect(url, origin=Origin(FOREIGN)):
            pass
        assert refused.value.response.status_code == 403
        told: str = json.loads(refused.value.response.body or b"{}")["message"]
        assert told.startswith(f"a page of {FOREIGN} may not open a WebSocket")
        assert '"http://localhost:5173", into the origins=[...]' in told
        assert "CORS" not in told
        assert told in aws.directory.emulator_log.read_text(encoding="utf-8")
        with connect(url, origin=Origin("http://localhost:5173")):
            pass


def test_connections_are_managed_by_roles_alone(aws: LocalAws) -> None:
    url = f"{aws.endpoint('websocket').url.replace('ws://', 'http://')}/@connections/none"
    for method in ("GET", "POST", "DELETE"):
        assert httpx.request(method, url, content="x", timeout=20).status_code == 403


def test_signing_in_with_cognito_needs_no_signature_and_administering_it_does(aws: LocalAws) -> None:
    def cognito(operation: str) -> httpx.Response:
        headers = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        return httpx.post(aws.endpoint_url, json={"ClientId": "none", "UserPoolId": "none"}, headers=headers, timeout=20)

    assert cognito("InitiateAuth").status_code == 400, "it is served, and knows no such client"
    for operation in ("AdminCreateUser", "ListUserPools", "CreateUserPool", "Nonsense"):
        assert cognito(operation).status_code == 403


def test_without_iam_a_signature_still_has_to_be_somebody_s(aws: LocalAws, tmp_path: Path) -> None:
    from gateleg.local import LocalAws

    with LocalAws(aws.project, port=0, auth=False, directory=tmp_path / "local") as open_aws:
        assert open_aws.client("dynamodb").list_tables()["TableNames"]
        assert httpx.get(f"{open_aws.endpoint('rest').url}scan", timeout=20).json() == 0
        for key in ("AKIAUNKNOWN", "000000000000"):
            with pytest.raises(ClientError):
                client(open_aws, "dynamodb", key, "guess").list_tables()


def test_nothing_listens_but_the_one_port_on_loopback(aws: LocalAws) -> None:
    inodes: set[str] = set()
    for handle in Path(f"/proc/{aws.state.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the server goes on serving, and closes what it is done with
            target = str(handle.readlink())
            if target.startswith("socket:["):
                inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    listening = [
        fields[1]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:])
        if fields[3] == "0A" and fields[9] in inodes
    ]
    assert listening == [f"0100007F:{aws.state.port:04X}"]


def test_the_variables_of_the_run_open_it_for_other_tools(aws: LocalAws) -> None:
    from gateleg.local.cdk_cli import credentials

    given = credentials(aws.target)
    session = AWS.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], region_name=given["AWS_REGION"])
    tables = session.client("dynamodb", endpoint_url=given["AWS_ENDPOINT_URL"]).list_tables()["TableNames"]
    assert json.dumps(tables)
