"""Findings of stack checkers that are known and meant, each on the one resource it speaks of and with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations

if TYPE_CHECKING:
    from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Tell policy validators, such as cdk-nag, that a finding on this construct is meant.

    Args:
        construct: The narrowest construct that has the finding.
        rule: The finding's id, such as `AwsSolutions-IAM5[Resource::*]`.
        reason: Why it is meant; it stands in the validation report.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
