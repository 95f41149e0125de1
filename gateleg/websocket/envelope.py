"""A message as it is posted to connections: signed for each, with what is the same for all made once."""

from __future__ import annotations

import os
import re
import time
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from gateleg.aws.environment import ServiceEndpoint, keys_from, refuse_proxies, region_of
from gateleg.aws.signing import Signer
from gateleg.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.aws.signing import Keys

_USUAL = re.compile(r"[A-Za-z0-9_.~=-]+")
"""API Gateway's own ids, in base64; others take the long way through `quote`."""


class Service(NamedTuple):
    """What takes messages.

    Attributes:
        name: Its name in signatures.
        variable: The variable of ours that holds its URL.
        url: What its URL is like.
        media_type: What its messages are.
        overrides: Variables of botocore's that win over the URL where they are set.
    """

    name: str
    variable: str
    url: str
    media_type: str
    overrides: tuple[str, ...] = ()


CONNECTIONS = Service(
    "execute-api",
    "GATELEG_WEBSOCKET_ENDPOINT",
    "the callback URL of a stage is https://, a host and the stage, like 'https://a1b2c3.execute-api.eu-north-1.amazonaws.com/live'",
    "application/octet-stream",
    ("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "AWS_ENDPOINT_URL"),
)
"""The `@connections` of API Gateway."""


class Addressee:
    """Where messages go, and who sends them there.

    Args:
        url: The service's URL, such as a stage's callback URL.
        service: What takes them there.

    Raises:
        BindingError: It is no endpoint, it is behind a proxy, or no region is set.
    """

    def __init__(self, url: str, service: Service = CONNECTIONS) -> None:
        endpoint = ServiceEndpoint.of(_configured(service) or url)
        if endpoint is None:
            raise BindingError(f"{service.url}; set {service.variable} to one", path=service.variable)
        refuse_proxies(endpoint, "name the host in NO_PROXY")
        own = re.fullmatch(rf"[a-z0-9]+\.{service.name}(?:-api|-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?", endpoint.host)
        self.endpoint: ServiceEndpoint = endpoint
        self.service: Service = service
        self.signer: Signer = Signer(own[1] if own else region_of(None), service.name)
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
        signed = {"content-type": self.service.media_type, "host": self.endpoint.authority}
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
        path = f"{addressee.endpoint.path}{self._path(connection_id)}"
        signature = addressee.signer.authorization(keys, signed, self._digest, self._method, path)
        head = f"{self._method} {path} HTTP/1.1\r\n{lines}content-length: {len(self._data)}\r\nauthorization: {signature}\r\n\r\n"
        return head.encode("latin-1") + self._data

    def _path(self, connection_id: str) -> str:
        segment = connection_id.replace("=", "%3D") if _USUAL.fullmatch(connection_id) else quote(connection_id, safe="")
        return f"/@connections/{segment}"


def _configured(service: Service) -> str | None:
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return next((url for name in service.overrides if (url := os.environ.get(name))), None)
