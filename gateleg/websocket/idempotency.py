"""Messages that may come twice: Powertools' idempotency utility, on a table of the application's own.

What a route does is done once for each request id of somebody, and answered again.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateleg.client.statuses import content_of
from gateleg.description.marks import asking, uses
from gateleg.errors import AnswerInvalidError, DeclarationError, PayloadError, RouteError, WriteDoneError
from gateleg.websocket.handling import WrittenResult, echo, logger, own_id, place_of, plain_frame
from gateleg.websocket.invocation import current
from gateleg.websocket.routes import CONNECT, DEFAULT, DISCONNECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Table
    from gateleg.store import Store
    from gateleg.websocket.invocation import CurrentConnection, Invocation
    from gateleg.websocket.resolver import WebSocketResolver

    Middleware = Callable[[WebSocketResolver, Callable[[Any], Any]], Any]

_ID = "request_id"
_TOLD = "Another one for each message that is new; what comes again with the same is answered the same."


def idempotent(
    table: Table,
    *,
    required: bool = True,
    expires: timedelta = timedelta(hours=24),
    caller: Callable[[CurrentConnection], str] | None = None,
    store: Store | None = None,
) -> Middleware:
    """A middleware that runs a route once for each `request_id` of somebody, and answers what was answered then, over whichever connection it comes.

        @app.route("order", middlewares=[idempotent(ORDERS)])

    What was answered lies in the table, beside its entities; the function is granted what that takes. Nothing is kept of a message whose handler
    raises; where what it returned cannot be sent, `store.write_done` is kept, which says that it was done. The browser client sends messages of such a route again until they are answered.

    Args:
        table: Where answers are kept; it has a TTL attribute.
        required: Whether a message without a `request_id` is refused; it is run as it comes otherwise.
        expires: How long an answer is kept.
        caller: Whose message it is, told from the connection: nobody is answered what somebody else was. Unless given, the principal; where there is
            none, whoever knows the id is answered.
        store: Where the table is; as the environment says unless given.

    Raises:
        DeclarationError: The table has no TTL attribute, or an argument is not what it must be.
    """
    _check(table=table, required=required, expires=expires, caller=caller, store=store)
    from gateleg.idempotency.replays import replay_of

    entity, whose = replay_of(table), caller or _principal

    def once(app: WebSocketResolver, following: Callable[[Any], Any]) -> Any:
        invocation = current()
        if invocation.route_key in {CONNECT, DISCONNECT}:
            return following(app)
        if (request_id := own_id(invocation)) in {None, ""}:
            if required:
                message = f"the message has no {_ID} of 1 to 128 characters; send one, another for each message that is new"
                raise PayloadError(message, code="websocket.no_request_id", path=_ID)
            return following(app)
        from gateleg.websocket.once import once as run_once  # brings Powertools' utility, which no other message needs

        request = {"key": [invocation.route_key, whose(invocation.connection), request_id], "payload": invocation.incoming.message()}
        return run_once(table, store, expires, request, invocation.lambda_context, lambda: _written(app, invocation, following(app)))

    return asking(_ID, _TOLD, required=required, except_for=frozenset())(uses(entity.put, entity.update, entity.delete)(once))


def _written(app: WebSocketResolver, invocation: Invocation, result: Any) -> WrittenResult:
    """A handler's result as its client reads it; of one that cannot be sent, that the handler is done, lest it runs again."""
    if isinstance(result, WrittenResult):
        return result
    routes = app.routes
    route = routes.get(invocation.route_key) or routes[DEFAULT]
    try:
        data = json.loads(route.reply.frame(None, result, None))["data"]
        action, request_id = echo(invocation, routes, app.action_key)
        plain_frame(action, data, request_id)
    except (AnswerInvalidError, RouteError) as error:
        logger.error("the result of %s cannot be sent: %s", invocation.route_key, error, extra=place_of(invocation))
        return WrittenResult(error=content_of(WriteDoneError("the handler has run, and its result cannot be sent")))
    return WrittenResult(data)


def _principal(connection: CurrentConnection) -> str:
    return connection.principal or ""


def _check(*, table: Any, required: Any, expires: Any, caller: Any, store: Any) -> None:
    """What would fail at the first message is refused at import."""
    from gateleg.model import Table
    from gateleg.store import Store

    lasting = isinstance(expires, timedelta) and expires >= timedelta(minutes=1)
    rules: dict[str, tuple[Any, Any, str, str]] = {
        "table": (table, isinstance(table, Table), "a Table", "write Table('chat', partition_key='pk', sort_key='sk', ttl='expires_at')"),
        "required": (required, isinstance(required, bool), "True or False", "leave it out for True"),
        "expires": (expires, lasting, "a timedelta of a minute or more", "write expires=timedelta(hours=24)"),
        "caller": (caller, caller is None or callable(caller), "a function of the connection", "leave it out for its principal"),
        "store": (store, store is None or isinstance(store, Store), "a Store", "leave it out for the one of the environment"),
    }
    for name, (value, fits, wanted, advice) in rules.items():
        if not fits:
            message = f"idempotent({name}=...) takes {wanted}, got {value!r}; {advice}"
            raise DeclarationError(message, path=f"idempotent.{name}", value=value)
