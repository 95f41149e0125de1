"""What an answer, or its absence, means: done, failed, or unknown. The one table from AWS's codes to errors."""

from __future__ import annotations

from enum import Enum
from typing import Any

from gateleg.errors import (
    AccessDeniedError,
    BindingError,
    ConditionFailedError,
    GatelegError,
    ItemExistsError,
    OutcomeUnknownError,
    StoreError,
    TableNotFoundError,
    ThrottledError,
    TransactionCanceledError,
    TransactionConflictError,
    WriteDoneError,
)

_CLASSES: dict[str, type[StoreError]] = {
    "ConditionalCheckFailedException": ConditionFailedError,
    "DuplicateItemException": ItemExistsError,
    "DuplicateItem": ItemExistsError,
    "TransactionCanceledException": TransactionCanceledError,
    "TransactionConflictException": TransactionConflictError,
    "TransactionConflict": TransactionConflictError,
    "TransactionInProgressException": TransactionConflictError,
    "ResourceNotFoundException": TableNotFoundError,
    "AccessDeniedException": AccessDeniedError,
    "AccessDenied": AccessDeniedError,
    "UnrecognizedClientException": AccessDeniedError,
    "InvalidSignatureException": AccessDeniedError,
    "ExpiredTokenException": AccessDeniedError,
    "ProvisionedThroughputExceededException": ThrottledError,
    "ProvisionedThroughputExceeded": ThrottledError,
    "ThrottlingException": ThrottledError,
    "ThrottlingError": ThrottledError,
    "Throttling": ThrottledError,
    "RequestLimitExceeded": ThrottledError,
}
_HELP = {
    "AccessDeniedException": "; declare what the handler does with @uses(...), and that it broadcasts with @uses(connections.broadcasting), so that its role may",
    "ResourceNotFoundException": "; is the stack deployed, in this account and region?",
    "ItemCollectionSizeLimitExceededException": "; a partition of a table with local indexes holds 10 GB, its entries in them counted: delete items of it, or spread new ones over more partitions",
    "IdempotentParameterMismatchException": "; within ten minutes a token goes with the very same writes, times that the store sets included",
}
_CONTENTION = (ThrottledError, TransactionConflictError)
_NEVER_SENT = frozenset({"ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError", "SSLError"})
_UNANSWERED = frozenset(
    {
        "ReadTimeoutError",
        "ConnectionClosedError",
        "HTTPClientError",
        "ResponseStreamingError",
        "IncompleteReadError",
        "ChecksumError",
        "ResponseParserError",
    }
)
_NOT_CONFIGURED = frozenset({"NoCredentialsError", "PartialCredentialsError", "NoRegionError", "ProfileNotFound"})
_SERVER_ERROR = 500


class Doubt(Enum):
    """What is known about the write after a failed attempt."""

    REFUSED = "refused"
    """DynamoDB said no; the same again gets the same."""

    POSTPONED = "postponed"
    """Nothing was written, and it may work in a moment."""

    UNKNOWN = "unknown"
    """It may or may not have been written."""


def from_aws(code: str, message: str, response: dict[str, Any]) -> StoreError:
    """The error for one of AWS's codes; a `StoreError` that keeps the code where the code is not known."""
    kind = _CLASSES.get(code, StoreError)
    return kind(f"DynamoDB refused: {message}{_HELP.get(code, '')} ({code})", aws_code=code, response=response)


def classify(error: Exception) -> tuple[Doubt, GatelegError] | None:
    """What a failed attempt means, and the error that says so; `None` for what is not the failure of an attempt."""
    response: dict[str, Any] | None = getattr(error, "response", None)
    if isinstance(response, dict) and "Error" in response:
        return _answered(response)
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & _NOT_CONFIGURED:
        return Doubt.REFUSED, BindingError(f"AWS cannot be called: {error}; set credentials and region", path="AWS")
    if names & _NEVER_SENT:
        return Doubt.POSTPONED, StoreError(f"DynamoDB could not be reached: {error}")
    if names & _UNANSWERED:
        return Doubt.UNKNOWN, StoreError(f"DynamoDB did not answer: {error}")
    return None


def unknown(what: str, cause: GatelegError) -> OutcomeUnknownError:
    """The error of a write whose answer was lost."""
    message = f"{what} may or may not have been done: {cause.message}; read the item before writing again"
    code, response = (cause.aws_code, cause.response) if isinstance(cause, StoreError) else (None, None)
    return OutcomeUnknownError(message, aws_code=code, response=response)


def done(what: str, item: dict[str, Any] | None, cause: Exception, *, deleted: bool = False) -> WriteDoneError:
    """The error of a write that is done, after which something failed.

    Args:
        what: The write.
        item: The item that DynamoDB gave back.
        cause: What failed.
        deleted: Whether the write was the deletion of that item, which nobody can read any more.
    """
    reason = cause.message if isinstance(cause, GatelegError) else f"{type(cause).__name__}: {cause}"
    advice = "the item is gone, and `item` of this error holds it as it was" if deleted else "do not write again, read the item"
    error = WriteDoneError(f"{what} is done, and what came after it failed: {reason}; {advice}")
    error.item = item
    return error


def _answered(response: dict[str, Any]) -> tuple[Doubt, StoreError]:
    code = str(response["Error"].get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    error = from_aws(code, str(response["Error"].get("Message") or response.get("message") or "no reason given"), response)
    if isinstance(error, _CONTENTION) or _only_contention(response):
        return Doubt.POSTPONED, error
    return (Doubt.UNKNOWN if status >= _SERVER_ERROR else Doubt.REFUSED), error


def _only_contention(response: dict[str, Any]) -> bool:
    codes = {reason.get("Code", "None") for reason in response.get("CancellationReasons", [])} - {"None"}
    return bool(codes) and all(_CLASSES.get(code) in _CONTENTION for code in codes)
