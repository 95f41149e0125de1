"""What the template tests share: the synth of the project, on a runtime that no developer's Python changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateleg.testing import SynthSettings


@pytest.fixture(scope="session")
def synth_settings(synth_settings: SynthSettings) -> SynthSettings:
    """The plugin's, with the newest runtime, as the snapshots have it; what is deployed from here follows the interpreter."""
    return replace(synth_settings, context={"gateleg:runtime": "python3.14"})
