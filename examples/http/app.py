"""An HTTP API: its people sign in at a user pool, its programs sign with AWS identities, and an app of a REST API stands beside."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk.aws_cognito import AuthFlow, UserPool
from constructs import Construct

from gateleg.cdk import CognitoAuthorizer, Cors, HttpGateway, IamAuthorizer, RequestAuthorizer, ServiceFunction, Throttle


class OrdersStack(Stack):
    """The API, the pool, and a function that judges partners by their key."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        pool = UserPool(self, "People")
        client = pool.add_client("Web", auth_flows=AuthFlow(user_password=True))
        judge = ServiceFunction(self, "Judge", handler="judge:handler")
        self.http = HttpGateway(
            self,
            "Orders",
            apps=["orders:app", "moved:app"],
            authorizers={
                "people": CognitoAuthorizer([pool], clients=[client]),
                "aws": IamAuthorizer(),
                "partners": RequestAuthorizer(judge, ["header.X-Partner-Key"], simple_responses=True),
            },
            cors=Cors(["https://shop.example.com"]),
            throttles={"POST /orders": Throttle(rate_limit=10, burst_limit=5)},
        )
        CfnOutput(self, "ClientId", value=client.user_pool_client_id)
        CfnOutput(self, "PoolId", value=pool.user_pool_id)


if __name__ == "__main__":
    app = App()
    OrdersStack(app, "Orders")
    app.synth()
