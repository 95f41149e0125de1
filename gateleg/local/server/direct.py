"""Integrations without a function: services of the embedded AWS, called with the rights of the integration's role, and servers elsewhere."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4
from xml.etree import ElementTree as ET

from gateleg.local.server import inside
from gateleg.local.server.mapping import Received, Sent, answered
from gateleg.local.server.velocity import TemplateFailedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateleg.local.template import Json

    Answer = tuple[int, dict[str, str], bytes]

_FAILED: Final = (500, {"Content-Type": "application/json"}, b'{"message": "Internal server error"}')
_URI: Final = re.compile(r"arn:[^:]*:apigateway:([^:]*):([^:]+):(path|action)/(.*)", re.DOTALL)
_SECONDS: Final = 29
_HOP: Final = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding", "te", "upgrade"})
_NAMES: Final = {"states": "stepfunctions", "monitoring": "cloudwatch", "email": "ses"}
"""Services that botocore knows by another name than API Gateway."""


@dataclass(frozen=True)
class Called:
    """A call of a service: what API Gateway sends to it.

    Attributes:
        service: Its name in URIs.
        region: Its region.
        method: The method.
        path: The path, with what is mapped to its variables.
        headers: The headers.
        body: The body.
    """

    service: str
    region: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def called(integration: Json, sent: Sent, region: str) -> Called | None:
    """The call that a request becomes; `None` where the integration's URI is none of a service.

    Raises:
        TemplateFailedError: The template of the request cannot be rendered.
    """
    match = _URI.fullmatch(str(integration.get("uri", "")))
    if match is None:
        return None
    mapped = sent.mapped(integration)
    headers = dict(mapped["header"])
    path = "/"
    if match[3] == "action":
        headers = _target(match[2], match[4]) | headers
    else:
        path += filled(match[4], mapped["path"])
    if mapped["querystring"]:
        path += f"?{urlencode(mapped['querystring'])}"
    return Called(match[2], match[1] or region, integration["httpMethod"], path, headers, sent.body_for(integration))


def filled(path: str, values: Mapping[str, str]) -> str:
    """Return a path, or a URL, with values in the place of its variables."""
    return re.sub(r"\{([^}]+)\}", lambda match: quote(values.get(match[1], ""), safe="/"), path)


def _target(service: str, action: str) -> dict[str, str]:
    metadata = _metadata(service)
    if metadata.get("protocol") != "json":
        return {"Content-Type": "application/x-www-form-urlencoded"}
    return {"Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}", "X-Amz-Target": f"{metadata['targetPrefix']}.{action}"}


@cache
def service_model(service: str) -> Any:
    """What botocore knows of a service, by its name in URIs."""
    from botocore.session import get_session

    return get_session().get_service_model(_NAMES.get(service, service))


def _metadata(service: str) -> Json:
    found: Json = service_model(service).metadata
    return found


def calling_services(port: int, functions: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    """Return what answers for integrations of type AWS.

    Args:
        port: The port of the embedded AWS.
        functions: What answers where the service is Lambda.
    """

    async def invoke(  # noqa: PLR0917 (the emulator's own signature)
        integration: Json, api: str, stage_name: str, stage: Json, resource: Json, path: str, method: str, *rest: Any, **more: Any
    ) -> Answer:
        headers, body, query, variables = rest
        if ":lambda:path/" in str(integration.get("uri", "")):
            return await functions(integration, api, stage_name, stage, resource, path, method, *rest, **more)
        context = _context(api, stage_name, resource, method, more)
        sent = Sent(body or b"", _parameters(headers, query, variables), context, stage.get("variables") or {})
        try:
            call = called(integration, sent, str(more.get("owner_region") or ""))
            if call is None:
                return _FAILED
            credentials = credentials_of(integration.get("credentials", ""), call.region, str(more.get("owner_account_id")), api)
            status, found, answer = await asyncio.to_thread(signed, call, credentials, port)
            return answered(integration, sent, Received(status, found, answer, _as_json(found, answer)))
        except TemplateFailedError:
            return _FAILED

    return invoke


def credentials_of(role: str, region: str, account: str, api: str) -> dict[str, str]:
    """Return environment variables with credentials of an integration's role."""
    name = f"apigateway-{api}"
    return inside.credentials_of({"Role": role, "FunctionArn": f"arn:aws:lambda:{region}:{account}:function:{name}", "FunctionName": name})


def signed(call: Called, credentials: Mapping[str, str], port: int) -> tuple[int, dict[str, str], bytes]:
    """Call a service of the embedded AWS; return the status, the headers by names in lower case, and the body.

    Args:
        call: The call.
        credentials: Environment variables with credentials.
        port: The port of the embedded AWS.
    """
    from botocore.auth import S3SigV4Auth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(call.method, f"http://127.0.0.1:{port}{call.path}", headers=dict(call.headers), data=call.body)
    key = Credentials(credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"], credentials["AWS_SESSION_TOKEN"] or None)
    metadata = _metadata(call.service)
    auth = S3SigV4Auth if call.service == "s3" else SigV4Auth
    auth(key, metadata.get("signingName") or metadata["endpointPrefix"], call.region).add_auth(request)
    return sent(f"http://127.0.0.1:{port}", call.method, call.path, dict(request.headers.items()), call.body)


def sent(url: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send a request to the host of a URL; return the status, the headers by names in lower case, and the body."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_SECONDS)
    try:
        connection.request(method, path, body or None, dict(headers))
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are not of one connection."""
    return {name: value for name, value in headers.items() if name.lower() not in _HOP}


def _as_json(headers: Mapping[str, str], body: bytes) -> str | None:
    """An answer in XML as the JSON that services give API Gateway, which asks them for it; `None` for all else."""
    if "xml" not in headers.get("content-type", ""):
        return None
    try:
        root = ET.fromstring(body)  # noqa: S314 (of the embedded AWS itself)
    except ET.ParseError:
        return None
    return json.dumps({_name(root): _plain(root)})


def _plain(element: ET.Element) -> Any:
    return {_name(part): _plain(part) for part in element} if len(element) else element.text or ""


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def calling_servers() -> Callable[..., Awaitable[Answer]]:
    """Return what answers for integrations of types HTTP and HTTP_PROXY."""

    async def invoke(  # noqa: PLR0917 (the emulator's own signature)
        integration: Json,
        path: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]] | None,
        variables: Mapping[str, str] | None = None,
    ) -> Answer:
        del path
        given = Sent(body or b"", _parameters(headers, query, variables), {}, {})
        mapped = given.mapped(integration)
        proxied = integration.get("type") == "HTTP_PROXY"
        verb = integration.get("httpMethod") or method
        url = filled(str(integration.get("uri", "")), {**(variables or {}), **mapped["path"]} if proxied else mapped["path"])
        pairs = [(name, value) for name, values in (query or {}).items() for value in values] if proxied else []
        asked = urlencode([*pairs, *mapped["querystring"].items()])
        own = passed_on(headers) if proxied else {"Content-Type": given.content_type}
        try:
            content = given.body if proxied else given.body_for(integration)
            target = urlsplit(url)
            way = f"{target.path or '/'}{f'?{asked}' if asked else ''}"
            status, found, answer = await asyncio.to_thread(
                sent, url, method if verb == "ANY" else verb, way, own | mapped["header"], content
            )
            if proxied:
                return status, passed_on(found), answer
            return answered(integration, given, Received(status, found, answer))
        except (OSError, http.client.HTTPException, TemplateFailedError):
            return _FAILED

    return invoke


def _parameters(headers: Mapping[str, Any] | None, query: Mapping[str, Any] | None, variables: Mapping[str, str] | None) -> Json:
    def last(value: Any) -> str:
        return str(value[-1]) if value.__class__ in {list, tuple} and value else str(value)

    return {
        "path": dict(variables or {}),
        "querystring": {name: last(value) for name, value in (query or {}).items()},
        "header": {name: last(value) for name, value in (headers or {}).items()},
    }


def _context(api: str, stage: str, resource: Json, method: str, more: Mapping[str, Any]) -> Json:
    return {
        "apiId": api,
        "accountId": more.get("owner_account_id"),
        "authorizer": more.get("authorizer_context") or {},
        "httpMethod": method,
        "identity": {"sourceIp": "127.0.0.1", **(more.get("caller_identity") or {})},
        "requestId": str(uuid4()),
        "requestTimeEpoch": int(time.time() * 1000),
        "resourcePath": resource.get("path"),
        "stage": stage,
    }
