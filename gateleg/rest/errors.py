"""The library's errors as HTTP answers: one body form, no internals."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg import errors

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response
    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router

logger: logging.Logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """How an error is told to the client.

    Attributes:
        status: The HTTP status code.
        message: What the client reads; `None` passes the error's own message on.
        retry_after: Seconds for the `Retry-After` header; `None` leaves it out.
    """

    status: int
    message: str | None = None
    retry_after: int | None = None


ANSWERS: dict[type[errors.GatelegError], Answer] = {
    errors.ItemNotFoundError: Answer(404, "there is no such item"),
    errors.ItemExistsError: Answer(409, "the item exists already"),
    errors.UniqueConflictError: Answer(409, "a value that must be unique is taken; choose another"),
    errors.VersionConflictError: Answer(409, "the item was changed by somebody else; read it again"),
    errors.ConditionFailedError: Answer(409, "the item is not in the state that this needs"),
    errors.TransactionCanceledError: Answer(409, "one of the items is not in the state that this needs; nothing was written"),
    errors.ItemInvalidError: Answer(422),
    errors.CursorError: Answer(400, "the cursor is not valid here; start again without it"),
    errors.PayloadError: Answer(400),
    errors.ConnectRefusedError: Answer(403),
    errors.ConnectionGoneError: Answer(410, "the connection is closed"),
    errors.ThrottledError: Answer(503, "too many requests at once; try again", retry_after=1),
    errors.OutcomeUnknownError: Answer(500, "it is not known whether this was written; read it before trying again"),
}
"""By class, the most specific wins; every other error is logged and answered with 500."""

INTERNAL = Answer(500, "something went wrong on our side")


def handle_errors(app: ApiGatewayResolver | Router) -> None:
    """Answer this library's errors with their status code and `{"error": {"code", "message"}}`.

    Not found is 404, a conflict 409, values that the entity refuses 422 (with `details`), a cursor 400, throttling 503 with
    `Retry-After`, and an unknown outcome 500 (a proxy would repeat a 503). A missing permission, table or setting is logged with
    its stack and answered with a bare 500. A handler that the app registers for one of the classes goes first.

    Args:
        app: The resolver, or a router of it.
    """
    app.exception_handler(errors.GatelegError)(answer)


def answer(error: errors.GatelegError) -> Response[str]:
    """The HTTP answer to an error; logs what the client is not told."""
    from aws_lambda_powertools.event_handler import Response, content_types

    found = answer_for(error)
    if found.status >= INTERNAL.status:
        logger.error("%s", error, exc_info=error)
    headers: dict[str, str | list[str]] = {} if found.retry_after is None else {"Retry-After": str(found.retry_after)}
    return Response(
        status_code=found.status,
        content_type=content_types.APPLICATION_JSON,
        headers=headers,
        body=json.dumps(_body(error, found), default=str),
    )


def answer_for(error: errors.GatelegError) -> Answer:
    """How an error is told to the client. A canceled transaction speaks of its first reason."""
    if isinstance(error, errors.TransactionCanceledError) and (reason := next(filter(None, error.reasons), None)):
        return answer_for(reason)
    return next((ANSWERS[base] for base in type(error).__mro__ if base in ANSWERS), INTERNAL)


def details_of(error: errors.GatelegError) -> list[dict[str, Any]]:
    """Where and what was wrong and what to write, without the values that were given: they may be secret, and they may be large."""
    if not isinstance(error, (errors.ItemInvalidError, errors.PayloadError)):
        return []
    return [{name: problem[name] for name in ("loc", "msg", "type", "write") if name in problem} for problem in error.problems]


def _body(error: errors.GatelegError, found: Answer) -> dict[str, Any]:
    code = "internal" if found is INTERNAL else error.code
    content: dict[str, Any] = {"code": code, "message": found.message or error.message}
    if details := details_of(error):
        content["details"] = details
    return {"error": content}
