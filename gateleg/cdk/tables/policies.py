"""Resource policies of tables and streams, checked for what DynamoDB or CloudFormation would refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_cdk import Stack
    from aws_cdk import aws_iam as iam

_MOST_BYTES = 20_480


def check_policy(argument: str, policy: iam.PolicyDocument, stack: Stack) -> None:
    """Check a resource policy as it is when the table is made.

    Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html and
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html.

    Args:
        argument: The argument that it was given by, for messages.
        policy: The policy.
        stack: The table's stack.

    Raises:
        DeclarationError: It is empty or too long, lets anybody in, or everybody but a few, or has a statement without a principal, or about an action of no service.
    """
    from gateleg.cdk.integrations.service_actions import unknown_action  # few tables have a policy

    document = stack.resolve(policy)
    path = f"ModelTable.{argument}"
    found = list(_statements(document))
    if not found:
        raise DeclarationError(f"{argument} has no statement; add one, or leave it out", path=path, value=document)
    size = len(json.dumps(document, separators=(",", ":")).encode())
    if size > _MOST_BYTES:
        raise DeclarationError(f"{argument} has {size} bytes, and DynamoDB takes {_MOST_BYTES}", path=path, value=size)
    for statement in found:
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        if principal is None:
            message = (
                f"{argument} has a statement without a principal; say whom it speaks of: principals=[iam.AccountPrincipal('111122223333')]"
            )
            raise DeclarationError(message, path=path, value=statement)
        if statement.get("Effect") == "Allow" and "NotPrincipal" in statement:
            message = (
                f"{argument} lets in everybody but those whom a statement names (not_principals=); name those who may, principals=, "
                "or let the statement deny"
            )
            raise DeclarationError(message, path=path, value=statement)
        if statement.get("Effect") == "Allow" and _is_anybody(principal) and not statement.get("Condition"):
            message = (
                f"{argument} lets anybody in, which DynamoDB refuses; name the principals, or add a condition such as aws:PrincipalOrgID"
            )
            raise DeclarationError(message, path=path, value=statement)
        for action in _plain(statement.get("Action", statement.get("NotAction"))):
            if (wrong := unknown_action(action)) is not None:
                raise DeclarationError(f"{argument} speaks of {action!r}, and {wrong}", path=path, value=action)


def _plain(actions: Any) -> list[str]:
    """The actions that are named without wildcards, and not made by CloudFormation."""
    given: list[Any] = actions if isinstance(actions, list) else [actions]  # pyright: ignore[reportUnknownVariableType] (JSON)
    return [one for one in given if isinstance(one, str) and "*" not in one and "?" not in one]


def _statements(document: Any) -> Iterator[Mapping[str, Any]]:
    given: Any = cast("dict[str, Any]", document or {}).get("Statement", [])
    yield from (given if isinstance(given, list) else [given])


def _is_anybody(principal: Any) -> bool:
    if isinstance(principal, dict):
        return any(_is_anybody(value) for value in cast("dict[str, Any]", principal).values())
    return "*" in principal if isinstance(principal, list) else principal == "*"
