"""The service as its clients see it: on an embedded AWS that enforces IAM, deployed by the CDK CLI."""

from __future__ import annotations

import json  # [websocket]
from pathlib import Path
from typing import TYPE_CHECKING

import httpx  # [rest]
import pytest
from gateleg.local import LocalAws
# [websocket]
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
# [end]

# [rest]
from tests.access import key_of, socket_url  # [websocket]
from tests.access import key_of  # [no websocket]
# [end]
from tests.access import socket_url  # [no rest]

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(PROJECT, port=0, directory=tmp_path_factory.mktemp("aws")) as running:
        yield running
# [rest]


@pytest.fixture(scope="module")
def client(aws: LocalAws) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {key_of(aws)}"}
    with httpx.Client(base_url=aws.endpoint("rest").url, headers=headers, timeout=30) as http:
        yield http


def test_the_health_check_is_for_everybody(client: httpx.Client) -> None:
    answer = httpx.get(client.base_url.join("health"), timeout=30)

    assert answer.json() == {"status": "ok"}
# [table]


def test_nothing_else_is_answered_without_the_key(client: httpx.Client) -> None:
    answer = client.get("notebooks/inbox/notes", headers={"authorization": "Bearer wrong"})

    assert answer.status_code == 403


def test_what_is_written_is_listed(client: httpx.Client) -> None:
    written = client.post("notebooks/inbox/notes", json={"text": "hello"}).json()

    assert written["text"] == "hello"
    assert client.get("notebooks/inbox/notes").json()["items"] == [written]
# [end]
# [no table]


def test_nothing_else_is_answered_without_the_key(client: httpx.Client) -> None:
    answer = client.get("greetings/Ann", headers={"authorization": "Bearer wrong"})

    assert answer.status_code == 403


def test_who_has_the_key_is_greeted(client: httpx.Client) -> None:
    assert client.get("greetings/Ann").json() == {"greeting": "Hello, Ann"}
# [end]
# [end]
# [websocket]


def test_nobody_connects_without_the_key(aws: LocalAws) -> None:
    with pytest.raises(InvalidStatus), connect(aws.endpoint("websocket").url + "?key=wrong"):
        pass
# [table]


def test_who_follows_a_notebook_hears_of_its_notes(aws: LocalAws) -> None:
    with connect(socket_url(aws)) as reader, connect(socket_url(aws)) as writer:
        reader.send(json.dumps({"action": "follow", "notebook": "shared"}))
        reader.send(json.dumps({"action": "write", "notebook": "shared", "text": "my own"}))
        assert json.loads(reader.recv(timeout=30))["text"] == "my own"

        writer.send(json.dumps({"action": "write", "notebook": "shared", "text": "hello"}))

        assert json.loads(reader.recv(timeout=30))["text"] == "hello"
# [end]
# [no table]


def test_who_asks_is_greeted(aws: LocalAws) -> None:
    with connect(socket_url(aws)) as socket:
        socket.send(json.dumps({"action": "greet", "name": "Ann"}))

        assert json.loads(socket.recv(timeout=30))["data"] == "Hello, Ann"
# [end]
# [end]
