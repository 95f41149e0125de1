"""Whom a statement of a resource policy is about: who signs, and who does not.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html has the tables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.policy_reach import statements, texts
from gateleg.cdk.body_rules.reading import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_IDENTITY = frozenset(
    f"aws:{name}".lower()
    for name in (
        "TokenIssueTime",
        "MultiFactorAuthPresent",
        "MultiFactorAuthAge",
        "PrincipalAccount",
        "PrincipalArn",
        "PrincipalOrgID",
        "PrincipalOrgPaths",
        "PrincipalTag",
        "PrincipalType",
        "userid",
        "username",
    )
)
"""The keys of conditions that only signed requests have.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html.
"""
_OF_ALL = frozenset({"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid"})
"""Those that every signed request has."""
_OWNERS = frozenset({"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid"})
"""Those by which a policy says whose identities it means; names and tags are given by whoever owns an account."""
_OF_NOBODY = frozenset({"aws:securetransport", "aws:currenttime", "aws:epochtime"})
"""Those that say nothing of who calls: API Gateway answers over TLS alone."""
_ANYWHERE = frozenset({"*", "0.0.0.0/0", "::/0"})
_ANY_OWNER = re.compile(r"[*?]+|arn:[^:]*:[^:]*:[^:]*:[*?]+:.*", re.DOTALL)


def is_for_unsigned(statement: Mapping[str, Any]) -> bool | None:
    """Whether a statement is about every request that nobody signs; `None` where it is about some of them."""
    if not _is_for_everybody(statement):
        return False
    held = [_holds_unsigned(operator, value) if key in _IDENTITY else None for operator, key, value in conditions(statement)]
    return False if False in held else None if None in held else True


def lets_everybody_in(policy: Mapping[str, Any]) -> bool:
    """Whether a policy says nothing of who may call: it allows everybody, and no statement that denies narrows that.

    Args:
        policy: The policy document.
    """
    said = list(statements(policy))
    allowing = [one for one in said if one.get("Effect") == "Allow" and is_for_unsigned(one) is not False]
    denying = [one for one in said if one.get("Effect") == "Deny" and is_for_unsigned(one) is not False]
    return any(map(_asks_nothing, allowing)) and all("Condition" in one and _asks_nothing(one) for one in denying)


def _asks_nothing(statement: Mapping[str, Any]) -> bool:
    """Whether every request fulfils the conditions of a statement that allows, or none those of one that denies."""
    return all(key in _OF_NOBODY or _ANYWHERE & {*texts(value)} for _, key, value in conditions(statement))


def _holds_unsigned(operator: str, value: Any) -> bool:
    """Whether a condition holds of a key that a request has not.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
    """
    if operator == "Null":
        return str(texts(value)[:1]).lower() == "['true']" or value is True
    return "Not" in operator or operator.endswith("IfExists") or operator.startswith("ForAllValues:")


def lets_in_anybody(statement: Mapping[str, Any]) -> bool:
    """Whether a statement that allows does so to identities of any account: by whom it names, and by what it asks of them.

    Args:
        statement: The statement.
    """
    return _is_for_everybody(statement) and not any(_names_owners(*one) or _is_of_unsigned(*one) for one in conditions(statement))


def narrows(statement: Mapping[str, Any]) -> bool:
    """Whether a statement that denies does so to all identities but those whose owners it names, and asks for nothing else.

    Args:
        statement: The statement.
    """
    if "NotPrincipal" in statement:
        return not _is_anybody(statement["NotPrincipal"]) and not mapping(statement.get("Condition"))
    asked = list(conditions(statement))
    return _is_anybody(statement.get("Principal")) and bool(asked) and all(key in _OWNERS and _is_negated(how) for how, key, _ in asked)


def conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """What a statement asks of requests: the operator, the key in lower case, without the name of a tag, and what is beside it.

    Args:
        statement: The statement.
    """
    for operator, keys in mapping(statement.get("Condition")).items():
        for key, value in mapping(keys).items():
            yield operator, key.lower().partition("/")[0], value


def _is_for_everybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return not _is_anybody(statement["NotPrincipal"])
    return _is_anybody(statement.get("Principal"))


def _is_anybody(principal: Any) -> bool:
    """Whether a principal is everybody."""
    return "*" in {principal if isinstance(principal, str) else "", *texts(mapping(principal).get("AWS"))}


def _names_owners(operator: str, key: str, value: Any) -> bool:
    """Whether a condition holds of identities of some owners alone."""
    if key not in _OWNERS or _is_negated(operator) or operator == "Null" or operator.startswith("ForAllValues:"):
        return False
    return not any(_ANY_OWNER.fullmatch(one) for one in texts(value))


def _is_of_unsigned(operator: str, key: str, value: Any) -> bool:
    """Whether a condition holds of no request that is signed."""
    return key in _OF_ALL and operator == "Null" and _holds_unsigned(operator, value)


def _is_negated(operator: str) -> bool:
    return "Not" in operator
