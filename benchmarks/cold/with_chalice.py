"""Chalice: boto3's resource, one route, dictionaries."""

import os

import boto3
from boto3.dynamodb.conditions import Key
from chalice import Chalice

app = Chalice(app_name="rooms")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


@app.route("/rooms")
def list_rooms():
    return table.query(KeyConditionExpression=Key("pk").eq("ROOMS"), Limit=50)["Items"]


handler = app
