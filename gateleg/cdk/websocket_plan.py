"""The routes of a WebSocket API, checked before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.authorizers import IamAuthorizer, RequestAuthorizer
from gateleg.errors import AuthorizerError, DeclarationError, RouteError

if TYPE_CHECKING:
    from gateleg.cdk.apps import DirectRoute
    from gateleg.cdk.functions import FunctionLike

CONNECT = "$connect"
_OWN = frozenset({CONNECT, "$disconnect", "$default"})
_MAX_KEY = 128


@dataclass(frozen=True)
class SocketRoute:
    """One route of a WebSocket API.

    Attributes:
        key: The value of `action` that selects it, or one of API Gateway's own keys.
        handler: Who answers, for messages.
        public: Why anyone may connect, for `$connect`.
    """

    key: str
    handler: str
    public: str | None = None


class WebSocketPlan:
    """Which routes there are and who may connect.

    Args:
        authorizer: Who may connect.
        public: Why anyone may.

    Attributes:
        routes: By route key.

    Raises:
        AuthorizerError: Both are given, the reason is empty, or the authorizer is of a kind that WebSocket APIs do not have.
    """

    def __init__(self, authorizer: RequestAuthorizer | IamAuthorizer | None, public: str | None) -> None:
        self._authorizer = authorizer
        self._public = public
        self.routes: dict[str, SocketRoute] = {}
        if authorizer is not None and not isinstance(authorizer, (RequestAuthorizer, IamAuthorizer)):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
            message = f"a WebSocket API takes a RequestAuthorizer or an IamAuthorizer, got {type(authorizer).__name__}; write RequestAuthorizer(function, identity_sources=['querystring.token'])"
            raise AuthorizerError(message, path="authorizer", value=authorizer)
        if authorizer is not None and public is not None:
            message = f"connections have an authorizer or are public ({public!r}), not both; leave one out"
            raise AuthorizerError(message, path="public", value=public)
        if public is not None and not public.strip():
            message = "a public socket says why anyone may connect: public='the ticker shows public prices'"
            raise AuthorizerError(message, path="public", value=public)

    def add(self, route: SocketRoute) -> SocketRoute:
        """Add a route and return it.

        Raises:
            RouteError: The key is none, or another route has it.
            AuthorizerError: It is `$connect`, with neither an authorizer nor a public reason.
        """
        if not route.key or len(route.key) > _MAX_KEY or (route.key.startswith("$") and route.key not in _OWN):
            message = f"a route key is the text of a message's action, up to {_MAX_KEY} characters, or one of {', '.join(sorted(_OWN))}, got {route.key!r} for {route.handler}"
            raise RouteError(message, path=route.key, value=route.key)
        if (other := self.routes.get(route.key)) is not None:
            message = f"{route.key} is answered by {other.handler} and by {route.handler}; remove one of the two routes"
            raise RouteError(message, path=route.key, value=route.key, code="declaration.route.duplicate")
        self.access(route)
        self.routes[route.key] = route
        return route

    def access(self, route: SocketRoute) -> str:
        """The route's authorization type: `CUSTOM`, `AWS_IAM` or `NONE`.

        Raises:
            AuthorizerError: It is `$connect`, with neither an authorizer nor a public reason.
        """
        if route.key != CONNECT or self.reason(route) is not None:
            return "NONE"
        if self._authorizer is None:
            message = (
                f"$connect of {route.handler} has no authorizer and is not public; give the gateway authorizer=RequestAuthorizer(...), "
                "or mark $connect @public('why') (public='why' on the gateway)"
            )
            raise AuthorizerError(message, path=CONNECT, value=route.handler)
        return "AWS_IAM" if isinstance(self._authorizer, IamAuthorizer) else "CUSTOM"

    def reason(self, route: SocketRoute) -> str | None:
        """Why anyone may connect; `None` where the authorizer decides."""
        return route.public if route.public is not None else self._public

    def function_of(self, key: str, route: DirectRoute) -> FunctionLike:
        """The function of a direct route.

        Raises:
            RouteError: It has none, or names an authorizer.
        """
        if isinstance(route.target, Mapping):
            message = f"a route of a WebSocketGateway is answered by a function, got an integration object for {key!r}"
            raise RouteError(message, path=key, value=route.target)
        if route.authorizer is not None:
            message = f"the route {key!r} names the authorizer {route.authorizer!r}, and a WebSocket API has one for connections; give it to the gateway"
            raise RouteError(message, path=key, value=route.authorizer)
        return route.target

    def check_any(self, has_app: bool) -> None:  # noqa: FBT001 (one question, one answer)
        """Check that somebody answers `$connect`.

        Raises:
            RouteError: There is neither an app nor a `$connect` route, so that anyone could connect.
        """
        if not has_app:
            message = "without a $connect route anyone may connect; add routes={'$connect': function} or an app"
            raise RouteError(message, path=CONNECT)

    def check_publisher(self, function: Any) -> lambda_.Function:
        """The function, if it takes environment variables.

        Raises:
            DeclarationError: It is an alias, a version or an imported function.
        """
        if not isinstance(function, lambda_.Function):
            message = f"a publisher finds the connections by an environment variable, which only a Function takes, got {type(function).__name__}; pass the function behind it"
            raise DeclarationError(message, path="add_publisher", value=function)
        return function
