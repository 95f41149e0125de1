"""Orders, logged so that one request can be followed."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.logging import correlation_paths

from gateleg.rest import public

logger = Logger()
app = APIGatewayRestResolver(enable_validation=True)


@app.get("/orders/<order>")
@public("an example that anybody may call")
def order(order: str) -> dict[str, str]:
    """Tell where an order is."""
    logger.info("asked for an order", order=order)
    return {"order": order, "is": "on its way"}


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request of API Gateway."""
    return app.resolve(event, context)
