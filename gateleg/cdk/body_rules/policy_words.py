"""Words of resource policies that mean nothing to AWS: operators, keys and actions that are not there, and operators that a key never fits.

A statement with one of them is refused at deployment, denies nobody, or denies everybody. Operators:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html. Keys:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html. Actions:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.policy_reach import policies, texts
from gateleg.cdk.body_rules.reading import MADE, Finding, mapping

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gateleg.cdk.body_rules.reading import RestApi

_ACTIONS = ("execute-api:Invoke", "execute-api:InvalidateCache", "execute-api:ManageConnections")
_TEXTS = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"})
_NUMBERS = frozenset(f"Numeric{how}" for how in ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"))
_MOMENTS = frozenset(one.replace("Numeric", "Date") for one in _NUMBERS)
_ADDRESSES = frozenset({"IpAddress"})
_FACTS = frozenset({"Bool", "StringEquals", "StringEqualsIgnoreCase", "StringLike"})
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
_OPERATORS = _TEXTS | _NUMBERS | _MOMENTS | _ADDRESSES | {"Bool", "BinaryEquals", "Null"} | _NEGATED.keys()
_KINDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("SourceIp", "VpcSourceIp"), _ADDRESSES),
    **dict.fromkeys(("CurrentTime", "EpochTime", "TokenIssueTime"), _MOMENTS | _NUMBERS),
    "MultiFactorAuthAge": _NUMBERS,
    **dict.fromkeys(("MultiFactorAuthPresent", "SecureTransport"), _FACTS),
    **dict.fromkeys(
        (
            *("PrincipalAccount", "PrincipalArn", "PrincipalOrgID", "PrincipalOrgPaths", "PrincipalTag", "PrincipalType", "Referer"),
            *("SourceArn", "SourceVpc", "SourceVpce", "UserAgent", "userid", "username"),
        ),
        _TEXTS,
    ),
}
"""The keys that API Gateway gives to resource policies, without `aws:`, each with the operators that fit what it says."""
_GIVEN = {f"aws:{name}".lower(): (f"aws:{name}", fits) for name, fits in _KINDS.items()} | {
    "execute-api:viadomainarn": ("execute-api:viaDomainArn", _TEXTS)
}
_TAG = "aws:principaltag"
"""A key that has the name of the tag behind a slash."""
_ELSEWHERE = frozenset(
    f"aws:{name}".lower()
    for name in (
        *("CalledVia", "CalledViaFirst", "CalledViaLast", "ViaAWSService", "PrincipalIsAWSService", "PrincipalServiceName"),
        *("PrincipalServiceNamesList", "SourceAccount", "SourceOrgID", "SourceOrgPaths", "SourceIdentity", "SourceVpcArn", "VpceAccount"),
        *(
            "VpceOrgID",
            "VpceOrgPaths",
            "ResourceAccount",
            "ResourceOrgID",
            "ResourceOrgPaths",
            "ResourceTag",
            "RequestedRegion",
            "RequestTag",
        ),
        *("TagKeys", "FederatedProvider", "AssumedRoot", "Ec2InstanceSourceVpc", "Ec2InstanceSourcePrivateIPv4"),
    )
)
"""Global keys that API Gateway does not tell of: it may give them all the same."""


def operators(api: RestApi) -> Iterator[Finding]:
    """AWS refuses a policy with an operator that is not there, and an operator that does not fit a key never holds, or always.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
    """
    for where, operator, key, value in _asked(api):
        bare = plain(operator)
        if bare not in _OPERATORS:
            said = f"there is no operator {operator!r}, and AWS refuses the policy; write {_like(operator, _OPERATORS)}"
            yield Finding(where, said)
        elif bare != "Null" and (known := _GIVEN.get(_name(key))) is not None:
            name, fits = known
            if _NEGATED.get(bare, bare) not in fits:
                said = f"{operator} does not fit {name}, so that the condition {_outcome(bare)}; write {_fitting(bare, fits)}"
                yield Finding(where, said)
            elif fits is _ADDRESSES:
                yield from (Finding(where, one) for one in map(_address, texts(value)) if one is not None)


def keys(api: RestApi) -> Iterator[Finding]:
    """A key that API Gateway does not give never holds, or always, where it is negated.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html.
    """
    for where, operator, key, _ in _asked(api):
        tag = key.partition("/")[2] or "team"
        known = [f"{name}/{tag}" if name.lower() == _TAG else name for name, _ in _GIVEN.values()]
        if _name(key) not in _GIVEN or key.lower() in {_TAG, f"{_TAG}/"}:
            said = f"API Gateway gives a policy no {key!r}, so that the condition {_outcome(operator)}; write {_like(key, known)}"
            yield Finding(where, said, "warning" if _name(key) in _ELSEWHERE else "error")


def actions(api: RestApi) -> Iterator[Finding]:
    """A statement is about actions of `execute-api`, or about none that is asked of the API.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html.
    """
    for where, statement in _statements(api):
        for action in texts(statement.get("Action", statement.get("NotAction"))):
            pattern = re.escape(action).replace(r"\*", ".*").replace(r"\?", ".")
            if MADE not in action and not any(re.fullmatch(pattern, known, re.IGNORECASE) for known in _ACTIONS):
                said = f"there is no action {action!r} that is asked of an API, so that naming it decides nothing; write {_like(action, _ACTIONS)}"
                yield Finding(where, said)


def _statements(api: RestApi) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, policy in policies(api):
        given: Any = policy.get("Statement")
        yield from ((where, mapping(one)) for one in (given if isinstance(given, list) else [given]))  # pyright: ignore[reportUnknownVariableType] (JSON)


def _asked(api: RestApi) -> Iterator[tuple[str, str, str, Any]]:
    """What statements ask: where they stand, the operator, the key and what is beside it."""
    for where, statement in _statements(api):
        for operator, asked in mapping(statement.get("Condition")).items():
            yield from ((where, operator, key, value) for key, value in mapping(asked).items())


def plain(operator: str) -> str:
    """An operator without what it does with several values, or with none.

    Args:
        operator: `ForAnyValue:StringLikeIfExists`.
    """
    return re.sub(r"^(?:ForAllValues|ForAnyValue):|IfExists$", "", operator)


def _name(key: str) -> str:
    """A key in lower case; of a tag, without its name."""
    return key.lower().partition("/")[0]


def _outcome(operator: str) -> str:
    return "holds of every request" if plain(operator) in _NEGATED or operator.endswith("IfExists") else "holds of no request"


def _fitting(bare: str, fits: Collection[str]) -> str:
    """The operators that fit, negated where the one that does not is so."""
    negated = {one: name for name, one in _NEGATED.items()}
    return " or ".join(sorted(negated[one] if bare in _NEGATED and one in negated else one for one in fits))


def _like(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=3, cutoff=0.5) or sorted(known)[:3]
    return f"one of {', '.join(near)}" if len(near) > 1 else near[0]


def _address(said: str) -> str | None:
    try:
        ipaddress.ip_network(said, strict=False)
    except ValueError:
        return (
            None if MADE in said else f"{said!r} is no address, and AWS refuses the policy; write one, or a range, such as 203.0.113.0/24"
        )
    return None
