"""What an authorizer may be declared to do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.authorizers import CognitoAuthorizer, RequestAuthorizer, TokenAuthorizer, ttl_seconds
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk.authorizers import Authorizer


@pytest.fixture(params=[TokenAuthorizer, RequestAuthorizer, CognitoAuthorizer])
def remembering(request: pytest.FixtureRequest) -> Callable[..., Authorizer]:
    """Each kind of authorizer whose answers API Gateway remembers, with what it needs."""
    stack = Stack()
    if request.param is CognitoAuthorizer:
        return partial(CognitoAuthorizer, [cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-north-1_pool")])
    return partial(request.param, lambda_.Function.from_function_name(stack, "Judge", "judge"))


def test_answers_are_remembered_for_an_hour_at_most(remembering: Callable[..., Authorizer]) -> None:
    remembering(ttl=Duration.hours(1))
    with pytest.raises(AuthorizerError, match="at most 3600 seconds, got 3601"):
        remembering(ttl=Duration.seconds(3601))


def test_answers_are_remembered_for_five_minutes_where_nothing_is_said() -> None:
    assert ttl_seconds(None) == 300


@pytest.mark.parametrize("pattern", ["([", "Bearer (.*", "*"])
def test_a_pattern_is_a_regular_expression(pattern: str) -> None:
    judge = lambda_.Function.from_function_name(Stack(), "Judge", "judge")
    with pytest.raises(AuthorizerError, match=r"pattern=\.\.\.\) takes a regular expression \("):
        TokenAuthorizer(judge, pattern=pattern)
    for taken in (r"^Bearer [-\w.]+$", r"\p{Alnum}+", r"[a-z]++"):
        TokenAuthorizer(judge, pattern=taken)
