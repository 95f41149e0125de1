"""A table whose changes a function takes."""

from aws_cdk import App, Duration, Stack
from constructs import Construct

from gateleg.cdk import Delivery, ModelTable


class ShopStack(Stack):
    """The table, and the function that takes its changes."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table = ModelTable(self, "Table", table="orders:SHOP", preset="sandbox")
        self.consumer = self.table.on_change(
            "orders:app",
            delivery=Delivery(batch_size=10, retry_attempts=2, parallelization_factor=2),
            timeout=Duration.seconds(30),
        )


if __name__ == "__main__":
    app = App()
    ShopStack(app, "Shop")
    app.synth()
