"""An app of a REST API, which an HTTP API sends payload 1.0."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from gateleg.rest import public

app = APIGatewayRestResolver(enable_validation=True)


@app.get("/rooms/<room>")
@public("rooms are public")
def room(room: str) -> dict[str, str]:
    """Tell one room, and where it was found."""
    return {"room": room, "path": app.current_event.path}


@app.get("/mine", security=[{"people": []}])
def mine() -> dict[str, str]:
    """Say who signed in."""
    return {"name": app.current_event["requestContext"]["authorizer"]["claims"]["username"]}
