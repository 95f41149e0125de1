"""boto3's client, as it is: dictionaries in wire form go in and come out."""

import boto3

from benchmarks.data_item import item
from benchmarks.data_run import run

client = boto3.client("dynamodb")
wire = item()
key = {"tenant": {"S": "tenant-1"}, "order_id": {"S": "1"}}


def query(tenant: str) -> list:
    """The items of a tenant."""
    values = {":t": {"S": tenant}}
    return client.query(TableName="raw", KeyConditionExpression="tenant = :t", ExpressionAttributeValues=values)["Items"]


client.get_item(TableName="raw", Key=key)
run(
    lambda: client.put_item(TableName="raw", Item=wire),
    lambda: client.get_item(TableName="raw", Key=key)["Item"]["total"]["N"],
    query,
)
