"""A message as it came, read when it is first asked for, and once."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from gateleg.client.decoding import read_json
from gateleg.errors import PayloadError
from gateleg.websocket.messages import LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON_KINDS = ((list, "an array"), (str, "a string"), (bool, "a boolean"), (type(None), "null"))


class Incoming:
    """The message of an event.

    Args:
        event: The Lambda event.
    """

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._event = event
        self._octets: bytes | None = None
        self._read: dict[str, Any] | PayloadError | None = None

    def octets(self) -> bytes:
        """What the client sent.

        Raises:
            PayloadError: It is larger than API Gateway's limit, not base64 where the event says so, or text that is no UTF-8.
        """
        if self._octets is None:
            body: str = self._event.get("body") or ""
            try:
                octets = base64.b64decode(body, validate=True) if self._event.get("isBase64Encoded") else body.encode()
            except ValueError as error:
                raise _not_text() from error
            if len(octets) > LIMIT:
                message = f"the message has {len(octets)} bytes, {LIMIT} are taken; send less"
                raise PayloadError(message, code="websocket.too_large", value=len(octets))
            self._octets = octets
        return self._octets

    def text(self) -> str:
        """The same as text.

        Raises:
            PayloadError: As with `octets`, or it is not UTF-8.
        """
        octets = self.octets()
        try:
            return octets.decode()
        except ValueError as error:
            raise _not_text() from error

    def message(self) -> dict[str, Any]:
        """The JSON object in it.

        Raises:
            PayloadError: As with `text`, or it is not JSON, or not an object.
        """
        if self._read is None:
            try:
                self._read = _decoded(self.text())
            except PayloadError as error:
                self._read = error
        if isinstance(self._read, PayloadError):
            raise self._read
        return self._read


def _decoded(text: str) -> dict[str, Any]:
    try:
        message: Any = read_json(text)
    except ValueError as error:
        place = re.search(r" at line \d+ column \d+$", str(error))
        raise PayloadError(
            f'the message is not JSON{place[0] if place else ""}; send an object such as {{"action": ...}}', code="websocket.invalid_json"
        ) from error
    if not isinstance(message, dict):
        kind = next((name for of, name in _JSON_KINDS if isinstance(message, of)), "a number")
        raise PayloadError(f'the message is {kind}; send an object such as {{"action": ...}}', code="websocket.invalid_json")
    return message  # pyright: ignore[reportUnknownVariableType] (JSON)


def _not_text() -> PayloadError:
    return PayloadError("the message is not UTF-8 text; send JSON", code="websocket.invalid_json")
