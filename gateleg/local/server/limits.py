"""API Gateway's limits of size and time, which the emulator does not have.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html and the pages of REST, HTTP and WebSocket APIs below it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

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


class Limits:
    """Holds requests to deployed APIs to their limits.

    Args:
        emulator: The application behind it.
    """

    def __init__(self, emulator: Application) -> None:
        self._emulator = emulator

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket within the limits."""
        if scope["type"] == "lifespan" or not (request := Request.of(scope)).to_api:
            await self._emulator(scope, receive, send)
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
                await refuse(request, send, said, 413, "PayloadTooLargeException")
                return
            if not message.get("more_body"):
                break
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def once() -> Message:
            return given.pop() if given else await receive()

        answers = _Answers(send)
        serving = asyncio.create_task(self._emulator(scope, once, answers))
        # Not cancelled: on AWS the function goes on too, and nobody hears of it.
        await asyncio.wait({serving}, timeout=_INTEGRATION_SECONDS)
        if not serving.done() and not answers.begun:
            answers.given_up = True
            await refuse(request, send, "Endpoint request timed out", 504, "GatewayTimeoutException")
        await serving


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
    if request.to_connection:
        return "Message too long" if size > _FRAME_BYTES else None
    if size > _REQUEST_BYTES:
        return f"HTTP content length exceeded {_REQUEST_BYTES} bytes."
    return "Request Too Long" if size > _INVOKE_BYTES else None


class _Frames:
    """Closes the connection at a message that is too long, as API Gateway does."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._code: int | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        size = len((message.get("text") or "").encode()) + len(message.get("bytes") or b"")
        if message["type"] == "websocket.receive" and size > _FRAME_BYTES:
            self._code = _TOO_BIG
            return {"type": "websocket.disconnect", "code": _TOO_BIG, "reason": "message too long"}
        return message

    async def send(self, message: Message) -> None:
        await self._send({**message, "code": self._code} if message["type"] == "websocket.close" and self._code else message)
