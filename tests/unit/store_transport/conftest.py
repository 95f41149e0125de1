from __future__ import annotations

import pytest

from tests.unit.store_transport.canned import Canned


@pytest.fixture(scope="session")
def shared() -> Canned:
    """One client for all, since making one takes longer than using it."""
    return Canned()


@pytest.fixture
def canned(shared: Canned) -> Canned:
    shared.say({})
    return shared
