"""Requests as API Gateway sends them."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def request_to() -> Callable[..., dict[str, Any]]:
    """Makes the event of a REST API."""

    def make(method: str, path: str, *, stage: str = "prod", query: dict[str, str] | None = None) -> dict[str, Any]:
        return {
            "resource": path,
            "path": path,
            "httpMethod": method,
            "headers": {},
            "multiValueHeaders": {},
            "queryStringParameters": query,
            "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
            "requestContext": {"stage": stage, "path": f"/{stage}{path}", "httpMethod": method, "requestId": "1"},
            "body": None,
            "isBase64Encoded": False,
        }

    return make
