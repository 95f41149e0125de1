"""An API that AWS identities and people of a user pool may call, each their routes."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk.aws_cognito import AuthFlow, UserPool
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement
from constructs import Construct

from gateleg.cdk import CognitoAuthorizer, IamAuthorizer, RestGateway


class CallersStack(Stack):
    """A user pool with one client, the API, and a policy for those who may call its report."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        pool = UserPool(self, "People")
        client = pool.add_client("Web", auth_flows=AuthFlow(user_password=True))
        self.rest = RestGateway(
            self,
            "Rest",
            apps=["callers:app"],
            authorizers={"aws": IamAuthorizer(), "people": CognitoAuthorizer([pool])},
        )
        report = self.rest.api.arn_for_execute_api("GET", "/report", self.rest.stage.stage_name)
        self.may_report = ManagedPolicy(
            self,
            "MayReport",
            statements=[PolicyStatement(actions=["execute-api:Invoke"], resources=[report])],
        )
        CfnOutput(self, "PoolId", value=pool.user_pool_id)
        CfnOutput(self, "ClientId", value=client.user_pool_client_id)


if __name__ == "__main__":
    app = App()
    CallersStack(app, "Callers")
    app.synth()
