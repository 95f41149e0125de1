"""Requests as they go over the wire, the events that API Gateway makes of them, and what a client gets of a resolver's answer."""

from __future__ import annotations

import base64
import http.client
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["rest", "http"]
_JSON: Final = "application/json"
_TEXT: Final = frozenset({_JSON, "application/xml", "application/javascript"})
_GATEWAYS: Final = frozenset({"date", "server", "content-length", "connection", "apigw-requestid", "x-amzn-requestid", "x-amz-request-id"})
"""Headers of which no handler says anything."""


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        method: Its method.
        target: The path and the query, encoded as they are sent.
        headers: Its headers, some perhaps more than once.
        body: Its body.
        routed: Whether the API has a route for it.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    routed: bool = True

    def values(self) -> dict[str, list[str]]:
        """All values of each header, by the names as they were sent."""
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name, []).append(value)
        return found

    def header(self, name: str) -> str | None:
        """A header by its name in lower case."""
        return {sent.lower(): value for sent, value in self.headers}.get(name)


@dataclass(frozen=True)
class Answer:
    """What a client gets: the status, the headers by their names in lower case, and the body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


def ask(url: str, request: Asked) -> Answer:
    """Send a request, and nothing that it does not say but `Host` and the length of the body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.putrequest(request.method, parts.path.rstrip("/") + request.target, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value.encode())
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        return Answer(response.status, _joined(response.getheaders()), response.read())
    finally:
        connection.close()


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        found[name.lower()] = f"{found[name.lower()]},{value}" if name.lower() in found else value
    return {name: value for name, value in found.items() if name not in _GATEWAYS}


def event(kind: Kind, request: Asked, binary: str = "") -> dict[str, Any]:
    """What API Gateway sends a function.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html and
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.

    Args:
        kind: The kind of API.
        request: The request.
        binary: The media type that a REST API takes for bytes.
    """
    return _payload_1(request, binary=_is(request.header("content-type"), binary)) if kind == "rest" else _payload_2(request)


def _payload_1(request: Asked, *, binary: bool) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    many: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        many.setdefault(name, []).append(value)
    body = base64.b64encode(request.body).decode() if binary else request.body.decode(errors="replace")
    return {
        "resource": "/",
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in request.values().items()},
        "multiValueHeaders": request.values(),
        "queryStringParameters": {name: values[-1] for name, values in many.items()} or None,
        "multiValueQueryStringParameters": many or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"stage": "live", "requestId": "x", "httpMethod": request.method, "path": f"/live{path}"},
        "body": body if request.body else None,
        "isBase64Encoded": binary and bool(request.body),
    }


def _payload_2(request: Asked) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    path = "%25".join(map(unquote, path.split("%25")))
    many: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        many[name] = f"{many[name]},{value}" if name in many else value
    headers = {name.lower(): ",".join(values) for name, values in request.values().items()}
    cookies = [cookie.strip() for cookie in headers.pop("cookie", "").split(";") if cookie.strip()]
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    text = kind.startswith("text/") or kind in _TEXT
    body = request.body.decode(errors="replace") if text else base64.b64encode(request.body).decode()
    return {
        "version": "2.0",
        "routeKey": "x",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        **({"cookies": cookies} if cookies else {}),
        **({"queryStringParameters": many} if many else {}),
        "requestContext": {"stage": "$default", "requestId": "x", "http": {"method": request.method, "path": path}},
        **({"body": body} if request.body else {}),
        "isBase64Encoded": bool(request.body) and not text,
    }


def own_answer(kind: Kind, app: Callable[..., Any], request: Asked, binary: str = "", *, cors: bool = False) -> Answer:
    """What a client of an API gets of what the resolver answers to the event.

    The gateway itself does this, and no more:

    - What no route takes never reaches the app: a REST API answers 403, an HTTP API 404, in words of their own.
    - An exception that nobody caught is 502 of a REST API and 500 of an HTTP API, and nobody hears which it was.
    - An answer that says no type is JSON.
    - A REST API decodes Base64 where the first type that the client accepts is a binary one, an HTTP API wherever the answer says so.
    - An HTTP API with CORS of its own leaves out what handlers say of it, and says the same itself.
    - An answer to HEAD has no body.

    Args:
        kind: The kind of API.
        app: The resolver.
        request: The request.
        binary: The media type that a REST API takes for bytes.
        cors: Whether an HTTP API says which pages may call.
    """
    if not request.routed:
        return Answer(403 if kind == "rest" else 404)
    try:
        said: dict[str, Any] = app(event(kind, request, binary), None)
    except Exception:  # noqa: BLE001 (whatever a handler raises)
        said = {"statusCode": 502 if kind == "rest" else 500, "body": _FAILED[kind]}
    single: dict[str, Any] = said.get("headers") or {}
    several: dict[str, list[Any]] = said.get("multiValueHeaders") or {}
    headers = {"content-type": _JSON} | {name.lower(): str(value) for name, value in single.items()}
    headers |= {name.lower(): ",".join(map(str, values)) for name, values in several.items()}
    if cookies := said.get("cookies"):
        headers["set-cookie"] = ",".join(cookies)
    if cors and kind == "http":
        headers = {name: value for name, value in headers.items() if not name.startswith("access-control-")}
        if origin := request.header("origin"):
            headers |= {"access-control-allow-origin": origin, "vary": "Origin"}
    text = str(said.get("body") or "")
    decoded = said.get("isBase64Encoded") and (kind == "http" or _is(request.header("accept"), binary))
    body = base64.b64decode(text) if decoded else text.encode()
    return Answer(int(said["statusCode"]), headers, b"" if request.method == "HEAD" else body)


def _is(media_types: str | None, binary: str) -> bool:
    """Whether the first of some media types is the binary one."""
    return media_types is not None and binary in {"*/*", re.split(r"[;,]", media_types)[0].strip().lower()}


_FAILED: Final = {"rest": '{"message": "Internal server error"}', "http": '{"message":"Internal Server Error"}'}


def unlike(got: Answer, own: Answer) -> dict[str, tuple[Any, Any]]:
    """In what two answers differ: headers by their names, `status` and `body`, each as it came and as the resolver has it."""
    if not own.headers:
        # The gateway's own words.
        return {} if got.status == own.status else {"status": (got.status, own.status)}
    names = sorted(got.headers.keys() | own.headers.keys())
    both: dict[str, tuple[Any, Any]] = {name: (got.headers.get(name), own.headers.get(name)) for name in names}
    both |= {"status": (got.status, own.status), "body": (got.body, own.body)}
    return {name: (one, other) for name, (one, other) in both.items() if one != other}
