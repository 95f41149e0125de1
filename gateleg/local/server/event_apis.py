"""Event APIs of AppSync: made by templates, published to by roles that may, and reached under a path of the loopback address.

The emulator has the APIs and their channels; it makes none from a template, asks the authorizer of subscribers also about publications, and answers under
host names of its own alone.
"""

from __future__ import annotations

import json
import re
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import inside

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Answer = tuple[int, dict[str, str], bytes]

PUBLISH: Final = re.compile(r"^/_aws/appsync-api/(?P<api>[a-z0-9]+)/event$")
_SIGNED: Final = "AWS4-HMAC-SHA256"
_REFUSED: Final = 400


def provision() -> None:
    """Let templates make Event APIs and the namespaces of their channels."""
    known: dict[str, Any] = inside.module("services.cloudformation.provisioners")._RESOURCE_HANDLERS
    events = inside.module("services.appsync_events")

    def api(logical_id: str, given: Any, stack: str) -> tuple[str, dict[str, str]]:
        del logical_id, stack
        made = _made(events._create_api(_body(given)))["api"]
        return _told(made)

    def other_api(arn: str, before: Any, given: Any, stack: str) -> tuple[str, dict[str, str]]:
        del before, stack
        return _told(_made(events._update_api(arn.rpartition("/")[2], _body(given)))["api"])

    def namespace(logical_id: str, given: Any, stack: str) -> tuple[str, dict[str, str]]:
        del logical_id, stack
        arn = _made(events._create_channel_namespace(given["ApiId"], _body(given)))["channelNamespace"]["channelNamespaceArn"]
        return arn, {"ChannelNamespaceArn": arn}

    def no_api(arn: str, given: Any) -> None:
        del given
        events._delete_api(arn.rpartition("/")[2])

    def no_namespace(arn: str, given: Any) -> None:
        del arn
        events._delete_channel_namespace(given["ApiId"], given["Name"])

    known["AWS::AppSync::Api"] = {"create": api, "update": other_api, "delete": no_api}
    known["AWS::AppSync::ChannelNamespace"] = {"create": namespace, "delete": no_namespace}


def publishing(serve: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    """Return what serves AppSync, with publications under a path.

    Args:
        serve: The emulator's own.
    """

    @wraps(serve)
    async def served(method: str, path: str, headers: dict[str, str], body: bytes, parameters: Any) -> Answer:
        found = PUBLISH.match(path)
        if found is None or method != "POST":
            return await serve(method, path, headers, body, parameters)
        answer: Answer = await inside.module("services.appsync_events")._publish(found["api"], headers, body)
        return answer

    return served


def by_role(authorize: Callable[..., Awaitable[tuple[bool, str | None]]]) -> Callable[..., Awaitable[tuple[bool, str | None]]]:
    """Return what says who may do what in an Event API: a signed publication is the role's affair, whose policies were looked at before.

    Args:
        authorize: The emulator's own.
    """

    @wraps(authorize)
    async def allowed(api: str, channel: str, operation: str, auth: dict[str, str] | None, *given: Any) -> tuple[bool, str | None]:
        modes = inside.module("services.appsync_events")._operation_auth_modes(api, channel, operation)
        if operation == "EVENT_PUBLISH" and "AWS_IAM" in modes and str((auth or {}).get("Authorization")).startswith(_SIGNED):
            return True, None
        return await authorize(api, channel, operation, auth, *given)

    return allowed


def action_of(original: Callable[..., str | None]) -> Callable[..., str | None]:
    """Return what names the action of a request, a publication's too: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsappsync.html.

    Args:
        original: The emulator's own.
    """

    @wraps(original)
    def named(service: str, method: str, path: str, *given: Any) -> str | None:
        return "appsync:EventPublish" if PUBLISH.match(path) else original(service, method, path, *given)

    return named


def resource_of(original: Callable[..., str]) -> Callable[..., str]:
    """Return what names the resource of a request, a publication's too: the namespace of its channel.

    Args:
        original: The emulator's own.
    """

    @wraps(original)
    def named(service: str, method: str, path: str, headers: Any, body: bytes, parameters: Any, region: str, account: str) -> str:  # noqa: PLR0917 (the emulator's own)
        if (found := PUBLISH.match(path)) is None:
            return original(service, method, path, headers, body, parameters, region, account)
        return f"arn:aws:appsync:{region}:{account}:apis/{found['api']}/channelNamespace/{_namespace(body)}"

    return named


def realtime(scope: MutableMapping[str, Any], api: str) -> MutableMapping[str, Any]:
    """Return the scope of a handshake under a path as one under the host name by which the emulator knows it.

    Args:
        scope: The handshake.
        api: The API's id.
    """
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    return {**scope, "path": "/event/realtime", "headers": [*headers, (b"host", f"{api}.appsync-realtime-api.localhost".encode())]}


def _namespace(body: bytes) -> str:
    try:
        return str(json.loads(body)["channel"]).strip("/").partition("/")[0]
    except (ValueError, LookupError, TypeError):
        return ""


def _body(given: Any) -> bytes:
    camel = inside.module("services.cloudformation.provisioners")._pascal_to_camel
    return json.dumps(camel(given)).encode()


def _made(answer: Answer) -> dict[str, Any]:
    status, _, body = answer
    if status >= _REFUSED:
        raise ValueError(body.decode())
    made: dict[str, Any] = json.loads(body)
    return made


def _told(api: dict[str, Any]) -> tuple[str, dict[str, str]]:
    dns = api["dns"]
    return api["apiArn"], {"ApiArn": api["apiArn"], "ApiId": api["apiId"], "Dns.Http": dns["HTTP"], "Dns.Realtime": dns["REALTIME"]}
