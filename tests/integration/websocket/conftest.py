"""The registry on a real DynamoDB engine, and a real HTTP server in the place of `@connections`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.model import Table
from gateleg.websocket import Connections

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

CHAT = Table("chat", partition_key="pk", sort_key="sk", ttl="expires_at")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    Connections(CHAT)  # declares the registry's entities before the table is made
    return make_store(CHAT)


@pytest.fixture
def connections(store: Store) -> Connections:
    return Connections(CHAT, store=store)
