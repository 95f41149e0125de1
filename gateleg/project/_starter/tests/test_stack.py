"""What the stack deploys: its meaning first, a snapshot of the whole template as a second net."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.starter import StarterStack

if TYPE_CHECKING:
    from gateleg.testing import Synth, TemplateView
    from syrupy.assertion import SnapshotAssertion


@pytest.fixture(scope="session")
def starter(synth: Synth) -> TemplateView:
    return synth(lambda app: StarterStack(app, "Starter"))
# [rest]


def test_only_the_health_check_is_public(starter: TemplateView) -> None:
    public = {route.key for route in starter.routes() if route.authorizer is None}

    assert public == {"GET /health"}
# [end]
# [websocket]


def test_nobody_connects_without_the_key(starter: TemplateView) -> None:
    assert starter.websocket_route("$connect").authorizer is not None
# [end]
# [table]
# [rest]


def test_the_rest_handlers_may_do_what_their_routes_declare(starter: TemplateView) -> None:
    allowed = starter.function("starter-rest").allowed_actions(on=starter.table("starter"))

    # [websocket]
    # Broadcasting asks who is connected, and forgets who is gone.
    assert allowed == {"dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"}
    # [end]
    assert allowed == {"dynamodb:Query", "dynamodb:PutItem"}  # [no websocket]
# [end]


def test_the_authorizer_cannot_touch_the_table(starter: TemplateView) -> None:
    authorizer = starter.function("starter-authorizer-handler")

    assert authorizer.allowed_actions(on=starter.table("starter")) == set()
# [end]


def test_the_template_is_the_one_that_was_reviewed(starter: TemplateView, template_snapshot: SnapshotAssertion) -> None:
    """A logical id that moves would deploy an empty table: read what changed before `make snapshot`."""
    assert starter == template_snapshot
