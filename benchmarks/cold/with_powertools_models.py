"""The same with what the chat has: a validated limit and a model of what is answered."""

import os
from typing import Annotated

import boto3
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from boto3.dynamodb.conditions import Key
from pydantic import BaseModel

app = APIGatewayRestResolver(enable_validation=True)
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


class Room(BaseModel):
    room: str
    title: str = ""
    opened_at: str


@app.get("/rooms")
def list_rooms(limit: Annotated[int, Query(ge=1, le=100)] = 50) -> list[Room]:
    found = table.query(KeyConditionExpression=Key("pk").eq("ROOMS"), Limit=limit)
    return [Room.model_validate(item) for item in found["Items"]]


def handler(event, context):
    return app.resolve(event, context)
