"""A message as it is posted to connections: signed for each, with what is the same for all made once."""

from __future__ import annotations

import os
import re
import time
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateleg.aws.environment import ServiceEndpoint, keys_from, refuse_proxies, region_of
from gateleg.aws.signing import Signer
from gateleg.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.aws.signing import Keys

_VARIABLES = ("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "AWS_ENDPOINT_URL")
_REGION = re.compile(r"[a-z0-9]+\.execute-api(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


class Addressee:
    """The `@connections` of one stage, and who posts there.

    Args:
        callback_url: The stage's callback URL; botocore's own variables (`AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`, `AWS_ENDPOINT_URL`) win
            over it where they are set.

    Raises:
        BindingError: It is no endpoint, it is behind a proxy, or no region is set.
    """

    def __init__(self, callback_url: str) -> None:
        endpoint = ServiceEndpoint.of(_configured() or callback_url)
        if endpoint is None:
            message = "the callback URL of a stage is https://, a host and the stage, like 'https://a1b2c3.execute-api.eu-north-1.amazonaws.com/live'"
            raise BindingError(f"{message}; set GATELEG_WEBSOCKET_ENDPOINT to one", path="GATELEG_WEBSOCKET_ENDPOINT")
        refuse_proxies(endpoint, "name the host in NO_PROXY")
        own = _REGION.fullmatch(endpoint.host)
        self.endpoint: ServiceEndpoint = endpoint
        self.signer: Signer = Signer(own[1] if own else region_of(None), "execute-api")
        self.keys: Callable[[], Keys] = keys_from(None)


class Envelope:
    """A message, ready to be posted.

    Args:
        addressee: Where its connections are.
        data: What is sent.
        method: `POST`; `DELETE` closes a connection.
    """

    def __init__(self, addressee: Addressee, data: bytes, method: str = "POST") -> None:
        self._addressee = addressee
        self._data = data
        self._method = method
        self._digest = sha256(data).hexdigest()
        self._second = -1
        self._signed: dict[str, str] = {}
        self._lines = ""

    def octets(self, connection_id: str) -> bytes:
        """The request to a connection, signed now.

        Raises:
            BindingError: The credentials hold what no header may.
            NoCredentialsError: There are none.
        """
        if (now := int(time.time())) != self._second:
            self._second = now
            self._begin(now)
        path = f"{self._addressee.endpoint.path}/@connections/{quote(connection_id, safe='')}"
        signature = self._addressee.signer.authorization(self._keys, self._signed, self._digest, self._method, path)
        return f"{self._method} {path} HTTP/1.1\r\n{self._lines}authorization: {signature}\r\n\r\n".encode("latin-1") + self._data

    def _begin(self, now: int) -> None:
        self._keys = self._addressee.keys()
        self._signed = {"content-type": "application/octet-stream", "host": self._addressee.endpoint.authority}
        self._signed["x-amz-date"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        if self._keys.token:
            self._signed["x-amz-security-token"] = self._keys.token
        headers = {**self._signed, "content-length": str(len(self._data))}
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _configured() -> str | None:
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return next((url for name in _VARIABLES if (url := os.environ.get(name))), None)
