"""Sends messages to a first-in-first-out queue of SQS."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gateleg.aws.session import session
from gateleg.errors import NotSentError, OutcomeUnknownError

if TYPE_CHECKING:
    from collections.abc import Sequence

_AT_ONCE = 10
_BYTES_AT_ONCE = 1_024 * 1_024 - 64 * 1_024  # of 1 MiB, with room for what stands beside the bodies
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 2, 5, 4


def send_in_order(url: str, entries: Sequence[dict[str, Any]]) -> None:
    """Send messages, ten and a megabyte at most a request; each has a `MessageDeduplicationId`, so that one whose answer was lost is not there twice.

    Args:
        url: The queue's URL.
        entries: The messages, as `SendMessageBatch` takes them:
            https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html.

    Raises:
        NotSentError: The queue took none of them.
        OutcomeUnknownError: It took some, or did not say.
    """
    waiting, taken = list(entries), 0
    while waiting:
        batch = waiting[: _fitting(waiting)]
        try:
            answer = _client().send_message_batch(QueueUrl=url, Entries=batch)
        except Exception as error:
            raise _told(url, taken, len(entries), f"{type(error).__name__}: {error}", sure=_is_sure(error)) from error
        if failed := answer.get("Failed"):
            taken += len(batch) - len(failed)
            raise _told(url, taken, len(entries), f"{failed[0].get('Code')}: {failed[0].get('Message')}", sure=True)
        taken += len(batch)
        waiting = waiting[len(batch) :]


def reset() -> None:
    """Forget the client, so that the next use reads the environment anew; for tests."""
    _client.cache_clear()


def _fitting(entries: Sequence[dict[str, Any]]) -> int:
    """How many of the next messages one request takes."""
    size, count = 0, 0
    for entry in entries[:_AT_ONCE]:
        size += len(entry["MessageBody"].encode())
        if count and size > _BYTES_AT_ONCE:
            break
        count += 1
    return count


def _told(url: str, taken: int, wanted: int, why: str, *, sure: bool) -> NotSentError | OutcomeUnknownError:
    said = f"the queue {url} took {taken} of {wanted} messages: {why}"
    if taken or not sure:
        return OutcomeUnknownError(f"{said}; send all again, where whoever gets them knows one that comes twice", path=url)
    return NotSentError(f"{said}; send them again", path=url)


def _is_sure(error: Exception) -> bool:
    """Whether nothing was taken: the queue said so the first time, since an attempt before may have been taken, or nobody was asked."""
    from botocore.exceptions import ClientError, NoCredentialsError

    if isinstance(error, ClientError):
        told: Any = error.response.get("ResponseMetadata", {})
        return bool(told.get("HTTPStatusCode", 500) < 500 and not told.get("RetryAttempts"))  # noqa: PLR2004 (HTTP's own)
    return isinstance(error, NoCredentialsError)


@cache
def _client() -> Any:
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    config = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries=retries)
    made: Any = session()
    return made.create_client("sqs", config=config)
