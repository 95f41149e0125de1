"""Orders by customer, in a table that is deployed: what changes of it is compared with gateleg.lock.json."""

from aws_cdk import App, Stack
from constructs import Construct

from gateleg.cdk import ModelTable, acknowledge_change
from gateleg.model import Attr, Entity, Index, Table, access, attr, key

ORDERS = Table("orders", partition_key="pk", sort_key="sk", indexes=[Index("by_state", partition_key="state")])


class Order(Entity, table=ORDERS):
    """What somebody ordered."""

    customer: Attr[str] = attr()
    number: Attr[int] = attr()
    state: Attr[str] = attr(default="open")

    key = key("CUSTOMER#{customer}", "ORDER#{number:010d}")

    @access(index="by_state")
    def in_state(*, state: str) -> None:
        """Orders that are open, paid or sent."""


class OrdersStack(Stack):
    """The table alone."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table = ModelTable(self, "Table", table=ORDERS, deletion_protection=False)
        acknowledge_change(self, "protection:Table7ABB320E", reason="The table is moved to the shop's own account next week.")


if __name__ == "__main__":
    app = App()
    OrdersStack(app, "Orders")
    app.synth()
