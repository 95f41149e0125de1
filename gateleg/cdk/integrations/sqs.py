"""Messages to a queue of SQS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import check, filled, having, optional
from gateleg.cdk.integrations.answers import mapped
from gateleg.cdk.integrations.aws_service import model_class, service_integration
from gateleg.cdk.integrations.fifo import check_fifo
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.placeholders import Placeholders
from gateleg.cdk.integrations.roles import key_statements
from gateleg.cdk.integrations.vtl import BODY, MARKS, as_json, in_json, json_text, literal_in_json
from gateleg.cdk.validation import Checks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sqs as sqs
    from pydantic import BaseModel

    from gateleg.cdk.integrations.integration import Place


@dataclass(frozen=True)
class SqsSend(Integration):
    """Sends the body of a request to a queue, as it is, and answers 202 with the id of the message: `SqsSend(queue, message=Order)`.

    Args:
        queue: The queue.
        message: A pydantic model that API Gateway checks bodies by; any JSON unless given.
        group: The message group, which a FIFO queue needs: a text with parameters, `"{room}"`.
        deduplication: The id by which a FIFO queue knows a message again; needed unless the queue takes their content for it.

    Raises:
        DeclarationError: An argument is not what it must be, a FIFO queue has no group or nothing to know messages again by, or another queue has one.
    """

    queue: sqs.IQueue | sqs.Queue
    message: type[BaseModel] | None = None
    group: str | None = None
    deduplication: str | None = None

    def __post_init__(self) -> None:
        check(
            "SqsSend",
            queue=(self.queue, having("a Queue", "queue_arn", "queue_url")),
            message=(self.message, optional(model_class)),
            group=(self.group, optional(filled)),
            deduplication=(self.deduplication, optional(filled)),
        )
        check_fifo("SqsSend", "queue", self.queue, group=self.group, deduplication=self.deduplication, by_content=self._by_content())

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        texts = self._texts()
        names = [name for text in texts.values() for name in text.names]
        place.require_every_variable(names, "SqsSend")
        place.require_body("the message")
        asked = {"QueueUrl": json.dumps(self.queue.queue_url), "MessageBody": json_text(BODY)}
        asked |= {name: f'"{text.render(place.variables, in_json, literal_in_json)}"' for name, text in texts.items()}
        integration = service_integration(
            f"sqs:path/{self.queue.env.account}/{self.queue.queue_name}",
            self._role(place),
            (MARKS if texts else "") + as_json(asked),
            parameters={
                "integration.request.header.Content-Type": "'application/x-amz-json-1.0'",
                "integration.request.header.X-Amz-Target": "'AmazonSQS.SendMessage'",
            },
            region=place.region(self.queue),
        )
        integration["responses"] = mapped("{\"id\":${input.json('$.MessageId')}}", status=202)
        return Answered(integration, checks=Checks(place.model(self.message), place.queries(names)))

    def http(self, place: Place) -> Mapping[str, Any]:
        """As in the base. An HTTP API checks no bodies, and answers as SQS does."""
        if self.message is not None:
            raise place.refused("checks bodies by a model, which HTTP APIs do not; leave message out, or use RestGateway")
        texts = self._texts()
        place.require_every_variable([name for text in texts.values() for name in text.names], "SqsSend")
        place.require_body("the message")
        found = {"QueueUrl": self.queue.queue_url, "MessageBody": "$request.body"} | place.http_region(self.queue)
        for name, text in texts.items():
            found[name] = text.alone(place, "$request.path.{}", "$request.querystring.{}")
        return {
            "type": "aws_proxy",
            "integrationSubtype": "SQS-SendMessage",
            "payloadFormatVersion": "1.0",
            "credentials": self._role(place),
            "requestParameters": found,
        }

    def _by_content(self) -> bool:
        made: Any = self.queue.node.default_child
        # Of a queue that is looked up nobody says it here.
        return made is None or bool(getattr(made, "content_based_deduplication", True))

    def _texts(self) -> dict[str, Placeholders]:
        given = {"MessageGroupId": ("group", self.group), "MessageDeduplicationId": ("deduplication", self.deduplication)}
        return {name: Placeholders(text, f"SqsSend({argument}=...)") for name, (argument, text) in given.items() if text is not None}

    def _role(self, place: Place) -> str:
        allowed = {self.queue.queue_arn: ["sqs:SendMessage"]}
        return place.roles.of(
            "SqsSend",
            self.queue.node.path,
            allowed | key_statements(self.queue.encryption_master_key, "kms:Decrypt", "kms:GenerateDataKey"),
        )
