"""Trying what is rendered now with a part of a stage's requests, while the rest stays with a deployment that is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Token

from gateleg.cdk.arguments import FLAG, check, mapping, number, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_apigateway as apigateway

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]{1,512}")
_DEPLOYMENT = re.compile(r"[a-z0-9]{6,10}")


@dataclass(frozen=True)
class Canary:
    """A release that goes to a part of the requests first.

    `Canary()` keeps deployments that are replaced, and tells the one that is live as an output. `Canary(stable="k2x9ab")` leaves the stage with
    that deployment, and sends a part of the requests to what is rendered now. `Canary()` again sends all of them there.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html.

    Args:
        percent: How many of a hundred requests try the new deployment.
        stable: The id of the deployment that the others stay with; none, and no canary, unless given.
        variables: Stage variables of the canary that differ from the stage's.
        use_stage_cache: Whether the canary's answers come from the stage's cache and go there.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    percent: float = 10
    stable: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    use_stage_cache: bool = False

    def __post_init__(self) -> None:
        check(
            "Canary",
            percent=(self.percent, number(0, 100)),
            stable=(self.stable, optional(_deployment)),
            variables=(self.variables, stage_variables),
            use_stage_cache=(self.use_stage_cache, FLAG),
        )
        if self.stable is None and (self.variables or self.use_stage_cache):
            message = (
                "Canary was told how the canary runs, and not what stays; write stable='k2x9ab', the id of the deployment that is live"
            )
            raise DeclarationError(message, path="Canary.stable", value=None)

    def over(self, stage: apigateway.CfnStage, deployment_id: str) -> None:
        """Let a stage stay with what is stable, and a part of its requests go to a deployment.

        Args:
            stage: The stage.
            deployment_id: What is new.
        """
        if self.stable is None:
            return
        stage.deployment_id = self.stable
        stage.canary_setting = type(stage).CanarySettingProperty(
            deployment_id=deployment_id,
            percent_traffic=self.percent,
            stage_variable_overrides=dict(self.variables) or None,
            use_stage_cache=self.use_stage_cache,
        )


def stage_variables(value: Any) -> str | None:
    """The rule for variables of a stage; values that CloudFormation makes are taken as they are."""
    wanted = mapping(lambda one: None if isinstance(one, str) else "a text")(value)
    if wanted is not None:
        return wanted
    for name, text in value.items():
        if not _NAME.fullmatch(name):
            return f"variables named with at most 64 letters, digits and _, which {name!r} is not"
        if not (Token.is_unresolved(text) or _VALUE.fullmatch(text)):
            return f"values of at most 512 of A-Z a-z 0-9 - . _ ~ : / ? # & = , for stage variables, which {text!r} at {name!r} is not"
    return None


def _deployment(value: Any) -> str | None:
    fits = isinstance(value, str) and (Token.is_unresolved(value) or _DEPLOYMENT.fullmatch(value))
    return None if fits else "the id of a deployment, such as 'k2x9ab', as the output tells it"
