"""Requests to the table are parts of the function's trace, where Powertools' `Tracer` records one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.model import Attr, Entity, Table, attr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration
NOTES = Table("notes", partition_key="note")
TRACE, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"


class Note(Entity, table=NOTES):
    """A note."""

    note: Attr[str] = attr(partition_key=True)


# What a function does, in a process that Lambda's own variables are set for: what is patched stays patched.
FUNCTION = """
from aws_lambda_powertools import Tracer
from gateleg.store import Store
from tests.integration.store.test_tracing import NOTES, Note
from tests.unit.websocket.contexts import Context

tracer = Tracer(service="notes")
store = Store(NOTES)

@tracer.capture_lambda_handler
def handler(event, context):
    store.create(Note(note="x"))
    return store.get(Note.key(note="x")).note

assert handler({}, Context(10_000)) == "x"
"""


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    """What takes traces in Lambda, https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon.html."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        yield listening


def received(daemon: socket.socket) -> dict[str, Any]:
    """The next part of a trace."""
    _, _, document = daemon.recv(65_535).partition(b"\n")
    part: dict[str, Any] = json.loads(document)
    return part


def test_a_trace_holds_the_request_to_the_table_below_the_handler(make_store: MakeStore, daemon: socket.socket) -> None:
    store = make_store(NOTES)
    client: Any = make_store.client
    variables = {
        "AWS_DEFAULT_REGION": client.meta.region_name,
        "AWS_ACCESS_KEY_ID": "AKIAGATELEGTESTS0000",
        "AWS_SECRET_ACCESS_KEY": "local",
        "LAMBDA_TASK_ROOT": "/var/task",
        "_X_AMZN_TRACE_ID": f"Root={TRACE};Parent={PARENT};Sampled=1",
        "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
        "GATELEG_TABLE_NOTES": store.table_name,
        "AWS_ENDPOINT_URL_DYNAMODB": client.meta.endpoint_url,
    }
    environment = {**os.environ, **variables}
    environment.pop("POWERTOOLS_TRACE_DISABLED", None)
    done = subprocess.run(
        [sys.executable, "-c", FUNCTION], cwd=Path(__file__).parents[3], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    write, read, handler = (received(daemon) for _ in range(3))
    assert (handler["name"], handler["annotations"]["Service"], handler["parent_id"]) == ("## handler", "notes", PARENT)
    asked = [(one["name"], one["aws"]["operation"], one["aws"]["table_name"], one["parent_id"]) for one in (write, read)]
    assert asked == [("dynamodb", name, store.table_name, handler["id"]) for name in ("PutItem", "GetItem")]
    assert {one["trace_id"] for one in (write, read, handler)} == {TRACE}
