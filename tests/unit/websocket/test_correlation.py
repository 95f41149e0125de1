"""What a handler sends carries the id of the gateway's request, where its message has a field for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver
from aws_lambda_powertools.event_handler.api_gateway import BaseRouter
from pydantic import BaseModel, Field

from gateleg.browser.client import client_files
from gateleg.describe.websocket import describe_websocket
from gateleg.description.names import SOCKET_VARIABLE
from gateleg.model import Table
from gateleg.websocket import Connections, WebSocketResolver, correlation_id
from tests.unit.websocket.events import socket_event

if TYPE_CHECKING:
    from tests.unit.websocket.management import Management

CHAT = Table("correlated", partition_key="pk", sort_key="sk", ttl="expires_at")


class Said(BaseModel):
    """A message of ours."""

    text: str
    correlation_id: str | None = Field(default_factory=correlation_id)


@pytest.fixture
def connections(management: Management, monkeypatch: pytest.MonkeyPatch) -> Connections:
    monkeypatch.setenv(SOCKET_VARIABLE, management.url)
    monkeypatch.delattr(BaseRouter, "current_event", raising=False)
    return Connections(CHAT)


def request(version: str) -> dict[str, Any]:
    if version == "2.0":
        told = {"http": {"method": "POST", "path": "/say"}, "requestId": "of-the-request", "stage": "$default"}
        return {"version": "2.0", "rawPath": "/say", "routeKey": "POST /say", "headers": {}, "requestContext": told}
    context = {"requestId": "of-the-request", "stage": "live", "httpMethod": "POST", "path": "/say"}
    return {"httpMethod": "POST", "path": "/say", "resource": "/say", "headers": {}, "requestContext": context}


def test_what_a_messages_handler_sends_carries_the_id_of_the_message(management: Management, connections: Connections) -> None:
    app = WebSocketResolver(connections)
    app.route("say")(lambda: app.connections.deliver(["other"], Said(text="hello")))
    app(event := socket_event("say", {"action": "say"}), None)
    assert management.sent_to("other") == [{"text": "hello", "correlation_id": event["requestContext"]["requestId"]}]


@pytest.mark.parametrize(("resolver", "version"), [(APIGatewayRestResolver, "1.0"), (APIGatewayHttpResolver, "2.0")])
def test_what_a_requests_handler_sends_carries_the_id_of_the_request(
    management: Management, connections: Connections, resolver: Any, version: str
) -> None:
    app = resolver()
    app.post("/say")(lambda: connections.deliver(["other"], Said(text="hello")).sent)
    assert app.resolve(request(version), None)["statusCode"] == 200
    assert management.sent_to("other") == [{"text": "hello", "correlation_id": "of-the-request"}]


@pytest.mark.usefixtures("connections")
def test_outside_of_requests_there_is_no_id() -> None:
    assert correlation_id() is None
    assert Said(text="hello").correlation_id is None


def test_clients_in_browsers_know_the_field_by_its_type() -> None:
    app = WebSocketResolver(events=[Said])
    types = client_files(describe_websocket("svc.socket:app", app))["socket.d.ts"]
    assert "export type Message = Api.Said;" in types
    assert "correlation_id: string | null;" in types
