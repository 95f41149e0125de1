"""What a client gets of an invocation: as API Gateway answers, which tells nobody what went wrong inside a function."""

from __future__ import annotations

import json
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import inside
from gateleg.local.template import is_object

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateleg.local.template import Json

_FAILED: Final = {"message": "Internal server error"}
_PROXY_RESPONSE: Final = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_OK: Final = 200
_THROTTLED: Final = 429

subprotocol: ContextVar[list[str]] = ContextVar("subprotocol")
"""Takes the sub-protocol that a `$connect` route chooses, for the handshake that it answers."""


def of_rest_api(done: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """Return the proxy response of a REST API's function, or what is said in its place with status 502.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html.
    """
    response = done.get("body")
    if done.get("throttle") or done.get("error") or not is_object(response) or not _is_proxy_response(response):
        return None, _FAILED["message"]
    # The emulator finds no bytes in a body that is null.
    return {**response, "body": response.get("body") or ""}, None


def of_any_api(done: dict[str, Any]) -> tuple[dict[str, Any], None]:
    """Return the response of a function behind an HTTP API, a function URL or a load balancer, which infer what is left out."""
    response = done.get("body")
    if done.get("throttle"):
        return {"statusCode": _THROTTLED, "headers": {"Content-Type": "application/json"}, "body": json.dumps(response)}, None
    if done.get("error"):
        return {"statusCode": 500, "headers": {"Content-Type": "application/json"}, "body": '{"message":"Internal Server Error"}'}, None
    if is_object(response) and "statusCode" in response:
        return response, None
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": "" if response is None else json.dumps(response),
    }, None


def of_websocket(done: dict[str, Any], context: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Return what a WebSocket route answers: the status of a handshake, and the frame that goes back where the route has a response.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html.
    """
    if done.get("throttle") or done.get("error"):
        said = {**_FAILED, "connectionId": context["connectionId"], "requestId": request_id}
        return {"statusCode": 500, "body": json.dumps(said)}
    response = done.get("body")
    answer: Json = response if is_object(response) else {}
    if context["eventType"] == "CONNECT":
        _choose_subprotocol(answer)
        # A handler's answer without a status refuses the connection on AWS: it is malformed.
        return answer if "statusCode" in answer else {"statusCode": 500}
    return answer if _has_response(context) else {"statusCode": answer.get("statusCode", 200)}


def _is_proxy_response(response: Json) -> bool:
    return (
        response.keys() <= _PROXY_RESPONSE
        and str(response.get("statusCode", "")).isdigit()
        and isinstance(response.get("body"), (str, type(None)))
        and all(isinstance(response.get(name), (dict, type(None))) for name in ("headers", "multiValueHeaders"))
        and not any(isinstance(value, (dict, list)) for value in _values(response.get("headers")))
        and all(isinstance(value, list) for value in _values(response.get("multiValueHeaders")))
    )


def _values(given: Any) -> list[Any]:
    return list(given.values()) if is_object(given) else []


def _has_response(context: dict[str, Any]) -> bool:
    routes = inside.websocket_routes(context["apiId"])
    return any(route.get("routeKey") == context["routeKey"] and route.get("routeResponseSelectionExpression") for route in routes)


def _choose_subprotocol(answer: Json) -> None:
    given: Json = answer.get("headers") or {}
    headers = {name.lower(): value for name, value in given.items()}
    if chosen := headers.get("sec-websocket-protocol"):
        subprotocol.get([]).append(str(chosen))


def completing_connections(
    serve: Callable[..., Awaitable[tuple[int, dict[str, str], bytes]]],
) -> Callable[..., Awaitable[tuple[int, dict[str, str], bytes]]]:
    """Return what serves the management API of connections, with the names and times that its clients read.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html.
    """

    async def completed(method: str, *given: Any) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = await serve(method, *given)
        if method != "GET" or status != _OK:
            return status, headers, body
        said: Json = json.loads(body)
        return status, headers, json.dumps(_in_camel_case(said)).encode()

    return completed


def _in_camel_case(said: Json) -> Json:
    def value(name: str, given: Any) -> Any:
        if is_object(given):
            return _in_camel_case(given)
        return datetime.fromtimestamp(given, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if name.endswith("At") else given

    return {name[0].lower() + name[1:]: value(name, given) for name, given in said.items()}
