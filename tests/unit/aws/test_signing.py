"""Signatures are those of AWS's own test suite, and botocore's for any request that a store may send."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from gateleg.aws.signing import Keys, Signer
from gateleg.store.direct.wire import Wire
from tests.unit.store_direct.conftest import StillKeys
from tests.unit.store_direct.values import TEXT, nested, tagged

NOTHING = sha256(b"").hexdigest()
KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
HOST = {"host": "example.amazonaws.com"}
DATE = {"x-amz-date": "20150830T123600Z"}
TOKEN = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
LONG_TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd"
    "QrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz"
    "+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
FORM = {
    "content-length": "13",
    "content-type": "application/x-www-form-urlencoded",
    **HOST,
    "x-amz-content-sha256": "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
    **DATE,
}


@pytest.mark.parametrize(
    ("method", "headers", "body", "signature"),
    [
        pytest.param("GET", HOST | DATE, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", id="get-vanilla"),
        pytest.param(
            "GET",
            HOST | DATE | {"x-amz-security-token": TOKEN},
            b"",
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
            id="get-vanilla-with-session-token",
        ),
        pytest.param("POST", HOST | DATE, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", id="post-vanilla"),
        pytest.param(
            "POST",
            HOST | {"my-header1": "value1"} | DATE,
            b"",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
            id="post-header-key-sort",
        ),
        pytest.param(
            "POST",
            HOST | {"my-header1": "VALUE1"} | DATE,
            b"",
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
            id="post-header-value-case",
        ),
        pytest.param(
            "POST",
            HOST | DATE | {"x-amz-security-token": LONG_TOKEN},
            b"",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            id="post-sts-header-before",
        ),
        pytest.param(
            "POST",
            FORM,
            b"Param1=value1",
            "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
            id="post-x-www-form-urlencoded",
        ),
    ],
)
def test_the_vectors_of_aws_hold(method: str, headers: dict[str, str], body: bytes, signature: str) -> None:
    signed = Signer("us-east-1", "service").authorization(KEYS, headers, sha256(body).hexdigest(), method)

    assert signed == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={';'.join(headers)}, Signature={signature}"
    )


class Made(StillKeys):
    def __init__(self, access_key: str, secret_key: str, token: str | None) -> None:
        self.access_key, self.secret_key, self.token = access_key, secret_key, token


PRINTABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)


@given(
    access_key=PRINTABLE,
    secret=st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()),
    token=st.none() | PRINTABLE,
    region=st.sampled_from(["eu-north-1", "us-east-1", "cn-north-1", "us-gov-west-1"]),
    host=st.sampled_from(
        ["http://127.0.0.1:8000", "http://127.0.0.1", "https://dynamodb.eu-north-1.amazonaws.com", "https://db.example:8443"]
    ),
    moment=st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2060, 1, 1)),  # noqa: DTZ001 (naive ones are asked for)
    item=nested(tagged("S", TEXT)),
)
def test_botocore_signs_the_same(  # noqa: PLR0917 (hypothesis names them)
    access_key: str, secret: str, token: str | None, region: str, host: str, moment: datetime, item: dict[str, Any]
) -> None:
    then = moment.replace(microsecond=0, tzinfo=UTC)
    wire = Wire(host, region, Made(access_key, secret, token), clock=then.timestamp)
    ours = wire.message("PutItem", {"TableName": "t", "Item": item})
    stamp = ours.headers["x-amz-date"]
    theirs = AWSRequest(
        "POST", host, {"Content-Type": ours.headers["content-type"], "X-Amz-Target": ours.headers["x-amz-target"]}, data=ours.body
    )
    theirs.context["timestamp"] = stamp
    auth: Any = SigV4Auth(Credentials(access_key, secret, token), "dynamodb", region)
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    theirs.headers["X-Amz-Date"] = stamp
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)

    assert stamp == f"{then:%Y%m%dT%H%M%SZ}"
    assert ours.headers["authorization"].endswith(f"Signature={signature}")
    assert f"SignedHeaders={auth.signed_headers(auth.headers_to_sign(theirs))}, " in ours.headers["authorization"]
    assert json.loads(ours.body)["Item"] == item


def test_the_key_follows_day_and_secret() -> None:
    signer, day = Signer("eu-north-1", "dynamodb"), datetime(2026, 1, 1, tzinfo=UTC)
    made: list[str] = []
    for moment in (day, day + timedelta(days=1), day):
        for secret in ("one", "two", "one"):
            headers = {"host": "h", "x-amz-date": f"{moment:%Y%m%dT%H%M%SZ}"}
            signed = signer.authorization(Keys("A", secret), headers, NOTHING)
            assert signed == Signer("eu-north-1", "dynamodb").authorization(Keys("A", secret), headers, NOTHING)
            made.append(signed)
    assert len(set(made)) == 4


def test_no_repr_shows_a_secret() -> None:
    keys = Keys("AKIA", "secret", "token")
    signer = Signer("eu-north-1", "dynamodb")
    signer.authorization(keys, {"x-amz-date": "20260101T000000Z"}, NOTHING)

    assert "secret" not in repr(keys) + repr(signer)
    assert "token" not in repr(keys) + repr(signer)
