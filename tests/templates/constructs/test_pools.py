"""What user pools that guard routes have, and whom they let in, is told at synth with what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_cognito as cognito

from gateleg.cdk import CognitoAuthorizer
from gateleg.description import Route
from tests.templates.constructs.samples import gateway, judged, rest_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

READ = Route("GET /orders", "svc.rest:orders", security=({"people": ["orders/read"]},))
MINE = Route("GET /mine", "svc.rest:mine", security=({"people": []},))


def judge(code: HandlerCode, pool: Callable[[Stack], cognito.UserPool], *routes: Route, refused: bool = False) -> str:
    def build(stack: Stack) -> None:
        gateway(stack, code, apps=[rest_description(*routes)], authorizers={"people": CognitoAuthorizer([pool(stack)])})

    return judged(build, refused=refused)


def offering(stack: Stack, name: str) -> cognito.UserPool:
    pool = cognito.UserPool(stack, "Pool")
    offered = cognito.ResourceServerScope(scope_name=name, scope_description="...")
    pool.add_resource_server("orders", identifier="orders", scopes=[offered])
    return pool


def acknowledged(stack: Stack) -> cognito.UserPool:
    pool = cognito.UserPool(stack, "Pool", self_sign_up_enabled=True)
    Validations.of(pool).acknowledge(Acknowledgment(id="gateleg::sign_up", reason="whoever likes may buy"))
    return pool


def test_a_scope_that_no_token_holds_is_refused_and_one_that_is_offered_is_taken(code: HandlerCode) -> None:
    refused = judge(code, lambda stack: cognito.UserPool(stack, "Pool"), READ, refused=True)
    assert "add it, pool.add_resource_server('orders', identifier='orders', scopes=[ResourceServerScope(scope_name='read'" in refused
    assert "write one of 'orders/raed'" in judge(code, lambda stack: offering(stack, "raed"), READ, refused=True)
    assert judge(code, lambda stack: offering(stack, "read"), READ) == ""


def test_a_pool_in_which_everybody_signs_up_is_told_until_it_is_not_or_somebody_says_why(code: HandlerCode) -> None:
    def pool(stack: Stack) -> cognito.UserPool:
        return cognito.UserPool(stack, "Pool", self_sign_up_enabled=True)

    assert "write self_sign_up_enabled=False, a trigger that judges who comes" in judge(code, pool, MINE)
    assert judge(code, lambda stack: cognito.UserPool(stack, "Pool"), MINE) == ""
    assert judge(code, acknowledged, MINE) == ""
