"""The single seam to the network: an operation's name and parameters go in, DynamoDB's answer comes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient


class Transport(Protocol):
    """Sends one request, once."""

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to `operation` (`GetItem`), in the form that boto3's client gives.

        Raises:
            Exception: botocore's errors, or errors of the same names; `gateleg.store.outcomes` reads them.
        """
        ...


class BotocoreTransport:
    """Sends through a boto3 client.

    Args:
        client: The client, or what makes it at the first request.
    """

    def __init__(self, client: DynamoDBClient | Callable[[], DynamoDBClient]) -> None:
        self._client = client

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to an operation."""
        if callable(self._client):
            self._client = self._client()
        method = getattr(self._client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())
        answer: dict[str, Any] = method(**params)
        return answer
