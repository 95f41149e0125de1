"""Limits of API Gateway and Lambda, of size and time, which the emulator does not have.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html and the pages of REST, HTTP and WebSocket APIs below it, and
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import inside
from gateleg.local.server.guard import refuse
from gateleg.local.server.request import Request

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from gateleg.local.server.guard import Application, Message, Receive, Send

_REQUEST_BYTES: Final = 10 * 1024 * 1024
_INVOKE_BYTES: Final = 6 * 1024 * 1024
_FRAME_BYTES: Final = 128 * 1024
_INTEGRATION_SECONDS: Final = 29.0
_TOO_BIG: Final = 1009
_UNSUPPORTED: Final = 1003
_INVOCATION: Final = re.compile(r"^/2015-03-31/functions/[^/]+/invocations$")
_EVENT_BYTES: Final = 1024 * 1024


class Limits:
    """Holds requests to deployed APIs, and invocations, to their limits.

    Args:
        emulator: The application behind it.
    """

    def __init__(self, emulator: Application) -> None:
        self._emulator = emulator

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket within the limits."""
        if scope["type"] == "lifespan" or not ((request := Request.of(scope)).to_api or _INVOCATION.match(request.path)):
            await self._emulator(scope, receive, send)
        elif request.socket and not _lets_in(request):
            await refuse(request, send, "Forbidden", 403, "ForbiddenException")
        elif request.socket:
            frames = _Frames(receive, send)
            await self._emulator(scope, frames.receive, frames.send)
        else:
            await self._within(request, scope, receive, send)

    async def _within(self, request: Request, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if (said := _too_big(request, len(body))) is not None:
                await refuse(request, send, said, 413, "PayloadTooLargeException" if request.to_api else "RequestTooLargeException")
                return
            if not message.get("more_body"):
                break
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def once() -> Message:
            return given.pop() if given else await receive()

        if not request.to_api:
            await self._emulator(scope, once, send)
            return
        answers = _Answers(send)
        serving = asyncio.create_task(self._emulator(scope, once, answers))
        # Not cancelled: on AWS the function goes on too, and nobody hears of it.
        await asyncio.wait({serving}, timeout=_INTEGRATION_SECONDS)
        if not serving.done() and not answers.begun:
            answers.given_up = True
            await refuse(request, send, "Endpoint request timed out", 504, "GatewayTimeoutException")
        await serving


def _lets_in(request: Request) -> bool:
    return inside.has_stage(request.api, request.stage) and inside.admits(request.api, request.stage, request.headers)


class _Answers:
    """The way back to a client, until the gateway has answered in the integration's place."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False
        self.given_up = False

    async def __call__(self, message: Message) -> None:
        if not self.given_up:
            self.begun = True
            await self._send(message)


def _too_big(request: Request, size: int) -> str | None:
    if not request.to_api:
        limit = _EVENT_BYTES if request.headers.get("x-amz-invocation-type") == "Event" else _INVOKE_BYTES
        return f"Request must be smaller than {limit} bytes for the InvokeFunction operation" if size > limit else None
    if request.to_connection:
        return "Message too long" if size > _FRAME_BYTES else None
    if size > _REQUEST_BYTES:
        return f"HTTP content length exceeded {_REQUEST_BYTES} bytes."
    return "Request Too Long" if size > _INVOKE_BYTES else None


class _Frames:
    """Closes the connection at a message that is too long or binary, as API Gateway does."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._code: int | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        if message.get("bytes") is not None:
            return self._closed(_UNSUPPORTED, "binary frames are not supported")
        return self._closed(_TOO_BIG, "message too long") if len((message.get("text") or "").encode()) > _FRAME_BYTES else message

    def _closed(self, code: int, reason: str) -> Message:
        self._code = code
        return {"type": "websocket.disconnect", "code": code, "reason": reason}

    async def send(self, message: Message) -> None:
        await self._send({**message, "code": self._code} if message["type"] == "websocket.close" and self._code else message)
