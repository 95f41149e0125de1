"""The role that a function takes on for one tenant: it reaches the items whose keys begin with the tenant that its session is tagged with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_iam as iam

from gateleg.description.names import TENANT, TENANT_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct

    from gateleg.description import Use

_VARIABLE: Final = f"${{aws:PrincipalTag/{TENANT_TAG}}}"


def tenant_role(scope: Construct, function: iam.Role) -> iam.Role:
    """The role that sessions for one tenant are of; a session says its tenant by a tag, without which nobody gets one.

    Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html.

    Args:
        scope: The construct that it is made in.
        function: The role of the function, which alone takes it on.
    """
    trusted: Any = iam.ArnPrincipal(function.role_arn)
    conditions = {"StringLike": {f"aws:RequestTag/{TENANT_TAG}": "?*"}, "ForAllValues:StringEquals": {"aws:TagKeys": [TENANT_TAG]}}
    principal: Any = iam.SessionTagsPrincipal(iam.PrincipalWithConditions(trusted, conditions))
    role = iam.Role(scope, "TenantRole", assumed_by=principal, description="one tenant's items")
    grantee: Any = function
    iam.Grant.add_to_principal(grantee=grantee, actions=["sts:AssumeRole", "sts:TagSession"], resource_arns=[role.role_arn])
    return role


def conditions_of(leading: Iterable[str]) -> dict[str, Any]:
    """What holds a statement to items whose keys begin so, such as those of the session's tenant; a request without keys, such as a scan, is for none.

    Args:
        leading: What the keys begin with, as a `Use` says it.
    """
    values = [text.replace(TENANT, _VARIABLE) for text in leading]
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": values}, "Null": {"dynamodb:LeadingKeys": "false"}}


def split(uses: Iterable[Use]) -> tuple[list[Use], list[Use]]:
    """The uses that a function itself is granted, and those of sessions of one tenant."""
    given = list(uses)
    return [use for use in given if use.tenant is None], [use for use in given if use.tenant is not None]
