"""Runs a message's handler once, and keeps what it answered."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)

from gateleg.errors import PayloadError
from gateleg.idempotency.replays import ReplayLayer, replay_of
from gateleg.store import Store
from gateleg.websocket.handling import WrittenResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from gateleg.model import Table


def once(  # noqa: PLR0917 (what is kept where, for how long, of what)
    table: Table, store: Store | None, expires: timedelta, request: Mapping[str, Any], context: Any, run: Callable[[], WrittenResult]
) -> WrittenResult:
    """Run what answers a message, unless it was answered before.

    Args:
        table: Where answers are kept.
        store: Where the table is; as the environment says unless given.
        expires: How long.
        request: By what the message is known (`key`), and what must be the same when it comes again (`payload`).
        context: Lambda's context.
        run: Gives the answer.

    Raises:
        PayloadError: The first one still runs, or that was another message.
    """
    done: list[bool] = []

    def running(*, request: Mapping[str, Any]) -> dict[str, Any]:
        del request
        answer = run()
        done.append(True)
        return asdict(answer)

    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="payload",
        raise_on_no_idempotency_key=True,
        expires_after_seconds=int(expires.total_seconds()),
        hash_function="sha256",
    )
    if hasattr(context, "get_remaining_time_in_millis"):
        config.register_lambda_context(context)
    layer = ReplayLayer(replay_of(table), store or Store(table))
    guarded: Any = idempotent_function(
        running, data_keyword_argument="request", persistence_store=layer, config=config, key_prefix="websocket"
    )
    try:
        answer: dict[str, Any] = guarded(request=request)
    except IdempotencyAlreadyInProgressError as error:
        message = "the first message with this request_id still runs; send it again later"
        raise PayloadError(message, code="websocket.in_progress", path="request_id") from error
    except IdempotencyValidationError as error:
        message = "this request_id was sent with another message; send a new one with a new message"
        raise PayloadError(message, code="websocket.other_request", path="request_id") from error
    except IdempotencyPersistenceLayerError as error:
        if not done and error.__cause__ is not None:
            raise error.__cause__ from error
        raise
    return WrittenResult(**answer)
