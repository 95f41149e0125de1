"""Starts a handler as Lambda does, and prints the CPU seconds from the start of the process to its first answer. Only the standard library.

    python -I -S -B start.py <module> <folder>...

The folders are the task, the layer and what the runtime brings, in Lambda's order; nothing else of what is installed can be imported.
"""

import importlib
import json
import sys
import time
from types import SimpleNamespace

EVENT = {
    "resource": "/rooms",
    "path": "/rooms",
    "httpMethod": "GET",
    "headers": {"Accept": "application/json", "Host": "api.example.com"},
    "multiValueHeaders": {"Accept": ["application/json"], "Host": ["api.example.com"]},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "requestContext": {
        "resourcePath": "/rooms",
        "httpMethod": "GET",
        "path": "/live/rooms",
        "stage": "live",
        "apiId": "a1b2c3d4e5",
        "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "accountId": "111122223333",
        "identity": {"sourceIp": "192.0.2.1", "userAgent": "bench"},
        "authorizer": {"principalId": "ada"},
    },
    "body": None,
    "isBase64Encoded": False,
}
CONTEXT = SimpleNamespace(
    function_name="rooms",
    function_version="$LATEST",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-north-1:111122223333:function:rooms",
    aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
)


def main(module: str, *folders: str) -> None:
    """Import the handler, call it once, and see that it answered."""
    sys.path[:0] = folders
    answer = importlib.import_module(module).handler(EVENT, CONTEXT)
    cpu, modules = time.process_time(), len(sys.modules)
    body = json.loads(answer["body"])
    found = body["items"] if isinstance(body, dict) else body
    if answer["statusCode"] != 200 or [room["room"] for room in found] != [f"room-{number}" for number in range(5)]:  # noqa: PLR2004  # what the stub holds
        raise SystemExit(f"answered {answer}")
    print(json.dumps({"cpu": cpu, "modules": modules}))


if __name__ == "__main__":
    main(*sys.argv[1:])
