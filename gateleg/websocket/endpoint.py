"""Where messages to connections are posted.

See https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gateleg.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT = "GATELEG_WEBSOCKET_ENDPOINT"
"""The variable that names the callback URL, `https://{api}.execute-api.{region}.{suffix}/{stage}`."""


def endpoint_of(request: Mapping[str, Any]) -> str:
    """The callback URL of a WebSocket event's request context.

    Behind a custom domain the event's `domainName` is that domain, whose path need not be the stage; the API's own address
    is then made from its id.
    """
    if configured := os.environ.get(ENDPOINT):
        return configured
    domain, stage = request.get("domainName") or "", request.get("stage") or ""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if ".execute-api." not in domain and request.get("apiId") and region:
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        domain = f"{request['apiId']}.execute-api.{region}.{suffix}"
    return f"https://{domain}/{stage}"


def endpoint_from_environment() -> str:
    """The callback URL that the construct set.

    Raises:
        BindingError: The variable is not set.
    """
    if not (endpoint := os.environ.get(ENDPOINT)):
        raise BindingError(
            f"{ENDPOINT} is not set, so there is nowhere to post to; the gateway sets it where it knows the WebSocket API", path=ENDPOINT
        )
    return endpoint
