"""What a worker does: sends the parts of broadcasts that a queue hands it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor

from gateleg.errors import GatelegError
from gateleg.websocket.relay import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.websocket.connections import Connections

logger: logging.Logger = logging.getLogger("gateleg.websocket")

_RESERVE_MILLISECONDS = 1_000


def work(connections: Connections, records: Sequence[dict[str, Any]], context: Any) -> dict[str, Any]:
    """Send each part to everybody of its shard, in order; what follows one that failed on the same shard waits for it.

    Follows https://docs.aws.amazon.com/powertools/python/latest/utilities/batch/#fifo-queues.

    Args:
        connections: The registry.
        records: The batch.
        context: The Lambda context.

    Returns:
        The partial batch response.

    Raises:
        BatchProcessingError: No part reached everybody, so that all come again.
    """
    processor: Any = SqsFifoPartialProcessor(skip_group_on_error=True)

    def send(record: Any) -> None:
        left = timedelta(milliseconds=max(0, context.get_remaining_time_in_millis() - _RESERVE_MILLISECONDS))
        part = Part.of(record.raw_event)
        try:
            connections.take_up(part, within=left)
        except GatelegError as error:
            logger.warning("a part of a broadcast waits for its next attempt: %s", error, extra={"request_id": part.cause})
            raise

    with processor(records, send):
        processor.process()
    answer: dict[str, Any] = processor.response()
    return answer
