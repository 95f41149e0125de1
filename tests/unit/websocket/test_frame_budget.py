"""What one frame costs in calls of Python: it is read once and written once."""

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from gateleg.websocket import WebSocketResolver
from tests.unit.websocket.events import CONNECTION, socket_event
from tests.unit.websocket.management import Management

READS, WRITES = "from_json", "to_json"


class Calls:
    """Counts the calls of a thread.

    Attributes:
        files: Calls of Python functions, by the file in which they are.
        built_in: Calls of built-in ones, by name.
    """

    def __init__(self) -> None:
        self.files = Counter[str]()
        self.built_in = Counter[str]()

    def __call__(self, frame: FrameType, kind: str, argument: Any) -> None:
        if kind == "call":
            self.files[frame.f_code.co_filename] += 1
        elif kind == "c_call":
            self.built_in[getattr(argument, "__name__", "")] += 1


def counted(app: WebSocketResolver, event: dict[str, Any]) -> Calls:
    """The calls that an event takes, once everything is warm."""
    for _ in range(3):
        app(event, None)
    calls = Calls()
    before = sys.getprofile()
    sys.setprofile(calls)
    try:
        app(event, None)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(("answers", "most", "files"), [(True, 90, 27), (False, 36, 14)])
def test_a_frame_keeps_its_budget(management: Management, answers: bool, most: int, files: int) -> None:  # noqa: FBT001 (a parameter of the test)
    """Before: 170 calls in 31 files for a frame that is answered. In a second's first frame the credentials are read anew, which is a dozen more."""
    app = WebSocketResolver()

    @app.route("send")
    def send(room: str, body: str) -> dict[str, str] | None:
        return {"room": room, "body": body} if answers else None

    calls = counted(
        app, socket_event("send", {"action": "send", **({"request_id": "1"} if answers else {}), "room": "lobby", "body": "hello"})
    )
    assert calls.files.total() <= most, calls.files
    assert len(calls.files) <= files, calls.files
    assert calls.built_in[READS] == 1
    assert len(management.sent_to(CONNECTION)) == (4 if answers else 0)


def test_an_answer_without_an_annotation_is_written_once(management: Management) -> None:
    app = WebSocketResolver()

    @app.route("send")
    def send() -> object:
        return {"a": 1}

    calls = counted(app, socket_event("send", {"action": "send"}))
    assert calls.built_in[WRITES] == 1
    assert management.sent_to(CONNECTION)[0]["data"] == {"a": 1}
