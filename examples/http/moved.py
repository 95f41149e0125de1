"""An app of a REST API, which an HTTP API sends payload 1.0."""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel

from gateleg.rest import claims, public

app = APIGatewayRestResolver(enable_validation=True)


class Person(BaseModel):
    """What the handlers ask of a token."""

    username: str


@app.get("/rooms/<room>")
@public("rooms are public")
def room(room: str) -> dict[str, str]:
    """Tell one room, and where it was found."""
    return {"room": room, "path": app.current_event.path}


@app.get("/mine", security=[{"people": []}])
def mine() -> dict[str, str]:
    """Say who signed in."""
    return {"name": claims(app, Person).username}
