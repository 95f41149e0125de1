"""Findings of stack checkers that are known and meant, each on the one resource it speaks of and with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations

if TYPE_CHECKING:
    from constructs import IConstruct


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """Tell policy validators, such as cdk-nag, that findings on this construct are meant.

    Args:
        construct: The narrowest construct that has them.
        reason: Why they are meant; it stands in the validation report.
        *rules: The findings' ids, such as `AwsSolutions-IAM5[Resource::*]`.
    """
    Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule in rules))
