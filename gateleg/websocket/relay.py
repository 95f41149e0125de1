"""Hands the messages of topics with many connections to workers, a part for each shard of the topic, through a queue."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gateleg.aws.queue import send_in_order
from gateleg.errors import ItemInvalidError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ABOUT = "gateleg"
_REFUSED = re.compile("[\ufffe\uffff]")
"""What JSON may hold and SQS does not take: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html."""


@dataclass(frozen=True)
class Part:
    """A message to one shard of a topic.

    Attributes:
        topic: The topic.
        shard: The number of the shard.
        data: The message, as JSON.
        exclude: Ids of connections that do not get it.
        cause: The request id of the event that the message came of, as in the access log; empty where there was none.
    """

    topic: str
    shard: int
    data: bytes
    exclude: tuple[str, ...] = ()
    cause: str = ""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Part:
        """Read a record of a batch of the queue.

        Raises:
            ItemInvalidError: It is not one that `hand_on` made.
        """
        try:
            about = json.loads(record["messageAttributes"][_ABOUT]["stringValue"])
            return cls(
                str(about["topic"]), int(about["shard"]), record["body"].encode(), tuple(about["exclude"]), str(about.get("cause", ""))
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            message = f"this is not a message of a broadcast ({type(error).__name__}: {error}); let nothing but gateleg send to this queue"
            raise ItemInvalidError(message, path="Records", value=record.get("messageId")) from error

    def entry(self, broadcast: str) -> dict[str, Any]:
        """The message as the queue takes it. The parts of one shard of a topic keep their order.

        Args:
            broadcast: What tells this broadcast from others.
        """
        about = json.dumps({"topic": self.topic, "shard": self.shard, "exclude": self.exclude, "cause": self.cause})
        return {
            "Id": str(self.shard),
            "MessageBody": _REFUSED.sub(lambda found: f"\\u{ord(found[0]):04x}", self.data.decode()),
            "MessageAttributes": {_ABOUT: {"DataType": "String", "StringValue": about}},
            "MessageGroupId": sha256(f"{self.shard} {self.topic}".encode()).hexdigest(),
            "MessageDeduplicationId": f"{broadcast}-{self.shard}",
        }


def hand_on(url: str, topic: str, shards: int, data: bytes, exclude: Iterable[str], *, cause: str = "") -> None:
    """Give a message to the workers of all shards of a topic.

    Args:
        url: Their queue.
        topic: The topic.
        shards: How many it has.
        data: The message, as JSON.
        exclude: Ids of connections that do not get it.
        cause: The request id of the event that it comes of.

    Raises:
        NotSentError: The queue took it for no shard.
        OutcomeUnknownError: It took it for some, or did not say.
    """
    broadcast, left_out = uuid4().hex, tuple(exclude)
    send_in_order(url, [Part(topic, shard, data, left_out, cause).entry(broadcast) for shard in range(shards)])
