"""The browser client against a clock, a source of chance and a server that are made up: what `client.test.mjs` and `channel.test.mjs` say of it, a test each."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

PROGRAMS = [Path(__file__).with_name(name) for name in ("client.test.mjs", "channel.test.mjs")]
NAMES = [name for program in PROGRAMS for name in re.findall(r'^test\("(.*?)"', program.read_text(encoding="utf-8"), re.MULTILINE)]


@pytest.fixture(scope="module")
def failures(node: str, script: Path) -> dict[str, str | None]:
    """What Node says of each test: why it failed, or nothing."""
    environment = {**os.environ, "GATELEG_CLIENT": str(script)}
    command = [node, "--test", "--test-reporter=junit", *(program.name for program in PROGRAMS)]
    done = subprocess.run(command, cwd=PROGRAMS[0].parent, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert "<testsuites>" in done.stdout, done.stdout + done.stderr
    cases = ET.fromstring(done.stdout).iter("testcase")  # noqa: S314 (Node wrote it)
    return {case.attrib["name"]: next((failure.text or "" for failure in case.iter("failure")), None) for case in cases}


@pytest.mark.parametrize("name", NAMES)
def test_the_client(failures: dict[str, str | None], name: str) -> None:
    assert failures[name] is None, failures[name]


def test_every_test_is_told_by_its_name(failures: dict[str, str | None]) -> None:
    assert len(NAMES) > 20
    assert set(failures) == set(NAMES)
