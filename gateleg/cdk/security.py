"""Which authorizer guards which route; none guards it only where the route says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.cdk.authorizers import ApiKeyAuthorizer, CognitoAuthorizer, check_name
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.cdk.authorizers import Authorizer
    from gateleg.cdk.routes import Route

Requirements = list[dict[str, list[str]]]


class Security:
    """Decides for each route, and refuses what it cannot decide.

    Args:
        authorizers: By name.
        default: For routes that name none; the only authorizer unless given.

    Raises:
        AuthorizerError: A name cannot stand in OpenAPI, or the default is none of them.
    """

    def __init__(self, authorizers: Mapping[str, Authorizer], default: str | None) -> None:
        for name in authorizers:
            check_name(name)
        self._authorizers = dict(authorizers)
        if default is not None and default not in authorizers:
            message = f"default_authorizer={default!r} is none of the authorizers ({self._known()}); write one of them"
            raise AuthorizerError(message, path="default_authorizer", value=default)
        self._default = default or (next(iter(authorizers)) if len(authorizers) == 1 else None)

    def requirements(self, route: Route) -> Requirements:
        """The OpenAPI security requirements of a route; an empty list for a public one.

        Raises:
            AuthorizerError: The route has neither an authorizer nor a reason to be public, names an unknown one, or asks
                for what API Gateway cannot do.
        """
        if route.public is not None:
            return []
        asked = [requirement for requirement in route.security if requirement]
        if not asked:
            return [{self._default_for(route): []}]
        if len(asked) > 1:
            message = f"{route.key} of {route.handler} accepts one of {' or '.join(sorted(name for one in asked for name in one))}, and API Gateway asks one authorizer a route; name one"
            raise AuthorizerError(message, path=route.key, value=asked)
        self._check(route, asked[0])
        return [dict(asked[0])]

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

    def _check(self, route: Route, requirement: dict[str, list[str]]) -> None:
        for name, scopes in requirement.items():
            authorizer = self._authorizers.get(name)
            if authorizer is None:
                message = f"{route.key} of {route.handler} names the authorizer {name!r}, and the gateway has {self._known()}; write authorizers={{{name!r}: ...}}"
                raise AuthorizerError(message, path=route.key, value=name)
            if scopes and not isinstance(authorizer, CognitoAuthorizer):
                message = f"{route.key} of {route.handler} asks {name!r} for the scopes {scopes}, and only a CognitoAuthorizer checks scopes; leave the list empty"
                raise AuthorizerError(message, path=route.key, value=scopes)
        judges = [name for name in requirement if not isinstance(self._authorizers[name], ApiKeyAuthorizer)]
        if len(judges) > 1:
            message = f"{route.key} of {route.handler} asks {' and '.join(judges)}, and API Gateway asks one authorizer a route, beside an API key; name one"
            raise AuthorizerError(message, path=route.key, value=judges)

    def _known(self) -> str:
        return ", ".join(repr(name) for name in self._authorizers) or "none"
