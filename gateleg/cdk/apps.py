"""What a gateway is given to answer with: apps, and routes named directly."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import FLAG, a, check, either, filled, having, listing, mapping, optional, usable, writable
from gateleg.cdk.function_options import FunctionOptions, check_options
from gateleg.cdk.functions import FUNCTION
from gateleg.cdk.integrations.integration import Integration
from gateleg.cdk.placing import unknown
from gateleg.description import App, service_name, split_handler
from gateleg.description.handlers import camel
from gateleg.errors import AuthorizerError, DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_apigateway import Integration as CdkIntegration
    from aws_cdk.aws_apigatewayv2 import HttpRouteIntegration

    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.uses import AnyUse
    from gateleg.description import Route

_OWN_CHILDREN = frozenset(
    {
        "Resource",
        "Stage",
        "Deployment",
        "Url",
        "AccessLogs",
        "ExecutionLogs",
        "WebAcl",
        "Authorizer",
        "Api",
        "Reference",
        "Role",
        "Logs",
        "Domain",
        "Alias",
        "UsagePlans",
        "Firewall",
        "ClientCertificate",
        "Mapping",
        "LiveDeployment",
        "Sweep",
        "CognitoConnect",
    }
)
_INTEGRATIONS = ("aws", "aws_proxy", "http", "http_proxy", "mock")
_DICTIONARY = mapping(a("anything", object))
CDK_INTEGRATION = having("an integration of CDK", "bind")
"""The rule for integrations of CDK, which an `HttpGateway` takes."""
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class RestApp:
    """An app, how its function runs, and what is decided for its routes without editing them.

    Args:
        app: The app string, or a description that is there already.
        handler: The function that Lambda calls, where it is not the app itself: `lambdas.chat.rest:handler`. One that is seen to call another app
            is refused.
        id: The construct id of its function; made from the app string unless given.
        only: The keys of the routes to take, such as `GET /rooms/{room}`; all of them unless given.
        public: By route key, why the route needs no authorizer.
        authorizers: By route key, the name of the authorizer that guards it, whatever the app says; scopes that the route asks of it stay.
        uses: What the function does to tables beside what its routes declare.
        options: How the function runs; they go before the gateway's own `function_options`.
        validate_requests: Whether API Gateway checks requests to this app; as the gateway says unless given.

    Raises:
        DeclarationError: An argument is not what it must be.
        AuthorizerError: A route is to be public and guarded, or public without a reason.
    """

    app: str | App
    handler: str | None = None
    id: str | None = None
    only: Sequence[str] | None = None
    public: Mapping[str, str] = field(default_factory=dict[str, str])
    authorizers: Mapping[str, str] = field(default_factory=dict[str, str])
    uses: Sequence[AnyUse] = ()
    options: FunctionOptions = field(default_factory=FunctionOptions)
    validate_requests: bool | None = None

    def __post_init__(self) -> None:
        check(
            "RestApp",
            app=(self.app, either(filled, a("a description (gateleg.description.App)", App))),
            handler=(self.handler, optional(filled)),
            id=(self.id, optional(_construct_id)),
            only=(self.only, optional(listing(filled))),
            uses=(self.uses, usable),
            validate_requests=(self.validate_requests, optional(FLAG)),
        )
        check("RestApp", AuthorizerError, public=(self.public, mapping(filled)), authorizers=(self.authorizers, mapping(filled)))
        check_options("RestApp(options=...)", self.options)
        split_handler(self.name)
        split_handler(self.entry)
        if both := sorted(set(self.public) & set(self.authorizers)):
            message = f"RestApp of {self.name} makes {both[0]} public and guards it; leave one of the two out"
            raise AuthorizerError(message, path=both[0], value=self.public[both[0]])

    @property
    def name(self) -> str:
        """The app string."""
        return self.app.name if isinstance(self.app, App) else self.app

    @property
    def entry(self) -> str:
        """The handler string of the function."""
        return self.handler or self.name

    @classmethod
    def of(cls, app: RestApp | App | str) -> RestApp:
        """The same in its long form."""
        return app if isinstance(app, RestApp) else cls(app)

    def routes_of(self, app: App) -> list[Route]:
        """The routes of the app that the gateway shall have, with what is decided for them here.

        Args:
            app: The description.

        Raises:
            RouteError: The app has no route of a key that is named here, or `only` leaves one out for which it is decided who may call.
            AuthorizerError: A route is made public here that itself names who may call it, or is given another authorizer than the one that it asks
                for scopes.
        """
        known = [route.key for route in app.routes]
        for key in (*(self.only or ()), *self.public, *self.authorizers):
            if key not in known:
                raise unknown(f"{self.name} has no route {key!r}", key, known)
        if self.only is not None and (needless := [key for key in (*self.public, *self.authorizers) if key not in self.only]):
            message = (
                f"RestApp of {self.name} says who may call {needless[0]!r}, which only=[...] leaves out; add it there, or leave it out here"
            )
            raise RouteError(message, path=needless[0], value=needless[0])
        return [app.asking(self._decided(app, route)) for route in app.routes if self.only is None or route.key in self.only]

    def _decided(self, app: App, route: Route) -> Route:
        if route.key in self.authorizers:
            name = self.authorizers[route.key]
            return replace(route, public=None, security=({name: self._scopes(app.asking(route), name)},))
        return replace(route, public=self.public[route.key]) if route.key in self.public else route

    def _scopes(self, route: Route, name: str) -> list[str]:
        """The scopes that a route asks of the authorizer that is named for it; those of another one would be asked by nobody."""
        asked = [one for one in route.security or () if name in one]
        if asked:
            return list(asked[0][name])
        for other, scopes in ((other, scopes) for one in route.security or () for other, scopes in one.items() if scopes):
            message = (
                f"{route.key} of {self.name} asks {other!r} for the scopes {list(scopes)}, which nobody would check behind {name!r}; give the gateway's "
                f"authorizer the name {other!r} and write authorizers={{{route.key!r}: {other!r}}}, or leave the route out there"
            )
            raise AuthorizerError(message, path=route.key, value=list(scopes))
        return []


@dataclass(frozen=True)
class DirectRoute:
    """A route beside the apps.

    Args:
        target: A function, an integration of `gateleg.cdk.integrations`, such as `SqsSend(queue)`, an `x-amazon-apigateway-integration` object, or an
            integration of CDK of the API's kind, such as `StepFunctionsIntegration` or `HttpAlbIntegration`.
        authorizer: The name of the authorizer; the gateway's default unless given.
        public: Why the route needs none.

    Raises:
        DeclarationError: The target is neither a function nor an integration object that API Gateway takes.
        AuthorizerError: Both are given, or the reason is empty.
    """

    target: FunctionLike | Mapping[str, Any] | Integration | HttpRouteIntegration | CdkIntegration
    authorizer: str | None = None
    public: str | None = None

    def __post_init__(self) -> None:
        check("DirectRoute", target=(self.target, either(FUNCTION, _integration, CDK_INTEGRATION, a("an integration", Integration))))
        if isinstance(self.target, Mapping):
            _check_integration(self.target)
        check("DirectRoute", AuthorizerError, authorizer=(self.authorizer, optional(filled)), public=(self.public, optional(filled)))
        if self.authorizer is not None and self.public is not None:
            message = f"a route has an authorizer ({self.authorizer!r}) or is public ({self.public!r}), not both; leave one out"
            raise AuthorizerError(message, value=self.authorizer)

    @classmethod
    def of(cls, route: DirectRoute | FunctionLike | Mapping[str, Any] | Integration | HttpRouteIntegration | CdkIntegration) -> DirectRoute:
        """The same in its long form."""
        return route if isinstance(route, DirectRoute) else cls(route)


def _check_integration(integration: Mapping[str, Any]) -> None:
    """Refuse what API Gateway would not deploy, or would answer with an error of its own."""
    kind, method = str(integration.get("type")).lower(), integration.get("httpMethod")
    missing = (
        []
        if kind == "mock" or "integrationSubtype" in integration
        else [name for name in ("httpMethod", "uri") if not integration.get(name)]
    )
    if kind not in _INTEGRATIONS:
        problem = f"the type {integration.get('type')!r}, which is not one of {', '.join(_INTEGRATIONS)}"
    elif missing:
        problem = f"no {' and no '.join(missing)}"
    elif kind == "aws_proxy" and method != "POST" and "integrationSubtype" not in integration:
        problem = f"httpMethod={method!r}, and functions are invoked by POST, whatever the method of the route"
    elif not writable(integration):
        problem = "a control character or a lone surrogate, which no template can hold"
    else:
        return
    message = f"an integration object has {problem}; write {{'type': 'http_proxy', 'httpMethod': 'GET', 'uri': 'https://...'}}, or pass the function itself"
    raise DeclarationError(message, path="DirectRoute.target", value=dict(integration), code="declaration.integration")


def check_told(app: App) -> None:
    """Refuse what an app tells of itself where no template can hold it.

    Raises:
        RouteError: Something has a lone surrogate.
    """
    told: list[tuple[str, Any]] = [("the app", (app.title, app.version, app.summary, app.schemas))]
    for what, said in (*told, *((route.key, (route.key, route.public, route.operation)) for route in app.routes)):
        try:
            json.dumps(said, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError as error:
            message = f"{app.name} tells of {what} with {error.object[error.start : error.end]!r}, a lone surrogate, which no template can hold; leave it out"
            raise RouteError(message, path=what, value=app.name) from None


def check_kind(app: App, *wanted: str) -> App:
    """The description, if it is of one of the wanted kinds.

    Raises:
        RouteError: It is not.
    """
    if app.kind not in wanted:
        other = {
            "rest": "RestGateway(apps=[...]) or HttpGateway(apps=[...])",
            "http": "HttpGateway(apps=[...])",
            "websocket": "WebSocketGateway(app=...)",
            "stream": "ModelTable.on_change(...)",
            "function": "ServiceFunction(handler=...)",
            "table": "ModelTable(table=...)",
        }
        instead = f"give it to {other[app.kind]}"
        if "rest" in wanted and app.kind == "http":
            instead = f"its APIGatewayHttpResolver reads payload 2.0, and a REST API sends 1.0 alone: {instead}, or make it an APIGatewayRestResolver"
        message = f"{app.name} is {'an' if app.kind == 'http' else 'a'} {app.kind} app; {instead}"
        raise RouteError(message, path=app.name, value=app.kind)
    return app


def function_ids(entries: Sequence[RestApp]) -> dict[str, str]:
    """The construct ids of the apps' functions, by app string.

    `lambdas.chat.rest:app` is `ChatRest`; where that would be two of them, `LambdasChatRest`.

    Raises:
        DeclarationError: An app is given twice, two have one `id`, or one has that of a part of the gateway.
    """
    for name, count in Counter(entry.name for entry in entries).items():
        if count > 1:
            message = f"the gateway was given {name!r} {count} times; give each app once"
            raise DeclarationError(message, path=name, value=name, code="declaration.app_twice")
    short = Counter(camel(service_name(entry.name)) for entry in entries)
    ids = {entry.name: entry.id or _free(entry.name, short) for entry in entries}
    for name, id_ in ids.items():
        if id_ in _OWN_CHILDREN:
            message = f"RestApp of {name} has the id {id_!r}, which is one of the gateway's own parts; write id='{id_}Function' or the like"
            raise DeclarationError(message, path=name, value=id_, code="declaration.app_twice")
    for id_, count in Counter(ids.values()).items():
        if count > 1:
            names = [name for name, given in ids.items() if given == id_]
            message = f"the functions of {' and '.join(names)} would both have the id {id_!r}; give one of them RestApp(..., id=...)"
            raise DeclarationError(message, path=names[1], value=id_, code="declaration.app_twice")
    return ids


def _free(name: str, short: Counter[str]) -> str:
    made = camel(service_name(name))
    made = made if short[made] == 1 else camel(name.replace(":app", ""))
    return f"{made}Function" if made in _OWN_CHILDREN else made


def _integration(value: Any) -> str | None:
    parts = {"responses": a("a dictionary", Mapping), "requestParameters": a("anything", object)}
    fits = _DICTIONARY(value) is None and all(mapping(rule)(value.get(name, {})) is None for name, rule in parts.items())
    return (
        None
        if fits
        else "an x-amazon-apigateway-integration object, such as {'type': 'mock', 'responses': {'default': {'statusCode': '200'}}}"
    )


def _construct_id(value: Any) -> str | None:
    return None if isinstance(value, str) and _ID.fullmatch(value) else "a construct id of A-Z a-z 0-9 _ -, such as 'Orders'"
