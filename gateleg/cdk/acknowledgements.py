"""Findings of stack checkers that are known and meant, each on the one resource it speaks of and with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Acknowledgment, Stack, Validations

if TYPE_CHECKING:
    from constructs import IConstruct

CONTROL_TOWER = "cdk-validator-cfnguard::"
"""What stands before the ids of AWS Control Tower's rules, which `cdklabs.cdk-validator-cfnguard` checks."""


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """Tell policy validators, such as cdk-nag, that findings on this construct are meant.

    Args:
        construct: The narrowest construct that has them.
        reason: Why they are meant; it stands in the validation report.
        *rules: The findings' ids, such as `AwsSolutions-IAM5[Resource::*]`.
    """
    Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule in rules))


def unexplained(construct: IConstruct, rule: str) -> str | None:
    """The path of what acknowledges a finding on a construct without a reason, which CDK takes; `None` where nothing does.

    Args:
        construct: What the finding is on; what is above it may acknowledge it as well.
        rule: The finding's id, such as `gateleg::door`.
    """
    for scope in construct.node.scopes:
        for entry in scope.node.metadata:
            if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY and not str(entry.data.get(rule, "-")).strip():
                return scope.node.path or "the app"
    return None


def wide_resource(construct: IConstruct, arn: str) -> str:
    """The id of cdk-nag's finding that a policy names resources with a wildcard.

    Args:
        construct: What is of the stack whose template has the policy.
        arn: The ARN in the policy.
    """
    return f"AwsSolutions-IAM5[Resource::{_flat(Stack.of(construct).resolve(arn))}]"


def _flat(value: Any) -> str:
    """A resolved value as cdk-nag writes it: `<Logical.Arn>/notes/*`."""
    found = cast("dict[str, Any]", value) if isinstance(value, dict) else {"": value}
    [(kind, parts)] = found.items()
    match kind:
        case "Fn::Join":
            return str(parts[0]).join(_flat(part) for part in parts[1])
        case "Fn::GetAtt":
            return f"<{parts[0]}.{parts[1]}>"
        case "Ref":
            return f"<{parts}>"
        case _:
            return str(parts)
