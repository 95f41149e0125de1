"""The parts of an event's request context that AWS sends and the emulator leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NOBODY: Final = (
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


def completing_rest(build: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return the builder of a REST API's events, completed.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html (input format).
    """

    def completed(api: str, stage_name: str, stage: dict[str, Any], *rest: Any, **more: Any) -> dict[str, Any]:
        event = build(api, stage_name, stage, *rest, **more)
        context = event["requestContext"]
        context["identity"] = {**dict.fromkeys(_NOBODY), **context["identity"]}
        context |= {"domainName": f"{api}.execute-api.localhost", "domainPrefix": api, "deploymentId": stage.get("deploymentId")}
        event.pop("version", None)
        return event

    return completed


def completing_websocket(build: Callable[..., dict[str, Any]], connections: Mapping[str, dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return the builder of a WebSocket API's request contexts, completed.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html.

    Args:
        build: The emulator's own.
        connections: Its open connections, by id.
    """

    def completed(*given: Any, **more: Any) -> dict[str, Any]:
        context = build(*given, **more)
        context["messageDirection"] = "IN"
        if (connection := connections.get(context["connectionId"])) is not None:
            context["connectedAt"] = connection["connectedAt"] * 1000
        return context

    return completed
