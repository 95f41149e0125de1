"""The parts of an event that AWS sends and the emulator leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from gateleg.local.server.request import current

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

NOBODY: Final = (
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "user",
    "userArn",
)
"""The members of an event's identity, null where nobody signed."""

_GATEWAYS: Final = ("x-forwarded-for", "x-forwarded-port", "x-forwarded-proto")


def completing_rest(build: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return the builder of a REST API's events, completed.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html (input format).
    """

    def completed(api: str, stage_name: str, stage: dict[str, Any], *rest: Any, **more: Any) -> dict[str, Any]:
        event = build(api, stage_name, stage, *rest, **more)
        context = event["requestContext"]
        context["identity"] = {**dict.fromkeys(NOBODY), **context["identity"]}
        context |= {"domainName": f"{api}.execute-api.localhost", "domainPrefix": api, "deploymentId": stage.get("deploymentId")}
        event.pop("version", None)
        if event["resource"].endswith("+}"):
            *before, greedy = event["resource"].strip("/").split("/")
            event["pathParameters"][greedy[1:-2]] = "/".join(_segments(event["path"])[len(before) :])
        return _with_every_value(event)

    return completed


def keeping_paths(execute: Callable[..., Awaitable[Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return what serves a REST API's requests, by the path as the client encoded it: API Gateway hands it on undecoded, and so chooses the route.

    So it was recorded on AWS by tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json of localstack/localstack.
    """

    async def executed(api: str, stage: str, method: str, path: str, *rest: Any) -> Any:
        return await execute(api, stage, method, _as_sent(path), *rest)

    return executed


def decoding_variables(match: Callable[..., Any]) -> Callable[..., Any]:
    """Return what finds the resource of a path's segments, and the path's variables decoded, as mapping templates read them."""

    def matched(*given: Any) -> Any:
        resource, variables = match(*given)
        found: dict[str, str] = variables or {}
        return resource, {name: unquote(value) for name, value in found.items()}

    return matched


def _as_sent(path: str) -> str:
    request = current.get(None)
    if request is None or not request.path.endswith(path):
        return path
    before = request.path.removesuffix(path)
    return request.raw_path.removeprefix(before) if request.raw_path.startswith(before) else path


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _with_every_value(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with all values of repeated headers, and the last one of each where there is room for one."""
    request = current.get(None)
    repeated: Mapping[str, list[str]] = request.repeated if request is not None else {}
    # A client of HTTP/2 may send each cookie on its own; they are one header all the same.
    values = {name: given for name, given in repeated.items() if name in event["headers"] and name not in _GATEWAYS and name != "cookie"}
    event["headers"] |= {name: given[-1] for name, given in values.items()}
    event["multiValueHeaders"] |= values
    if event["multiValueQueryStringParameters"]:
        event["queryStringParameters"] = {name: given[-1] for name, given in event["multiValueQueryStringParameters"].items()}
    return event


def completing_websocket(build: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return the builder of a WebSocket API's request contexts, completed.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html.

    Args:
        build: The emulator's own, which takes each moment for the one of the connection.
    """
    opened: dict[str, int] = {}

    def completed(*given: Any, **more: Any) -> dict[str, Any]:
        context = build(*given, **more)
        context["messageDirection"] = "IN"
        connection = context["connectionId"]
        context["connectedAt"] = opened.setdefault(connection, context["connectedAt"])
        if context["eventType"] == "DISCONNECT":
            del opened[connection]
        return context

    return completed
