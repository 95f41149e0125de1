"""The JSON that is sent to clients."""

from __future__ import annotations

from typing import Any

from gateleg.client.statuses import content_of
from gateleg.errors import AnswerInvalidError

LIMIT = 128 * 1024
"""API Gateway's limit for one message, in bytes."""


def encode(payload: Any) -> bytes:
    """The payload as JSON: entities, models, dataclasses, dates, decimals, enums and what they hold.

    Raises:
        AnswerInvalidError: It cannot be written as JSON, or is larger than API Gateway lets through.
    """
    from pydantic_core import PydanticSerializationError, to_json

    try:
        data = to_json(payload, by_alias=True, inf_nan_mode="null")
    except (PydanticSerializationError, ValueError) as error:
        raise AnswerInvalidError(
            f"the message cannot be written as JSON: {error}; send models, dicts, lists and plain values", value=payload
        ) from error
    if len(data) > LIMIT:
        raise AnswerInvalidError(
            f"the message has {len(data)} bytes, API Gateway takes {LIMIT}; send less, or a link to it",
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
