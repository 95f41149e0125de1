"""Telling a person what takes its time."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_AGAIN_SECONDS: Final = 10.0
_NOTICED_SECONDS: Final = 1.0


@contextmanager
def step(report: Callable[[str], None], doing: str) -> Generator[None]:
    """Tell that something begins, every ten seconds that it still goes on, and how long it took where that was noticed.

    Args:
        report: Takes one line.
        doing: What it is, such as `synthesizing`.
    """
    began = time.monotonic()
    done = threading.Event()

    def remind() -> None:
        while not done.wait(_AGAIN_SECONDS):
            report(f"still {doing}, for {time.monotonic() - began:.0f} s")

    report(doing)
    reminder = threading.Thread(target=remind, name="gateleg-progress", daemon=True)
    reminder.start()
    try:
        yield
    finally:
        done.set()
        reminder.join()
    if (took := time.monotonic() - began) > _NOTICED_SECONDS:
        report(f"{doing} took {took:.1f} s")
