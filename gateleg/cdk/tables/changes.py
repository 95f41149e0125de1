"""Where the changes of a table go beside its own stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gateleg.cdk.arguments import check, having, one_of

if TYPE_CHECKING:
    from aws_cdk import aws_kinesis as kinesis


@dataclass(frozen=True)
class KinesisStream:
    """A Kinesis data stream that gets every change of a table.

    Args:
        stream: The stream, in the table's account and region.
        precision: How fine the time of a change is told.

    Raises:
        DeclarationError: It is none. Follows
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html.
    """

    stream: kinesis.IStream | kinesis.Stream
    precision: Literal["MILLISECOND", "MICROSECOND"] = "MICROSECOND"

    def __post_init__(self) -> None:
        check(
            "KinesisStream",
            stream=(self.stream, having("a Stream of aws_kinesis", "stream_arn")),
            precision=(self.precision, one_of("MILLISECOND", "MICROSECOND")),
        )
