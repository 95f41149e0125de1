"""Errors as HTTP answers: the library's own, and what a request cannot be read for."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from gateleg.client.statuses import answer_to, content_of, is_internal
from gateleg.errors import GatelegError

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response
    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router

logger: logging.Logger = logging.getLogger(__name__)


def handle_errors(app: ApiGatewayResolver | Router) -> None:
    """Answer errors with their status code and, where they are this library's, `{"error": {"code", "message"}}`.

    Not found is 404, a conflict 409, values that the entity refuses 422 (with `details`), a cursor 400, throttling 503 with
    `Retry-After`, and an unknown outcome 500 (a proxy would repeat a 503). A missing permission, table or setting is logged with
    its stack and answered with a bare 500. A handler that the app registers for one of the classes goes first.

    A request that Powertools refuses keeps Powertools' own 422, `{"statusCode", "detail": [{"loc", "type"}]}`, without the names of
    classes in `loc`. So is a body answered that cannot be read: bad JSON (`gateleg.client.decoding` says what is taken), base64 or
    UTF-8, a multipart form without boundary. What a handler returns and its annotation does not take is a fault of ours: it is
    logged and answered with 500.

    Args:
        app: The resolver. A router brings the answers to this library's errors alone, as it reads no requests.
    """
    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

    app.exception_handler(GatelegError)(answer)
    if isinstance(app, ApiGatewayResolver):
        from gateleg.rest.requests import watch_requests

        watch_requests(app)


def answer(error: GatelegError) -> Response[str]:
    """The HTTP answer to an error; logs what the client is not told."""
    from aws_lambda_powertools.event_handler import Response, content_types

    found = answer_to(error)
    if is_internal(error):
        logger.error("%s", error, exc_info=error)
    headers: dict[str, str | list[str]] = {} if found.retry_after is None else {"Retry-After": str(found.retry_after)}
    body: dict[str, Any] = {"error": content_of(error)}
    return Response(status_code=found.status, content_type=content_types.APPLICATION_JSON, headers=headers, body=json.dumps(body))
