"""Routes that read payload 2.0."""

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, Field

from gateleg.rest import claims, public

app = APIGatewayHttpResolver(enable_validation=True)


class Person(BaseModel):
    """What the handlers ask of a token."""

    username: str


class Order(BaseModel):
    """What is ordered."""

    paint: Annotated[str, Field(min_length=2)]
    tins: Annotated[int, Field(ge=1)] = 1


@app.get("/paints")
@public("the catalogue is for everyone")
def paints(shade: Annotated[list[str] | None, Query()] = None) -> list[str]:
    """List the paints."""
    return shade or ["red", "green"]


@app.get("/orders/<order_id>", security=[{"people": []}])
def order(order_id: Annotated[int, Path()]) -> dict[str, str]:
    """Tell one order."""
    return {"order": str(order_id), "by": claims(app, Person).username}


@app.post("/orders", security=[{"partners": []}])
def place(new: Order) -> dict[str, str]:
    """Place an order."""
    return {"paint": new.paint, "by": str(app.current_event.request_context.authorizer.get_lambda["partner"])}


@app.get("/report", security=[{"aws": []}])
def report() -> dict[str, str]:
    """Say which AWS identity signed the request."""
    return {"asked by": app.current_event.request_context.authorizer.iam.user_arn or ""}
