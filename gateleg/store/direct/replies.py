"""What came back over HTTP, as the answer or the error that botocore makes of it."""

from __future__ import annotations

import gzip
import ssl
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from gateleg.store import transport_raw as raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.aws.link import BrokenError

_ERRORS = 300
_SERVER_ERRORS = 500
_TYPE = "__type"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True)
class Reply:
    """One answer of a server.

    Attributes:
        status: Its status code.
        headers: Its headers, their names in lower case.
        body: Its body, as it came.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    def answer(self, operation: str, read: Callable[[bytes, dict[str, str]], dict[str, Any]] = raw.read) -> dict[str, Any]:
        """What DynamoDB answered.

        Args:
            operation: What was asked.
            read: Makes the answer of a body and its headers.

        Raises:
            ClientError: It refused; `response` is what boto3's client gives.
            ChecksumError: The body is not what it sent.
            ResponseParserError: The body cannot be read.
        """
        if self.status >= _ERRORS:
            raise self._error(operation)
        answer = read(self._plain_body(), self.headers)
        answer["ResponseMetadata"] = self._metadata()
        return answer

    def error_code(self) -> str:
        """AWS's code for what went wrong: `ThrottlingException`."""
        return _code(self._members(), self.status)

    def moment(self) -> float | None:
        """The server's time, in seconds since 1970; `None` where it does not say."""
        from email.utils import parsedate_to_datetime

        try:
            return parsedate_to_datetime(self.headers.get("date", "")).timestamp()
        except ValueError:
            return None

    def _plain_body(self) -> bytes:
        encoding = self.headers.get("content-encoding", "identity")
        if encoding == "identity":
            return self.body
        try:
            if encoding == "gzip":
                return gzip.decompress(self.body)
        except (OSError, EOFError, zlib.error) as error:
            raise raw.unreadable(str(error)) from error
        raise raw.unreadable(f"its encoding is {encoding!r}, which nobody asked for")

    def _members(self) -> dict[str, Any]:
        """An error's body; text that is not JSON is its message, as with botocore."""
        body = self._plain_body()
        if self.status >= _SERVER_ERRORS and (not body.strip() or body.strip().startswith(b"<html>")):
            return {"message": _PHRASES.get(self.status, "")}
        try:
            return raw.read(body, {})
        except Exception:  # noqa: BLE001 (whatever cannot be read is text)
            return {"message": body.decode(errors="replace")}

    def _error(self, operation: str) -> Exception:
        from botocore.exceptions import ClientError

        raw.check(self._plain_body(), self.headers)
        members = self._members()
        told = members.get("message", members.get("Message", ""))
        response = {name: value for name, value in members.items() if name != _TYPE}
        response |= {"Error": {"Message": told, "Code": _code(members, self.status)}, "ResponseMetadata": self._metadata()}
        return ClientError(cast("Any", response), operation)

    def _metadata(self) -> dict[str, Any]:
        known = {"RequestId": self.headers["x-amzn-requestid"]} if "x-amzn-requestid" in self.headers else {}
        return {**known, "HTTPStatusCode": self.status, "HTTPHeaders": self.headers, "RetryAttempts": 0}


def unanswered(broken: BrokenError, url: str) -> Exception:
    """Botocore's error for a request without an answer, by which `gateleg.store.outcomes` tells whether it was sent.

    Args:
        broken: What went wrong.
        url: The endpoint.
    """
    from botocore import exceptions

    late = isinstance(broken.cause, TimeoutError)
    if broken.sent:
        return (exceptions.ReadTimeoutError if late else exceptions.ConnectionClosedError)(endpoint_url=url, error=broken.cause)
    if isinstance(broken.cause, ssl.SSLError):
        return exceptions.SSLError(endpoint_url=url, error=broken.cause)
    return (exceptions.ConnectTimeoutError if late else exceptions.EndpointConnectionError)(endpoint_url=url, error=broken.cause)


def _code(members: dict[str, Any], status: int) -> str:
    return str(members.get(_TYPE, status)).partition(":")[0].rpartition("#")[2]
