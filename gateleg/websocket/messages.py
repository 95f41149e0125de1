"""The JSON that is sent to clients."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

from gateleg.client.statuses import content_of
from gateleg.errors import AnswerInvalidError

LIMIT = 128 * 1024
"""API Gateway's limit for one message, in bytes."""


EVENT_LIMIT = 240 * 1024
"""AppSync's limit for one event, in bytes (https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-concepts.html)."""


def encode(payload: Any, *, event: bool = False) -> bytes:
    """The payload as JSON: entities, models, dataclasses, dates, decimals, enums and what they hold; bytes are base64, with `-` and `_`.

    Args:
        payload: What is sent.
        event: Whether AppSync sends it, and not API Gateway.

    Raises:
        AnswerInvalidError: It cannot be written as JSON, or is larger than they let through.
    """
    try:
        data = to_json(payload, by_alias=True, inf_nan_mode="null", bytes_mode="base64")
    except ValueError as error:  # pydantic's own is one
        raise AnswerInvalidError(
            f"the message cannot be written as JSON: {error}; send models, dicts, lists and plain values", value=payload
        ) from error
    return checked(data, "AppSync", EVENT_LIMIT) if event else checked(data)


def checked(data: bytes, service: str = "API Gateway", limit: int = LIMIT) -> bytes:
    """The message, if the service that sends it lets it through.

    Raises:
        AnswerInvalidError: It does not.
    """
    if len(data) > limit:
        raise AnswerInvalidError(
            f"the message has {len(data)} bytes, {service} takes {limit}; send less, or a link to it",
            code="answer.too_large",
            value=len(data),
        )
    return data


def error_frame(error: BaseException, action: Any, request_id: Any) -> dict[str, Any]:
    """What a client is told of an error.

    Args:
        error: What was raised.
        action: The client's action, echoed.
        request_id: The client's `request_id`, or API Gateway's where it gave none.
    """
    return {"error": content_of(error), "action": action, "request_id": request_id}
