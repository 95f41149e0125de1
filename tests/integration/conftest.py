"""What needs DynamoDB runs on two engines: ministack, and Amazon's own DynamoDB Local. Each is started once and stopped at the end."""

from __future__ import annotations

import pytest

from tests.unit.websocket.conftest import management

__all__ = ["dynamodb_name", "management"]


@pytest.fixture(scope="session", params=["ministack", "local"])
def dynamodb_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name
