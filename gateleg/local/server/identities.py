"""Which role the identities of a Cognito identity pool are given: that of a person's group, where the pool maps roles by tokens; and who signs nothing.

Follows https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html.
"""

from __future__ import annotations

from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any

from gateleg.local.server import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LAST = 2**31
"""The precedence of a group that has none."""


def role_by_token(pool: Mapping[str, Any], provider: str, claims: Mapping[str, Any], groups: Mapping[str, Any]) -> tuple[str | None, bool]:
    """The role of a person's group, if the pool maps roles by tokens and one group stands before the others; and whether there must be one.

    Args:
        pool: The emulator's record of the identity pool.
        provider: The user pool as a login names it.
        claims: What the ID token says.
        groups: The emulator's records of the user pool's groups, by name.
    """
    mappings: Mapping[str, dict[str, str]] = pool.get("_role_mappings") or {}
    asked = f"{provider}:{claims.get('aud')}"
    mapping = next((found for name, found in mappings.items() if asked in {name, found.get("IdentityProvider")}), dict[str, str]())
    if mapping.get("Type") != "Token":
        return None, False
    roles = [groups[name] for name in claims.get("cognito:groups") or () if groups.get(name, {}).get("RoleArn")]
    precedence = {group["RoleArn"]: _precedence(group) for group in roles}
    first = [role for role, found in precedence.items() if found == min(precedence.values())]
    return (first[0] if len(first) == 1 else None), mapping.get("AmbiguousRoleResolution") == "Deny"


def giving_roles(original: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Wrap what gives credentials for an identity, which knows one role for all who signed in.

    Args:
        original: The emulator's own.
    """
    turn = Lock()

    @wraps(original)
    def give(data: dict[str, Any]) -> Any:
        pool = inside.identity_pool_of(str(data.get("IdentityId")))
        logins: Mapping[str, Any] = data.get("Logins") or {}
        if pool is None:
            return original(data)
        for provider, token in logins.items():
            role, needed = role_by_token(pool, provider, inside.claims_of(token), inside.groups_of(provider.rpartition("/")[2]))
            if role is not None:
                return _as(role, pool, original, data, turn)
            if needed:
                return inside.refused_by_cognito("InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration.")
        return original(data)

    return give


def _as(role: str, pool: dict[str, Any], original: Callable[[dict[str, Any]], Any], data: dict[str, Any], turn: Lock) -> Any:
    with turn:
        roles = pool["_roles"]
        pool["_roles"] = {**roles, "authenticated": role}
        try:
            return original(data)
        finally:
            pool["_roles"] = roles


def _precedence(group: Mapping[str, Any]) -> int:
    found = group.get("Precedence")
    return _LAST if found is None else int(found)


def nameless(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Wrap what tells the value of a condition key: of who signs nothing there is no ARN.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn.

    Args:
        original: The emulator's own.
    """

    @wraps(original)
    def told(key: str, context: Any) -> Any:
        return None if key.lower() == "aws:principalarn" and context.principal_type == "Anonymous" else original(key, context)

    return told
