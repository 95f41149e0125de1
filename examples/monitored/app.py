"""A REST API and a table, and who is called when something is wrong with them."""

from aws_cdk import App, Duration, Stack
from aws_cdk.aws_sns import Topic
from constructs import Construct

from gateleg.cdk import ModelTable, Monitoring, RestApp, RestGateway, Thresholds
from gateleg.model import Table

ORDERS = Table("orders", partition_key="order")


class OrdersStack(Stack):
    """The API, its table, and a topic for those who are on call."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table = ModelTable(self, "Table", table=ORDERS)
        self.rest = RestGateway(self, "Rest", apps=[RestApp("orders:app", handler="orders:handler")], tables=[self.table])
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            gateways=[self.rest],
            routes=["GET /orders/{order}"],
            tables=[self.table],
            topic=Topic(self, "OnCall", enforce_ssl=True),
            thresholds=Thresholds(latency=Duration.seconds(1), client_errors=0.25),
        )


if __name__ == "__main__":
    app = App()
    OrdersStack(app, "Orders")
    app.synth()
