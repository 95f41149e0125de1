"""Queues that are encrypted and take TLS alone, and who may send to them and read from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam

from gateleg.cdk.acknowledgements import CONTROL_TOWER, acknowledge
from gateleg.cdk.management.encryption import key_of

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from gateleg.cdk.tables.granting import Grantee

_RETENTION = Duration.days(14)
_LAST = "These are the dead letters: nothing takes them but who looks into why they are there."


def sealed_queue(scope: Construct, id: str, **props: Any) -> sqs.Queue:  # noqa: A002 (the construct grammar of CDK)
    """A queue that is encrypted, with the scope's own key where it has one, and takes TLS alone.

    Args:
        scope: The parent construct.
        id: The construct's id.
        **props: Its other properties.
    """
    from aws_cdk import aws_sqs as sqs

    key = key_of(scope)
    encryption = sqs.QueueEncryption.SQS_MANAGED if key is None else sqs.QueueEncryption.KMS
    return sqs.Queue(scope, id, encryption=encryption, encryption_master_key=key, enforce_ssl=True, **props)


def dead_letters(scope: Construct, id: str, **props: Any) -> sqs.Queue:  # noqa: A002 (as above)
    """Such a queue for what was given up, which keeps it for two weeks."""
    queue = sealed_queue(scope, id, retention_period=_RETENTION, **props)
    acknowledge(queue, _LAST, "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy", f"{CONTROL_TOWER}sqs_dlq_check")
    return queue


def grant_send(queue: sqs.Queue, grantee: Grantee) -> None:
    """Let a role send to a queue, and no more, which is less than CDK's own grant."""
    _grant(queue, grantee, ["sqs:SendMessage"], ["kms:Decrypt", "kms:GenerateDataKey"])


def grant_take(queue: sqs.Queue, grantee: Grantee) -> None:
    """Let Lambda take messages of a queue for a function: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html."""
    _grant(queue, grantee, ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], ["kms:Decrypt"])


def _grant(queue: sqs.Queue, grantee: Grantee, actions: list[str], on_key: list[str]) -> None:
    taker: Any = grantee
    iam.Grant.add_to_principal(grantee=taker, actions=actions, resource_arns=[queue.queue_arn])
    if queue.encryption_master_key is not None:
        iam.Grant.add_to_principal(grantee=taker, actions=on_key, resource_arns=[queue.encryption_master_key.key_arn])
