"""A plain Powertools handler: boto3's resource, one route, dictionaries."""

import os

import boto3
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from boto3.dynamodb.conditions import Key

app = APIGatewayRestResolver()
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


@app.get("/rooms")
def list_rooms():
    return table.query(KeyConditionExpression=Key("pk").eq("ROOMS"), Limit=50)["Items"]


def handler(event, context):
    return app.resolve(event, context)
