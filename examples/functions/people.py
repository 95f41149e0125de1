"""People: an app that does not validate, compresses, and has a handler around it."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from gateleg.rest import public

app = APIGatewayRestResolver()


@app.not_found
def missing(_: NotFoundError) -> Response[str]:
    """Answer in a form of this app's own."""
    return Response(404, "text/plain", "nobody", headers={"X-App": "people"})


@app.get("/people", compress=True)
@public("an example is for everyone")
def people() -> list[str]:
    """List everybody."""
    return ["ann", "bob"] * 20


@app.get("/people/<name>")
@public("an example is for everyone")
def person(name: str) -> dict[str, str]:
    """Tell of one of them."""
    if name not in people():
        raise NotFoundError
    return {"name": name, "asked": app.current_event.path}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What Lambda calls: the app, with a header of its own."""
    answer = app.resolve(event, context)
    answer["multiValueHeaders"]["X-Handled"] = ["yes"]
    return answer
