"""Paints: an app of HTTP APIs, which reads payload 2.0."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from gateleg.rest import public

app = APIGatewayHttpResolver(enable_validation=True)


@app.get("/paints/<shade>")
@public("an example is for everyone")
def paint(shade: str, tins: int = 1) -> dict[str, str]:
    """Tell a paint, and which payload was sent."""
    return {"paint": shade, "tins": str(tins), "payload": str(app.current_event["version"])}
