"""Runs in Lambda: answers with the files of an API's reference, which lie beside it. Without imports beyond Python's own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_SOCKET, _SOCKET_URL = "asyncapi.json", "GATELEG_REFERENCE_SOCKET"
_CLIENT = "socket.js"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""Of the page: it runs what is served with it, and calls the API that it describes. Swagger UI sets styles on what it draws."""


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """The Lambda entry point: the page, or the file beside it that the path names."""
    variables: dict[str, str] = event.get("pathParameters") or {}
    name = variables.get("file", "index.html")
    path = _FOLDER / name
    if path.parent != _FOLDER or path.suffix not in _TYPES or not path.is_file():
        return _answer(404, "application/json", json.dumps({"message": f"the reference has no file {name!r}"}), "no-store")
    # The documents, the pages and the client change with the API, the rest with a release of Powertools.
    kept = "public, max-age=3600" if path.suffix in {".js", ".css"} and name != _CLIENT else "no-cache"
    text = path.read_text(encoding="utf-8")
    body = _with_server(text, os.environ[_SOCKET_URL]) if name == _SOCKET and _SOCKET_URL in os.environ else text
    return _answer(200, f"{_TYPES[path.suffix]}; charset=utf-8", body, kept)


def _with_server(document: str, url: str) -> str:
    """The AsyncAPI document with the address that CloudFormation gave the WebSocket API."""
    told: dict[str, Any] = json.loads(document)
    protocol, _, rest = url.partition("://")
    host, _, stage = rest.partition("/")
    told["servers"]["api"] |= {"host": host, "protocol": protocol, "pathname": f"/{stage}"}
    return json.dumps(told, ensure_ascii=False)


def _answer(status: int, kind: str, body: str, kept: str) -> dict[str, Any]:
    headers = {
        "Content-Type": kind,
        "Cache-Control": kept,
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return {"statusCode": status, "headers": headers, "body": body}
