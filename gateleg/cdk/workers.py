"""Workers that send the messages of topics with many WebSocket connections: a queue for them, and what comes of what they give up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import a, check, number
from gateleg.cdk.queues import dead_letters, grant_send, grant_take, sealed_queue
from gateleg.cdk.service_function import ServiceFunction
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_sqs as sqs

    from gateleg.cdk.tables.granting import Grantee
    from gateleg.description import App

_KEPT = Duration.hours(2)
"""Who was connected when a message was sent has connected anew by then: API Gateway keeps a connection open for two hours."""

_DEAD_LETTERS = "What is given up goes to the queue of dead letters; of messages of a queue Lambda tells no destination."
_VISIBILITY = 6
"""In times of the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html."""


@dataclass(frozen=True)
class Workers:
    """Who sends to topics of several shards: the app's function, a batch of the workers' queue at a time.

    The queue is first in, first out: the messages to a shard of a topic are sent in their order, and those to others beside them. Follows
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html.

    Args:
        concurrency: How many work at once at most, 2 to 1,000; each sends as fast as `Connections(sending=...)` says.
        batch_size: How many messages one takes at once, 1 to 10, one after the other. Messages to many shards go out the faster, the less it is.
        attempts: How often a message is tried before it goes to the dead letters: in two hours, one in each six times of the function's timeout. A shard's next messages wait meanwhile.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    concurrency: int = 10
    batch_size: int = 1
    attempts: int = 5

    def __post_init__(self) -> None:
        check(
            "Workers",
            concurrency=(self.concurrency, number(2, 1_000, int)),
            batch_size=(self.batch_size, number(1, 10, int)),
            attempts=(self.attempts, number(1, 1_000, int)),
        )


class BroadcastQueue(Construct):
    """The queue of the workers of a WebSocket API; made by `WebSocketGateway(workers=...)`.

    Args:
        scope: The parent construct.
        id: The construct's id.
        function: The app's function, which sends to the queue and works.
        workers: How they work.

    Attributes:
        queue: The queue; what is in it for two hours is forgotten.
        dead_letters: The queue of what was given up.
        mapping: What hands messages to the function.

    Raises:
        DeclarationError: An argument is not what it must be, or a message would be forgotten before its last attempt.
    """

    def __init__(self, scope: Construct, id: str, *, function: ServiceFunction, workers: Workers) -> None:  # noqa: A002 (the construct grammar of CDK)
        from aws_cdk import aws_sqs as sqs

        function_given, workers_given = a("a ServiceFunction", ServiceFunction), a("Workers", Workers)
        check("BroadcastQueue", function=(function, function_given), workers=(workers, workers_given))
        timeout = function.function.timeout or Duration.seconds(3)
        _check_attempts(workers.attempts, timeout.to_seconds() * _VISIBILITY)
        super().__init__(scope, id)
        target: Any = function.function
        invoked: Any = function.invoked
        self.dead_letters: sqs.Queue = dead_letters(self, "DeadLetters", fifo=True)
        self.queue: sqs.Queue = sealed_queue(
            self,
            "Resource",
            fifo=True,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            retention_period=_KEPT,
            visibility_timeout=Duration.seconds(timeout.to_seconds() * _VISIBILITY),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=workers.attempts),
        )
        self.allow_sending(target)
        grant_take(self.queue, target)
        self.mapping: lambda_.EventSourceMapping = lambda_.EventSourceMapping(
            self,
            "Workers",
            target=invoked,
            event_source_arn=self.queue.queue_arn,
            batch_size=workers.batch_size,
            max_concurrency=workers.concurrency,
            report_batch_item_failures=True,
        )
        acknowledge(self.mapping, _DEAD_LETTERS, "Serverless-LambdaEventSourceMappingDestination")

    def allow_sending(self, grantee: Grantee) -> None:
        """Let a role hand messages to the workers."""
        grant_send(self.queue, grantee)


def _check_attempts(attempts: int, visibility: float) -> None:
    """Refuse more attempts than the queue keeps a message for: it would be forgotten, and never be among the dead letters."""
    if attempts * visibility > (kept := _KEPT.to_seconds()):
        message = (
            f"a message is tried every {visibility:g} s and kept for {kept:g}, so that Workers(attempts={attempts}) would lose it before it is given up; "
            f"write attempts={int(kept // visibility)} or less, or give the function a shorter timeout"
        )
        raise DeclarationError(message, path="Workers.attempts", value=attempts)


def check_sharded(apps: Iterable[App]) -> None:
    """Check that there is something for workers to do.

    Raises:
        DeclarationError: No topic has several shards.
    """
    if not any(app.sharded for app in apps):
        message = "workers= send to topics of several shards, and no registry of the app has any; write WebSocketResolver(connections=Connections(TABLE, shards=8))"
        raise DeclarationError(message, path="WebSocketGateway.workers")
