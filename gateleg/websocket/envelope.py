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
_USUAL = re.compile(r"[A-Za-z0-9_.~=-]+")
"""API Gateway's own ids, in base64; others take the long way through `quote`."""


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
        self._made: tuple[int, Keys, dict[str, str], str] | None = None

    def now(self) -> tuple[int, Keys, dict[str, str], str]:
        """The second, who signs in it, the headers that are signed, and the same as they are sent; made once a second.

        Raises:
            BindingError: The credentials hold what no header may.
            NoCredentialsError: There are none.
        """
        # One tuple, read and replaced whole, as threads may share it.
        made, now = self._made, int(time.time())
        if made is None or made[0] != now:
            made = self._made = (now, *self._begun(now))
        return made

    def _begun(self, now: int) -> tuple[Keys, dict[str, str], str]:
        keys = self.keys()
        signed = {"content-type": "application/octet-stream", "host": self.endpoint.authority}
        signed["x-amz-date"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        if keys.token:
            signed["x-amz-security-token"] = keys.token
        return keys, signed, "".join([f"{name}: {value}\r\n" for name, value in signed.items()])


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

    def octets(self, connection_id: str) -> bytes:
        """The request to a connection, signed now.

        Raises:
            BindingError: The credentials hold what no header may.
            NoCredentialsError: There are none.
        """
        addressee = self._addressee
        _, keys, signed, lines = addressee.now()
        segment = connection_id.replace("=", "%3D") if _USUAL.fullmatch(connection_id) else quote(connection_id, safe="")
        path = f"{addressee.endpoint.path}/@connections/{segment}"
        signature = addressee.signer.authorization(keys, signed, self._digest, self._method, path)
        head = f"{self._method} {path} HTTP/1.1\r\n{lines}content-length: {len(self._data)}\r\nauthorization: {signature}\r\n\r\n"
        return head.encode("latin-1") + self._data


def _configured() -> str | None:
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return next((url for name in _VARIABLES if (url := os.environ.get(name))), None)
