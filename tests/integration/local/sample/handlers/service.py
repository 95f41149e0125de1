"""The handlers of the sample: a REST handler, an authorizer and a WebSocket handler."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

GREETING = "hello"
aws: Any = boto3


def rest(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a route of the REST API."""
    print("serving", event["resource"], context.function_name)  # noqa: T201 - what the log tests look for
    try:
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(_answer(event))}
    except ClientError as error:
        return {"statusCode": 500, "body": json.dumps(error.response.get("Error"))}


def _answer(event: dict[str, Any]) -> Any:
    dynamodb = aws.client("dynamodb")
    match event["resource"]:
        case "/items":
            item = json.loads(event["body"])
            dynamodb.put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": item["id"]}})
            return item
        case "/scan":
            return dynamodb.scan(TableName=os.environ["TABLE"])["Count"]
        case "/secret":
            secrets = aws.client("secretsmanager")
            return len(secrets.get_secret_value(SecretId=os.environ["SECRET"])["SecretString"])
        case "/peer":
            return os.environ["PEER"]
        case _:
            return {"greeting": GREETING, "path": event["path"], "query": event["queryStringParameters"]}


def authorize(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Let in whose token is `good`."""
    del context
    query: dict[str, str] = event.get("queryStringParameters") or {}
    token: str | None = event.get("authorizationToken", query.get("token"))
    effect = "Allow" if token == "good" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {"principalId": str(token), "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def socket(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send back what a connection says, through the management API."""
    del context
    request = event["requestContext"]
    if request["routeKey"] in {"echo", "explicit"}:
        own = {"endpoint_url": f"https://{request['domainName']}/{request['stage']}"} if request["routeKey"] == "explicit" else {}
        connections = aws.client("apigatewaymanagementapi", **own)
        said = {"said": json.loads(event["body"])["text"], "by": request["authorizer"]["principalId"]}
        connections.post_to_connection(ConnectionId=request["connectionId"], Data=json.dumps(said).encode())
    return {"statusCode": 200}
