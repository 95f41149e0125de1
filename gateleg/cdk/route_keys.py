"""The routes of a WebSocket API: which keys there can be, and who may connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from gateleg.cdk.access import Access
from gateleg.cdk.authorizers import CognitoAuthorizer, IamAuthorizer, RequestAuthorizer, check_policies, ttl_seconds
from gateleg.cdk.cognito_connect import CognitoConnectAuthorizer
from gateleg.cdk.placing import Placed
from gateleg.errors import AuthorizerError, DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.description import App, Route

ConnectAuthorizer = RequestAuthorizer | CognitoConnectAuthorizer | IamAuthorizer
"""What `WebSocketGateway(authorizer=...)` takes."""

CONNECT = "$connect"
AUTHORIZER = "connect"
"""The name of the authorizer that a connection asks."""

_OWN = frozenset({CONNECT, "$disconnect", "$default"})
_MAX_KEY = 128


class ConnectRules:
    """Who may connect; a message comes over a connection and asks nobody again.

    Args:
        authorizer: Who may connect.
        public: Why anyone may.

    Raises:
        AuthorizerError: Both are given, the reason is empty, or the authorizer is of a kind that WebSocket APIs do not have.
    """

    def __init__(self, authorizer: ConnectAuthorizer | None, public: str | None) -> None:
        if authorizer is not None and not isinstance(authorizer, get_args(ConnectAuthorizer)):
            raise _unknown(authorizer)
        if isinstance(authorizer, RequestAuthorizer):
            check_policies(authorizer, "the authorizer of connections", "a WebSocket API")
            if authorizer.ttl is not None and ttl_seconds(authorizer.ttl):
                message = f"a WebSocket API asks its authorizer for each connection and remembers nothing, got ttl={ttl_seconds(authorizer.ttl)} s; leave it out"
                raise AuthorizerError(message, path="RequestAuthorizer.ttl", value=ttl_seconds(authorizer.ttl))
        if authorizer is not None and public is not None:
            message = f"connections have an authorizer or are public ({public!r}), not both; leave one out"
            raise AuthorizerError(message, path="public", value=public)
        if public is not None and not (isinstance(public, str) and public.strip()):  # pyright: ignore[reportUnnecessaryIsInstance] (as above)
            message = f"a public socket says why anyone may connect, got public={public!r}; write public='the ticker shows public prices'"
            raise AuthorizerError(message, path="public", value=public)
        self._authorizer = authorizer
        self._public = public

    def of(self, route: Route) -> Access:
        """Who may connect, for `$connect`; for other keys, nobody is asked.

        Raises:
            AuthorizerError: It is `$connect`, with neither an authorizer nor a public reason, or with both; or a route names who may call it.
        """
        if route.key != CONNECT:
            return self._of_message(route)
        if route.security is not None:
            names = ", ".join(sorted(name for asked in route.security for name in asked)) or "nobody"
            message = (
                f"$connect of {route.handler} is to be guarded by {names}, and a WebSocket API has one authorizer, which has no name; give it to "
                "the gateway as authorizer=RequestAuthorizer(...), and leave this out"
            )
            raise AuthorizerError(message, path=CONNECT, value=list(route.security))
        reason = route.public if route.public is not None else self._public
        if self._authorizer is not None and reason is not None:
            message = f"{route.handler} marks $connect @public({reason!r}), and the gateway has an authorizer; leave one of the two out"
            raise AuthorizerError(message, path=CONNECT, value=reason)
        if reason is not None:
            return Access(public=reason)
        if self._authorizer is None:
            message = (
                f"$connect of {route.handler} has no authorizer and is not public; give the gateway authorizer=RequestAuthorizer(...) "
                "or public='why anyone may connect', or mark the function of @app.on_connect() with @public('why anyone may connect')"
            )
            raise AuthorizerError(message, path=CONNECT, value=route.handler)
        return Access(((AUTHORIZER, ()),))

    def _of_message(self, route: Route) -> Access:
        if route.public is not None or route.security is not None:
            message = (
                f"{route.key} of {route.handler} says who may call it, and a WebSocket API asks that once, when a connection opens; "
                "mark the function of @app.on_connect() instead"
            )
            raise AuthorizerError(message, path=route.key, value=route.public or route.security)
        return Access()


def check_principals(apps: Iterable[App], authorizer: ConnectAuthorizer | None) -> None:
    """Check that somebody is named where the messages of each principal are counted.

    Raises:
        DeclarationError: Nobody is: anyone may connect, or IAM decides, which tells handlers of no principal.
    """
    app = next((app for app in apps if app.counts_principals), None)
    if app is None or isinstance(authorizer, (RequestAuthorizer, CognitoConnectAuthorizer)):
        return
    why = "anyone may connect" if authorizer is None else "an IamAuthorizer names no principal to handlers"
    message = (
        f"{app.name} counts the messages of each principal, and {why}; write Guards(per_connection=Rate(...)) in the place of per_principal, or "
        "give the gateway authorizer=RequestAuthorizer(...) or CognitoConnectAuthorizer(...)"
    )
    raise DeclarationError(message, path="Guards.per_principal", value=app.name)


def _unknown(authorizer: Any) -> AuthorizerError:
    known = ", ".join(kind.__name__ for kind in get_args(ConnectAuthorizer))
    pool = "CognitoConnectAuthorizer([pool], clients=[client])"
    instead = pool if isinstance(authorizer, CognitoAuthorizer) else "RequestAuthorizer(function, identity_sources=['querystring.token'])"
    message = f"a WebSocket API takes one of {known}, got {authorizer!r}; write {instead}"
    return AuthorizerError(message, path="authorizer", value=authorizer)


class RouteKeys:
    """The keys of one WebSocket API, each with one route."""

    def __init__(self) -> None:
        self._placed: dict[str, Placed] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._placed

    def add(self, route: Route, target: str, access: Access, *, fixed: bool = False) -> None:
        """Give a route its key.

        Raises:
            RouteError: The key cannot be one, or another route has it.
        """
        del fixed
        key = route.key
        if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY or (key.startswith("$") and key not in _OWN):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
            message = f"a route key is the text of a message's action, up to {_MAX_KEY} characters, or one of {', '.join(sorted(_OWN))}, got {key!r} for {route.handler}"
            raise RouteError(message, path=str(key), value=key)
        if (other := self._placed.get(key)) is not None:
            message = f"{key} is answered by {other.routes[0].handler} and by {route.handler}; remove one of the two routes"
            raise RouteError(message, path=key, value=key, code="declaration.route.duplicate")
        self._placed[key] = Placed(key, target, access, (route,))

    def covers(self, route: Route, other: Route) -> bool:
        """Whether messages for another route would go to this one if the other were not there: those of `$default` alone."""
        return route.key == "$default" and other.key not in _OWN

    def placed(self) -> list[Placed]:
        """Every key, in the order of addition."""
        return list(self._placed.values())
