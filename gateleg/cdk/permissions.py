"""API Gateway's permission to invoke functions: one for each API and function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arns import account, execute_api_arn
from gateleg.cdk.functions import FunctionLike, as_function, behind
from gateleg.cdk.service_function import ServiceFunction
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from constructs import Construct

_SYNCHRONOUS = "API Gateway invokes the function and waits for its answer; a dead letter queue serves asynchronous events only."


class Permissions:
    """The permissions of one API.

    A function's policy holds 20 KB, which one permission a route would fill at some fifty routes.

    Args:
        scope: The gateway; permissions belong to its stack, so that a function elsewhere never depends on the API.
        api_id: The API's id.

    Attributes:
        api_id: The same.
        functions: Those that the API may invoke, each once.
    """

    def __init__(self, scope: Construct, api_id: str) -> None:
        self._scope = scope
        self.api_id: str = api_id
        self.functions: list[lambda_.IFunction] = []
        self._stack_path = Stack.of(scope).node.path
        self._made: dict[str, tuple[str, lambda_.CfnPermission]] = {}

    def allow(self, function: FunctionLike, source: str) -> str:
        """Let the API invoke a function, and return the name by which its permission goes.

        A function of another account is its owner's to open; synth says how.

        Args:
            function: The function.
            source: The part of the API that invokes: `live/*/*`, `authorizers/*`. Where two parts invoke one function, the
                permission covers the API.

        Raises:
            DeclarationError: The function is of another region, or is named as `$LATEST`.
        """
        l2 = as_function(function)
        _refuse_latest(l2)
        key = l2.node.path
        name = self._relative(key)
        self._check_region(l2)
        if self._is_foreign(l2):
            self._tell_owner(l2)
            return name
        if key in self._made:
            known, permission = self._made[key]
            if known not in {source, "*"}:
                permission.source_arn = execute_api_arn(self.api_id, "*")
                self._made[key] = ("*", permission)
            return name
        self._made[key] = (source, self._permission(f"Invoke-{name}", l2, source))
        self.functions.append(l2)
        if isinstance((own := behind(l2)).node.scope, ServiceFunction):
            acknowledge(own, _SYNCHRONOUS, "Serverless-LambdaDLQ")
        return name

    def allow_stage(self, function: FunctionLike, stage: str) -> None:
        """Let a stage more invoke a function for what the first one invokes it for: of the function of one route, that route alone.

        Args:
            function: The function, which the first stage may invoke.
            stage: The stage's name.
        """
        l2 = as_function(function)
        known = self._made[l2.node.path][0] if l2.node.path in self._made else "*"  # another account's owner was told
        part = known.partition("/")[2]
        if known != "*" and part == "*/*":
            self.allow(function, f"{stage}/*/*")
        elif known != "*":
            id_ = f"Invoke-{self._relative(l2.node.path)}-{stage}"
            if self._scope.node.try_find_child(id_) is None:
                self._permission(id_, l2, f"{stage}/{part}")

    def _permission(self, id_: str, function: lambda_.IFunction, source: str) -> lambda_.CfnPermission:
        return lambda_.CfnPermission(
            self._scope,
            id_,
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="apigateway.amazonaws.com",
            source_account=account(),
            source_arn=execute_api_arn(self.api_id, source),
        )

    def _is_foreign(self, function: lambda_.IFunction) -> bool:
        if isinstance(behind(function), lambda_.Function):
            return False
        theirs, ours = function.env.account, Stack.of(self._scope).account
        return theirs != ours and not (Token.is_unresolved(theirs) or Token.is_unresolved(ours))

    def _check_region(self, function: lambda_.IFunction) -> None:
        """Refuse a function of another region, where no permission can be made from here."""
        if isinstance(behind(function), lambda_.Function) and Stack.of(function).node.path == self._stack_path:
            return
        theirs, ours = function.env.region, Stack.of(self._scope).region
        if theirs != ours and not (Token.is_unresolved(theirs) or Token.is_unresolved(ours)):
            message = (
                f"{function.node.path} is in {theirs}, and the API in {ours}, from where nobody can let it be called; name a function of {ours}, or deploy "
                f"the gateway to {theirs}"
            )
            raise DeclarationError(message, path=function.node.path, value=theirs, code="declaration.region")

    def _tell_owner(self, function: lambda_.IFunction) -> None:
        text = (
            f"{function.function_arn} belongs to another account, and no permission can be made there from here: every call is a 500 until its owner "
            f"runs aws lambda add-permission --function-name {function.function_arn} --statement-id gateway --action lambda:InvokeFunction "
            f"--principal apigateway.amazonaws.com --source-account {Stack.of(self._scope).account}"
        )
        Annotations.of(self._scope).add_warning_v2(f"gateleg:permission:{function.node.id}", text)

    def _relative(self, path: str) -> str:
        """The function's path from the stack on, so that renaming the stack renames no resource."""
        return path.removeprefix(f"{self._stack_path}/").replace("/", "-")


def _refuse_latest(function: lambda_.IFunction) -> None:
    """Refuse `$LATEST`, for which Lambda takes no permission: terraform-aws-modules/terraform-aws-lambda#36."""
    if function.function_arn.endswith(":$LATEST"):
        message = f"{function.node.path} is $LATEST, for which Lambda takes no permission; give the function itself, which is the same, or an alias"
        raise DeclarationError(message, path=function.node.path, value="$LATEST")
