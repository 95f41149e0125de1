"""What answers routes without a function: services of AWS, servers, and API Gateway itself.

    from gateleg.cdk.integrations import DynamoDb, SqsSend

    RestGateway(self, "Rest", routes={"GET /orders/{order_id}": DynamoDb(Order.get), "POST /orders": SqsSend(queue, message=NewOrder)}, ...)

Names are loaded when they are first asked for: most gateways have none of these, and need neither pydantic nor the model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "AwsService": "aws_service",
    "DynamoDb": "dynamo_db",
    "EventBridgePut": "event_bridge",
    "Http": "http",
    "HttpProxy": "http",
    "Integration": "integration",
    "Mock": "mock",
    "S3Get": "s3",
    "S3Put": "s3",
    "SnsPublish": "sns",
    "SqsSend": "sqs",
    "StepFunctionsStart": "step_functions",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
