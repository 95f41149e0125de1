"""Servers on the other side: requests passed on as they are, or by templates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration

from gateleg.cdk.arguments import TEXT, check, filled, having, mapping, number, optional
from gateleg.cdk.integrations.answers import JSON, error_body, mapped
from gateleg.cdk.integrations.answers import TEXT as BINARY_AS_TEXT
from gateleg.cdk.integrations.aws_service import model_class
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.validation import Checks
from gateleg.errors import ItemNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_apigateway as apigateway
    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from pydantic import BaseModel

    from gateleg.cdk.integrations.integration import Place

_VARIABLE = re.compile(r"\{([^{}+]+)\}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY")
_LONGEST = 29_000
_STATUSES = (200, 299)
LINK = having("a VpcLink", "vpc_link_id")


@dataclass(frozen=True)
class HttpProxy(Integration):
    """A server that is sent requests as they are: `HttpProxy("https://prices.example.com/items/{id}")`.

    Args:
        url: Its URL; variables of the route's path may stand in its path: `https://prices.example.com/{id}`.
        vpc_link: The VPC link through which it is reached.
        method: The method that it is called by; that of the route unless given.
        timeout: How long is waited for it.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    url: str
    vpc_link: apigateway.IVpcLink | apigatewayv2.IVpcLink | None = None
    method: str | None = None
    timeout: Duration | None = None

    def __post_init__(self) -> None:
        check(
            "HttpProxy",
            url=(self.url, _url),
            vpc_link=(self.vpc_link, optional(LINK)),
            method=(self.method, optional(_method)),
            timeout=(self.timeout, optional(_wait)),
        )

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        return Answered({"type": "http_proxy"} | _call(self, place) | _path_of(self.url, place))

    def http(self, place: Place) -> Mapping[str, Any]:
        """As in the base."""
        if self.vpc_link is not None:
            raise place.refused(
                "reaches a URL through a VPC link, where HTTP APIs take a listener; pass HttpAlbIntegration(listener, vpc_link=...)"
            )
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
        vpc_link: The VPC link through which it is reached.
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
    vpc_link: apigateway.IVpcLink | apigatewayv2.IVpcLink | None = None
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
            vpc_link=(self.vpc_link, optional(LINK)),
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
    names = _VARIABLE.findall(url)
    if unknown := [name for name in names if name not in place.variables]:
        known = ", ".join(place.variables) or "none"
        raise place.refused(f"is answered by {url!r}, whose variable {unknown[0]!r} the path does not have; it has: {known}", url)
    mapped_names = {f"integration.request.path.{name}": f"method.request.path.{name}" for name in names}
    return {"requestParameters": mapped_names} if mapped_names else {}


def _url(value: Any) -> str | None:
    fits = isinstance(value, str) and re.match(r"https?://[^/\s]", value) and not re.search(r"\s|\{[^}]*\+\}", value)
    fits = fits or (isinstance(value, str) and value.startswith("${Token["))
    return None if fits else "a URL, such as 'https://prices.example.com/items/{id}'"


def _method(value: Any) -> str | None:
    return None if value in _METHODS else f"one of {', '.join(_METHODS)}"


def _wait(value: Any) -> str | None:
    """How long API Gateway waits."""
    fits = isinstance(value, Duration) and (value.is_unresolved() or number(50, _LONGEST)(value.to_milliseconds()) is None)
    return None if fits else "a Duration of 50 milliseconds to 29 seconds"
