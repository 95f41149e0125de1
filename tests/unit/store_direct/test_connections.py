"""Connections are shared by threads, kept up to a number, and belong to one process."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import BindingError, StoreError
from gateleg.store import AsyncDirectTransport, AsyncStore, DirectTransport, Patience, Store
from tests.integration.store.chat import CHAT, Message
from tests.unit.certificates import certificate
from tests.unit.store_direct import server as deeds
from tests.unit.store_direct.conftest import StillKeys
from tests.unit.store_direct.server import Server

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ASKED = {"TableName": "t"}


def idle(transport: Any) -> Any:
    """The connections that wait to be used."""
    return transport._parts[1]._idle


def test_connections_are_kept_and_send_at_once(server: Server, direct: DirectTransport) -> None:
    for _ in range(5):
        direct.call("GetItem", ASKED)
    assert {asked.connection for asked in server.asked} == {1}
    opened = idle(direct)[0].link.sock
    assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_a_server_may_end_a_connection_with_its_answer(server: Server, direct: DirectTransport) -> None:
    server.script.append(deeds.answer(Connection="close"))
    direct.call("PutItem", ASKED)
    direct.call("PutItem", ASKED)
    assert [asked.connection for asked in server.asked] == [1, 2]


def test_many_threads_share_what_is_kept() -> None:
    with Server(delay=0.005) as server:
        direct = DirectTransport(endpoint=server.url, region="eu-north-1", credentials=StillKeys(), connections=3)

        with direct, ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(direct.call, ["GetItem"] * 300, [ASKED] * 300))
            assert {answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers} == {200}
            assert 1 <= len(idle(direct)) <= 3
        assert len(server.asked) == 300
        assert len(idle(direct)) == 0


def test_no_thread_gets_the_answer_of_another() -> None:
    with Server(echo=True) as server, DirectTransport(endpoint=server.url, region="eu-north-1", credentials=StillKeys()) as direct:

        def ask(number: int) -> bool:
            return bool(direct.call("GetItem", {"Item": {"n": {"N": str(number)}}})["Item"] == {"n": {"N": str(number)}})

        with ThreadPoolExecutor(16) as threads:
            assert all(threads.map(ask, range(400)))


def test_a_closed_transport_keeps_nothing(server: Server, direct: DirectTransport) -> None:
    direct.close()
    direct.call("GetItem", ASKED)
    direct.close()
    direct.call("GetItem", ASKED)
    direct.call("GetItem", ASKED)
    assert [asked.connection for asked in server.asked] == [1, 2, 3]


def test_a_forked_process_opens_connections_of_its_own(server: Server, direct: DirectTransport) -> None:
    direct.call("GetItem", ASKED)
    code = f"""
import os
from gateleg.store import DirectTransport
from tests.unit.store_direct.conftest import StillKeys
with DirectTransport(endpoint={server.url!r}, region="eu-north-1", credentials=StillKeys()) as direct:
    direct.call("GetItem", {ASKED})
    child = os.fork()
    direct.call("GetItem", {ASKED})
    if child:
        assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.getcwd()})  # noqa: PTH109
    assert sorted(asked.connection for asked in server.asked) == [1, 2, 2, 3]


def test_only_trusted_servers_are_spoken_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cert, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    key_of = Message.key(room="a", message_id="b")
    with Server(tls=context) as server:
        with DirectTransport(endpoint=server.url, region="eu-north-1", credentials=StillKeys()) as direct:
            store = Store(CHAT, table_name="chat", transport=direct, patience=Patience(attempts=1))
            with pytest.raises(StoreError, match=r"could not be reached.*SSL"):
                store.get(key_of)
        assert server.asked == []
        monkeypatch.setenv("AWS_CA_BUNDLE", cert)
        with DirectTransport(endpoint=server.url, region="eu-north-1", credentials=StillKeys()) as direct:
            store = Store(CHAT, table_name="chat", transport=direct)
            assert [store.get(key_of) for _ in range(3)] == [None] * 3
        assert len({asked.connection for asked in server.asked}) == 1
        other = server.url.replace("127.0.0.1", "localhost")
        with DirectTransport(endpoint=other, region="eu-north-1", credentials=StillKeys()) as direct:
            store = Store(CHAT, table_name="chat", transport=direct, patience=Patience(attempts=1))
            with pytest.raises(StoreError, match=r"could not be reached.*SSL"):
                store.get(key_of)
        assert len(server.asked) == 3


def test_a_bundle_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_bytes(b"")
    for bundle in (tmp_path / "empty.pem", tmp_path / "missing.pem"):
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
        with pytest.raises(BindingError, match="cannot be read as certificates"):
            DirectTransport(endpoint="https://127.0.0.1:1", region="eu-north-1", credentials=StillKeys()).call("GetItem", ASKED)


def test_tasks_share_connections_through_event_loops(server: Server) -> None:
    direct = AsyncDirectTransport(endpoint=server.url, region="eu-north-1", credentials=StillKeys(), threads=4)
    store = AsyncStore(CHAT, table_name="chat", transport=direct)

    async def act() -> None:
        keys = [Message.key(room="a", message_id=str(number)) for number in range(40)]
        assert await asyncio.gather(*map(store.get, keys)) == [None] * 40

    async def end() -> None:
        async with direct:
            await act()

    asyncio.run(act())
    asyncio.run(end())
    assert len(server.asked) == 80
    assert len({asked.connection for asked in server.asked}) <= 4
    assert repr(direct) == f"AsyncDirectTransport(endpoint={server.url!r}, region='eu-north-1')"


def test_a_cancelled_task_spoils_no_connection() -> None:
    with Server(delay=0.05) as server:

        async def act() -> None:
            async with AsyncDirectTransport(endpoint=server.url, region="eu-north-1", credentials=StillKeys(), threads=2) as direct:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await direct.call("PutItem", {"TableName": "first"})
                answers = [await direct.call("GetItem", {"TableName": str(number)}) for number in range(4)]
                assert [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers] == [200] * 4

        asyncio.run(act())
        assert len(server.asked) == 5
