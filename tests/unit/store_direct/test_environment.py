"""Region, endpoint and credentials are those that boto3 finds."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import PartialCredentialsError

from gateleg.aws.environment import ca_bundle, keys_from, region_of
from gateleg.errors import BindingError
from gateleg.store import DirectTransport, Store, clients
from gateleg.store.direct.environment import endpoint_of
from tests.integration.store.chat import CHAT, Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAGATELEGTESTS0000", "AWS_SECRET_ACCESS_KEY": "tests"}
CONFIG = """
[default]
region = eu-west-3
ca_bundle = /from/the/file
[profile other]
region = ap-south-1
endpoint_url = http://127.0.0.1:4000
aws_access_key_id = AKIAOTHER
aws_secret_access_key = other
"""


@pytest.fixture(autouse=True)
def fresh_clients() -> Iterator[None]:
    clients.reset()
    yield
    clients.reset()


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_DEFAULT_REGION": "eu-north-1"},
        {"AWS_DEFAULT_REGION": "eu-north-1", "AWS_REGION": "us-east-1"},
        {"AWS_DEFAULT_REGION": "cn-northwest-1"},
        {"AWS_DEFAULT_REGION": "us-gov-east-1"},
        {"AWS_DEFAULT_REGION": "us-iso-east-1"},
        {"AWS_DEFAULT_REGION": "eusc-de-east-1"},
        {"AWS_DEFAULT_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_DEFAULT_REGION": "us-east-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:8000"},
        {
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:8000",
            "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9000",
        },
        {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_CONFIG_FILE": "config"},
        {"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "other"},
    ],
    ids=lambda variables: " ".join(f"{name}={value}" for name, value in variables.items()),
)
@pytest.mark.slow
def test_boto3_finds_the_same(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").write_text(CONFIG, encoding="utf-8")
    for name, value in {**KEYS, **variables}.items():
        monkeypatch.setenv(name, value)
    client: Any = boto3.Session().client("dynamodb")  # pyright: ignore[reportUnknownMemberType]  (stubs name only the installed services)
    region = region_of(None)
    frozen: Any = boto3.Session().get_credentials()
    keys = keys_from(None)()

    assert region == client.meta.region_name
    assert endpoint_of(None, region).url == client.meta.endpoint_url
    assert (keys.access_key, keys.secret_key, keys.token) == tuple(frozen.get_frozen_credentials())[:3]


def test_a_profile_gives_keys_where_the_environment_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "other")

    assert keys_from(None)().access_key == "AKIAOTHER"


def test_session_tokens_and_new_keys_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "first")
    keys = keys_from(None)
    assert keys().token == "first"
    monkeypatch.setenv("AWS_SESSION_TOKEN", "second")
    assert keys().token == "second"


def test_credentials_that_expire_are_refreshed() -> None:
    made = iter(range(1, 9))

    def refresh() -> dict[str, Any]:
        number = next(made)
        expiry = datetime.now(UTC) + timedelta(seconds=1 if number < 3 else 3600)
        return {"access_key": f"AKIA{number}", "secret_key": "s", "token": f"token-{number}", "expiry_time": expiry.isoformat()}

    refreshed: Any = RefreshableCredentials.create_from_metadata(refresh(), refresh_using=refresh, method="tests")
    keys = keys_from(refreshed)

    assert [keys().token for _ in range(4)] == ["token-2", "token-3", "token-3", "token-3"]


def test_missing_credentials_are_said_as_with_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BindingError, match="Unable to locate credentials"):
        Store(CHAT, table_name="chat", transport=DirectTransport(region="eu-north-1")).get(Message.key(room="a", message_id="b"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAONLY")
    with pytest.raises(PartialCredentialsError):
        keys_from(None)


def test_certificates_come_from_where_botocore_takes_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    assert ca_bundle() is None
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/of/requests")
    assert ca_bundle() == "/of/requests"
    (tmp_path / "config").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert ca_bundle() == "/from/the/file"
    monkeypatch.setenv("AWS_CA_BUNDLE", "/of/aws")
    assert ca_bundle() == "/of/aws"


def test_a_missing_region_is_said() -> None:
    with pytest.raises(BindingError, match="no AWS region is set"):
        region_of(None)


@pytest.mark.parametrize("region", ["eu north 1", "eu-north-1.evil.example/", "EU-NORTH-1"])
def test_what_is_no_region_is_refused(region: str) -> None:
    with pytest.raises(BindingError, match="is not a region"):
        region_of(region)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1",
        "127.0.0.1:8000",
        "http://",
        "http://127.0.0.1:port",
        "http://127.0.0.1/path",
        "http://127.0.0.1/?q=1",
        "http://me:secret@127.0.0.1",
        "http://127.0.0.1\r\nX: y",
    ],
)
def test_what_is_no_endpoint_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BindingError, match="an endpoint is") as refused:
        endpoint_of(url, "eu-north-1")
    assert "secret" not in str(refused.value)


def test_the_host_header_names_a_port_only_where_it_is_unusual() -> None:
    named = {url: endpoint_of(url, "eu-north-1").authority for url in ("http://h:80", "https://h", "https://h:80", "http://[::1]:8000/")}

    assert named == {"http://h:80": "h", "https://h": "h", "https://h:80": "h:80", "http://[::1]:8000/": "[::1]:8000"}


def test_proxies_are_refused_and_not_gone_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    with pytest.raises(BindingError, match=r"go to no proxy.*; use BotocoreTransport"):
        endpoint_of("https://dynamodb.eu-north-1.amazonaws.com", "eu-north-1")
    assert endpoint_of("http://127.0.0.1:8000", "eu-north-1").port == 8000
    monkeypatch.setenv("NO_PROXY", "amazonaws.com")
    assert endpoint_of("https://dynamodb.eu-north-1.amazonaws.com", "eu-north-1").port == 443


def test_endpoints_of_accounts_are_left_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "required")
    with pytest.raises(BindingError, match="give endpoint="):
        endpoint_of(None, "eu-north-1")


@pytest.mark.parametrize(
    ("name", "value"), [("AWS_ACCESS_KEY_ID", "AKIA\n"), ("AWS_SESSION_TOKEN", "s3cret\r\nx: y"), ("AWS_SESSION_TOKEN", "né")]
)
def test_keys_that_no_header_may_hold_are_refused_unseen(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, held in {**KEYS, name: value}.items():
        monkeypatch.setenv(variable, held)
    with pytest.raises(BindingError, match="no header may") as refused:
        keys_from(None)()
    assert value not in str(refused.value)


def test_no_boto3_is_imported_where_the_environment_says_it_all() -> None:
    code = """
import sys
from gateleg.store.direct.wire import Wire
message = Wire(None, None, None).message("GetItem", {"TableName": "t", "Key": {}})
print(message.headers["host"], {"boto3", "botocore"} & set(sys.modules))
"""
    environment = {**KEYS, "AWS_DEFAULT_REGION": "eu-north-1", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "dynamodb.eu-north-1.amazonaws.com set()"


def test_no_repr_shows_what_was_given() -> None:
    assert repr(DirectTransport(region="eu-north-1")) == "DirectTransport(endpoint=None, region='eu-north-1')"
