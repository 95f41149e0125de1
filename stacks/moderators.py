"""Who moderates the chat: people with a password, and the identities by which those of one group call what IAM guards."""

from __future__ import annotations

from typing import Any, cast

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk.aws_cognito_identitypool import (
    IdentityPool,
    IdentityPoolAuthenticationProviders,
    IdentityPoolProviderUrl,
    IdentityPoolRoleMapping,
    UserPoolAuthenticationProvider,
)
from constructs import Construct

_NO_SECOND_FACTOR = "A demonstration, whose page asks for a name and a password alone; moderators of a real chat show a second factor."


class Moderators(Construct):
    """A user pool, whose people are made by an administrator, and an identity pool.

    Whoever signs in has an identity that may do nothing; those of the group `moderators` have the role of the group.

    Attributes:
        role: What moderators may do; nothing until it is granted something.
        variables: What the page must know, as environment variables of its handlers.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        policy = cognito.PasswordPolicy(
            min_length=12, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True
        )
        pool = cognito.UserPool(self, "People", self_sign_up_enabled=False, password_policy=policy)
        reasons = {"AwsSolutions-COG2": _NO_SECOND_FACTOR, "AwsSolutions-COG8": "A demonstration: the plus plan costs by the person."}
        Validations.of(pool).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items()))
        client = pool.add_client("Page", auth_flows=cognito.AuthFlow(user_password=True), disable_o_auth=True)
        mapping = IdentityPoolRoleMapping(
            provider_url=IdentityPoolProviderUrl.user_pool(pool, client), mapping_key="people", use_token=True, resolve_ambiguous_roles=True
        )
        identities = IdentityPool(
            self,
            "Identities",
            authentication_providers=IdentityPoolAuthenticationProviders(
                user_pools=[UserPoolAuthenticationProvider(user_pool=pool, user_pool_client=client)]
            ),
            role_mappings=[mapping],
        )
        conditions = {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": identities.identity_pool_id},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
        }
        federated: Any = iam.WebIdentityPrincipal("cognito-identity.amazonaws.com", conditions)
        self.role: iam.Role = iam.Role(self, "Role", assumed_by=federated)
        cognito.UserPoolGroup(self, "Group", user_pool=pool, group_name="moderators", role=cast("iam.IRole", self.role))
        self.variables: dict[str, str] = {
            "CHAT_USER_POOL": pool.user_pool_id,
            "CHAT_USER_POOL_CLIENT": client.user_pool_client_id,
            "CHAT_IDENTITY_POOL": identities.identity_pool_id,
            "CHAT_REGION": Stack.of(self).region,
        }
