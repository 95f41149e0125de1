"""The roles of an API's integrations: one for each thing that is done to one resource, whatever the number of routes."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Reference, Stack, Tokenization
from aws_cdk import aws_iam as iam

from gateleg.cdk.acknowledgements import acknowledge, wide_resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import IResource
    from constructs import Construct


class Roles:
    """The roles of one API.

    Args:
        scope: The gateway.
    """

    def __init__(self, scope: Construct) -> None:
        self._scope = scope
        self._stack_path = Stack.of(scope).node.path
        self._made: dict[tuple[str, str], iam.Role] = {}

    def of(self, doing: str, target: str, allowed: Mapping[str, Sequence[str]], wildcards: str = "") -> str:
        """The ARN of the role that may do one thing to one resource.

        Args:
            doing: What is done, as the construct's id says it: `SqsSend`.
            target: The path of the resource in the construct tree; empty where nobody knows it, and what is allowed tells it from others.
            allowed: By the ARN of a resource, the IAM actions on it.
            wildcards: Why ARNs among them may have wildcards; stack checkers tell of those unless given.
        """
        digest = self._digest(allowed)
        name = f"{doing}-{_id_part(target.removeprefix(f'{self._stack_path}/')) or digest}"
        role = self._made.get((name, digest))
        if role is None:
            # Paths of several resources may read alike, `Jobs-High` and `Jobs/High`: what may be done tells them apart.
            taken = any(name == other for other, _ in self._made)
            role = self._made[name, digest] = self._role(f"{name}-{digest}" if taken else name, allowed, wildcards)
        return role.role_arn

    @property
    def all(self) -> list[iam.Role]:
        """The roles that were made."""
        return list(self._made.values())

    def elsewhere(self, resource: IResource) -> tuple[str | None, str | None]:
        """The region and the account of a resource, each where the stack is of another."""
        own, its = Stack.of(self._scope), resource.env
        return (its.region if its.region != own.region else None, its.account if its.account != own.account else None)

    def _role(self, name: str, allowed: Mapping[str, Sequence[str]], wildcards: str) -> iam.Role:
        statements = [iam.PolicyStatement(actions=list(actions), resources=[arn]) for arn, actions in allowed.items()]
        role = iam.Role(
            self._scope,
            name,
            assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("apigateway.amazonaws.com")),
            inline_policies={"integration": iam.PolicyDocument(statements=statements)},
        )
        if wildcards:
            acknowledge(role, wildcards, *(wide_resource(role, arn) for arn in allowed if "*" in arn))
        return role

    def _digest(self, allowed: Mapping[str, Sequence[str]]) -> str:
        # Tokens are numbered as they come; what they stand for is not. Logical ids say nothing of the stack.
        found = [(self._stacks(arn), Stack.of(self._scope).resolve(arn), sorted(actions)) for arn, actions in allowed.items()]
        return sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:8]

    def _stacks(self, arn: str) -> list[str]:
        """The other stacks whose resources an ARN names."""
        tokens = cast("list[Any]", Tokenization.reverse_string(arn).tokens)
        paths = [Stack.of(token.target).node.path for token in tokens if Reference.is_reference(token)]
        return [path for path in paths if path != self._stack_path]


def key_statements(key: Any, *actions: str) -> dict[str, list[str]]:
    """What a role may do with the key that a resource is encrypted with; nothing where there is none."""
    return {} if key is None else {key.key_arn: list(actions)}


def _id_part(target: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", target).strip("-")
