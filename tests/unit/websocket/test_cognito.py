"""Who has a token of the pool and its clients connects; whatever else is sent does not, and asks the pool for its keys no more than once a minute."""

from __future__ import annotations

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from gateleg.description.names import CONNECT_VARIABLE
from gateleg.errors import BindingError
from gateleg.websocket import cognito

if TYPE_CHECKING:
    from collections.abc import Iterator

POOL, CLIENT = "eu-north-1_Pool1", "client1"
ISSUER = f"https://cognito-idp.eu-north-1.amazonaws.com/{POOL}"
OURS, THEIRS = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
ARN = "arn:aws:execute-api:eu-north-1:111122223333:a1/live/$connect"


class Pool:
    """The keys of a pool on loopback, and how often they were fetched."""

    def __init__(self) -> None:
        self.keys, self.fetched, self.status = {"k1": OURS}, 0, 200
        pool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pool.fetched += 1
                self.send_response(pool.status if self.path == f"/{POOL}/.well-known/jwks.json" else 404)
                self.end_headers()
                self.wfile.write(json.dumps({"keys": [jwk(kid, key) for kid, key in pool.keys.items()]}).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def jwk(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": "RS256", "use": "sig"}


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    made = Pool()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{made.server.server_port}")
    tell(monkeypatch)
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def tell(monkeypatch: pytest.MonkeyPatch, **told: Any) -> None:
    usual = {"pools": [POOL], "clients": [CLIENT], "scopes": [], "source": "querystring.token"}
    monkeypatch.setenv(CONNECT_VARIABLE, json.dumps(usual | told))
    cognito.authorizer.cache_clear()


def said(use: str = "id", **changes: Any) -> dict[str, Any]:
    """What a token says; `None` leaves a claim out."""
    whose = {"aud": CLIENT} if use == "id" else {"client_id": CLIENT, "scope": "openid chat/write"}
    usual = {"sub": "person-1", "iss": ISSUER, "token_use": use, "iat": int(time.time()), "exp": int(time.time()) + 300, **whose}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def token(use: str = "id", key: Any = OURS, kid: str | None = "k1", algorithm: str = "RS256", **changes: Any) -> str:
    return jwt.encode(said(use, **changes), key, algorithm=algorithm, headers={} if kid is None else {"kid": kid})


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_public_key() -> str:
    """HS256 with what everybody knows."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = OURS.public_key().public_bytes(serialization.Encoding.PEM, form)
    text = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(said())}"
    return f"{text}.{urlsafe_b64encode(hmac.digest(public, text.encode(), 'sha256')).rstrip(b'=').decode()}"


def event(text: str | None = None, **more: Any) -> dict[str, Any]:
    query = {} if text is None else {"token": text}
    return {"methodArn": ARN, "queryStringParameters": query, "multiValueQueryStringParameters": {k: [v] for k, v in query.items()}, **more}


def opens(event: dict[str, Any]) -> bool:
    answer = cognito.authorize(event, None)
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Resource"] == ARN
    assert (statement["Effect"] == "Allow") == (answer["principalId"] != "nobody")
    return bool(statement["Effect"] == "Allow")


@pytest.mark.parametrize("use", ["id", "access"])
def test_a_token_of_the_pool_opens_and_says_who_it_is(use: str, pool: Pool) -> None:
    more: dict[str, Any] = {"cognito:groups": ["a", "b"], "address": {"city": "Oslo"}, "principalId": "root"}
    answer = cognito.authorize(event(token(use, **more)), None)
    assert answer["policyDocument"]["Statement"] == [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}]
    assert answer["principalId"] == answer["context"]["sub"] == "person-1"
    assert "principalId" not in answer["context"]
    assert (answer["context"]["cognito:groups"], answer["context"]["address"]) == ("a,b", '{"city": "Oslo"}')
    assert opens(event(token(use)))
    assert pool.fetched == 1


def hostile() -> dict[str, str]:
    """Tokens that open nothing, by what is wrong with them."""
    head, body, signature = token().split(".")
    hour = 3600
    return {
        "expired": token(exp=int(time.time()) - 1),
        "without an end": token(exp=None),
        "not yet": token(nbf=int(time.time()) + hour),
        "of another client": token(aud="client2"),
        "of another client's access": token("access", client_id="client2"),
        "an access token that names the client as its audience": token("access", client_id=None, aud=CLIENT),
        "an ID token that names the client as an access token does": token(aud=None, client_id=CLIENT),
        "an ID token for several": token(aud=[CLIENT]),
        "a refresh token": token("refresh", aud=CLIENT, client_id=CLIENT),
        "of no use": token(token_use=None),
        "of another pool": token(iss=f"{ISSUER}2"),
        "of no issuer": token(iss=None),
        "of several issuers": f"{head}.{part(said(iss=[ISSUER]))}.{signature}",
        "of nobody": token(sub=None),
        "signed by others": token(key=THEIRS),
        "signed by others with a key of theirs": token(key=THEIRS, kid="k2"),
        "without a key": token(kid=None),
        "altered": f"{head}.{part(said(sub='root'))}.{signature}",
        "not signed": f"{head}.{body}.",
        "none": f"{part({'alg': 'none', 'kid': 'k1'})}.{body}.",
        "None": f"{part({'alg': 'None', 'kid': 'k1'})}.{body}.{signature}",
        "signed with the public key": by_public_key(),
        "another RSA": token(algorithm="RS512"),
        "probabilistic": token(algorithm="PS256"),
        "a list": f"{head}.{part([said()])}.{signature}",
        "deep": f"{head}.{urlsafe_b64encode(b'[' * 5000).decode()}.{signature}",
        "two parts": f"{head}.{body}",
        "text": "a token",
        "empty": "",
        "not ASCII": f"{head}é.{body}.{signature}",
    }


@pytest.mark.parametrize("kind", hostile())
@pytest.mark.usefixtures("pool")
def test_no_other_token_opens(kind: str) -> None:
    assert opens(event(token()))
    assert not opens(event(hostile()[kind]))


@pytest.mark.usefixtures("pool")
def test_a_token_that_is_not_there_once_opens_nothing() -> None:
    good = token()
    assert not opens(event())
    assert not opens(event(good, multiValueQueryStringParameters={"token": [token(key=THEIRS), good]}))
    assert not opens(event(None, headers={"Authorization": f"Bearer {good}"})), "from where it is not looked for"


@pytest.mark.usefixtures("pool")
def test_a_browser_may_offer_it_as_a_subprotocol(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, source="header.Sec-WebSocket-Protocol")
    good = token()
    assert opens(event(headers={"sec-websocket-protocol": f"chat.v1, {good}"}))
    assert opens(event(multiValueHeaders={"Sec-WebSocket-Protocol": ["chat.v1", good]}))
    assert not opens(event(headers={"Sec-WebSocket-Protocol": f"chat.v1, {good}, {token(key=THEIRS)}"})), "two of them"
    assert not opens(event(headers={"Sec-WebSocket-Protocol": "chat.v1"}))
    assert not opens(event(good))


@pytest.mark.usefixtures("pool")
def test_a_program_may_send_it_in_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, source="header.Authorization")
    assert opens(event(headers={"authorization": f"Bearer {token()}"}))
    assert opens(event(headers={"Authorization": token()}))
    assert not opens(event(multiValueHeaders={"Authorization": [token(), token(key=THEIRS)]}))


@pytest.mark.usefixtures("pool")
def test_a_scope_is_asked_of_an_access_token(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, scopes=["chat/write", "chat/admin"])
    assert opens(event(token("access")))
    assert not opens(event(token("access", scope="openid chat/writer")))
    assert not opens(event(token("access", scope=None)))
    assert not opens(event(token(scope="chat/write"))), "an ID token grants no scope"


def test_keys_are_fetched_once_and_unknown_ones_once_a_minute(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        assert opens(event(token()))
        assert not opens(event(token(key=THEIRS, kid=f"made-up-{number}")))
    assert pool.fetched == 1

    pool.keys = {"k2": THEIRS}
    monkeypatch.setattr(cognito, "_AGAIN", 0.0)
    cognito.authorizer().tokens.keys[ISSUER].again_at = 0.0
    assert opens(event(token(key=THEIRS, kid="k2"))), "the pool has exchanged its keys"
    assert not opens(event(token())), "and signs with the old one no more"


def test_who_cannot_be_judged_is_not_let_in_and_the_next_is_judged(pool: Pool) -> None:
    pool.status = 503
    for _ in range(2):
        with pytest.raises(jwt.PyJWKClientError):
            cognito.authorize(event(token()), None)
    pool.status = 200
    assert opens(event(token())), "without waiting for a minute"


def test_a_failure_to_fetch_unknown_keys_is_not_repeated_at_will(pool: Pool) -> None:
    assert opens(event(token()))
    cognito.authorizer().tokens.keys[ISSUER].again_at = pool.status = 0
    pool.status = 503
    with pytest.raises(jwt.PyJWKClientError):
        cognito.authorize(event(token(kid="made-up")), None)
    for number in range(5):
        assert not opens(event(token(kid=f"made-up-{number}")))
        assert opens(event(token()))
    assert pool.fetched == 2


def test_without_what_the_construct_tells_nobody_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch)
    monkeypatch.delenv(CONNECT_VARIABLE)
    with pytest.raises(BindingError, match=r"GATELEG_CONNECT_TOKENS is not set"):
        cognito.authorize(event(token()), None)
    tell(monkeypatch, pools=["no pool"])
    with pytest.raises(BindingError, match=r"is not the id of a user pool"):
        cognito.authorize(event(token()), None)


def test_the_keys_are_at_the_issuer_where_nothing_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"):
        monkeypatch.delenv(name, raising=False)
    read = cognito.PoolTokens([POOL, "cn-north-1_P2"], [CLIENT])
    china = "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_P2"
    assert {issuer: keys.url for issuer, keys in read.keys.items()} == {each: f"{each}/.well-known/jwks.json" for each in (ISSUER, china)}
