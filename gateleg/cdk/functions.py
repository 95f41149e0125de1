"""What the gateways accept as a function, and what they ask of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack, Token
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.arguments import either, having
from gateleg.cdk.service_function import ServiceFunction
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from constructs import Construct

FunctionLike = lambda_.IFunction | lambda_.FunctionBase | ServiceFunction
"""A CDK function, alias or imported function, or a `ServiceFunction`."""

FUNCTION = either(having("a Function, alias or imported function of CDK", "function_arn"), having("a ServiceFunction", "function", "role"))
"""The rule for arguments that take a `FunctionLike`."""

MAX_TIMEOUT = 29
"""For how many seconds API Gateway waits for a function, unless the account's quota was raised."""


def as_function(function: FunctionLike) -> lambda_.IFunction:
    """What is invoked: of a `ServiceFunction` with a `release` its alias, also where its bare function is given."""
    if isinstance(function, ServiceFunction):
        return cast("lambda_.IFunction", function.invoked)
    owner: Any = function.node.scope if isinstance(function, lambda_.Function) else None
    is_own = isinstance(owner, ServiceFunction) and function.node.path == owner.function.node.path
    return cast("lambda_.IFunction", owner.invoked if is_own else function)


def behind(function: FunctionLike) -> lambda_.IFunction:
    """The function itself, where it is named by a version or an alias."""
    l2 = as_function(function)
    version = l2.version if isinstance(l2, lambda_.Alias) else l2
    return version.lambda_ if isinstance(version, lambda_.Version) else l2


def owned(function: FunctionLike) -> FunctionLike:
    """The `ServiceFunction` that a function, its version or its alias belongs to; the function itself where there is none."""
    l2 = behind(function)
    owner = l2.node.scope if isinstance(l2, lambda_.Function) else None
    return owner if isinstance(owner, ServiceFunction) and owner.function.node.path == l2.node.path else l2


def authorizes(function: FunctionLike) -> str | None:
    """Where an authorizer's function finds its token, as far as that is known: `querystring.NAME`, or `channel` of a subscription."""
    owner = owned(function)
    return owner.authorizes if isinstance(owner, ServiceFunction) else None


def check_timeout(function: FunctionLike, route: str) -> None:
    """Check that a function ends before API Gateway stops waiting.

    Raises:
        DeclarationError: Its timeout is 29 seconds or more.
    """
    l2 = behind(function)
    timeout = l2.timeout if isinstance(l2, lambda_.Function) else None
    if timeout is None or timeout.is_unresolved():
        return
    if (seconds := timeout.to_seconds()) >= MAX_TIMEOUT:
        message = f"{l2.node.path} answers {route} and may run for {seconds:g} s, and API Gateway waits {MAX_TIMEOUT} s; pass a timeout below that"
        raise DeclarationError(message, path=l2.node.path, value=seconds, code="declaration.timeout")


def check_stage_name(name: str) -> None:
    """Refuse a stage's name that cannot be the first segment of a URL.

    Raises:
        DeclarationError: It cannot.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", name):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
        message = f"a stage is named with A-Z a-z 0-9 _ -, up to 128 characters, got {name!r}; write stage_name='live' or the like"
        raise DeclarationError(message, path="stage_name", value=name, code="declaration.stage")


def invocation_uri(scope: Construct, function: FunctionLike) -> dict[str, Any]:
    """The URI by which API Gateway invokes a function, as a `Fn::Sub`: half the bytes of the `Fn::Join` that a token makes.

    Call it while the stack is resolved, when logical ids are final.

    Args:
        scope: A construct of the stack that will hold the URI.
        function: The function.
    """
    l2 = as_function(function)
    stack = Stack.of(scope)
    prefix = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    arn = stack.resolve(l2.function_arn) if Stack.of(l2) is stack else None
    if l2.node.default_child is None and not isinstance(arn, str):
        arn = None  # an imported function stands here, and its ARN may be a reference to another stack, which CDK must see
    match arn:
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return {"Fn::Sub": f"{prefix}${{{logical_id}.{attribute}}}/invocations"}
        case {"Ref": str(logical_id)}:
            return {"Fn::Sub": f"{prefix}${{{logical_id}}}/invocations"}
        case str() if not Token.is_unresolved(arn):
            return {"Fn::Sub": f"{prefix}{arn}/invocations"}
        case _:
            return {"Fn::Sub": [f"{prefix}${{Function}}/invocations", {"Function": l2.function_arn}]}
