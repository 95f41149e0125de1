"""Answers `openapi.json`."""

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel

from gateleg.rest import public

app = APIGatewayRestResolver(enable_validation=True)


class Room(BaseModel):
    """A room."""

    seats: int
    name: str = ""


@app.get("/rooms")
def list_rooms(limit: int = 10) -> list[Room]:
    """Found by its name."""
    return [Room(seats=4, name="blue")][:limit]


@app.put("/rooms/<room>", operation_id="openRoom", status_code=201)
@public("an example is for everyone")
def put(room: str, new: Annotated[Room, Body()]) -> dict[str, str]:
    """Found by its operation id."""
    return {room: f"{new.seats} seats"}
