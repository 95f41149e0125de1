"""What the emulator holds, kept on disk, so that the next run goes on where this one ended, however it ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import inside

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from gateleg.local.server.guard import Application, Receive, Send

_SECONDS: Final = 10.0
_LARGE: Final = {"lambda"}
"""Saved after a deploy and at the end alone: code changes with deploys, and all of it is written each time."""


class Saving:
    """Serves with the emulator, and remembers that it may have changed.

    Args:
        emulator: The emulator's own application, which saves everything when it is shut down.
    """

    def __init__(self, emulator: Application) -> None:
        self._emulator = emulator
        self._changed = False

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            await self._emulator(scope, receive, send)
        finally:
            self._changed = True

    async def save(self) -> None:
        """Save everything that the emulator holds."""
        await asyncio.to_thread(_save, everything=True)

    async def keep_saving(self) -> None:
        """Save what changes with every request, every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(_SECONDS)
            if self._changed:
                self._changed = False
                await asyncio.to_thread(_save, everything=False)


def _save(*, everything: bool) -> None:
    states = inside.states()
    inside.save([name for name in states if everything or name not in _LARGE], states)
