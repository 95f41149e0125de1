"""What is known of the connection and the event that a handler is answering now."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateleg.errors import BindingError, PayloadError
from gateleg.websocket.endpoint import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from gateleg.websocket.incoming import Incoming

_UNTOLD_SECONDS = 26.0
_ROUTERS = "aws_lambda_powertools.event_handler.api_gateway"
_OWN = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}


@dataclass(frozen=True)
class CurrentConnection:
    """The connection that an event came over.

    Attributes:
        id: API Gateway's connection id.
        principal: Who connected, as the authorizer says; empty where there is no authorizer.
        endpoint: The callback URL that messages to the connection are posted to.
        connected_at: When it was opened.
        source_ip: The client's address.
        user_agent: The client's `User-Agent`, where it sent one.
        claims: All that the authorizer put into its context.
        topics: In a `$disconnect` handler, what the connection was subscribed to; empty in all others.
    """

    id: str
    principal: str
    endpoint: str
    connected_at: datetime
    source_ip: str = ""
    user_agent: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    topics: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: Mapping[str, Any], *, principal: str) -> CurrentConnection:
        """Read the connection from a WebSocket event.

        Args:
            event: The Lambda event.
            principal: The name in the authorizer's context that holds the principal.

        Raises:
            PayloadError: The event is not one of a WebSocket API.
        """
        request: Mapping[str, Any] = event.get("requestContext") or {}
        if "connectionId" not in request or "routeKey" not in request:
            raise PayloadError(
                "this is not an event of a WebSocket API: requestContext has no connectionId and routeKey", value=sorted(event)
            )
        claims: Mapping[str, Any] = request.get("authorizer") or {}
        identity: Mapping[str, Any] = request.get("identity") or {}
        return cls(
            id=request["connectionId"],
            principal=str(claims.get(principal) or ""),
            endpoint=endpoint_of(request),
            connected_at=_moment(request.get("connectedAt")),
            source_ip=identity.get("sourceIp") or "",
            user_agent=identity.get("userAgent"),
            claims=claims,
        )


def _moment(milliseconds: Any) -> datetime:
    # An event without the time, as emulators send, must not make a connection that has expired already.
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else datetime.now(UTC)


class Invocation:
    """One event on its way through a resolver.

    Args:
        event: The Lambda event.
        lambda_context: The Lambda context.
        connection: What it came over.
        incoming: The message.

    Attributes:
        route_key: The route that API Gateway chose; `$default` for a message that calls itself `$connect` or `$disconnect`.
        context: What was appended for this event.
    """

    def __init__(self, event: Mapping[str, Any], lambda_context: Any, connection: CurrentConnection, incoming: Incoming) -> None:
        self.event = event
        self.lambda_context = lambda_context
        self.connection = connection
        request = event["requestContext"]
        key: str = request["routeKey"]
        # A client may write the key of API Gateway's own events as its action; the type of an event it cannot write.
        self.route_key: str = key if key not in _OWN or request.get("eventType", _OWN[key]) == _OWN[key] else "$default"
        self.incoming = incoming
        self.context: dict[str, Any] = {}

    @property
    def request_id(self) -> str | None:
        """API Gateway's id of the event, as it stands in the access log."""
        request_id: str | None = self.event["requestContext"].get("requestId")
        return request_id

    @property
    def connecting(self) -> bool:
        """Whether the connection is still being opened, so that nothing can be posted to it."""
        return self.route_key == "$connect"


CURRENT: ContextVar[Invocation | None] = ContextVar("gateleg_websocket_invocation", default=None)


def current() -> Invocation:
    """The invocation that is being resolved.

    Raises:
        BindingError: No event is being resolved.
    """
    if (invocation := CURRENT.get()) is None:
        raise BindingError("no WebSocket event is being resolved here; name the connection: connection=...")
    return invocation


def correlation_id() -> str | None:
    """The gateway's id of the message or request that is being answered, as its access log has it; `None` where there is none.

    It stands in what a handler sends if the message has a field for it, and in an item, from which a consumer of the table's changes tells it on:

        class Said(BaseModel):
            text: str
            correlation_id: str | None = Field(default_factory=correlation_id)

    Of a REST or HTTP API it is that of the event that one of Powertools' resolvers answers.
    """
    if (invocation := CURRENT.get()) is not None:
        return invocation.request_id
    # Powertools keeps the event of whichever resolver answers at its routers' base; where nobody has imported that, no request is answered.
    event: Any = getattr(getattr(sys.modules.get(_ROUTERS), "BaseRouter", None), "current_event", None)
    request: Mapping[str, str] = {} if event is None else event.raw_event.get("requestContext") or {}
    return request.get("requestId")


def seconds_left(reserve: timedelta) -> float:
    """The seconds that may be spent now: what Lambda leaves for the event, less a reserve.

    Outside of an event, or where nobody says how much time there is, a little less than API Gateway waits for a REST handler.
    """
    invocation = CURRENT.get()
    remaining = getattr(invocation.lambda_context if invocation is not None else None, "get_remaining_time_in_millis", None)
    left = _UNTOLD_SECONDS if remaining is None else remaining() / 1000
    return max(0.0, left - reserve.total_seconds())
