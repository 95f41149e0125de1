"""Answers read from their raw JSON, since botocore's parser walks every value of every item by its shape.

Only public events are used: on `before-parse` the body is kept, and botocore gets `{}` to parse. Nothing can be lost by that: what was kept
is what is read, and where nothing was kept, botocore has parsed the body. Errors are always botocore's to parse.

The body's form is that of the "DynamoDB low-level API" page of the developer guide.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from gateleg.model.values.annotations import class_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_EVENT = "before-parse.dynamodb"
_HANDLER = "gateleg-raw-body"
_ERRORS = 300
_JSON = "json"
_BLOBS = re.compile(rb'"BS?"\s*:')
_METADATA = "ResponseMetadata"


@dataclass
class Capture:
    """The body of one answer.

    Attributes:
        replaces: Whether botocore is spared the body.
        body: The body, once there is one.
    """

    replaces: bool
    body: bytes | None = None


_capture: ContextVar[Capture | None] = ContextVar("gateleg_capture", default=None)
"""Of this call alone: others may use the same client, in other threads and tasks, and see nothing of all this."""


def watch(events: Any) -> None:
    """Let the answers of a client be captured.

    Args:
        events: The client's `meta.events`.
    """
    events.register(_EVENT, _keep, unique_id=_HANDLER)


@contextmanager
def capturing(*, replaces: bool) -> Generator[Capture]:
    """Capture the body of the answer to the call that is made within."""
    capture = Capture(replaces)
    token = _capture.set(capture)
    try:
        yield capture
    finally:
        _capture.reset(token)


def read(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """The answer of a body, in the form that botocore's parser gives.

    Raises:
        ChecksumError: The body is not what DynamoDB sent.
        ResponseParserError: The body is not a JSON object.
    """
    check(body, headers)
    try:
        answer: Any = json.loads(body, object_hook=_with_bytes if _holds_blobs(body) else None) if body else {}
    except ValueError as error:
        raise unreadable(str(error)) from error
    if not isinstance(answer, dict):
        raise unreadable("the body is not a JSON object")
    members = cast("dict[str, Any]", answer)
    return {name: value for name, value in members.items() if value is not None}


def decoder(body: bytes) -> json.JSONDecoder:
    """What decodes a body, or parts of it, as `read` does."""
    return _WITH_BLOBS if _holds_blobs(body) else _WITHOUT_BLOBS


def check(body: bytes, headers: Mapping[str, str]) -> None:
    """Compare a body with DynamoDB's checksum of it, where it sent one.

    Raises:
        ChecksumError: They differ.
    """
    expected = headers.get("x-amz-crc32")
    if expected is None or headers.get("content-encoding"):
        return
    if expected != str(zlib.crc32(body)):
        from botocore.exceptions import ChecksumError

        raise ChecksumError(checksum_type="crc32", expected_checksum=expected, actual_checksum=str(zlib.crc32(body)))


def without_metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as its body has it."""
    return {name: value for name, value in answer.items() if name != _METADATA}


def with_metadata(answer: dict[str, Any], parsed: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with what botocore says of the exchange."""
    return {**answer, _METADATA: parsed.get(_METADATA, {})}


def headers_of(parsed: Mapping[str, Any]) -> dict[str, str]:
    """The headers of an answer, in lower case."""
    headers: dict[str, str] = parsed.get(_METADATA, {}).get("HTTPHeaders", {})
    return headers


def _keep(response_dict: dict[str, Any] | None = None, **_: object) -> None:
    capture = _capture.get()
    if capture is None or response_dict is None:
        return
    body, headers = response_dict.get("body"), response_dict.get("headers", {})
    if not isinstance(body, bytes) or response_dict.get("status_code", _ERRORS) >= _ERRORS or _JSON not in headers.get("content-type", ""):
        return
    capture.body = body
    if capture.replaces:
        response_dict["body"] = b"{}"


def _holds_blobs(body: bytes) -> bool:
    # The first look is the quicker one by far.
    return b'"B' in body and _BLOBS.search(body) is not None


def _with_bytes(entry: dict[str, Any]) -> dict[str, Any]:
    # An attribute named `B` holds an attribute value, which is an object; only blobs are text.
    if isinstance(entry.get("B"), str):
        return {**entry, "B": b64decode(entry["B"])}
    blobs: Any = entry.get("BS")
    if class_of(blobs) is list and all(class_of(blob) is str for blob in blobs):
        return {**entry, "BS": [b64decode(blob) for blob in blobs]}
    return entry


def unreadable(reason: str) -> Exception:
    """The error for an answer that is not what DynamoDB sends."""
    from botocore.parsers import ResponseParserError

    return ResponseParserError(f"DynamoDB's answer cannot be read: {reason}")


_WITH_BLOBS = json.JSONDecoder(object_hook=_with_bytes)
_WITHOUT_BLOBS = json.JSONDecoder()
