"""What answers routes without a function: services of AWS, servers, and API Gateway itself.

from gateleg.cdk.integrations import DynamoDb, SqsSend

RestGateway(self, "Rest", routes={"GET /orders/{order_id}": DynamoDb(Order.get), "POST /orders": SqsSend(queue, message=NewOrder)}, ...)
"""

from gateleg.cdk.integrations.aws_service import AwsService
from gateleg.cdk.integrations.dynamo_db import DynamoDb
from gateleg.cdk.integrations.event_bridge import EventBridgePut
from gateleg.cdk.integrations.http import Http, HttpProxy
from gateleg.cdk.integrations.integration import Integration
from gateleg.cdk.integrations.mock import Mock
from gateleg.cdk.integrations.s3 import S3Get, S3Put
from gateleg.cdk.integrations.sns import SnsPublish
from gateleg.cdk.integrations.sqs import SqsSend
from gateleg.cdk.integrations.step_functions import StepFunctionsStart

__all__ = [
    "AwsService",
    "DynamoDb",
    "EventBridgePut",
    "Http",
    "HttpProxy",
    "Integration",
    "Mock",
    "S3Get",
    "S3Put",
    "SnsPublish",
    "SqsSend",
    "StepFunctionsStart",
]
