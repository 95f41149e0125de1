"""The roles of an API's integrations: one for each thing that is done to one resource, whatever the number of routes."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from gateleg.cdk.acknowledgements import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

_KEYS_REASON = (
    "The object's key is made of the request's parameters; the role reaches what begins as the declared key does, and no other object."
)


class Roles:
    """The roles of one API.

    Args:
        scope: The gateway.
    """

    def __init__(self, scope: Construct) -> None:
        self._scope = scope
        self._stack_path = Stack.of(scope).node.path
        self._made: dict[str, iam.Role] = {}

    def of(self, doing: str, target: str, allowed: Mapping[str, Sequence[str]]) -> str:
        """The ARN of the role that may do one thing to one resource.

        Args:
            doing: What is done, as the construct's id says it: `SqsSend`.
            target: The path of the resource in the construct tree; empty where nobody knows it, and what is allowed tells it from others.
            allowed: By the ARN of a resource, the IAM actions on it.
        """
        name = f"{doing}-{_id_part(target.removeprefix(f'{self._stack_path}/')) or self._digest(allowed)}"
        if name not in self._made:
            statements = [iam.PolicyStatement(actions=list(actions), resources=[arn]) for arn, actions in allowed.items()]
            role = iam.Role(
                self._scope,
                name,
                assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("apigateway.amazonaws.com")),
                inline_policies={"integration": iam.PolicyDocument(statements=statements)},
            )
            if any(arn.endswith("*") for arn in allowed):
                acknowledge(role, _KEYS_REASON, "AwsSolutions-IAM5")
            self._made[name] = role
        return self._made[name].role_arn

    def _digest(self, allowed: Mapping[str, Sequence[str]]) -> str:
        # Tokens are numbered as they come; what they stand for is not.
        resolved = Stack.of(self._scope).resolve(list(allowed))
        return sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:8]


def key_statements(key: Any, *actions: str) -> dict[str, list[str]]:
    """What a role may do with the key that a resource is encrypted with; nothing where there is none."""
    return {} if key is None else {key.key_arn: list(actions)}


def _id_part(target: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", target).strip("-")
