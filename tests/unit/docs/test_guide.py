"""The WebSocket API that docs/guide.md shows has the routes that it seems to have."""

from __future__ import annotations

import pytest

from gateleg.describe import describe


@pytest.mark.slow
def test_the_room_has_its_routes_and_what_they_use() -> None:
    described = describe("examples.guide.room:app")
    routes = {route.key: route for route in described.routes}

    assert {"join", "send"} <= set(routes)
    assert [use.operation for use in routes["send"].uses][:1] == ["create"]
