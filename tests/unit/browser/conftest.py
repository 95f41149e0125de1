"""The client of an app, written as users get it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from gateleg.browser.client import client_files
from gateleg.description import App, Route

ASKS = {"type": "object", "properties": {"request_id": {"type": "string"}}, "required": ["request_id"]}
CHAT = App(
    "svc.chat.socket:app",
    "websocket",
    (Route("send", "h", operation={"payload": ASKS}), Route("join", "h", operation={}), Route("ping", "h", operation={})),
)


@pytest.fixture(scope="session")
def node() -> str:
    """Node as gateleg[local] brings it, or the machine's own."""
    found = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert found, "node is not installed; run: pip install 'gateleg[local]'"
    return found


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script for an app whose messages `send` may be repeated, and whose `join` may not."""
    path = tmp_path_factory.mktemp("client") / "socket.mjs"
    path.write_text(client_files(CHAT)["socket.js"], encoding="utf-8")
    return path
