"""Servers on the other side: requests passed on as they are, or by templates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration

from gateleg.cdk.arguments import TEXT, check, filled, having, mapping, number, optional, writable
from gateleg.cdk.integrations.answers import JSON, error_body, mapped
from gateleg.cdk.integrations.answers import TEXT as BINARY_AS_TEXT
from gateleg.cdk.integrations.aws_service import METHODS, model_class
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.placeholders import TOKEN
from gateleg.cdk.validation import Checks
from gateleg.errors import ItemNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_apigateway as apigateway
    from pydantic import BaseModel

    from gateleg.cdk.integrations.integration import Place

_VARIABLE = re.compile(r"\{([^{}+]+)\}")
# What begins with a token may hold any part of the URL up to a slash.
_HOST = re.compile(r"(?:https?:|token:?)?(?://)?[^/?#]*")
_PORTS, _HIGH_PORTS = (80, 443), range(1_024, 65_536)
_PORT = re.compile(r":(\d+)$")
_METHODS = (*METHODS, "ANY")
_LONGEST = 29_000
_STATUSES = (200, 299)


@dataclass(frozen=True)
class HttpProxy(Integration):
    """A server that is sent requests as they are: `HttpProxy("https://prices.example.com/items/{id}")`.

    Args:
        url: Its URL; variables of the route's path may stand in its path: `https://prices.example.com/{id}`.
        vpc_link: The VPC link of `aws_apigateway` through which it is reached.
        method: The method that it is called by; that of the route unless given.
        timeout: How long is waited for it.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    url: str
    vpc_link: apigateway.IVpcLink | None = None
    method: str | None = None
    timeout: Duration | None = None

    def __post_init__(self) -> None:
        check(
            "HttpProxy",
            url=(self.url, _url),
            vpc_link=(self.vpc_link, optional(_link)),
            method=(self.method, optional(_method)),
            timeout=(self.timeout, optional(_wait)),
        )

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        _require_every_variable(self.url, place)
        return Answered({"type": "http_proxy"} | _call(self, place) | _path_of(self.url, place))

    def http(self, place: Place) -> Mapping[str, Any]:
        """As in the base."""
        if self.vpc_link is not None:
            raise place.refused(
                "reaches a URL through a VPC link, where HTTP APIs take a listener; pass HttpAlbIntegration(listener, vpc_link=...)"
            )
        _require_every_variable(self.url, place)
        _path_of(self.url, place)  # HTTP APIs fill in the variables of a path by themselves
        return {"type": "http_proxy", "payloadFormatVersion": "1.0"} | _call(self, place)


@dataclass(frozen=True)
class Http(Integration):
    """A server that is called by templates: what it is sent and what becomes of its answer is written here.

    Args:
        url: Its URL; variables of the route's path may stand in its path.
        template: The mapping template of requests in JSON, the only ones that are taken.
        answer: The mapping template of the answer.
        body: A pydantic model that API Gateway checks requests by.
        parameters: What is mapped besides: `{"integration.request.header.X-Shop": "'paint'"}`.
        status: The status of an answer. Errors of the server are answered as handlers answer them.
        vpc_link: The VPC link of `aws_apigateway` through which it is reached.
        method: The method that it is called by; that of the route unless given.
        timeout: How long is waited for it.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    url: str
    template: str = "$input.body"
    answer: str = "$input.body"
    body: type[BaseModel] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    status: int = 200
    vpc_link: apigateway.IVpcLink | None = None
    method: str | None = None
    timeout: Duration | None = None

    def __post_init__(self) -> None:
        check(
            "Http",
            url=(self.url, _url),
            template=(self.template, TEXT),
            answer=(self.answer, TEXT),
            body=(self.body, optional(model_class)),
            parameters=(self.parameters, mapping(filled)),
            status=(self.status, number(*_STATUSES, int)),
            vpc_link=(self.vpc_link, optional(_link)),
            method=(self.method, optional(_method)),
            timeout=(self.timeout, optional(_wait)),
        )

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        integration = {"type": "http"} | _call(self, place)
        if integration["httpMethod"] == "ANY":
            raise place.refused("is answered by Http, whose templates are of one method; write method='POST' or the like")
        path = _path_of(self.url, place).get("requestParameters", {})
        if given := {**path, **self.parameters}:
            integration["requestParameters"] = given
        integration |= {"passthroughBehavior": "never", "contentHandling": BINARY_AS_TEXT, "requestTemplates": {JSON: self.template}}
        missing = ItemNotFoundError("missing")
        integration["responses"] = mapped(self.answer, status=self.status, others={"404": (404, error_body(missing))})
        return Answered(integration, checks=Checks(place.model(self.body)))


def _call(of: HttpProxy | Http, place: Place) -> dict[str, Any]:
    method = of.method or place.key.partition(" ")[0]
    found: dict[str, Any] = {"httpMethod": method, "uri": of.url}
    if of.vpc_link is not None:
        found |= {"connectionType": "VPC_LINK", "connectionId": of.vpc_link.vpc_link_id}
    return found | ({"timeoutInMillis": int(of.timeout.to_milliseconds())} if of.timeout is not None else {})


def _path_of(url: str, place: Place) -> dict[str, Any]:
    """The mapping of the path's variables to those of the URL."""
    names = _variables(url)
    if unknown := [name for name in names if name not in place.variables]:
        known = ", ".join(place.variables) or "none"
        raise place.refused(f"is answered by {url!r}, whose variable {unknown[0]!r} the path does not have; it has: {known}", url)
    mapped_names = {f"integration.request.path.{name}": f"method.request.path.{name}" for name in names}
    return {"requestParameters": mapped_names} if mapped_names else {}


def _require_every_variable(url: str, place: Place) -> None:
    place.require_every_variable(_variables(url), "HttpProxy")


def _variables(url: str) -> list[str]:
    return _VARIABLE.findall(TOKEN.sub("token", url))


def _url(value: Any) -> str | None:
    wanted = "a URL, such as 'https://prices.example.com/items/{id}'"
    if not isinstance(value, str) or not writable(value):
        return wanted
    known = TOKEN.sub("token", value)
    begins = re.match(r"https?://[^/\s]", known) or TOKEN.match(value)
    if not begins or re.search(r"\s|\{[^}]*\+\}", known):
        return wanted
    if "{" in (left := _VARIABLE.sub("", known)) or "}" in left:
        return f"{wanted}, whose braces hold a variable each"
    host, rest = known[: (end := cast("re.Match[str]", _HOST.match(known)).end())], known[end:]
    if "{" in host:
        return f"{wanted}, whose host is written out: a variable there lets callers choose the server"
    if (port := _PORT.search(host)) and not _is_taken(int(port[1])):
        return f"{wanted}, whose port is 80, 443 or one of 1024 to 65535"
    return f"{wanted}, whose variables stand in its path alone" if "{" in re.sub("^[^?#]*", "", rest) else None


def _is_taken(port: int) -> bool:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html."""
    return port in _PORTS or port in _HIGH_PORTS


def _link(value: Any) -> str | None:
    if (wanted := having("a VpcLink of aws_apigateway", "vpc_link_id")(value)) is not None:
        return wanted
    # Those of HTTP APIs have a VPC. In a REST API they need the load balancer beside them, which nobody says here.
    return "a VpcLink of aws_apigateway, not one of aws_apigatewayv2" if hasattr(value, "vpc") else None


def _method(value: Any) -> str | None:
    return None if value in _METHODS else f"one of {', '.join(_METHODS)}"


def _wait(value: Any) -> str | None:
    """How long API Gateway waits."""
    fits = isinstance(value, Duration) and (value.is_unresolved() or number(50, _LONGEST)(value.to_milliseconds()) is None)
    return None if fits else "a Duration of 50 milliseconds to 29 seconds"
