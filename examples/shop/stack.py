"""The shop's stack; as an app: `cdk synth --app "python -m examples.shop.stack"`."""

from __future__ import annotations

from aws_cdk import App, Stack
from constructs import Construct

from examples.shop.model import SHOP
from gateleg.cdk import HandlerCode, IamAuthorizer, ModelTable, RestGateway


class ShopStack(Stack):
    """A table, a function, an API with two routes that IAM guards."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table = ModelTable(self, "Table", table=SHOP)
        self.rest = RestGateway(
            self,
            "Rest",
            apps=["examples.shop.rest:app"],
            tables=[self.table],
            authorizers={"iam": IamAuthorizer()},
            function_options={"code": HandlerCode(requirements="lambdas/requirements.txt")},
        )


if __name__ == "__main__":
    app = App()
    ShopStack(app, "Shop")
    app.synth()
