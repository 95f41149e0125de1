"""The process itself: serves until its owner stops it, and keeps what the emulator holds."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import resource
import signal
from typing import TYPE_CHECKING, Any

from gateleg.local.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve one project's embedded AWS on 127.0.0.1.

    Args:
        arguments: The command line; the process's own by default.
    """
    parser = argparse.ArgumentParser(prog="python -m gateleg.local.server")
    parser.add_argument("--directory", required=True, help="the state directory of the project that this is for")
    parser.add_argument("--port", required=True, type=int)
    given = parser.parse_args(arguments)
    _allow_many_connections()
    asyncio.run(_serve(Settings.of_environment(given.directory, given.port)))


async def _serve(settings: Settings) -> None:
    # The emulator reads its settings from the environment when it is imported.
    from hypercorn.config import Config

    from gateleg.local.server import inside
    from gateleg.local.server.guard import Guard
    from gateleg.local.server.limits import Limits
    from gateleg.local.server.mended import mended
    from gateleg.local.server.owner import Owner
    from gateleg.local.server.saving import Saving

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for received in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(received, stopping.set)
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    serve: Any = importlib.import_module("hypercorn.asyncio").serve
    saving = Saving(inside.module("app").app)
    keeping = asyncio.create_task(saving.keep_saving())
    with mended(settings) as functions:
        application = Owner(Guard(Limits(saving), settings), settings, functions, saving)
        try:
            await serve(application, config, shutdown_trigger=stopping.wait)
        finally:
            keeping.cancel()


def _allow_many_connections() -> None:
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
