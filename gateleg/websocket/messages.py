"""The JSON that is sent to clients."""

from __future__ import annotations

from typing import Any

from gateleg.errors import GatelegError, PayloadError
from gateleg.rest.errors import INTERNAL, Answer, answer_for, details_of

LIMIT = 128 * 1024
"""API Gateway's limit for one message, in bytes."""

_MESSAGE, _DETAILS = 1_000, 20


def encode(payload: Any) -> bytes:
    """The payload as JSON: entities, models, dataclasses, dates, decimals, enums and what they hold.

    Raises:
        PayloadError: It cannot be written as JSON, or is larger than API Gateway lets through.
    """
    from pydantic_core import PydanticSerializationError, to_json

    try:
        data = to_json(payload, by_alias=True, inf_nan_mode="null")
    except (PydanticSerializationError, ValueError) as error:
        raise PayloadError(
            f"the message cannot be written as JSON: {error}; send models, dicts, lists and plain values", value=payload
        ) from error
    if len(data) > LIMIT:
        raise PayloadError(
            f"the message has {len(data)} bytes, API Gateway takes {LIMIT}; send less, or a link to it",
            code="websocket.too_large",
            value=len(data),
        )
    return data


def error_frame(error: BaseException, action: Any, request_id: Any) -> dict[str, Any]:
    """What a client is told of an error: nothing of our inside, unless the error is of a kind that speaks to clients.

    Args:
        error: What was raised.
        action: The client's action, echoed.
        request_id: The client's `request_id`, or API Gateway's where it gave none.
    """
    answer = answer_for(error) if isinstance(error, GatelegError) else INTERNAL
    frame: dict[str, Any] = {"error": _content(error, answer), "action": action, "request_id": request_id}
    try:
        encode(frame)
    except PayloadError:
        # The client's own keys are named in the details, and they may be as large as its message.
        frame["error"].pop("details", None)
    return frame


def is_internal(error: BaseException) -> bool:
    """Whether an error is ours and not the client's, so that it belongs into the log."""
    return not isinstance(error, GatelegError) or answer_for(error).status >= INTERNAL.status


def _content(error: BaseException, answer: Answer) -> dict[str, Any]:
    if answer is INTERNAL or not isinstance(error, GatelegError):
        return {"code": "internal", "message": INTERNAL.message}
    content: dict[str, Any] = {"code": error.code, "message": (answer.message or error.message)[:_MESSAGE]}
    if details := details_of(error):
        content["details"] = details[:_DETAILS]
    return content
