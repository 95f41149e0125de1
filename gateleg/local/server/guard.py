"""The guard in front of the emulator: an ASGI application that serves the owner and the deployed APIs, and refuses everybody else."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import event_apis, inside, signatures
from gateleg.local.server.answers import subprotocol
from gateleg.local.server.origins import host_is_own, origin_is_own, page_is_own
from gateleg.local.server.request import Request, current

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, MutableMapping

    from gateleg.local.server.settings import Settings

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[MutableMapping[str, Any], Receive, Send], Coroutine[Any, Any, None]]

_LOGGER: Final = logging.getLogger("gateleg.local")
_CONTROL: Final = ("/_ministack/", "/_localstack/", "/health")
_CALLED_BACK: Final = ("/_ministack/cfn-response/", "/_ministack/cfn-signal/")
"""Where custom resources and wait conditions of CloudFormation answer; the rest of the path cannot be guessed."""
_CORS: Final = b"access-control-"


class Guard:
    """Refuses what is not the owner's and not an API's.

    Args:
        emulator: The application behind it.
        settings: The run.
    """

    def __init__(self, emulator: Application, settings: Settings) -> None:
        self._emulator = emulator
        self._settings = settings

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request, one WebSocket, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._emulator(scope, receive, send)
            return
        request = Request.of(scope)
        current.set(request)
        refused = self._refusal(request)
        if refused is None and not page_is_own(request) and not await self._api_allows(request, scope):
            refused = _foreign(request)
            _LOGGER.warning("%s", refused)
        if refused is None and (inside.access_key(request) or not request.for_anybody):
            body, receive = await _read(receive, socket=request.socket)
            refused = self._unproven(request, body)
        if refused is not None:
            await refuse(request, send, refused)
            return
        await self._emulator(_forwarded(scope, request), receive, _only_own_cors(request, send))

    def _refusal(self, request: Request) -> str | None:
        if not host_is_own(request.host, self._settings.port):
            return f"the embedded AWS does not answer as {request.host or 'a host without a name'}; ask 127.0.0.1:{self._settings.port}"
        called_back = request.method == "PUT" and request.path.startswith(_CALLED_BACK)
        # Whatever host is asked for: the emulator looks at these paths before it looks at the host.
        if request.path.startswith(_CONTROL) and not called_back:
            return f"there is no {request.path} here"
        return None

    def _unproven(self, request: Request, body: bytes) -> str | None:
        """Say why a request's signature does not prove who sent it, where the emulator would not look."""
        key = inside.access_key(request)
        if not key:
            waived = request.path.startswith(_CALLED_BACK) or request.method == "OPTIONS" or signatures.needs_no_signature(request)
            return None if waived else "Missing Authentication Token"
        if self._settings.auth and not inside.is_root(key):
            return None
        secret = self._settings.secret if inside.is_root(key) else inside.secret_of(key)
        if secret and signatures.signed_with(secret, request, body):
            return None
        return f"the signature is not the one of {key} in this run; see: gateleg local env"

    async def _api_allows(self, request: Request, scope: MutableMapping[str, Any]) -> bool:
        """Ask the deployed API by a preflight whether a page of a foreign origin may call it."""
        if request.origin is None or request.socket or not request.for_anybody:
            return False
        origins: list[str] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                origins.extend(
                    value.decode("latin-1") for name, value in message["headers"] if name.lower() == b"access-control-allow-origin"
                )

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        asked = (b"access-control-request-method", request.method.encode())
        headers = [*((name, value) for name, value in scope["headers"] if name.lower() in {b"host", b"origin"}), asked]
        await self._emulator({**scope, "method": "OPTIONS", "headers": headers}, nothing, collect)
        return bool({request.origin, "*"} & set(origins))


def _foreign(request: Request) -> str:
    """Why a page of another site is refused, and what to do about it."""
    page = f"a page of {request.origin or 'another site'}"
    if not request.socket:
        return f"{page} may not call the embedded AWS: no CORS rule of the API names its origin; write it into cors=Cors([...])"
    # WebSockets know no CORS: whoever can open one is asked for nothing but the `Origin` that a browser sends.
    return (
        f"{page} may not open a WebSocket of the embedded AWS, which serves pages of this machine alone; "
        'open the page from this machine, and write its address, such as "http://localhost:5173", into the origins=[...] of the API beside the one in production'
    )


async def refuse(request: Request, send: Send, reason: str, status: int = 403, error: str = "AccessDeniedException") -> None:
    """Answer a request without serving it.

    Args:
        request: What was asked.
        send: The way back.
        reason: What is said.
        status: The status of the answer.
        error: The error's name, as clients of AWS read it.
    """
    kind = "websocket.http.response" if request.socket else "http.response"
    body = json.dumps({"message": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"x-amzn-errortype", error.encode())]
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


async def _read(receive: Receive, *, socket: bool) -> tuple[bytes, Receive]:
    """Read a request's body, and return it with what gives it once more."""
    if socket:
        return b"", receive
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return given.pop() if given else await receive()

    return body, again


def _forwarded(scope: MutableMapping[str, Any], request: Request) -> MutableMapping[str, Any]:
    """Return the scope with the headers that API Gateway adds, whatever the client claims."""
    if request.event_api:
        return event_apis.realtime(scope, request.event_api)
    if not request.to_api:
        return scope
    client = (scope.get("client") or ("127.0.0.1",))[0]
    port = request.host.rpartition(":")[2]
    added = {b"x-forwarded-for": client.encode(), b"x-forwarded-port": port.encode(), b"x-forwarded-proto": b"http"}
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in added]
    return {**scope, "headers": [*kept, *added.items()]}


def _only_own_cors(request: Request, send: Send) -> Send:
    """Let pages read what a deployed API lets them read; of AWS's own APIs, what pages of this machine ask."""
    if request.for_anybody:
        return send if not request.socket else _with_subprotocol(send)
    own = request.origin is not None and origin_is_own(request.origin)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if own or not name.lower().startswith(_CORS)]
            message = {**message, "headers": [(name, _echoed(request, name, value)) for name, value in kept]}
        await send(message)

    return sending


def _echoed(request: Request, name: bytes, value: bytes) -> bytes:
    return (request.origin or "").encode() if name.lower() == b"access-control-allow-origin" and value == b"*" else value


def _with_subprotocol(send: Send) -> Send:
    """Give the client the sub-protocol that the `$connect` route chose."""
    chosen: list[str] = []
    subprotocol.set(chosen)

    async def sending(message: Message) -> None:
        if message["type"] == "websocket.accept" and chosen:
            message = {**message, "subprotocol": chosen[-1]}
        await send(message)

    return sending
