"""Routes behind a domain with a mapping key, of which some are cached."""

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from gateleg.rest import public

app = APIGatewayRestResolver(enable_validation=True, strip_prefixes=["/paints"])


class Order(BaseModel):
    """What is ordered."""

    paint: Annotated[str, Field(min_length=2)]
    tins: Annotated[int, Field(ge=1)] = 1


@app.get("/catalogue")
@public("the catalogue is for everyone")
def catalogue(limit: Annotated[int, Query(ge=1, le=100)] = 10) -> list[str]:
    """List the paints."""
    return ["red", "green", "blue"][:limit]


@app.get("/orders")
def orders() -> dict[str, str]:
    """Tell who has which orders, and of which stage this is."""
    return {"of": str(app.current_event.request_context.authorizer["principalId"]), "from": app.current_event.stage_variables["shop"]}


@app.post("/orders")
def place(new: Order) -> dict[str, str]:
    """Place an order."""
    return {"paint": new.paint}
