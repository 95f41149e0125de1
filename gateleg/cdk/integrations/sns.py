"""Messages to a topic of SNS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import check, filled, having, optional
from gateleg.cdk.integrations.answers import mapped
from gateleg.cdk.integrations.aws_service import model_class, service_integration
from gateleg.cdk.integrations.fifo import check_fifo
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.placeholders import TOKEN, Placeholders, form_text
from gateleg.cdk.integrations.roles import key_statements
from gateleg.cdk.integrations.vtl import BODY, in_form
from gateleg.cdk.validation import Checks

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns
    from pydantic import BaseModel

    from gateleg.cdk.integrations.integration import Place

_TOO_LONG = 100
_FILLED_LATER = re.compile(r"\{[^{}]*\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class SnsPublish(Integration):
    """Publishes the body of a request to a topic, as it is, and answers 202 with the id of the message: `SnsPublish(topic, message=Order)`.

    Args:
        topic: The topic.
        message: A pydantic model that API Gateway checks bodies by; any JSON unless given.
        subject: The subject of the message: one line of fewer than 100 characters, with parameters, `"Order {order_id}"`.
        group: The message group, which a FIFO topic needs: a text with parameters, `"{room}"`.
        deduplication: The id by which a FIFO topic knows a message again; needed unless the topic takes their content for it.

    Raises:
        DeclarationError: An argument is not what it must be, a FIFO topic has no group or nothing to know messages again by, or another topic has one.
    """

    topic: sns.ITopic | sns.Topic
    message: type[BaseModel] | None = None
    subject: str | None = None
    group: str | None = None
    deduplication: str | None = None

    def __post_init__(self) -> None:
        check(
            "SnsPublish",
            topic=(self.topic, having("a Topic", "topic_arn")),
            message=(self.message, optional(model_class)),
            subject=(self.subject, optional(_subject)),
            group=(self.group, optional(filled)),
            deduplication=(self.deduplication, optional(filled)),
        )
        check_fifo(
            "SnsPublish",
            "topic",
            self.topic,
            group=self.group,
            deduplication=self.deduplication,
            by_content=bool(self.topic.content_based_deduplication),
        )

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        given = {
            "Subject": ("subject", self.subject),
            "MessageGroupId": ("group", self.group),
            "MessageDeduplicationId": ("deduplication", self.deduplication),
        }
        texts = {name: Placeholders(text, f"SnsPublish({argument}=...)") for name, (argument, text) in given.items() if text is not None}
        names = [name for text in texts.values() for name in text.names]
        place.require_every_variable(names, "SnsPublish")
        place.require_body("the message")
        form = {"Action": "Publish", "TopicArn": in_form(f"'{self.topic.topic_arn}'"), "Message": in_form(BODY)}
        form |= {name: text.render(place.variables, in_form, form_text) for name, text in texts.items()}
        role = place.roles.of(
            "SnsPublish",
            self.topic.node.path,
            {self.topic.topic_arn: ["sns:Publish"]} | key_statements(self.topic.master_key, "kms:Decrypt", "kms:GenerateDataKey"),
        )
        integration = service_integration(
            "sns:action/Publish",
            role,
            "&".join(f"{name}={value}" for name, value in form.items()),
            parameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
            region=place.region(self.topic),
        )
        integration["responses"] = mapped("{\"id\":${input.json('$.PublishResponse.PublishResult.MessageId')}}", status=202)
        return Answered(integration, checks=Checks(place.model(self.message), place.queries(names)))


def _subject(value: Any) -> str | None:
    """https://docs.aws.amazon.com/sns/latest/api/API_Publish.html; what parameters fill in is not known here."""
    if (wanted := filled(value)) is not None:
        return wanted
    fits = _CONTROL.search(value) is None and len(_FILLED_LATER.sub("", TOKEN.sub("", value))) < _TOO_LONG
    return None if fits else f"one line of fewer than {_TOO_LONG} characters, such as 'Order {{order_id}}'"
