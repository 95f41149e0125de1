"""The whole backend: a table, a function, an API with two routes that IAM guards."""

from aws_cdk import App, Stack
from constructs import Construct

from gateleg.cdk import IamAuthorizer, ModelTable, RestGateway


class ShopStack(Stack):
    """Everything that the shop needs."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table = ModelTable(self, "Table", table="lambdas.shop:SHOP")
        self.rest = RestGateway(
            self,
            "Rest",
            apps=["lambdas.shop:app"],
            tables=[self.table],
            authorizers={"iam": IamAuthorizer()},
        )


if __name__ == "__main__":
    app = App()
    ShopStack(app, "Shop")
    app.synth()
