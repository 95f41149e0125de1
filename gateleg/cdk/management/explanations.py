"""Why findings of strict stack checkers are no faults of what the constructs build, each read from what is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.acknowledgements import CONTROL_TOWER, acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_cdk import CfnResource
    from aws_cdk import aws_apigateway as apigateway
    from constructs import IConstruct

    from gateleg.cdk.path_gateway import PathGateway
    from gateleg.cdk.rest_gateway import RestGateway
    from gateleg.cdk.service_function import ServiceFunction

_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
_OUTSIDE_VPCS = frozenset(
    {"dynamodb", "events", "execute-api", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "ssm", "states", "xray"}
)
"""Services that are reached at AWS's own endpoints, and stand in no VPC."""

_PRIVATE = "The policy is of one role, that of {}, and goes with it: nobody else can be given it."
_NOT_IN_A_VPC = "The role of the function may reach {} alone, which stand in no VPC, and nothing connects to a function."
_NOT_CACHED = "The stage keeps no answers, so that there are none to encrypt."
_UNASKED = "A stage keeps answers of routes that are named to it alone, and this one was named none."
_CACHED = "The stage keeps encrypted what it keeps: answers to {}; those to others are not kept."
_FUNCTIONS_ALONE = "The API calls no HTTP backend, to which alone a stage shows its certificate: {} answer, over TLS and by IAM."
_FROM_ONE_API = "The permission has a SourceAccount, the stack's own, and a SourceArn, of one API; the rule reads neither where CloudFormation fills it in."


def explain_function(made: ServiceFunction) -> None:
    """Explain a function's policy, the network that it is not in, and that it has no dead letter queue.

    Args:
        made: The function.
    """
    resource: Any = made.function.node.default_child
    if isinstance(resource, lambda_.CfnFunction):
        services = set(_services(made.role))
        if resource.vpc_config is None and services <= _OUTSIDE_VPCS:
            reason = _NOT_IN_A_VPC.format(", ".join(sorted(services)))
            _explain(resource, reason, "LambdaInsideVPC", checkov="CKV_AWS_117", control_tower="lambda_inside_vpc_check")
        if (waited_for := _waited_for(made.function)) is not None:
            _explain(resource, waited_for, "LambdaDLQ", checkov="CKV_AWS_116")
    _explain(made.role, _PRIVATE.format(f"the function {made.node.path}"), "IAMNoInlinePolicy")


def explain_integrations(gateway: PathGateway) -> None:
    """Explain the policies of the roles by which API Gateway calls services itself.

    Args:
        gateway: The gateway.
    """
    for role in gateway.integration_roles:
        _explain(role, _PRIVATE.format(f"the integration {role.node.path}"), "IAMNoInlinePolicy")


def explain_permission(permission: lambda_.CfnPermission) -> None:
    """Explain that an API may invoke a function.

    Args:
        permission: The permission.
    """
    if permission.source_account is not None and permission.source_arn is not None:
        acknowledge(permission, _FROM_ONE_API, f"{CONTROL_TOWER}lambda_function_public_access_prohibited_check")


def explain_stage(gateway: RestGateway, stage: apigateway.Stage) -> None:
    """Explain that a stage has no certificate, and what it keeps of answers.

    Args:
        gateway: The stage's gateway.
        stage: The stage.
    """
    kinds = gateway.integration_types
    if not kinds & {"http", "http_proxy"}:
        _explain(stage, _FUNCTIONS_ALONE.format(", ".join(sorted(kinds)) or "none"), "APIGWSSLEnabled")
    resource = cast("apigateway.CfnStage", stage.node.default_child)
    entries: list[Mapping[str, Any]] = Stack.of(stage).resolve(resource.method_settings) or []
    cached = [entry for entry in entries if entry.get("cachingEnabled")]
    if all(entry.get("cacheDataEncrypted") for entry in cached):
        names = ", ".join(f"{entry['httpMethod']} {str(entry['resourcePath']).removeprefix('/').replace('~1', '/')}" for entry in cached)
        _explain(stage, _CACHED.format(names) if cached else _NOT_CACHED, "APIGWCacheEnabledAndEncrypted")
    if not cached:
        _skip(resource, "CKV_AWS_120", _UNASKED)


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


def _waited_for(function: lambda_.Function) -> str | None:
    """Why the function needs no dead letter queue, as a gateway's permission or a table's consumer said; `None` where nobody did."""
    entries: list[dict[str, str]] = [entry.data for entry in function.node.metadata if entry.type == "aws:cdk:acknowledged-rules"]
    reasons = [reason for entry in entries for rule, reason in entry.items() if rule.endswith("Serverless-LambdaDLQ")]
    return reasons[0] if reasons else None


def _explain(construct: IConstruct, reason: str, rule: str, *, checkov: str = "", control_tower: str = "") -> None:
    """Say a reason to every checker that has the rule: cdk-nag's packs by its name there, the others by their own."""
    others = [f"{CONTROL_TOWER}{control_tower}"] if control_tower else []
    acknowledge(construct, reason, *(f"{pack}-{rule}" for pack in _PACKS), *others)
    if checkov:
        _skip(cast("CfnResource", construct), checkov, reason)


def _skip(resource: CfnResource, rule: str, reason: str) -> None:
    """Checkov reads templates alone, and its acknowledgements stand there."""
    skipped: dict[str, list[dict[str, str]]] = resource.get_metadata("checkov") or {"skip": []}
    resource.add_metadata("checkov", {"skip": [*skipped["skip"], {"id": rule, "comment": reason}]})
