"""A REST API without a single function."""

import os
from typing import Literal, cast

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct
from pydantic import BaseModel, Field

from gateleg.cdk import DirectRoute, IamAuthorizer, ModelTable, RestGateway
from gateleg.cdk.integrations import DynamoDb, EventBridgePut, HttpProxy, Mock, S3Get, S3Put, SnsPublish, SqsSend, StepFunctionsStart
from gateleg.model import Attr, Entity, Table, access, attr, key

SHOP = Table("shop", partition_key="pk", sort_key="sk")
WHY = "the shop window is for everyone"


class Order(Entity, table=SHOP):
    """An order of a customer."""

    customer: Attr[str]
    order_id: Attr[str]
    paint: Attr[Literal["red", "green"]]
    tins: Attr[int] = attr(default=1, ge=1)
    note: Attr[str | None] = attr(default=None)

    key = key("CUSTOMER#{customer}", "ORDER#{order_id}")

    @access
    def of_customer(*, customer: str, prefix: str | None = None) -> None:
        """The orders of a customer, all or those whose ids begin so."""


class Placed(BaseModel):
    """What is told of a new order."""

    order_id: str = Field(min_length=1)
    tins: int = Field(ge=1)


class ShopStack(Stack):
    """The table, what orders are sent on to, and the routes that do it."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        table = ModelTable(self, "Table", table=SHOP)
        jobs, told, seen = (sqs.Queue(self, name) for name in ("Jobs", "Told", "Seen"))
        topic, bus, notes = sns.Topic(self, "Topic"), events.EventBus(self, "Bus"), s3.Bucket(self, "Notes")
        topic.add_subscription(subscriptions.SqsSubscription(told, raw_message_delivery=True))
        pattern = events.EventPattern(source=["shop.orders"])
        events.Rule(self, "Placed", event_bus=bus, event_pattern=pattern, targets=[cast(events.IRuleTarget, targets.SqsQueue(seen))])
        steps = stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(self, "Weigh", parameters={"weighed.$": "$.tins"}))
        machine = stepfunctions.StateMachine(
            self, "Machine", definition_body=steps, state_machine_type=stepfunctions.StateMachineType.EXPRESS
        )
        RestGateway(
            self,
            "Shop",
            tables=[table],
            authorizers={"aws": IamAuthorizer()},
            routes={
                "GET /customers/{customer}/orders/{order_id}": DirectRoute(DynamoDb(Order.get), public=WHY),
                "GET /customers/{customer}/orders": DirectRoute(DynamoDb(Order.of_customer, limit=20), public=WHY),
                "PUT /customers/{customer}/orders/{order_id}": DirectRoute(DynamoDb(Order.put), public=WHY),
                "POST /orders": DirectRoute(DynamoDb(Order.create), public=WHY),
                "GET /mine/{order_id}": DynamoDb(Order.get, given={"customer": "context.identity.userArn"}),
                "POST /jobs": DirectRoute(SqsSend(jobs, message=Placed), public=WHY),
                "POST /notices": DirectRoute(SnsPublish(topic), public=WHY),
                "POST /events": DirectRoute(
                    EventBridgePut(bus, source="shop.orders", detail_type="OrderPlaced", detail=Placed), public=WHY
                ),
                "POST /weights": DirectRoute(StepFunctionsStart(machine, input=Placed, sync=True), public=WHY),
                "POST /later": DirectRoute(StepFunctionsStart(machine), public=WHY),
                "GET /notes/{name}": DirectRoute(S3Get(notes, key="notes/{name}.txt"), public=WHY),
                "PUT /notes/{name}": DirectRoute(S3Put(notes, key="notes/{name}.txt"), public=WHY),
                "GET /prices/{paint}": DirectRoute(
                    HttpProxy(os.environ.get("PRICES_URL", "https://prices.example.com") + "/of/{paint}"), public=WHY
                ),
                "GET /health": DirectRoute(Mock({"status": "ok"}), public=WHY),
            },
        )
        for name, queue in {"Jobs": jobs, "Told": told, "Seen": seen}.items():
            CfnOutput(self, f"{name}Url", value=queue.queue_url)
        CfnOutput(self, "Store", value=table.table.table_name)


if __name__ == "__main__":
    app = App()
    ShopStack(app, "Shop")
    app.synth()
