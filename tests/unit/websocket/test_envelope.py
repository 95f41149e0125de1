"""Posts are signed as botocore signs them, for any connection id, stage, body and credentials."""

from __future__ import annotations

import os
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from gateleg.aws.signing import Signer
from gateleg.websocket.envelope import Addressee, Envelope

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_REGION": "eu-north-1", "AWS_CONFIG_FILE": "none"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(lambda text: text not in {".", ".."})


@pytest.fixture(scope="module", autouse=True)
def environment() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
            patch.delenv(name)
        for name, value in KEYS.items():
            patch.setenv(name, value)
        yield


@given(
    connection_id=TEXT | st.just("L0SM9cOFvHcCIhw="),
    url=st.sampled_from(
        [
            "https://a1b2.execute-api.eu-west-1.amazonaws.com/live",
            "http://127.0.0.1:4566/_aws/execute-api/a1/$default",
            "https://ws.example.com",
        ]
    ),
    data=st.binary(max_size=50),
    token=st.none() | st.just("a/token+="),
    method=st.sampled_from(["POST", "DELETE"]),
)
def test_botocore_signs_the_same(connection_id: str, url: str, data: bytes, token: str | None, method: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if token:
            patch.setenv("AWS_SESSION_TOKEN", token)
        addressee = Addressee(url)
        octets = Envelope(addressee, data, method).octets(connection_id)
    head, _, body = octets.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    verb, path, _ = first.split(" ")
    theirs = AWSRequest(verb, addressee.endpoint.url + path, {"content-type": headers["content-type"]}, data=data)
    region = "eu-west-1" if "eu-west-1" in url else "eu-north-1"
    auth: Any = SigV4Auth(Credentials("AKIDEXAMPLE", "example", token), "execute-api", region)
    theirs.context["timestamp"] = theirs.headers["X-Amz-Date"] = headers["x-amz-date"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
    assert headers["authorization"].endswith(f"Signature={signature}")
    assert f"/{region}/execute-api/aws4_request" in headers["authorization"]
    assert (verb, body, headers["content-length"]) == (method, data, str(len(data)))
    assert headers["host"] == addressee.endpoint.authority
    assert headers.get("x-amz-security-token") == token


def test_botocores_variables_say_where_to_post(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1/any")
    assert Addressee("https://a.example.com/live").endpoint.url == "http://127.0.0.1:1"
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "http://127.0.0.1:2/this")
    assert Addressee("https://a.example.com/live").endpoint.path == "/this"
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert Addressee("https://a.example.com/live").endpoint.url == "https://a.example.com"


def test_a_signature_is_made_anew_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = Envelope(Addressee("https://a.example.com/live"), b"{}")
    dates: set[bytes] = set()
    for second in (1_800_000_000.9, 1_800_000_001.0, 1_800_000_001.5):
        monkeypatch.setattr("time.time", lambda second=second: second)
        dates.add(envelope.octets("a").partition(b"x-amz-date: ")[2][:16])
    assert dates == {b"20270115T080000Z", b"20270115T080001Z"}


def test_no_repr_shows_a_secret() -> None:
    addressee = Addressee("https://a.example.com/live")
    assert "example" not in repr(addressee.signer)
    assert isinstance(addressee.signer, Signer)
