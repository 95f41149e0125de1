"""Powertools' batch processor for records whose order is kept."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType


class OrderedProcessor(BatchProcessor):
    """Processes the records of a DynamoDB stream one after the other, and none behind the first that fails.

    That one is reported, and Lambda begins again with it. See
    https://docs.aws.amazon.com/powertools/python/latest/utilities/batch/#processing-messages-from-dynamodb.
    """

    records: list[Any]
    fail_messages: list[Any]

    @classmethod
    def of_stream(cls) -> Any:
        """One for a batch of a table's stream."""
        return cls(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)

    def process(self) -> list[tuple[Any, ...]]:
        """Call the handler for each record, up to the first that fails."""
        done: list[tuple[Any, ...]] = []
        for record in self.records:
            done.append(self._process_record(record))  # pyright: ignore[reportUnknownMemberType] (Powertools leaves it without types)
            if self.fail_messages:
                break
        return done
