"""The same two APIs three times: a function for each app, for each route, and one for all."""

from typing import Literal

from aws_cdk import App, RemovalPolicy, Stack
from constructs import Construct

from gateleg.cdk import HttpGateway, ModelTable, RestApp, RestGateway


class OrdersStack(Stack):
    """A REST and an HTTP API over one table."""

    def __init__(self, scope: Construct, construct_id: str, *, functions: Literal["app", "route", "all"]) -> None:
        super().__init__(scope, construct_id)
        table = ModelTable(self, "Table", table="orders:ORDERS", removal_policy=RemovalPolicy.DESTROY, deletion_protection=False)
        people = RestApp("people:app", handler="people:handler")
        self.rest = RestGateway(self, "Rest", apps=["orders:app", people], tables=[table], functions=functions)
        self.http = HttpGateway(self, "Http", apps=["orders:app", people, "paints:app"], tables=[table], functions=functions)


if __name__ == "__main__":
    app = App()
    OrdersStack(app, "ByApp", functions="app")
    OrdersStack(app, "ByRoute", functions="route")
    OrdersStack(app, "ForAll", functions="all")
    app.synth()
