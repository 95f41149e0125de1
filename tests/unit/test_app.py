"""The CDK app of this repository deploys the service that `SERVICE` names, and says which there are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_a_service_that_is_not_there_is_refused_with_those_that_are() -> None:
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, "SERVICE": "shop,shoe"}, capture_output=True, text=True, check=False
    )
    stacks = {path.stem for path in (ROOT / "stacks").glob("*.py")} - {"__init__", "moderators"}

    assert done.returncode != 0
    assert done.stderr.startswith("there is no service 'shoe'; write one of chat, dashboard, game, media, shop, or several")
    assert all(stack in done.stderr for stack in stacks)


@pytest.mark.parametrize("service", ["dashboard", "game", "media", "shop"])
def test_each_service_has_a_page_in_the_docs_that_says_how_to_run_it(service: str) -> None:
    page = ROOT / "docs" / "services" / f"{service}.md"

    assert f"make run SERVICE={service}\n" in page.read_text(encoding="utf-8")
