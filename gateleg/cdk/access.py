"""Who may call a route; nobody without an authorizer, unless the route says why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.cdk.authorizers import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    IamAuthorizer,
    JwtAuthorizer,
    RequestAuthorizer,
    TokenAuthorizer,
    check_name,
)
from gateleg.cdk.rest_authorizers import check_rest_authorizer
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.cdk.authorizers import AnyAuthorizer
    from gateleg.cdk.body_rules.reading import Guard
    from gateleg.description import Route


_GUARDS: dict[type[AnyAuthorizer], Guard] = {
    IamAuthorizer: "iam",
    CognitoAuthorizer: "pool",
    JwtAuthorizer: "jwt",
    TokenAuthorizer: "lambda",
    RequestAuthorizer: "lambda",
    ApiKeyAuthorizer: "key",
}


@dataclass(frozen=True)
class Access:
    """Who may call a route. Two are equal where the gateway asks the same, whatever the reasons.

    Attributes:
        asks: The names of authorizers that must all agree, each with its scopes; none for a public route.
        public: Why there is none.
    """

    asks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    public: str | None = field(default=None, compare=False)

    def requirements(self) -> list[dict[str, list[str]]]:
        """The same as OpenAPI security requirements."""
        return [{name: list(scopes) for name, scopes in self.asks}] if self.asks else []

    def __str__(self) -> str:
        return f"guarded by {' and '.join(name for name, _ in self.asks)}" if self.asks else "public"


class AccessRules:
    """Decides for each route of a REST or HTTP API, and refuses what it cannot decide.

    Args:
        authorizers: By name.
        default: For routes that name none; the only authorizer unless given.
        check: Refuses what is no authorizer of the API; what is none of a REST API unless given.

    Raises:
        AuthorizerError: Something among them is not an authorizer, a name cannot stand in OpenAPI, or the default is unknown.
    """

    def __init__(
        self,
        authorizers: Mapping[str, AnyAuthorizer],
        default: str | None,
        check: Callable[[str, Any], None] = check_rest_authorizer,
    ) -> None:
        for name, authorizer in authorizers.items():
            check_name(name)
            check(name, authorizer)
        self._authorizers = dict(authorizers)
        if default is not None and default not in authorizers:
            message = f"default_authorizer={default!r} is not one of the authorizers ({self._known()}); write one of them"
            raise AuthorizerError(message, path="default_authorizer", value=default)
        self._default = default or (next(iter(authorizers)) if len(authorizers) == 1 else None)

    def of(self, route: Route) -> Access:
        """Who may call a route.

        Raises:
            AuthorizerError: The route has neither an authorizer nor a reason to be public, has both, names an unknown one, or asks
                for what API Gateway cannot do.
        """
        if route.public is not None:
            return self._public(route, route.public)
        if route.security is None:
            return Access(((self._default_for(route), ()),))
        if not route.security or not all(route.security):
            message = (
                f"{route.key} of {route.handler} says security={list(route.security)}, which lets anyone call it without saying why; "
                "write @public('why') in its place, or name an authorizer"
            )
            raise AuthorizerError(message, path=route.key, value=list(route.security))
        if len(route.security) > 1:
            names = " or ".join(sorted(name for one in route.security for name in one))
            message = f"{route.key} of {route.handler} accepts one of {names}, and API Gateway asks one authorizer a route; name one"
            raise AuthorizerError(message, path=route.key, value=list(route.security))
        asked = next(iter(route.security))
        self._check(route, asked)
        return Access(tuple(sorted((name, tuple(sorted(scopes))) for name, scopes in asked.items())))

    def _public(self, route: Route, reason: str) -> Access:
        if not reason.strip():
            message = f"{route.key} of {route.handler} is public without a reason; write public='health checks carry no token' or the like"
            raise AuthorizerError(message, path=route.key, value=reason)
        if route.security is not None:
            message = (
                f"{route.key} of {route.handler} is public ({reason!r}) and says security={list(route.security)}; leave one of the two out"
            )
            raise AuthorizerError(message, path=route.key, value=list(route.security))
        return Access(public=reason)

    def _default_for(self, route: Route) -> str:
        if self._default is not None:
            return self._default
        fix = "mark it @public('why') (public='why' on a DirectRoute)"
        if self._authorizers:
            fix = f"name one of {self._known()} in the route's security, give the gateway default_authorizer=..., or {fix}"
        else:
            fix = f"give the gateway authorizers={{'name': ...}}, or {fix}"
        message = f"{route.key} of {route.handler} has no authorizer and is not public; {fix}"
        raise AuthorizerError(message, path=route.key, value=route.handler)

    def _check(self, route: Route, requirement: Mapping[str, Any]) -> None:
        for name, scopes in requirement.items():
            authorizer = self._authorizers.get(name)
            if authorizer is None:
                message = f"{route.key} of {route.handler} names the authorizer {name!r}, and the gateway has {self._known()}; write authorizers={{{name!r}: ...}}"
                raise AuthorizerError(message, path=route.key, value=name)
            if scopes and not isinstance(authorizer, (CognitoAuthorizer, JwtAuthorizer)):
                message = (
                    f"{route.key} of {route.handler} asks {name!r} for the scopes {scopes}, and only a CognitoAuthorizer, or a JwtAuthorizer of an "
                    "HttpGateway, checks scopes; leave the list empty"
                )
                raise AuthorizerError(message, path=route.key, value=scopes)
        judges = [name for name in requirement if not isinstance(self._authorizers[name], ApiKeyAuthorizer)]
        if len(judges) > 1:
            message = f"{route.key} of {route.handler} asks {' and '.join(judges)}, and API Gateway asks one authorizer a route, beside an API key; name one"
            raise AuthorizerError(message, path=route.key, value=judges)

    def _known(self) -> str:
        return ", ".join(repr(name) for name in self._authorizers) or "none"


def guards_of(access: Access, authorizers: Mapping[str, AnyAuthorizer]) -> frozenset[Guard]:
    """What guards a route.

    Args:
        access: Who may call it.
        authorizers: Those of the gateway, by name.
    """
    return frozenset(_GUARDS[type(authorizers[name])] for name, _ in access.asks)


_FIRST = (
    "whose pattern the app tries first (for an HTTP API also with a line feed at the end, %0A); guard both alike, or give one of them a path that "
    "the other does not match"
)
_IMPORTED = (
    "whose app the function's modules import; guard both alike, import what is shared from a module without an app, or write "
    "ServiceFunction(..., calls_no_app='it reads a constant of admin') or the like where the handler never calls it"
)


def check_same(route: Route, access: Access, also: Mapping[str, Access], *, imported: bool = False) -> None:
    """Check that a path opens nothing that is guarded otherwise; what is public anyway cannot be opened.

    API Gateway decides by the most specific path, a handler's resolver by its own patterns in its own order.

    Args:
        route: The route.
        access: Who may call it.
        also: By key, who may call the routes that its function may answer with in its place.
        imported: Whether these are of an app that the function imports and is not seen to call.

    Raises:
        AuthorizerError: Somebody else may call one of them.
    """
    for key, other in also.items():
        if other.asks and other != access:
            message = (
                f"a request that API Gateway takes for {route.key} of {route.handler} ({access}) may be answered by {key} ({other}), "
                f"{_IMPORTED if imported else _FIRST}"
            )
            raise AuthorizerError(message, path=route.key, value=key)
