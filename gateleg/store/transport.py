"""The single seam to the network: an operation's name and parameters go in, DynamoDB's answer comes out."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from gateleg.store import transport_items as items
from gateleg.store import transport_raw as raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store.dynamodb_client import DynamoDBClient


_TELLING = ("Item", "Items", "Attributes", "Responses")
"""What holds stored values, whose reading is worth a comparison."""


class Transport(Protocol):
    """Sends one request, once."""

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to `operation` (`GetItem`), in the form that boto3's client gives.

        Raises:
            Exception: botocore's errors, or errors of the same names; `gateleg.store.outcomes` reads them.
        """
        ...


def taking(transport: object) -> Callable[..., Any] | None:
    """A transport's `call_each`, which makes of each item of an answer what it is for as soon as it is read; `None` where it has none.

    It counts where it is of the same making as the transport's `call`: whoever wraps or overrides that sees all there is to see.
    """
    owner = next((kind for kind in type(transport).__mro__ if "call" in vars(kind)), None)
    if owner is None or "call_each" not in vars(owner) or "call" in vars(transport):
        return None
    found: Callable[..., Any] | None = getattr(transport, "call_each", None)
    return found


class BotocoreTransport:
    """Sends through a boto3 client, and reads the answers from their raw bodies.

    The first answer with items in it is read both ways. Where the two differ, or botocore does not hand out bodies, all answers are
    read botocore's way: slower, and the same.

    Args:
        client: The client, or what makes it at the first request. Its other users notice nothing.
    """

    def __init__(self, client: DynamoDBClient | Callable[[], DynamoDBClient]) -> None:
        self._given = client
        self._client: DynamoDBClient | None = None
        self._proven: bool | None = None

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to an operation."""
        return self._answer(operation, params, raw.read)

    def call_each(self, operation: str, params: dict[str, Any], each: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The answer to an operation; where it can, with a `transport_items.Taken` in place of its items.

        Args:
            operation: The operation.
            params: Its parameters.
            each: What is made of an item as soon as it is read.
        """
        return self._answer(operation, params, lambda body, headers: items.read(body, headers, each))

    def _answer(self, operation: str, params: dict[str, Any], read: Callable[[bytes, dict[str, str]], dict[str, Any]]) -> dict[str, Any]:
        method = getattr(self._bound(), method_name(operation))
        with raw.capturing(replaces=self._proven is True) as capture:
            parsed: dict[str, Any] = method(**params)
        if capture.body is None:
            return parsed
        if self._proven is False:
            raw.check(capture.body, raw.headers_of(parsed))
            return parsed
        if capture.replaces:
            return raw.with_metadata(read(capture.body, raw.headers_of(parsed)), parsed)
        answer = raw.read(capture.body, raw.headers_of(parsed))
        if any(answer.get(name) for name in _TELLING):
            self._proven = answer == raw.without_metadata(parsed)
        return parsed

    def _bound(self) -> DynamoDBClient:
        if self._client is None:
            self._client = self._given() if callable(self._given) else self._given
            raw.watch(self._client.meta.events)
        return self._client


@cache
def method_name(operation: str) -> str:
    """The name of a client's method: `get_item` for `GetItem`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
