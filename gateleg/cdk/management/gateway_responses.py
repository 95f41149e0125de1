"""What API Gateway itself answers, in the form in which Powertools answers errors: `{"statusCode": 401, "message": ...}`.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import TEXT, check, filled, mapping, number, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUSES = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}
"""The types and what AWS answers. `REQUEST_TOO_LARGE` is missing: nobody can change it."""

_DEFAULTS = ("DEFAULT_4XX", "DEFAULT_5XX")
_OURS = 500
_ERROR, _SERVER_ERROR = "$context.error.messageString", '"Internal server error"'
_VARIABLE = re.compile(r"\$!?\{?[A-Za-z]")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&*+.^_`|~-]+")


@dataclass(frozen=True)
class GatewayResponse:
    """What API Gateway answers to one type of refusals and failures, where it is not to be as it is.

    Args:
        message: The message; AWS's own below 500, and `Internal server error` from there on, unless given.
        status: The status code; AWS's own unless given.
        headers: Headers beside those for pages: `{"WWW-Authenticate": "Bearer"}`.

    Raises:
        DeclarationError: An argument is not what it must be, or has something of a template.
    """

    message: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        check(
            "GatewayResponse",
            message=(self.message, optional(_plain)),
            status=(self.status, optional(number(400, 599, int))),
            headers=(self.headers, mapping(TEXT)),
        )
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(name) or not value or re.search(r"['\x00-\x1f\x7f]", value):
                message = f"GatewayResponse(headers=...) was given {name!r}: {value!r}; write a header's name, and a value of one line without single quotes"
                raise DeclarationError(message, path="GatewayResponse.headers", value={name: value})


def gateway_responses(given: Mapping[str, GatewayResponse], common: Mapping[str, str]) -> dict[str, Any]:
    """The bodies and headers of all that API Gateway answers itself; nothing of the inside shows.

    Args:
        given: By type, what is to be otherwise; as with AWS `DEFAULT_4XX` and `DEFAULT_5XX` are for all types of which nothing is said.
        common: The headers of all of them, as `x-amazon-apigateway-gateway-responses` takes them.
    """
    return {kind: _response(kind, given.get(kind) or given.get(_default_of(kind)), common) for kind in (*_DEFAULTS, *_STATUSES)}


def response_types(value: Any) -> str | None:
    """The rule for `GatewayResponse`s by their types."""
    wanted = mapping(
        lambda one: None if isinstance(one, GatewayResponse) else "a GatewayResponse, such as GatewayResponse('sign in first')"
    )
    if (said := wanted(value)) is not None:
        return said
    known = [*_STATUSES, *_DEFAULTS]
    for kind in map(str, value):
        if kind == "REQUEST_TOO_LARGE":
            return "types that can be changed, which REQUEST_TOO_LARGE cannot: leave it out"
        if kind not in known:
            return f"types of gateway responses, which {kind!r} is not: write {', '.join(difflib.get_close_matches(kind, known, n=3, cutoff=0.3) or known)}"
    return None


def _default_of(kind: str) -> str:
    """The type that is for those of which nothing is said."""
    return kind if kind in _DEFAULTS else _DEFAULTS[_STATUSES[kind] >= _OURS]


def _response(kind: str, given: GatewayResponse | None, common: Mapping[str, str]) -> dict[str, Any]:
    given = given or GatewayResponse()
    status = given.status or _STATUSES.get(kind)
    ours = _default_of(kind) == "DEFAULT_5XX"
    message = json.dumps(given.message) if given.message is not None else _SERVER_ERROR if ours else _ERROR
    # What has no status of its own is what no type is for: the template cannot know which it will be.
    said = "" if status is None else f'"statusCode":{status},'
    own = {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in given.headers.items()}
    named = {name.lower() for name in own}  # headers are the same in any case, and one of the two would be what nobody asked for
    headers = {**{name: value for name, value in common.items() if name.lower() not in named}, **own}
    return {
        **({} if given.status is None else {"statusCode": str(status)}),
        **({"responseParameters": headers} if headers else {}),
        "responseTemplates": {"application/json": f'{{{said}"message":{message},"requestId":"$context.requestId"}}'},
    }


def _plain(value: Any) -> str | None:
    fits = filled(value) is None and not _VARIABLE.search(value)
    return None if fits else "a text without variables of a template, such as 'sign in first'"
