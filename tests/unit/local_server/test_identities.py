"""A person of an identity pool is given the role of their group, as Cognito documents role mappings by tokens."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.local.server.identities import role_by_token

PROVIDER = "cognito-idp.eu-west-1.amazonaws.com/pool"
GROUPS = {
    "moderators": {"RoleArn": "arn:moderators", "Precedence": 1},
    "helpers": {"RoleArn": "arn:helpers", "Precedence": 1},
    "writers": {"RoleArn": "arn:writers"},
    "readers": {"RoleArn": ""},
}


def pool(**mapping: str) -> dict[str, Any]:
    """As CloudFormation makes it: the mapping's key is any name."""
    return {"_role_mappings": {"people": {"IdentityProvider": f"{PROVIDER}:page", "Type": "Token", **mapping}}}


def role(record: dict[str, Any], *groups: str, client: str = "page") -> tuple[str | None, bool]:
    return role_by_token(record, PROVIDER, {"aud": client, "cognito:groups": list(groups)}, GROUPS)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ((), None),
        (("readers",), None),
        (("gone",), None),
        (("writers",), "arn:writers"),
        (("writers", "moderators"), "arn:moderators"),
        (("moderators", "helpers"), None),
    ],
)
def test_the_first_group_decides_and_two_of_one_precedence_do_not(groups: tuple[str, ...], expected: str | None) -> None:
    assert role(pool(AmbiguousRoleResolution="AuthenticatedRole"), *groups) == (expected, False)


def test_there_must_be_a_role_where_the_mapping_denies_otherwise() -> None:
    assert role(pool(AmbiguousRoleResolution="Deny")) == (None, True)


def test_a_mapping_is_for_its_own_client_and_kind() -> None:
    assert role(pool(), "moderators", client="another") == (None, False)
    assert role(pool(Type="Rules"), "moderators") == (None, False)
    assert role({"_role_mappings": {f"{PROVIDER}:page": {"Type": "Token"}}}, "moderators") == ("arn:moderators", False)
    assert role({}, "moderators") == (None, False)
