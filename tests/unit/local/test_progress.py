"""Lines for what takes its time."""

from __future__ import annotations

import re
import threading
import time

import pytest

from gateleg.local import progress
from gateleg.local.progress import step


def test_what_is_quick_is_one_line() -> None:
    lines: list[str] = []
    with step(lines.append, "synthesizing"):
        pass
    assert lines == ["synthesizing"]


def test_what_takes_long_is_told_again_and_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(progress, "_NOTICED_SECONDS", 0.1)
    lines: list[str] = []
    reminded = threading.Event()

    def report(line: str) -> None:
        lines.append(line)
        if line.startswith("still"):
            reminded.set()

    with step(report, "deploying A"):
        assert reminded.wait(60)
        time.sleep(0.2)
    assert lines[0] == "deploying A"
    assert re.fullmatch(r"still deploying A, for \d+ s", lines[1])
    assert re.fullmatch(r"deploying A took \d+\.\d s", lines[-1])


def test_what_fails_does_not_say_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_NOTICED_SECONDS", -1.0)
    lines: list[str] = []
    with pytest.raises(KeyError), step(lines.append, "deploying"):
        raise KeyError
    assert lines == ["deploying"]
