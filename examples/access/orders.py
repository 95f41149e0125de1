"""Orders: each route says by name who may call it."""

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Depends
from pydantic import BaseModel, Field

from gateleg.rest import claims, public

app = APIGatewayRestResolver()


class Person(BaseModel):
    """What the handlers ask of a token."""

    sub: str
    name: str = Field(alias="cognito:username")
    groups: list[str] = Field(default=[], alias="cognito:groups")


def person() -> Person:
    """Who signed in."""
    return claims(app, Person)


@app.get("/profile", security=[{"people": []}])
def profile(caller: Annotated[Person, Depends(person)]) -> dict[str, object]:
    """Say who signed in; the ID token does."""
    return {"name": caller.name, "groups": caller.groups}


@app.get("/orders/<order_id>", security=[{"people": ["orders/read"]}])
def order(order_id: str) -> dict[str, str]:
    """An order, for access tokens that hold the scope."""
    return {"id": order_id}


@app.get("/prices", security=[{"key": []}])
def prices() -> dict[str, int]:
    """Prices, for partners with a key."""
    return {"tea": 3}


@app.get("/me", security=[{"aws": []}])
def me() -> dict[str, str]:
    """Say which identity signed the request."""
    return {"identity": app.current_event.request_context.identity.cognito_identity_id or "none of a pool"}


@app.get("/stock", security=[{"aws": []}])
def stock() -> dict[str, int]:
    """Stock, for programs with an AWS identity that may ask."""
    return {"tea": 100}


@app.get("/health")
@public("a load balancer carries no token")
def health() -> dict[str, str]:
    """Say that the API answers."""
    return {"status": "ok"}
