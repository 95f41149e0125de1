"""Typed clients come of the reference that a deployment serves, by generators that are not ours, and their calls are answered."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.unit.docs.pages import blocks

if TYPE_CHECKING:
    from tests.conftest import DeployedChat

CALLS = """
import sys
from chat_client import AuthenticatedClient, Client
from chat_client.api.default import list_rooms_rooms_get, open_room_rooms_post, sign_in_sessions_post
from chat_client.models import Name, NewRoom, PageRoom, Room, Session

url = sys.argv[1].rstrip("/")
session = sign_in_sessions_post.sync(client=Client(base_url=url), body=Name(name="generated"))
assert isinstance(session, Session)
client = AuthenticatedClient(base_url=url, token=session.token)
room = open_room_rooms_post.sync(client=client, body=NewRoom(room="generated"))
assert isinstance(room, Room), room
print(room.room)
rooms = list_rooms_rooms_get.sync(client=client, limit=100)
assert isinstance(rooms, PageRoom)
print("generated" in [found.room for found in rooms.items])
"""

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def generated(chat_service: DeployedChat, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package `chat_client`."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(httpx.get(chat_service.url + "docs/openapi.json", timeout=60).text, encoding="utf-8")
    (folder / "settings.json").write_text(json.dumps({"post_hooks": []}), encoding="utf-8")
    options = ["--path", "openapi.json", "--meta", "none", "--output-path", "chat_client", "--config", "settings.json", "--fail-on-warning"]
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_a_generated_python_client_is_typed_and_its_calls_are_answered(generated: Path, chat_service: DeployedChat) -> None:
    (generated / "calls.py").write_text(CALLS, encoding="utf-8")
    typed = subprocess.run([sys.executable, "-m", "mypy", "calls.py"], cwd=generated, capture_output=True, text=True, check=False)
    called = subprocess.run([sys.executable, "calls.py", chat_service.url], cwd=generated, capture_output=True, text=True, check=False)

    assert typed.returncode == 0, typed.stdout
    assert called.stdout.splitlines() == ["generated", "True"], called.stderr


def test_the_commands_of_the_page_make_a_typescript_client_in_an_empty_folder_and_its_calls_and_errors_are_answered_as_it_says(
    chat_service: DeployedChat, tmp_path: Path
) -> None:
    commands = next(block.text.splitlines() for block in blocks(ROOT / "docs/clients.md", "sh") if "npm install" in block.text)
    install = next(command for command in commands if command.startswith("npm install"))
    pinned: dict[str, str] = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert set(install.split()[2:]) <= {f"{name}@{version}" for name, version in pinned.items()}
    # What it would install; a test that asks the registry would fail with it.
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "openapi.json").write_text(httpx.get(chat_service.url + "docs/openapi.json", timeout=60).text, encoding="utf-8")
    shutil.copy(ROOT / "examples/clients/rooms.ts", tmp_path)

    def done(command: str) -> list[str]:
        ran = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S602 (as a reader types it)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout.splitlines()

    for command in commands:
        if command != install:
            done(command)

    assert done(f"node rooms.js {chat_service.url}") == ["typescript", "true", "store.item_exists", "422 body.room", "401 Unauthorized"]
