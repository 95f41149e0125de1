"""Unsafe routes that may be called twice: Powertools' idempotency utility, on a table of the application's own.

Follows https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: 400 without the key, 409 while the first request runs, 422 where
the same key comes with another request.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateleg.description.marks import asking, uses
from gateleg.errors import DeclarationError
from gateleg.rest.dispatcher import route_key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.event_handler import Response
    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

    from gateleg.model import Table
    from gateleg.store import Store

    Middleware = Callable[[ApiGatewayResolver, Callable[[Any], Response[Any]]], Response[Any]]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_KEY = 255
_TOLD = f"A text of at most {_LONGEST_KEY} characters, another one for each request that is new; what comes again with the same is answered the same."
_PAYLOAD = "payload"
_NOT_SAID = frozenset({"claims", "jwt", "iam", "principalId", "integrationLatency"})
"""What of the part about authorizers no Lambda authorizer says: of a REST API its words stand there, of an HTTP API under `lambda`."""
_KEY = "key"


def idempotent(
    table: Table,
    *,
    header: str | None = "Idempotency-Key",
    required: bool = True,
    expires: timedelta = timedelta(hours=24),
    caller: Callable[[Mapping[str, Any]], str] | None = None,
    store: Store | None = None,
) -> Middleware:
    """A middleware that runs a route once for each key of a caller, and answers what was answered then: status, headers, cookies and body.

        @app.post("/orders", middlewares=[idempotent(ORDERS)])

    What was answered lies in the table, beside its entities; the function is granted what that takes. An answer over DynamoDB's 400 KB is
    given once; its request is answered `store.write_done` when it comes again. Nothing is kept of a request that fails: of one that raises, or is answered with 500 or above. `GET`, `HEAD` and `OPTIONS` pass.

    Args:
        table: Where answers are kept; it has a TTL attribute.
        header: The header with the client's key, of at most 255 characters; `None` to know a request by its query and body.
        required: Whether a request without the header is refused with 400; it is run as it comes otherwise.
        expires: How long an answer is kept.
        caller: Who calls, told from the event: nobody is answered what somebody else was. Unless given, the principal, the subject of the token,
            the identity of a signature, the API key, and all that a Lambda authorizer says.
        store: Where the table is; as the environment says unless given.

    Raises:
        DeclarationError: The table has no TTL attribute, or an argument is not what it must be.
    """
    _check(table=table, header=header, required=required, expires=expires, caller=caller, store=store)
    from gateleg.idempotency.replays import replay_of
    from gateleg.rest.replays import Replays

    entity = replay_of(table)
    replays = Replays(table, expires, store)

    def once(app: ApiGatewayResolver, next_middleware: Callable[[Any], Response[Any]]) -> Response[Any]:
        event = app.current_event.raw_event
        request = _request(event, app.current_event.http_method, header, app.current_event.headers, caller or caller_of)
        if app.current_event.http_method in _SAFE or (request is None and not required):
            return next_middleware(app)
        if request is None:
            raise _refusal(
                400,
                f"the header {header} is missing, or not a text of at most {_LONGEST_KEY} characters; send one for each request that is new",
            )
        return replays.once(app, request, lambda: next_middleware(app))

    granted = uses(entity.put, entity.update, entity.delete)(once)
    return granted if header is None else asking(header, _TOLD, required=required, except_for=_SAFE)(granted)


def caller_of(event: Mapping[str, Any]) -> str:
    """Who calls, as API Gateway says it: equal for one caller, and different for two."""
    context = _part(event, "requestContext")
    asked, identity = _part(context, "authorizer"), _part(context, "identity")
    claims, signed = _part(asked, "claims") or _part(_part(asked, "jwt"), "claims"), _part(asked, "iam")
    subject = claims.get("sub") or claims.get("client_id")
    told: dict[str, Any] = {
        "subject": [claims.get("iss"), subject] if subject else claims,
        "principal": asked.get("principalId"),
        "identity": [identity.get(name) for name in ("userArn", "cognitoIdentityId", "apiKeyId")],
        "signed": [signed.get("userArn"), signed.get("cognitoIdentity")],
        "lambda": {name: value for name, value in asked.items() if name not in _NOT_SAID},
    }
    return json.dumps(told, sort_keys=True)


def _check(*, table: Any, header: Any, required: Any, expires: Any, caller: Any, store: Any) -> None:
    """What would fail at the first request is refused at import."""
    from gateleg.model import Table
    from gateleg.store import Store

    named = header is None or (isinstance(header, str) and header.strip())
    lasting = isinstance(expires, timedelta) and expires >= timedelta(minutes=1)
    rules: dict[str, tuple[Any, Any, str, str]] = {
        "table": (table, isinstance(table, Table), "a Table", "write Table('orders', partition_key='order_id', ttl='expires_at')"),
        "header": (header, named, "the name of a header, or None for the body", "leave it out for Idempotency-Key"),
        "required": (required, isinstance(required, bool), "True or False", "leave it out for True"),
        "expires": (expires, lasting, "a timedelta of a minute or more", "write expires=timedelta(hours=24)"),
        "caller": (caller, caller is None or callable(caller), "a function of the event", "leave it out for whom API Gateway names"),
        "store": (store, store is None or isinstance(store, Store), "a Store", "leave it out for the one of the environment"),
    }
    for name, (value, fits, wanted, advice) in rules.items():
        if not fits:
            message = f"idempotent({name}=...) takes {wanted}, got {value!r}; {advice}"
            raise DeclarationError(message, path=f"idempotent.{name}", value=value)


def _request(
    event: Mapping[str, Any], method: str, header: str | None, headers: Mapping[str, str], caller: Callable[[Mapping[str, Any]], str]
) -> dict[str, Any] | None:
    """By what a request is known, and what must be the same when it comes again; `None` without a key."""
    route = route_key_of(event) or f"{method} {event.get('path') or event.get('rawPath')}"
    where: list[Any] = [route, _part(event, "pathParameters"), caller(event)]
    query = event.get("multiValueQueryStringParameters") or event.get("rawQueryString") or event.get("queryStringParameters")
    said: list[Any] = [query or None, event.get("body"), bool(event.get("isBase64Encoded"))]
    if header is None:
        return {_KEY: [*where, *said], _PAYLOAD: None}
    key = str(headers.get(header) or "").strip()
    return {_KEY: [*where, key], _PAYLOAD: said} if 0 < len(key) <= _LONGEST_KEY else None


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = whole.get(name)
    return found or {}


def _refusal(status: int, message: str) -> Exception:
    from aws_lambda_powertools.event_handler.exceptions import ServiceError

    return ServiceError(status, message)
