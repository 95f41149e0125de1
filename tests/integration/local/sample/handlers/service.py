"""The handlers of the sample: a REST handler, an authorizer and a WebSocket handler."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

GREETING = "hello"
aws: Any = boto3


def rest(event: dict[str, Any], context: Any) -> Any:
    """Answer a route of the REST API."""
    match event["path"]:
        case "/told/malformed":
            return {"answer": "without a status"}
        case "/told/raises":
            raise ZeroDivisionError("on purpose")
        case "/told/exits":
            os._exit(3)
        case "/told/large":
            return {"statusCode": 200, "body": "x" * 6_300_000}
        case "/told/remaining":
            return {"statusCode": 200, "body": str(context.get_remaining_time_in_millis())}
        case _:
            pass
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
        case "/told/{what}":
            return _told(event["pathParameters"]["what"], event)
        case _:
            return {"greeting": GREETING, "path": event["path"], "query": event["queryStringParameters"]}


def _told(what: str, event: dict[str, Any]) -> Any:
    """Tell what the function sees of its surroundings."""
    match what:
        case "environment":
            return dict(os.environ)
        case "context":
            return event["requestContext"]
        case "headers" | "event":
            return event["headers"] if what == "headers" else event
        case "path":
            return [*sys.path, str(Path.cwd())]
        case "size":
            return len(event["body"])
        case _:
            return importlib.util.find_spec(what) is not None


def slow(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take longer than the function may."""
    del context
    print("begun", event["path"])  # noqa: T201 - what the log tests look for
    time.sleep(5)
    print("ended", event["path"])  # noqa: T201 - as above
    return {"statusCode": 200}


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
    print("socket", request["routeKey"])  # noqa: T201 - what the log tests look for
    match request["routeKey"]:
        case "$connect":
            headers: dict[str, str] = {name.lower(): value for name, value in event["headers"].items()}
            asked = headers.get("sec-websocket-protocol")
            return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": asked.split(",")[0].strip()} if asked else {}}
        case "answered" | "unanswered":
            return {"statusCode": 200, "body": json.dumps(request)}
        case "boom":
            raise ZeroDivisionError("in the socket")
        case _:
            pass
    if request["routeKey"] in {"echo", "explicit"}:
        own = {"endpoint_url": f"https://{request['domainName']}/{request['stage']}"} if request["routeKey"] == "explicit" else {}
        connections = aws.client("apigatewaymanagementapi", **own)
        said = {"said": json.loads(event["body"])["text"], "by": request["authorizer"]["principalId"]}
        connections.post_to_connection(ConnectionId=request["connectionId"], Data=json.dumps(said).encode())
    return {"statusCode": 200}
