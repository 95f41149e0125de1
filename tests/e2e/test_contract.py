"""The deployed chat keeps what its reference says: asked by a program that reads nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.examples import ask_by_reference

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import DeployedChat

pytestmark = pytest.mark.e2e

EXAMPLES = "5"


def test_whatever_is_asked_is_answered_as_the_reference_says(chat_service: DeployedChat, tmp_path: Path) -> None:
    url, token = chat_service.url.rstrip("/"), chat_service.sign_in("ann").token
    said = ask_by_reference(
        url,
        tmp_path,
        *("--header", f"Authorization: Bearer {token}", "--max-examples", EXAMPLES),
        # Moderators sign their requests, which this program cannot; API Gateway answers 403, not 401, to who does not.
        *("--exclude-method", "DELETE"),
        # What an entity takes, and which cursors are there, no schema of a parameter says; API Gateway answers what no route takes with 403.
        excluded="positive_data_acceptance,unsupported_method",
    )
    assert "Selected: 8/9" in said
