"""How Lambda delivers the changes of a table: in which batches, how often, and where those go that nobody could take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import Duration

from gateleg.cdk.arguments import FLAG, check, duration, either, having, number, one_of, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs

    Destination = sqs.IQueue | sqs.Queue | sns.ITopic | sns.Topic | s3.IBucket | s3.Bucket
    """A queue, a topic or a bucket."""

_DESTINATION = either(
    having("a Queue of aws_sqs", "queue_arn"), having("a Topic of aws_sns", "topic_arn"), having("a Bucket of aws_s3", "bucket_arn")
)


@dataclass(frozen=True)
class Delivery:
    """How Lambda delivers the changes of a table to a function.

    A batch whose first record fails is halved until that record is alone, which does not count as a retry; so a change that nobody can take
    does not take others along. Follows https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html.

    Args:
        batch_size: How many changes a batch has at most, 1 to 10,000.
        max_batching_window: How long Lambda waits for a batch to fill, up to five minutes.
        parallelization_factor: How many batches of a shard are taken at once, 1 to 10. The changes of one item stay in their order.
        retry_attempts: How often a batch is tried again, up to 10,000 times, before it is given up.
        max_record_age: How old a change may become before it is given up, a minute to 24 hours. Unless given, an hour before DynamoDB forgets it, so
            that it can still be read.
        starting_position: Where a function begins that is new: `TRIM_HORIZON` with all that the stream holds, so that no write is missed while it is
            being deployed; `LATEST` with what comes.
        on_failure: Where it is told which changes were given up. A queue of its own unless given, encrypted, which takes TLS alone. A queue or
            topic gets their numbers, by which they can be read for a day; a bucket gets their records, too.
        enabled: Whether changes are delivered at all; those of a day wait.

    Raises:
        DeclarationError: An argument is not what it must be, or Lambda does not take them together.
    """

    batch_size: int = 100
    max_batching_window: Duration | None = None
    parallelization_factor: int = 1
    retry_attempts: int = 10
    max_record_age: Duration = field(default_factory=lambda: Duration.hours(23))
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    on_failure: Destination | None = None
    enabled: bool = True

    def __post_init__(self) -> None:
        check(
            "Delivery",
            batch_size=(self.batch_size, number(1, 10_000, int)),
            max_batching_window=(self.max_batching_window, optional(_between(0, Duration.minutes(5)))),
            parallelization_factor=(self.parallelization_factor, number(1, 10, int)),
            retry_attempts=(self.retry_attempts, number(0, 10_000, int)),
            max_record_age=(self.max_record_age, _between(60, Duration.hours(24))),
            starting_position=(self.starting_position, one_of("TRIM_HORIZON", "LATEST")),
            on_failure=(self.on_failure, optional(_DESTINATION)),
            enabled=(self.enabled, FLAG),
        )
        if getattr(self.on_failure, "fifo", False) is True:
            message = "Delivery(on_failure=...) takes a standard queue or topic, and this one is first-in-first-out, which Lambda does not send to; give it another"
            raise DeclarationError(message, path="Delivery.on_failure", value=self.on_failure)

    def properties(self) -> dict[str, Any]:
        """The properties of the event source mapping, but for where it is told what was given up."""
        from aws_cdk import aws_lambda as lambda_

        return {
            "batch_size": self.batch_size,
            "max_batching_window": self.max_batching_window,
            "parallelization_factor": self.parallelization_factor,
            "retry_attempts": self.retry_attempts,
            "max_record_age": self.max_record_age,
            "starting_position": lambda_.StartingPosition[self.starting_position],
            "enabled": self.enabled,
            "bisect_batch_on_error": True,
            "report_batch_item_failures": True,
        }


def _between(least: int, most: Duration) -> Any:
    def rule(value: Any) -> str | None:
        fits = duration(value) is None and (value.is_unresolved() or least <= value.to_seconds() <= most.to_seconds())
        return (
            None
            if fits
            else f"a Duration of whole seconds from {least} to {int(most.to_seconds())}, such as Duration.seconds({least or 5})"
        )

    return rule
