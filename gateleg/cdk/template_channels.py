"""Buses, queues and topics to which their own policies let anybody send, as templates have them.

Follows https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html and
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.cdk.body_rules.policy_callers import lets_in_anybody
from gateleg.cdk.body_rules.policy_reach import is_about
from gateleg.cdk.body_rules.reading import listing, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.written_templates import Place, Templates

_POLICIES = {
    "AWS::Events::EventBusPolicy": ("EventBusName", "Statement", "events:PutEvents"),
    "AWS::SQS::QueuePolicy": ("Queues", "PolicyDocument", "sqs:SendMessage"),
    "AWS::SNS::TopicPolicy": ("Topics", "PolicyDocument", "sns:Publish"),
}
"""By the type of a policy: what it is on, what it says, and what sending is."""


def open_channels(templates: Templates) -> Iterator[tuple[Place, str]]:
    """The policies that let anybody send, each with what they are on, as `Templates.read` reads it; one with a condition is believed.

    Args:
        templates: The templates.
    """
    for kind, (on, said, action) in _POLICIES.items():
        for name, found, policy in templates.each(kind):
            told = mapping(policy.get(said))
            statements = map(mapping, listing(told.get("Statement")) or [told.get("Statement", told)])
            allowing = [one for one in statements if one.get("Effect") == "Allow" and is_about(one, action) and not one.get("Condition")]
            if any(map(lets_in_anybody, allowing)) or _is_by_name(policy):
                yield (name, found), templates.read(name, policy.get(on))


def _is_by_name(policy: object) -> bool:
    """Whether a policy of a bus names everybody in the form that has no statement."""
    given = mapping(policy)
    return given.get("Principal") == "*" and "Condition" not in given
