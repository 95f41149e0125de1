"""The library's errors as clients are told of them: a status, a code, a message, and which of their values are at fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateleg import errors
from gateleg.client.problems import MOST, summary, told, top_of

_LONGEST = 1_000


@dataclass(frozen=True)
class Answer:
    """How an error is told to the client.

    Attributes:
        status: The HTTP status code.
        message: What the client reads; `None` stands for the message of an error that is raised for clients.
        retry_after: Seconds for the `Retry-After` header; `None` leaves it out.
    """

    status: int
    message: str | None = None
    retry_after: int | None = None


INTERNAL = Answer(500, "something went wrong on our side")

ANSWERS: dict[type[errors.GatelegError], Answer] = {
    errors.ItemNotFoundError: Answer(404, "there is no such item"),
    errors.ItemExistsError: Answer(409, "the item exists already"),
    errors.UniqueConflictError: Answer(409, "a value that must be unique is taken; choose another"),
    errors.VersionConflictError: Answer(409, "the item was changed by somebody else; read it again"),
    errors.ConditionFailedError: Answer(409, "the item is not in the state that this needs"),
    errors.TransactionCanceledError: Answer(409, "one of the items is not in the state that this needs; nothing was written"),
    errors.ItemInvalidError: Answer(422, "the values are not valid"),
    errors.CursorError: Answer(400, "the cursor is not valid here; start again without it"),
    errors.PayloadError: Answer(400),
    errors.ConnectRefusedError: Answer(403),
    errors.ConnectionGoneError: Answer(410, "the connection is closed"),
    errors.TransactionConflictError: Answer(503, "others are writing the same; try again", retry_after=1),
    errors.ThrottledError: Answer(503, "too many requests at once; try again", retry_after=1),
    errors.OutcomeUnknownError: Answer(500, "it is not known whether this was written; read it before trying again"),
    errors.WriteDoneError: Answer(500, "this was written, and cannot be shown; do not send it again"),
}
"""By class, the most specific wins; every other error is logged and answered with 500."""


def answer_to(error: BaseException) -> Answer:
    """How an error is told to the client. A canceled transaction speaks of its first reason."""
    return next((ANSWERS[base] for base in type(_spoken_of(error)).__mro__ if base in ANSWERS), INTERNAL)


def is_internal(error: BaseException) -> bool:
    """Whether an error is ours and not the client's, so that it belongs into the log."""
    return answer_to(error).status >= INTERNAL.status


def content_of(error: BaseException) -> dict[str, Any]:
    """What the client reads: `code`, `message` and, where its values are at fault, `details` with `loc`, `msg` and `type` each.

    Nothing of it is taken from an error's own text, but for the errors that handlers raise to speak to clients: `PayloadError` and
    `ConnectRefusedError`.
    """
    answer = answer_to(error)
    if answer is INTERNAL or not isinstance(error, errors.GatelegError):
        return {"code": "internal", "message": INTERNAL.message}
    details = _details(error)
    message = answer.message if answer.message is not None else error.message
    if details and isinstance(error, errors.ItemInvalidError):
        message = summary(details)
    # Of what passes the client must know by the code, for it tries again by that.
    code = error.code if answer.retry_after is None else getattr(_spoken_of(error), "code", error.code)
    content = {"code": code, "message": message[:_LONGEST]}
    return {**content, "details": details[:MOST]} if details else content


def _spoken_of(error: BaseException) -> BaseException:
    reasons = error.reasons if isinstance(error, errors.TransactionCanceledError) else ()
    return next(filter(None, reasons), error)


def _details(error: errors.GatelegError) -> list[dict[str, Any]]:
    if isinstance(error, errors.ItemInvalidError):
        return [told(problem, top_of(problem["loc"])) for problem in error.problems]
    return [*error.problems] if isinstance(error, errors.PayloadError) else []
