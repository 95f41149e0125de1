"""The routes and authorizers of REST, HTTP and WebSocket APIs, whatever resources or OpenAPI body they are written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.template.canonical import listing, mapping
from gateleg.template.function import function_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.template.function import FunctionView
    from gateleg.template.stack_template import StackTemplate


@dataclass(frozen=True)
class RouteView:
    """One route of an API.

    Attributes:
        view: The template.
        api: The logical id of the API.
        key: `GET /rooms/{room}` for REST and HTTP APIs, the route key for a WebSocket API.
        authorizer: The authorizer's name; `None` where everybody may call.
        authorizer_type: `TOKEN`, `REQUEST`, `COGNITO_USER_POOLS`, `JWT` or `AWS_IAM`; `None` where everybody may call.
        scopes: The OAuth scopes that the route asks for.
        api_key: Whether a call needs an API key.
        integration_type: `AWS_PROXY`, `MOCK`, `HTTP_PROXY`, ...; `None` where there is no integration.
        integration_uri: The integration's URI in canonical text.
        payload_version: The version of the events that the integration of an HTTP API sends, `1.0` or `2.0`; `None` for others.
        validates_body: Whether API Gateway checks the body against a model.
        validates_parameters: Whether API Gateway checks required parameters.
        models: Media type to the name of the request's model.
        public_reason: Why the route needs no authorizer, where the template says so.
        definition: The method, route or OpenAPI operation as the template holds it.
    """

    view: StackTemplate = field(repr=False, compare=False)
    api: str
    key: str
    authorizer: str | None = None
    authorizer_type: str | None = None
    scopes: tuple[str, ...] = ()
    api_key: bool = False
    integration_type: str | None = None
    integration_uri: str = field(default="", repr=False)
    payload_version: str | None = None
    validates_body: bool = False
    validates_parameters: bool = False
    models: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    public_reason: str | None = None
    definition: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def method(self) -> str:
        """The method of a REST or HTTP route; empty for a WebSocket route."""
        return self.key.partition(" ")[0] if " " in self.key else ""

    @property
    def path(self) -> str:
        """The path of a REST or HTTP route; empty for a WebSocket route."""
        return self.key.partition(" ")[2]

    @property
    def is_preflight(self) -> bool:
        """Whether it answers what browsers ask before a request from another origin, and nothing else."""
        return self.method == "OPTIONS" and self.integration_type == "MOCK" and self.public_reason is None

    @property
    def is_public(self) -> bool:
        """Whether anyone may call, and more than a preflight."""
        return self.authorizer is None and not self.api_key and not self.is_preflight

    @property
    def function(self) -> FunctionView | None:
        """The function that the route calls, through an alias or version too; `None` where it calls none of this template."""
        return function_in(self.view, self.integration_uri)


@dataclass(frozen=True)
class AuthorizerView:
    """One authorizer of an API.

    Attributes:
        view: The template.
        api: The logical id of the API.
        name: Its name: of the resource, or of the security scheme in the body.
        type: `TOKEN`, `REQUEST`, `COGNITO_USER_POOLS`, `JWT` or `AWS_IAM`.
        ttl: How many seconds API Gateway caches an answer; `None` where the template leaves it to API Gateway.
        identity_sources: Where the identity is taken from.
        uri: The function's URI in canonical text, for `TOKEN` and `REQUEST`.
        providers: The ARNs of the user pools, for `COGNITO_USER_POOLS`.
        issuer: The issuer of the tokens in canonical text, for `JWT`.
        audience: For whom the tokens are, for `JWT`.
        definition: The authorizer as the template holds it.
    """

    view: StackTemplate = field(repr=False, compare=False)
    api: str
    name: str
    type: str
    ttl: int | None = None
    identity_sources: tuple[str, ...] = ()
    uri: str = field(default="", repr=False)
    providers: tuple[str, ...] = ()
    issuer: str = ""
    audience: tuple[str, ...] = ()
    definition: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def function(self) -> FunctionView | None:
        """The function that decides, through an alias or version too; `None` where there is none in this template."""
        return function_in(self.view, self.uri)


def asked_by(security: object) -> list[tuple[str, Any]]:
    """The schemes that a route's `security` names, with their scopes; requirements are alternatives, so where one asks for nothing, all ask for nothing."""
    requirements = [mapping(requirement) for requirement in listing(security)]
    return [pair for requirement in requirements for pair in requirement.items()] if all(requirements) else []


def in_order(routes: Iterable[RouteView]) -> tuple[RouteView, ...]:
    """The routes in the order of their keys."""
    return tuple(sorted(routes, key=lambda route: (route.api, route.path, route.key)))
