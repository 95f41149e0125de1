"""What is said over HTTP, whoever says it: requests made and signed, answers read, clocks corrected. Nothing is sent here.

Follows the "DynamoDB low-level API" page of the developer guide; errors come out as botocore's own.
"""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from gateleg.aws.environment import keys_from, region_of
from gateleg.aws.signing import Signer
from gateleg.errors import BindingError
from gateleg.store.direct.environment import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.aws.environment import Credentials, ServiceEndpoint
    from gateleg.store.direct.replies import Reply

READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"})
_WITH_TOKEN = frozenset({"TransactWriteItems", "ExecuteTransaction"})
_SENT = READS | _WITH_TOKEN | {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ExecuteStatement", "BatchExecuteStatement"}
_TARGET = "DynamoDB_20120810."
_TYPE = "application/x-amz-json-1.0"
_TEXT_BLOB = re.compile(r'"B":"|"BS":\["')
_SKEWED = frozenset({"InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired"})
_SKEW_SECONDS = 60


@dataclass(frozen=True)
class Message:
    """One request, ready to be sent.

    Attributes:
        headers: All of its headers but `Content-Length`, signed.
        body: Its body.
        reads: Whether it changes nothing.
        offset: How far the clock was set right for its signature, in seconds.
    """

    headers: dict[str, str]
    body: bytes
    reads: bool
    offset: float

    def octets(self) -> bytes:
        """Head and body as they are sent: in one piece, so one packet and one wake-up for most requests."""
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.headers.items()])
        return f"POST / HTTP/1.1\r\n{lines}content-length: {len(self.body)}\r\n\r\n".encode("latin-1") + self.body


class Wire:
    """Makes the requests to one endpoint, and remembers how wrong the clock is.

    Args:
        endpoint: The endpoint's URL, or `None` for what the environment says.
        region: The region; the same.
        credentials: Whose the requests are; the same.
        clock: Gives the seconds since 1970.
    """

    def __init__(
        self, endpoint: str | None, region: str | None, credentials: Credentials | None, clock: Callable[[], float] = time.time
    ) -> None:
        self.region: str = region_of(region)
        self.endpoint: ServiceEndpoint = endpoint_of(endpoint, self.region)
        self._keys = keys_from(credentials)
        self._signer = Signer(self.region, "dynamodb")
        self._clock = clock
        self._offset = 0.0

    def message(self, operation: str, params: dict[str, Any]) -> Message:
        """A request.

        Raises:
            BindingError: It is not one of those that read and write items; their answers hold what botocore reads otherwise.
            TypeError: The parameters hold what DynamoDB's JSON cannot.
        """
        if operation not in _SENT:
            raise BindingError(f"the direct transport reads and writes items alone; send {operation} with a boto3 client", value=operation)
        if operation in _WITH_TOKEN and "ClientRequestToken" not in params:
            params = {**params, "ClientRequestToken": str(uuid4())}  # as botocore does
        return self._signed(operation, encoded(params))

    def again(self, operation: str, sent: Message, reply: Reply) -> Message | None:
        """The same request with the right time, where it was refused for a wrong one; such a request was not looked at."""
        if reply.status < 300 or reply.error_code() not in _SKEWED or (now := reply.moment()) is None:  # noqa: PLR2004 (HTTP's own)
            return None
        offset = now - self._clock()
        if abs(offset - sent.offset) < _SKEW_SECONDS:
            return None
        self._offset = offset
        return self._signed(operation, sent.body)

    def _signed(self, operation: str, body: bytes) -> Message:
        keys, offset = self._keys(), self._offset
        signed = {"content-type": _TYPE, "host": self.endpoint.authority}
        signed["x-amz-date"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock() + offset))
        if keys.token:
            signed["x-amz-security-token"] = keys.token
        signed["x-amz-target"] = _TARGET + operation
        headers = {
            **signed,
            "authorization": self._signer.authorization(keys, signed, sha256(body).hexdigest()),
            "accept-encoding": "identity",
        }
        return Message(headers, body, operation in READS, offset)


def encoded(params: dict[str, Any]) -> bytes:
    """Parameters as DynamoDB's JSON, their blobs as base64.

    Raises:
        TypeError: They hold what is neither JSON nor a blob.
    """
    text = _JSON.encode(params)
    if not _TEXT_BLOB.search(text):
        return text.encode()
    # There are blobs. botocore takes text for one too, and encodes it; sent as it is, it would be read as base64.
    return _JSON.encode(_with_blobs(params)).encode()


def _blob(value: object) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b64encode(cast("bytes", value)).decode()
    raise TypeError(f"DynamoDB's JSON holds no {type(value).__name__}; give attribute values in wire form, like {{'S': 'text'}}")


_JSON = json.JSONEncoder(default=_blob, separators=(",", ":"))


def _with_blobs(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _member(name, held) for name, held in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_with_blobs(one) for one in cast("list[Any]", value)]
    return value


def _member(name: str, held: Any) -> Any:
    # An attribute named `B` holds an attribute value, which is a dictionary.
    if name == "B" and not isinstance(held, dict):
        return _blob(held.encode() if isinstance(held, str) else held)
    if name == "BS" and isinstance(held, (list, tuple)):
        return [_blob(blob.encode() if isinstance(blob, str) else blob) for blob in cast("list[Any]", held)]
    return _with_blobs(held)
