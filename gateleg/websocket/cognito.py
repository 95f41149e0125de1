"""Runs in Lambda: who may connect with a token of a Cognito user pool. `CognitoConnectAuthorizer` of `gateleg.cdk` makes the function.

Follows https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt

from gateleg.description.names import CONNECT_VARIABLE
from gateleg.errors import BindingError, ConnectRefusedError
from gateleg.websocket.connecting import Redeemed, header_values, policy, single_parameter
from gateleg.websocket.subprotocols import offers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

logger: logging.Logger = logging.getLogger(__name__)

_AGAIN, _TIMEOUT = 60.0, 3.0
_POOL = re.compile(r"(?P<region>[a-z0-9-]+)_[A-Za-z0-9]+")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_ENDPOINTS = ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL")
_REQUIRED = ("exp", "iss", "sub", "token_use")
_CLIENT = {"id": "aud", "access": "client_id"}
"""By what a token is for, the claim that says whose it is."""


class PoolKeys:
    """The keys that a user pool signs with, fetched when the first is asked for and kept as long as the process.

    A key that is not among them is looked for once a minute at most, whatever clients send.

    Args:
        url: Where the pool shows them, as a JSON Web Key Set.

    Attributes:
        url: As given.
        again_at: When an unknown key is looked for again, by the clock of `time.monotonic`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self.again_at: float = 0.0

    def of(self, key_id: str | None) -> jwt.PyJWK:
        """A key by its id.

        Raises:
            ConnectRefusedError: The pool has none of that id.
            jwt.PyJWKClientError: The keys could not be fetched.
        """
        if key_id not in self._keys and (not self._keys or time.monotonic() >= self.again_at):
            self.again_at = time.monotonic() + _AGAIN
            fetched = jwt.PyJWKClient(self.url, cache_jwk_set=False, timeout=_TIMEOUT).get_signing_keys()
            self._keys = {key.key_id: key for key in fetched}
        if key_id not in self._keys:
            raise ConnectRefusedError(f"the pool signs with no key {key_id!r}")
        return self._keys[key_id]


class PoolTokens:
    """Reads the ID and access tokens of some clients of user pools.

    Args:
        pools: The ids of the pools.
        clients: The ids of the clients that tokens are for.
        scopes: Those of which a token must hold one; none are asked for unless given. ID tokens hold none.

    Attributes:
        keys: The keys of each pool, by its issuer.

    Raises:
        BindingError: A pool's id is not one.
    """

    def __init__(self, pools: Sequence[str], clients: Sequence[str], scopes: Sequence[str] = ()) -> None:
        self.keys: dict[str, PoolKeys] = {issuer: PoolKeys(_keys_url(pool, issuer)) for pool in pools for issuer in [_issuer(pool)]}
        self._clients = frozenset(clients)
        self._scopes = frozenset(scopes)

    def read(self, token: str | None) -> Redeemed:
        """Whose a token is: its `sub`, and all that it says.

        Raises:
            ConnectRefusedError: It is not a token of the pools and clients, is altered, has expired, or lacks a scope.
            jwt.PyJWKClientError: The keys of the pool could not be fetched.
        """
        try:
            claims = self._verified(token or "")
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise ConnectRefusedError(f"that is not a token of the user pool: {error}") from error
        use = str(claims["token_use"])
        if use not in _CLIENT or str(claims.get(_CLIENT[use])) not in self._clients:
            raise ConnectRefusedError("the token is for another client")
        if self._scopes and (use != "access" or self._scopes.isdisjoint(str(claims.get("scope")).split())):
            raise ConnectRefusedError(f"the token holds none of the scopes {', '.join(sorted(self._scopes))}")
        return Redeemed(claims["sub"], _context(claims))

    def _verified(self, token: str) -> dict[str, Any]:
        # What is not verified yet only says which of our own pools and keys are asked.
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        if not isinstance(issuer, str) or issuer not in self.keys:
            raise ConnectRefusedError("the token is of another issuer")
        key = self.keys[issuer].of(jwt.get_unverified_header(token).get("kid"))
        # Whose it is stands in `aud` or in `client_id`; Lambda's clock may be behind that of Cognito.
        options: Any = {"require": list(_REQUIRED), "verify_aud": False, "verify_iat": False}
        return jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, options=options)


class Authorizer:
    """Who may connect, as the construct says.

    Args:
        told: `pools`, `clients`, `scopes` and `source`.

    Attributes:
        tokens: What reads them.
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.tokens: PoolTokens = PoolTokens(told["pools"], told["clients"], told["scopes"])
        self._place, _, self._name = str(told["source"]).partition(".")

    def judged(self, event: Mapping[str, Any]) -> Redeemed:
        """Whose the token of a `$connect` event is.

        Raises:
            ConnectRefusedError: There is none, or it opens nothing.
        """
        return self.tokens.read(self._token(event))

    def _token(self, event: Mapping[str, Any]) -> str | None:
        """The token, where there is one: of two, others may have read the other."""
        if self._place == "querystring":
            return single_parameter(event, self._name)
        name = self._name.lower()
        if name == "sec-websocket-protocol":
            found = [offer for offer in offers(event) if _TOKEN.fullmatch(offer)]
        else:
            found = [value.removeprefix("Bearer ") for value in header_values(event, name)]
        return found[0] if len(found) == 1 else None


def authorize(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point: lets connect who has a token, and tells handlers its `sub` as principal and what it says as claims.

    Raises:
        BindingError: The construct's variable is not set.
        jwt.PyJWKClientError: The keys of the pool could not be fetched, so that nobody is let in.
    """
    try:
        who = authorizer().judged(event)
    except ConnectRefusedError as error:
        logger.info("a connection was refused: %s", error)
        return policy(event, None)
    return policy(event, who)


@cache
def authorizer() -> Authorizer:
    """What the environment says, read once.

    Raises:
        BindingError: It says nothing.
    """
    if not (told := os.environ.get(CONNECT_VARIABLE)):
        raise BindingError(f"{CONNECT_VARIABLE} is not set, so nobody may connect; CognitoConnectAuthorizer sets it", path=CONNECT_VARIABLE)
    return Authorizer(json.loads(told))


def _issuer(pool: str) -> str:
    if (found := _POOL.fullmatch(pool)) is None:
        raise BindingError(
            f"{pool!r} is not the id of a user pool; write one like 'eu-north-1_AbCdEfGhI'", path=CONNECT_VARIABLE, value=pool
        )
    suffix = "amazonaws.com.cn" if found["region"].startswith("cn-") else "amazonaws.com"
    return f"https://cognito-idp.{found['region']}.{suffix}/{pool}"


def _keys_url(pool: str, issuer: str) -> str:
    """Below the issuer, or where the environment says that the service is, as it does in a local run."""
    endpoint = next((url for name in _ENDPOINTS if (url := os.environ.get(name))), None)
    base = issuer if endpoint is None else f"{endpoint.rstrip('/')}/{pool}"
    return f"{base}/.well-known/jwks.json"


def _context(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims as API Gateway takes them: lists as it writes them for REST APIs, `a,b`, and other values as they are."""
    return {name: _told(value) for name, value in claims.items() if value is not None and name != "principalId"}


def _told(value: Any) -> Any:
    if value.__class__ is list:
        return ",".join(map(str, value))
    return json.dumps(value) if value.__class__ is dict else value
