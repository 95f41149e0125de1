"""What the owner of the run asks and orders: paths that only the secret of the run opens."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import inside
from gateleg.local.server.guard import refuse
from gateleg.local.server.origins import host_is_own
from gateleg.local.server.request import Request

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from gateleg.local.server.guard import Application, Receive, Send
    from gateleg.local.server.pool import FunctionPool
    from gateleg.local.server.saving import Saving
    from gateleg.local.server.settings import Settings

PATH: Final = "/_gateleg/"


class Owner:
    """Serves the owner's paths, and hands everything else on.

    Args:
        others: The application that serves everything else.
        settings: The run.
        functions: Its functions.
        saving: Keeps what the emulator holds.
    """

    def __init__(self, others: Application, settings: Settings, functions: FunctionPool, saving: Saving) -> None:
        self._others = others
        self._settings = settings
        self._functions = functions
        self._saving = saving

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._others(scope, receive, send)
            return
        request = Request.of(scope)
        given = request.headers.get("authorization", "")
        own = request.origin is None and host_is_own(request.host, self._settings.port)
        if not own or not hmac.compare_digest(given.encode(), f"Bearer {self._settings.secret}".encode()):
            await refuse(request, send, f"there is no {request.path} here", 404)
            return
        await _answer(send, await self._asked(request))

    async def _asked(self, request: Request) -> Any:
        parameters = dict(request.query)
        match request.method, request.path.removeprefix(PATH):
            case "GET", "run":
                return {"pid": os.getpid(), "directory": str(self._settings.directory)}
            case "GET", "crashes":
                return [asdict(crash) for crash in self._functions.crashes(int(parameters["after"]))]
            case "POST", "start":
                return await self._started(parameters["function"], parameters["region"])
            case "POST", "save":
                return await self._saving.save()
            case _:
                return None

    async def _started(self, name: str, region: str) -> Any:
        function = inside.function_named(name, region)
        if function is None:
            return None
        outcome = await asyncio.to_thread(self._functions.start, function)
        return None if outcome.error is None else {**outcome.error, "log": outcome.log}


async def _answer(send: Send, value: Any) -> None:
    body = json.dumps(value).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})
