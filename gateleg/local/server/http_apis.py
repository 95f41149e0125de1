"""HTTP APIs as AWS serves them: events of both payload versions, the stage in paths, answers of each version, preflights.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html and .../http-api-cors.html.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import answers, inside
from gateleg.local.server.events import NOBODY
from gateleg.local.server.request import current

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.local.template import Json

Answer = tuple[int, dict[str, Any], bytes]
_DEFAULT: Final = "$default"
_FAILED: Final = (500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}')
_NOT_FOUND: Final = (404, {"Content-Type": "application/json"}, b'{"message":"Not Found"}')
_CORS: Final = "access-control-"


@dataclass(frozen=True)
class Asked:
    """A request that a route takes.

    Attributes:
        api: The API's id.
        account: Whose it is.
        stage: The stage.
        path: The path, without the stage.
        method: The method.
        headers: The headers by their names in lower case, repeated ones joined.
        body: The body.
        query: All values of each name.
        raw_query: The query as it was sent.
        route: The route's key.
        variables: The variables of the path.
        claims: What a token says, where a JWT authorizer let it in.
        scopes: What it may do.
        context: What a Lambda authorizer says.
        caller: Who signed.
    """

    api: str
    account: str
    stage: str
    path: str
    method: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, list[str]]
    raw_query: str
    route: str
    variables: Json | None
    claims: Json | None
    scopes: list[str]
    context: Json | None
    caller: Json | None

    @property
    def full_path(self) -> str:
        """The path as handlers see it: a named stage is its first segment."""
        return self.path if self.stage == _DEFAULT else f"/{self.stage}{self.path}"

    def values(self) -> dict[str, list[str]]:
        """All values of each header."""
        request = current.get(None)
        repeated: Mapping[str, list[str]] = request.repeated if request is not None else {}
        return {name: list(repeated.get(name, [value])) for name, value in self.headers.items()}

    def told_body(self) -> tuple[str | None, bool]:
        """The body as events have it, and whether that is Base64."""
        if not self.body:
            return None, False
        if inside.is_text(self.headers.get("content-type")):
            return self.body.decode("utf-8", errors="replace"), False
        return base64.b64encode(self.body).decode(), True

    def common(self) -> Json:
        """What the request contexts of both versions have."""
        return {
            "accountId": self.account,
            "apiId": self.api,
            "domainName": f"{self.api}.execute-api.localhost",
            "domainPrefix": self.api,
            "requestId": uuid.uuid4().hex,
            "stage": self.stage,
        }


def version2(asked: Asked, stage_variables: Json) -> Json:
    """The event of payload version 2.0; what is not there is left out."""
    body, encoded = asked.told_body()
    values = asked.values()
    cookies = [cookie.strip() for value in values.pop("cookie", []) for cookie in value.split(";") if cookie.strip()]
    context = asked.common() | {
        "http": {
            "method": asked.method,
            "path": asked.full_path,
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": asked.headers.get("user-agent", ""),
        },
        "routeKey": asked.route,
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
        "timeEpoch": int(time.time() * 1000),
    }
    if asked.claims is not None:
        context["authorizer"] = {"jwt": {"claims": inside.claims_as_text(asked.claims), "scopes": asked.scopes or None}}
    elif asked.context is not None:
        context["authorizer"] = {"lambda": asked.context}
    elif asked.caller is not None:
        context["authorizer"] = {"iam": asked.caller}
    event: Json = {
        "version": "2.0",
        "routeKey": asked.route,
        "rawPath": asked.full_path,
        "rawQueryString": asked.raw_query,
        "cookies": cookies,
        "headers": {name: ",".join(value) for name, value in values.items()},
        "queryStringParameters": {name: ",".join(value) for name, value in asked.query.items()},
        "requestContext": context,
        "pathParameters": asked.variables,
        "stageVariables": stage_variables,
        "body": body,
    }
    return {name: value for name, value in event.items() if value or name in {"rawQueryString", "headers"}} | {"isBase64Encoded": encoded}


def version1(asked: Asked, stage_variables: Json) -> Json:
    """The event of payload version 1.0, as REST APIs send it, but for the stage in `path`; what is not there is null."""
    body, encoded = asked.told_body()
    values = asked.values()
    resource = asked.route.partition(" ")[2] or asked.route
    identity: Json = {**dict.fromkeys(NOBODY), "sourceIp": "127.0.0.1", "userAgent": asked.headers.get("user-agent", "")}
    if asked.caller is not None:
        named = {"accessKey": "accessKey", "accountId": "accountId", "callerId": "caller", "userArn": "userArn", "userId": "user"}
        identity |= {theirs: asked.caller.get(ours) for ours, theirs in named.items()}
    authorizer: Json = {"claims": inside.claims_as_text(asked.claims), "scopes": asked.scopes or None} if asked.claims is not None else {}
    context = asked.common() | {
        "authorizer": authorizer or asked.context or {"claims": None, "scopes": None},
        "httpMethod": asked.method,
        "identity": identity,
        "path": asked.full_path,
        "protocol": "HTTP/1.1",
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
        "requestTimeEpoch": int(time.time() * 1000),
        "resourceId": asked.route,
        "resourcePath": resource,
    }
    return {
        "version": "1.0",
        "resource": resource,
        "path": asked.full_path,
        "httpMethod": asked.method,
        "headers": {name: value[-1] for name, value in values.items()},
        "multiValueHeaders": values,
        "queryStringParameters": {name: value[-1] for name, value in asked.query.items()} or None,
        "multiValueQueryStringParameters": {name: list(value) for name, value in asked.query.items()} or None,
        "requestContext": context,
        "pathParameters": asked.variables,
        "stageVariables": stage_variables or None,
        "body": body,
        "isBase64Encoded": encoded,
    }


async def call_function(  # noqa: PLR0917 (the emulator's own signature)
    integration: Json,
    api_id: str,
    stage: str,
    path: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes,
    query_params: Mapping[str, list[str]] | None,
    route_key: str = _DEFAULT,
    path_params: Json | None = None,
    *,
    authorizer_claims: Json | None = None,
    authorizer_scopes: list[str] | None = None,
    authorizer_lambda_context: Json | None = None,
    authorizer_iam: Json | None = None,
    owner_account_id: str = "",
    owner_region: str = "",
    raw_query_string: str | None = None,
) -> Answer:
    """Call the function of a route; stands in the emulator's place, which sends payload 2.0 alone and no stage."""
    asked = Asked(
        api_id,
        owner_account_id,
        stage,
        path,
        method,
        headers,
        body or b"",
        query_params or {},
        raw_query_string or "",
        route_key,
        path_params,
        authorizer_claims,
        authorizer_scopes or [],
        authorizer_lambda_context,
        authorizer_iam,
    )
    old = str(integration.get("payloadFormatVersion")) == "1.0"
    event = (version1 if old else version2)(asked, inside.stage_variables(api_id, stage))
    done = await inside.executed_at(str(integration.get("integrationUri", "")), owner_account_id, owner_region, event)
    if done is None:
        return _FAILED
    answer = answers.of_rest_api(done)[0] if old and not done.get("throttle") else answers.of_any_api(done)[0]
    if answer is None:
        return _FAILED
    status, sent, content = rendered(answer)
    if inside.cors_of(api_id):
        # What a handler says of pages is ignored where the API itself does.
        sent = {name: value for name, value in sent.items() if not name.lower().startswith(_CORS)}
    return status, sent, content


def rendered(answer: Json) -> Answer:
    """The status, headers and bytes of an answer; cookies are headers of their own."""
    single: Json = answer.get("headers") or {}
    several: dict[str, list[Any]] = answer.get("multiValueHeaders") or {}
    cookies: list[Any] = answer.get("cookies") or []
    headers = {"content-type": ["application/json"]}
    headers |= {name.lower(): [_text(value)] for name, value in single.items()}
    headers |= {name.lower(): [_text(value) for value in values] for name, values in several.items()}
    if cookies:
        headers["set-cookie"] = [*map(str, cookies), *headers.get("set-cookie", [])]
    given: Any = answer.get("body")
    text = given if isinstance(given, str) else "" if given is None else json.dumps(given)
    content = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
    # The emulator sends each of several cookies; of other headers one line says the same.
    joined = {name: values if name == "set-cookie" else ",".join(values) for name, values in headers.items()}
    return int(answer["statusCode"]), joined, content


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def answering_preflights(headers_of: Callable[[Json, str], dict[str, str]]) -> Callable[[Json, str], Answer]:
    """Return what answers `OPTIONS`: to pages that may not call without the headers that would let them, and not at all without CORS.

    Args:
        headers_of: The emulator's own, which makes the headers of an answer.
    """

    def answered(cors: Json, origin: str) -> Answer:
        if not cors:
            return _NOT_FOUND
        headers = headers_of(cors, origin)
        if headers:
            listed = {"allowMethods": "Access-Control-Allow-Methods", "allowHeaders": "Access-Control-Allow-Headers"}
            headers |= {theirs: ",".join(cors[ours]) for ours, theirs in listed.items() if cors.get(ours)}
            headers |= {"Access-Control-Max-Age": str(cors["maxAge"])} if cors.get("maxAge") is not None else {}
        return 204, headers, b""

    return answered


def keeping_slashes(resolve: Callable[[str, str, str], tuple[str, str]]) -> Callable[[str, str, str], tuple[str, str]]:
    """Return what finds the stage and the path of a request, with the slash at the end of a path of one segment.

    To an HTTP API `/orders/` is another path than `/orders`, as tests/e2e/event_handler/test_paths_ending_with_slash.py of
    aws-powertools/powertools-lambda-python holds on AWS; to a REST API it is the same.

    Args:
        resolve: The emulator's own, which takes the first segment for a stage, and forgets the slash where it is none.
    """

    def resolved(api: str, first: str, rest: str) -> tuple[str, str]:
        stage, path = resolve(api, first, rest)
        request = current.get(None)
        ends = request is not None and request.path.endswith("/")
        return stage, f"{path}/" if stage == _DEFAULT and ends and not path.endswith("/") else path

    return resolved
