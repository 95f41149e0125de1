"""Sends one message to many connections at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateleg.errors import ConnectionGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CONCURRENCY = 32
"""How many posts run at once: as many as the client's pool has connections."""


@dataclass(frozen=True)
class BroadcastResult:
    """What became of a broadcast.

    Attributes:
        sent: How many connections took the message.
        gone: How many were closed; they have left the registry.
        failed: How many it could not be posted to.
        failures: Why, by connection id.
    """

    sent: int = 0
    gone: int = 0
    failed: int = 0
    failures: Mapping[str, Exception] = field(default_factory=dict[str, Exception], compare=False)


def post_to_all(
    connection_ids: Iterable[str],
    post: Callable[[str], None],
    reap: Callable[[str], object],
    *,
    concurrency: int = CONCURRENCY,
) -> BroadcastResult:
    """Post to every connection, whatever becomes of the others.

    Args:
        connection_ids: Whom to post to; each once.
        post: Posts to one connection; raises `ConnectionGoneError` where it is closed.
        reap: Forgets a closed connection.
        concurrency: How many posts run at once.
    """
    ids = list(dict.fromkeys(connection_ids))
    outcomes = dict(zip(ids, _each(ids, lambda connection_id: _outcome(connection_id, post, reap), concurrency), strict=True))
    failures = {
        connection_id: outcome for connection_id, outcome in outcomes.items() if outcome and not isinstance(outcome, ConnectionGoneError)
    }
    gone = sum(isinstance(outcome, ConnectionGoneError) for outcome in outcomes.values())
    return BroadcastResult(sent=len(ids) - gone - len(failures), gone=gone, failed=len(failures), failures=failures)


def _each(ids: list[str], work: Callable[[str], Exception | None], concurrency: int) -> list[Exception | None]:
    if len(ids) <= 1 or concurrency <= 1:
        return [work(connection_id) for connection_id in ids]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=min(concurrency, len(ids)), thread_name_prefix="broadcast") as pool:
        return list(pool.map(work, ids))


def _outcome(connection_id: str, post: Callable[[str], None], reap: Callable[[str], object]) -> Exception | None:
    try:
        post(connection_id)
    except ConnectionGoneError as error:
        try:
            reap(connection_id)
        except Exception as unreaped:  # noqa: BLE001 (one connection never stops the others; the failure is returned)
            return unreaped
        return error
    except Exception as error:  # noqa: BLE001 (as above)
        return error
    return None
