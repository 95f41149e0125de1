"""An API whose orders are placed once; the answers lie in the table of the orders."""

from aws_cdk import App, RemovalPolicy, Stack
from constructs import Construct

from gateleg.cdk import HttpGateway, ModelTable, RestGateway


class OrdersStack(Stack):
    """The table, and a REST and an HTTP API over it."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        table = ModelTable(self, "Table", table="orders:ORDERS", removal_policy=RemovalPolicy.DESTROY, deletion_protection=False)
        self.rest = RestGateway(self, "Rest", apps=["orders:app"], tables=[table], functions="route")
        self.http = HttpGateway(self, "Http", apps=["orders:app"], tables=[table])


if __name__ == "__main__":
    app = App()
    OrdersStack(app, "Orders")
    app.synth()
