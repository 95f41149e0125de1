"""Events to a bus of EventBridge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import check, filled, having, optional
from gateleg.cdk.integrations.answers import as_error, internal, mapped
from gateleg.cdk.integrations.aws_service import model_class, service_integration
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.placeholders import TOKEN, constant
from gateleg.cdk.integrations.vtl import BODY, MARKS, as_json, json_text, literal
from gateleg.cdk.validation import Checks
from gateleg.errors import ItemInvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_events as events
    from pydantic import BaseModel

    from gateleg.cdk.integrations.integration import Place

_LONGEST_TYPE = 128
# EventBridge answers 200 to what it does not take, and says so per entry.
_ANSWER = (
    "#set($answer = $input.path('$'))#if($answer.FailedEntryCount == 0)"
    "{\"id\":${input.json('$.Entries[0].EventId')}}"
    f"#elseif($input.json('$.Entries[0].ErrorCode').contains('Malformed')){as_error(ItemInvalidError('malformed'))}#else{internal()}#end"
)


@dataclass(frozen=True)
class EventBridgePut(Integration):
    """Puts the body of a request on a bus as the detail of an event, and answers 202 with the id of the event.

    As in `EventBridgePut(bus, source="shop.orders", detail_type="OrderPlaced", detail=Order)`.

    Args:
        bus: The bus.
        source: The event's source, such as `shop.orders`; those that begin with `aws.` are of AWS's services.
        detail_type: The event's detail type, of 128 characters at most.
        detail: A pydantic model that API Gateway checks bodies by; any object of JSON unless given.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    bus: events.IEventBus | events.EventBus
    source: str
    detail_type: str
    detail: type[BaseModel] | None = None

    def __post_init__(self) -> None:
        check(
            "EventBridgePut",
            bus=(self.bus, having("an EventBus", "event_bus_arn", "event_bus_name")),
            source=(self.source, _source),
            detail_type=(self.detail_type, _detail_type),
            detail=(self.detail, optional(model_class)),
        )

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        place.require_every_variable([], "EventBridgePut")
        place.require_body("the detail of an event")
        entry = {
            "EventBusName": json.dumps(self._name(place)),
            "Source": literal(json.dumps(self.source)),
            "DetailType": literal(json.dumps(self.detail_type)),
            "Detail": json_text(BODY),
        }
        integration = service_integration(
            "events:action/PutEvents",
            self._role(place),
            f'{MARKS}{{"Entries":[{as_json(entry)}]}}',
            parameters={
                "integration.request.header.Content-Type": "'application/x-amz-json-1.1'",
                "integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'",
            },
            region=place.region(self.bus),
        )
        integration["responses"] = mapped(_ANSWER, status=202)
        return Answered(integration, checks=Checks(place.model(self.detail)))

    def http(self, place: Place) -> Mapping[str, Any]:
        """As in the base. An HTTP API checks no bodies, and answers as EventBridge does."""
        if self.detail is not None:
            raise place.refused("checks bodies by a model, which HTTP APIs do not; leave detail out, or use RestGateway")
        place.require_every_variable([], "EventBridgePut")
        place.require_body("the detail of an event")
        return {
            "type": "aws_proxy",
            "integrationSubtype": "EventBridge-PutEvents",
            "payloadFormatVersion": "1.0",
            "credentials": self._role(place),
            "requestParameters": {
                "Source": constant(place, self.source),
                "DetailType": constant(place, self.detail_type),
                "Detail": "$request.body",
                "EventBusName": self._name(place),
            }
            | place.http_region(self.bus),
        }

    def _name(self, place: Place) -> str:
        return self.bus.event_bus_arn if place.is_foreign(self.bus) else self.bus.event_bus_name

    def _role(self, place: Place) -> str:
        return place.roles.of("EventBridgePut", self.bus.node.path, {self.bus.event_bus_arn: ["events:PutEvents"]})


def _source(value: Any) -> str | None:
    """What AWS leaves to others, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html."""
    if (wanted := filled(value)) is not None:
        return wanted
    return (
        "a source of your own, such as 'shop.orders', since those that begin with 'aws.' are of AWS's services"
        if value.startswith("aws.")
        else None
    )


def _detail_type(value: Any) -> str | None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html."""
    if (wanted := filled(value)) is not None:
        return wanted
    return f"a text of {_LONGEST_TYPE} characters at most, such as 'OrderPlaced'" if len(TOKEN.sub("", value)) > _LONGEST_TYPE else None
