"""What is put into events that the emulator leaves out."""

from __future__ import annotations

import itertools
from typing import Any

from gateleg.local.server.events import completing_websocket


def test_a_connection_was_opened_at_one_moment_from_its_first_event_to_its_last() -> None:
    moments = itertools.count(1_000)

    def build(kind: str) -> dict[str, Any]:
        return {"connectionId": "c", "eventType": kind, "connectedAt": next(moments)}

    completed = completing_websocket(build)
    kinds = ["CONNECT", "CONNECT", "MESSAGE", "DISCONNECT", "CONNECT"]
    assert [completed(kind)["connectedAt"] for kind in kinds] == [1_000, 1_000, 1_000, 1_000, 1_004]
