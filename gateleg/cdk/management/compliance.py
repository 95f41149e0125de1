"""A preset for HIPAA, NIST 800-53 and PCI DSS, as cdk-nag checks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import AspectPriority, Aspects, IAspect, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import a, check, having, number
from gateleg.cdk.management.encryption import encrypt, encrypted_in
from gateleg.cdk.rest_gateway import RestGateway
from gateleg.cdk.service_function import ServiceFunction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_cdk import aws_kms as kms
    from constructs import IConstruct

_PACKS = ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
_OUTSIDE_VPCS = frozenset(
    {"dynamodb", "events", "execute-api", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "ssm", "states", "xray"}
)
"""Services that are reached at AWS's own endpoints, and stand in no VPC."""

_PRIVATE = "The policy is of one role, that of the function {}, and goes with it: nobody else can be given it."
_SYNCHRONOUS = "API Gateway invokes the function and waits for its answer; a dead letter queue serves asynchronous events only."
_NOT_IN_A_VPC = "The role of the function may reach {} alone, which stand in no VPC, and nothing connects to a function."
_NOT_CACHED = "The stage keeps no answers, so that there are none to encrypt."
_CACHED = "The stage keeps encrypted what it keeps: answers to {}; those to others are not kept."
_FUNCTIONS_ALONE = "The API calls no HTTP backend, to which alone a stage shows its certificate: {} answer, over TLS and by IAM."


@dataclass(frozen=True)
class Compliance:
    """What cdk-nag's packs for HIPAA, NIST 800-53 r5 and PCI DSS 3.2.1 ask of the constructs, and why the rest of it is not needed.

    `apply` has everything encrypted that is kept (`encrypt`) and limits how many of each function run at once. What the packs ask beside is
    acknowledged where what is built answers it, with a reason that is read from it: nothing is acknowledged for what others made, for a function
    whose role may reach into a VPC, or for a stage that calls HTTP backends without a certificate. A web ACL is yours to give.

    The packs check templates. They make nobody compliant by themselves.

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
            encryption_key=(self.encryption_key, having("a Key of aws_kms", "key_arn")),
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
                self._function(construct)
            elif isinstance(construct, RestGateway):
                for stage in construct.stages:
                    _explain_stage(construct, stage)

    def _function(self, made: ServiceFunction) -> None:
        resource: Any = made.function.node.default_child
        if isinstance(resource, lambda_.CfnFunction):
            if resource.reserved_concurrent_executions is None:
                resource.reserved_concurrent_executions = self._reserved
            services = set(_services(made.role))
            if resource.vpc_config is None and services <= _OUTSIDE_VPCS:
                _explain(resource, _NOT_IN_A_VPC.format(", ".join(sorted(services))), "LambdaInsideVPC")
        if _answers_api_gateway(made.function):
            _explain(made.function, _SYNCHRONOUS, "LambdaDLQ")
        _explain(made.role, _PRIVATE.format(made.node.path), "IAMNoInlinePolicy")


def _explain_stage(gateway: RestGateway, stage: apigateway.Stage) -> None:
    kinds = gateway.integration_types
    if not kinds & {"http", "http_proxy"}:
        _explain(stage, _FUNCTIONS_ALONE.format(", ".join(sorted(kinds)) or "none"), "APIGWSSLEnabled")
    resource = cast("apigateway.CfnStage", stage.node.default_child)
    entries: list[Mapping[str, Any]] = Stack.of(stage).resolve(resource.method_settings) or []
    cached = [entry for entry in entries if entry.get("cachingEnabled")]
    if all(entry.get("cacheDataEncrypted") for entry in cached):
        names = ", ".join(f"{entry['httpMethod']} {str(entry['resourcePath']).removeprefix('/').replace('~1', '/')}" for entry in cached)
        _explain(stage, _CACHED.format(names) if cached else _NOT_CACHED, "APIGWCacheEnabledAndEncrypted")


def _services(role: iam.Role) -> Iterator[str]:
    """The services whose actions a role allows; `*` for what nobody can tell."""
    for part in role.node.find_all():
        if isinstance(part, iam.CfnRole):
            inline: list[Any] = Stack.of(part).resolve(part.policies) or []
            documents = [policy["policyDocument"] for policy in inline]
            if Stack.of(part).resolve(part.managed_policy_arns):
                yield "*"
        elif isinstance(part, iam.CfnPolicy):
            documents = [Stack.of(part).resolve(part.policy_document)]
        else:
            continue
        for statement in (one for document in documents for one in document.get("Statement", ())):
            actions = statement.get("Action", "*")
            for action in [actions] if isinstance(actions, str) else actions:
                # Network interfaces belong to functions in a VPC, which are not explained.
                yield str(action).split(":", 1)[0]


def _answers_api_gateway(function: lambda_.Function) -> bool:
    """Whether a gateway's permission said that the function is waited for."""
    acknowledged = [rule for entry in function.node.metadata if entry.type == "aws:cdk:acknowledged-rules" for rule in entry.data]
    return any(rule.endswith("Serverless-LambdaDLQ") for rule in acknowledged)


def _explain(construct: IConstruct, reason: str, rule: str) -> None:
    acknowledge(construct, reason, *(f"{pack}-{rule}" for pack in _PACKS))
