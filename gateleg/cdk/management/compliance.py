"""A preset for HIPAA, NIST 800-53, PCI DSS and AWS Control Tower, as stack checkers look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import AspectPriority, Aspects, IAspect, Token
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from gateleg.cdk.arguments import a, check, kms_key, number
from gateleg.cdk.management.encryption import encrypt, encrypted_in
from gateleg.cdk.management.explanations import explain_function, explain_integrations, explain_permission, explain_stage
from gateleg.cdk.path_gateway import PathGateway
from gateleg.cdk.rest_gateway import RestGateway
from gateleg.cdk.service_function import ServiceFunction

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from constructs import IConstruct

_A_YEAR = 365


@dataclass(frozen=True)
class Compliance:
    """What strict stack checkers ask of the constructs, and why the rest of it is not needed.

    The checkers are cdk-nag's packs for HIPAA, NIST 800-53 r4 and r5 and PCI DSS 3.2.1, the rules of AWS Control Tower as
    `cdklabs.cdk-validator-cfnguard` has them, and checkov.

    `apply` has everything encrypted that is kept (`encrypt`), logs kept for a year where they were to be kept for less, and limits how many of each
    function run at once. What the checkers ask beside is acknowledged where what is built answers it, with a reason that is read from it: nothing is
    acknowledged for what others made, for a function whose role may reach into a VPC or that nothing waits for, or for a stage that calls HTTP
    backends without a certificate. A web ACL is yours to give, and the key's own policy yours to write.

    They check templates, and make nobody compliant by themselves.

    Args:
        encryption_key: The key.
        reserved_concurrency: How many of each function may run at once, where its own options do not say. An account reserves for all its functions
            together at most 100 less than its quota, which is 1,000 unless raised.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    encryption_key: kms.IKey | kms.Key
    reserved_concurrency: int

    def __post_init__(self) -> None:
        check(
            "Compliance",
            encryption_key=(self.encryption_key, kms_key),
            reserved_concurrency=(self.reserved_concurrency, number(1, float("inf"), int)),
        )

    def apply(self, scope: Construct) -> None:
        """Ask this of everything that will be made in a scope. Call it before the constructs are made.

        Args:
            scope: The scope, such as a stack.

        Raises:
            DeclarationError: The scope is none, has a key already, or constructs were made in it before.
        """
        check("Compliance.apply", scope=(scope, a("a construct, such as a stack", Construct)))
        encrypt(scope, self.encryption_key)
        Aspects.of(scope).add(cast("IAspect", _Applied(scope, self.reserved_concurrency)), priority=AspectPriority.READONLY)


@jsii.implements(IAspect)
class _Applied:
    """Looks at what is built, when it is complete."""

    def __init__(self, scope: Construct, reserved_concurrency: int) -> None:
        self._scope: Construct | None = scope
        self._reserved = reserved_concurrency

    def visit(self, node: IConstruct) -> None:
        del node  # the first is the scope itself
        built, self._scope = encrypted_in(self._scope) if self._scope is not None else [], None
        for construct in built:
            if isinstance(construct, ServiceFunction):
                self._limit(construct.function)
                explain_function(construct)
            elif isinstance(construct, PathGateway):
                explain_integrations(construct)
            if isinstance(construct, RestGateway):
                for stage in construct.stages:
                    explain_stage(construct, stage)
            for part in construct.node.find_all():
                _look_at(part)

    def _limit(self, function: lambda_.Function) -> None:
        resource: Any = function.node.default_child
        if isinstance(resource, lambda_.CfnFunction) and resource.reserved_concurrent_executions is None:
            resource.reserved_concurrent_executions = self._reserved


def _look_at(part: IConstruct) -> None:
    """Keep logs for a year, and explain permissions."""
    if isinstance(part, logs.CfnLogGroup):
        days = part.retention_in_days
        if days is not None and not Token.is_unresolved(days) and days < _A_YEAR:
            part.retention_in_days = _A_YEAR
    elif isinstance(part, lambda_.CfnPermission):
        explain_permission(part)
