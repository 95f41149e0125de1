"""FastAPI behind Mangum: boto3's resource, one route, a validated limit and a model of what is answered."""

import os
from typing import Annotated

import boto3
from boto3.dynamodb.conditions import Key
from fastapi import FastAPI, Query
from mangum import Mangum
from pydantic import BaseModel

app = FastAPI()
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


class Room(BaseModel):
    room: str
    title: str = ""
    opened_at: str


@app.get("/rooms")
def list_rooms(limit: Annotated[int, Query(ge=1, le=100)] = 50) -> list[Room]:
    found = table.query(KeyConditionExpression=Key("pk").eq("ROOMS"), Limit=limit)
    return [Room.model_validate(item) for item in found["Items"]]


handler = Mangum(app, lifespan="off")
