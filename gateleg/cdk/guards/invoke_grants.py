"""Who was let call routes that IAM guards, on every stage that an API has or gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge, wide_resource
from gateleg.cdk.arns import execute_api_arn
from gateleg.cdk.guards.invoking import cannot_grant, check_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VARIABLES = "A * stands for a variable in the path of a route that was named; it reaches no route that IAM guards and that was not."


class InvokeGrants:
    """What a gateway granted by `grant_invoke`.

    Args:
        gateway: The gateway.
        kind: `rest` or `http`.
        api_id: The API's id.
    """

    def __init__(self, gateway: Construct, kind: str, api_id: str) -> None:
        self._gateway, self._kind, self._api_id = gateway, kind, api_id
        self._given: list[tuple[iam.IGrantable, Sequence[str]]] = []

    def give(self, grantee: iam.IGrantable, parts: Sequence[str], first: str, added: Iterable[str]) -> iam.Grant:
        """Let somebody call, and return the grant for the first stage.

        Args:
            grantee: Who.
            parts: What the ARNs of the routes have behind their stages.
            first: The first stage.
            added: The stages beside it.

        Raises:
            AuthorizerError: The grantee takes no policy of this account.
        """
        check_account(self._gateway, grantee, self._kind)
        grant = self._grant(grantee, parts, first)
        if not grant.success:
            raise cannot_grant(grantee, self._kind)
        self._given.append((grantee, parts))
        for stage in added:
            self._grant(grantee, parts, stage)
        return grant

    def hold_on(self, stage: str) -> None:
        """Let whoever may call, call on a stage that is added, too."""
        for grantee, parts in self._given:
            self._grant(grantee, parts, stage)

    def _grant(self, grantee: iam.IGrantable, parts: Sequence[str], stage: str) -> iam.Grant:
        arns = [execute_api_arn(self._api_id, f"{stage}/{part}") for part in parts]
        if isinstance(principal := grantee.grant_principal, Construct):
            acknowledge(principal, _VARIABLES, *(wide_resource(self._gateway, arn) for arn in arns if "*" in arn))
        return iam.Grant.add_to_principal(grantee=grantee, actions=["execute-api:Invoke"], resource_arns=arns)
