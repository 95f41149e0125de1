"""What a FIFO queue or topic asks of messages, and others do not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs


def check_fifo(
    owner: str,
    noun: str,
    target: sqs.IQueue | sqs.Queue | sns.ITopic | sns.Topic,
    *,
    group: str | None,
    deduplication: str | None,
    by_content: bool,
) -> None:
    """Check that messages have a group, and what they are known again by, where they are sent to a FIFO queue or topic, and nowhere else.

    Args:
        owner: The integration, for messages.
        noun: `queue` or `topic`.
        target: What the messages are sent to.
        group: Their group.
        deduplication: The id by which they are known again.
        by_content: Whether the target takes their content for it.

    Raises:
        DeclarationError: One of them is missing, or given in vain.
    """
    path = target.node.path
    if bool(target.fifo) is not bool(group):
        problem = (
            f"is a FIFO {noun}, whose messages have a group; write group='{{room}}'"
            if target.fifo
            else f"is no FIFO {noun}; leave group out"
        )
        raise DeclarationError(f"{owner}: {path} {problem}", path=f"{owner}.group", value=group)
    if deduplication is not None and group is None:
        message = f"{owner}: {path} is no FIFO {noun}; leave deduplication out"
        raise DeclarationError(message, path=f"{owner}.deduplication", value=deduplication)
    if group is not None and deduplication is None and not by_content:
        message = (
            f"{owner}: {path} does not know messages again by their content, and takes none without an id; "
            f"write deduplication='{{id}}', or content_based_deduplication=True of the {noun}"
        )
        raise DeclarationError(message, path=f"{owner}.deduplication", value=None)
