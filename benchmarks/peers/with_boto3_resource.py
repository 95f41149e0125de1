"""boto3's resource: dictionaries of Python values go in and come out."""

import boto3
from boto3.dynamodb.conditions import Key

from benchmarks.data_item import ATTRIBUTES
from benchmarks.data_run import run

table = boto3.resource("dynamodb").Table("raw")
key = {"tenant": "tenant-1", "order_id": "1"}
table.get_item(Key=key)

run(
    lambda: table.put_item(Item=ATTRIBUTES),
    lambda: table.get_item(Key=key)["Item"]["total"],
    lambda tenant: table.query(KeyConditionExpression=Key("tenant").eq(tenant))["Items"],
)
