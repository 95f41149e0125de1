"""An API whose routes are for people, for partners with a key, for identities of a pool, and for anyone."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk.aws_cognito import (
    AuthFlow,
    CognitoDomainOptions,
    OAuthFlows,
    OAuthScope,
    OAuthSettings,
    ResourceServerScope,
    UserPool,
)
from aws_cdk.aws_cognito_identitypool import (
    IdentityPool,
    IdentityPoolAuthenticationProviders,
    UserPoolAuthenticationProvider,
)
from constructs import Construct

from gateleg.cdk import ApiKeyAuthorizer, CognitoAuthorizer, IamAuthorizer, Quota, RestGateway, Throttle, UsagePlan, WebAcl


class AccessStack(Stack):
    """A user pool with a scope, an identity pool, and the API."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        pool = UserPool(self, "People")
        pool.add_domain("Domain", cognito_domain=CognitoDomainOptions(domain_prefix="gateleg-access-example"))
        read = ResourceServerScope(scope_name="read", scope_description="read orders")
        server = pool.add_resource_server("Orders", identifier="orders", scopes=[read])
        web = pool.add_client("Web", auth_flows=AuthFlow(user_password=True))
        robot = pool.add_client(
            "Robot",
            generate_secret=True,
            o_auth=OAuthSettings(flows=OAuthFlows(client_credentials=True), scopes=[OAuthScope.resource_server(server, read)]),
        )
        self.rest = RestGateway(
            self,
            "Rest",
            apps=["orders:app"],
            authorizers={"people": CognitoAuthorizer([pool]), "key": ApiKeyAuthorizer(), "aws": IamAuthorizer()},
            usage_plans={"partners": UsagePlan(["acme"], Throttle(10, 5), Quota(10_000, "MONTH"))},
            web_acl=WebAcl(),
        )
        signed_in = UserPoolAuthenticationProvider(user_pool=pool, user_pool_client=web)
        identities = IdentityPool(self, "Identities", authentication_providers=IdentityPoolAuthenticationProviders(user_pools=[signed_in]))
        self.rest.grant_invoke(identities.authenticated_role, "GET /me")
        CfnOutput(self, "PoolId", value=pool.user_pool_id)
        CfnOutput(self, "WebClientId", value=web.user_pool_client_id)
        CfnOutput(self, "RobotClientId", value=robot.user_pool_client_id)
        CfnOutput(self, "IdentityPoolId", value=identities.identity_pool_id)
        CfnOutput(self, "KeyId", value=self.rest.api_keys["acme"].key_id)


if __name__ == "__main__":
    app = App()
    AccessStack(app, "Access")
    app.synth()
