"""Channel tokens: a handler that knows who asks issues one, and it opens one subscription to one channel of AppSync Events, once, soon.

Follows https://docs.aws.amazon.com/appsync/latest/eventapi/configure-event-api-auth.html.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateleg.description.marks import authorizing, uses
from gateleg.errors import ConnectRefusedError
from gateleg.websocket.channels import channel_of
from gateleg.websocket.tokens import ConnectTokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model import Table
    from gateleg.store import Store
    from gateleg.websocket.tokens import TokenUses

logger: logging.Logger = logging.getLogger(__name__)


class _SubscriptionTokens(ConnectTokens):
    _opens = "subscription"


class ChannelTokens:
    """Tokens that open one subscription each.

    A route that knows who is calling gives `tokens.issue(principal, topic)` to its client, which connects and subscribes with it; the function of
    `WebSocketGateway(events=Events(...))` is `tokens.authorizer()`. They are stored and used up as connect tokens are; a connection alone uses none up.

    Args:
        table: The table; it needs a sort key and a TTL attribute.
        audience: Which Event API the tokens are for, such as `"news"`; those of another, and connect tokens, open nothing here.
        lifetime: How long a token may be used.
        store: The store to keep them in; by default one that binds from the environment.

    Raises:
        DeclarationError: The table has no sort key or no TTL attribute, the audience is no text, or the lifetime is not between a second and an hour.
    """

    def __init__(self, table: Table, *, audience: str, lifetime: timedelta = timedelta(minutes=1), store: Store | None = None) -> None:
        self._tokens = _SubscriptionTokens(table, audience=audience, lifetime=lifetime, store=store)

    @property
    def issuing(self) -> TokenUses:
        """What a route declares that issues tokens: `@uses(tokens.issuing)`."""
        return self._tokens.issuing

    def issue(self, principal: str, topic: str) -> dict[str, str]:
        """A token for somebody, and the channel that it opens: `{"channel": "/topics/...", "token": "..."}`.

        Args:
            principal: Who will subscribe, as the authorizer's log has it.
            topic: The topic.

        Raises:
            ItemInvalidError: There is no principal, or it has more than 320 bytes.
            StoreError: It could not be stored.
        """
        channel = channel_of(topic)
        return {"channel": channel, "token": self._tokens.issue(principal, {"channel": channel})}

    def authorizer(self) -> Callable[[Mapping[str, Any], Any], dict[str, Any]]:
        """The Lambda function that an Event API asks: it lets a token connect, and subscribe to its channel once."""

        @uses(self._tokens.knowing)
        @authorizing("channel", self._tokens.audience)
        def authorize(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
            try:
                self._check(event.get("authorizationToken"), event["requestContext"])
            except ConnectRefusedError as error:
                logger.info("a subscription was refused: %s", error)
                return {"isAuthorized": False}
            return {"isAuthorized": True}

        return authorize

    def _check(self, token: object, request: Mapping[str, Any]) -> None:
        """Check that a request is one that its token opens.

        Raises:
            ConnectRefusedError: It is not.
        """
        operation = request.get("operation")
        if operation == "EVENT_CONNECT":
            self._tokens.know(token)
            return
        if operation != "EVENT_SUBSCRIBE":
            raise ConnectRefusedError(f"a channel token opens subscriptions, and {operation!r} was asked for")
        asked = str(request.get("channel")).strip("/")
        if (own := self._tokens.redeem(token).claims["channel"]).strip("/") != asked:
            raise ConnectRefusedError(f"the token opens {own!r}, and was used for {asked!r}; ask for one for each topic")
