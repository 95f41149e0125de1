"""What REST and HTTP APIs have in common: routes that are methods of paths, authorizers by name, one OpenAPI body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam

from gateleg.cdk.access import guards_of
from gateleg.cdk.apps import DirectRoute, RestApp, check_kind
from gateleg.cdk.arguments import TEXT, a, check, filled, having, listing, mapping, optional
from gateleg.cdk.authorizers import IamAuthorizer, function_of, headers_of
from gateleg.cdk.body_rules.context import mapped_in
from gateleg.cdk.contract import Contract
from gateleg.cdk.cors import Cors, agreed, declared_headers
from gateleg.cdk.functions import FUNCTION, FunctionLike, as_function, behind, check_timeout
from gateleg.cdk.gateway import APP, KINDS, Gateway
from gateleg.cdk.grouping import SERVICE, as_one, by_route, for_all, grouping, service_of
from gateleg.cdk.guards.given import check_given
from gateleg.cdk.guards.invoke_grants import InvokeGrants
from gateleg.cdk.guards.invoking import invoked
from gateleg.cdk.guards.opened import OpenedApps
from gateleg.cdk.guards.reached import Planned
from gateleg.cdk.integrations.integration import Answered, Integration, Place
from gateleg.cdk.integrations.roles import Roles
from gateleg.cdk.openapi import info_of
from gateleg.cdk.path_arguments import authorizers_by_name, direct_route, page_path
from gateleg.cdk.path_tree import PathTree
from gateleg.cdk.permissions import Permissions
from gateleg.cdk.plan import Plan
from gateleg.cdk.rendered import Rendered
from gateleg.cdk.schemas import Models
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.sharing import claim_tokens
from gateleg.cdk.unknown_paths import tell_unknown
from gateleg.cdk.whole import whole
from gateleg.description import Route
from gateleg.description.names import CORS_VARIABLE, REFERENCE_SOCKET_VARIABLE
from gateleg.errors import DeclarationError, RouteError
from gateleg.places import calling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aws_cdk.aws_apigateway import Integration as CdkIntegration
    from aws_cdk.aws_apigatewayv2 import HttpRouteIntegration
    from constructs import Construct

    from gateleg.cdk.access import AccessRules
    from gateleg.cdk.authorizers import AnyAuthorizer
    from gateleg.cdk.body_rules import RestApi
    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.grouping import Grouping, Part
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.plan import PlannedRoute
    from gateleg.cdk.validation import Checks
    from gateleg.cdk.websocket_gateway import WebSocketGateway
    from gateleg.cdk.written_functions import WrittenFunctions
    from gateleg.description import App

Target = FunctionLike | Mapping[str, Any] | Integration
"""What answers a route: a function, an integration, or an `x-amazon-apigateway-integration` object."""


class PathGateway(Gateway):
    """The base of `RestGateway` and `HttpGateway`; they differ in the body that they render and in what stands beside it.

    Args:
        scope: The parent construct.
        id: The construct's id.
        kind: `rest` or `http`.
        rules: Who may call what.
        authorizers: By the name that routes call them.
        apps: The apps.
        tables: The tables that the apps may use.
        cors: Which pages may call.
        stage_name: The stage.
        function_options: How the apps' functions run.
        api_name: The API's name; the app's own title, or else the construct's path unless given.
        functions: How many functions answer.
        contract: What they answer.
        direct: The keys of the routes beside the apps.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        kind: str,
        rules: AccessRules,
        authorizers: Mapping[str, AnyAuthorizer],
        apps: Sequence[str | App | RestApp],
        tables: Sequence[ModelTable],
        cors: Cors | None,
        stage_name: str,
        function_options: FunctionOptions | None,
        api_name: str | None,
        functions: Grouping,
        contract: Contract | None,
        direct: Iterable[str],
    ) -> None:
        self._authorizers = dict(authorizers)
        read = [header for authorizer in authorizers.values() for header in headers_of(authorizer)]
        cors = None if cors is None else cors.also(read)
        self._function_options = function_options or {}
        self._reference: str | None = None
        self._paths = PathTree()
        self._plan = Plan(rules, self._paths)
        self._grouping = functions
        entries, environment = [RestApp.of(app) for app in apps], {} if cors is None else {CORS_VARIABLE: cors.environment()}
        if functions == "all":
            entries, environment = as_one(entries), {SERVICE: service_of(id), **environment}
        super().__init__(
            scope,
            id,
            kind=kind,
            apps=entries,
            tables=tables,
            stage_name=stage_name,
            function_options=function_options,
            environment=environment,
        )
        self._found = self._described() if contract is None else contract.bound(self._described(), direct)
        self._reach = OpenedApps(self._plan, self._paths.covers, self._found)
        self._contract = contract
        described = [app for _, app, _ in self._found]
        self._every_page = cors is not None
        agreed_on = agreed(cors, described)
        asked = [header for *_, routes in self._found for route in routes for header in (*route.headers, *declared_headers(route))]
        self._cors = None if agreed_on is None else agreed_on.also([*read, *asked])
        self._name = api_name or _title(described) or self.node.path.replace("/", "-")
        self._targets: dict[str, FunctionLike | Mapping[str, Any]] = {}
        self._app_of: dict[str, str] = {}
        self._roles = Roles(self)
        self._models = Models()
        self._body = Rendered(self._document)

    @property
    def integration_roles(self) -> list[iam.Role]:
        """The roles by which API Gateway itself calls services for routes, each for one thing."""
        return self._roles.all

    def add_route(
        self, key: str, route: DirectRoute | Target | HttpRouteIntegration | CdkIntegration
    ) -> Target | HttpRouteIntegration | CdkIntegration:
        """Add a route beside the apps and return what answers it.

        Args:
            key: `GET /health`.
            route: A function, an integration of `gateleg.cdk.integrations` or of CDK, an integration object, or a `DirectRoute` that also says who may
                call.

        Raises:
            RouteError: The route is there already, or API Gateway cannot express it.
            AuthorizerError: It has neither an authorizer nor a public reason, or names an unknown authorizer.
            DeclarationError: It is not a route, or the function may run longer than API Gateway waits.
        """
        check("add_route", key=(key, filled))
        with whole(self):
            return self._add_route(key, route, operation={})

    def add_reference(
        self, path: str = "/docs", *, public: str | None = None, authorizer: str | None = None, socket: WebSocketGateway | None = None
    ) -> ServiceFunction:
        """Serve a page with the routes of all apps, as their handlers tell them, each to be tried from there.

        The function of the page may do nothing but log and be traced; it runs as `function_options` say, without their environment. Routes
        that are not to be seen say `include_in_schema=False`.

        Args:
            path: Where the page is; the OpenAPI 3.1 document is beside it, `/docs/openapi.json`.
            public: Why anybody may read it.
            authorizer: Who may, by the name of an authorizer; the gateway's default unless given. A browser that opens a page sends
                cookies and no `Authorization`.
            socket: A WebSocket API that is told of on a page of its own, `/docs/socket.html`, with its AsyncAPI document, `/docs/asyncapi.json`, and its
                client for browsers, `/docs/socket.js`.

        Raises:
            DeclarationError: The path is the root, or has variables.
            RouteError: Something answers there already, or there is a reference.
            AuthorizerError: There is neither an authorizer nor a reason to be public.
        """
        from gateleg.cdk.reference_function import ReferenceFunction  # few gateways have one

        check("add_reference", path=(path, page_path), socket=(socket, optional(having("a WebSocketGateway", "client_files"))))
        if self._reference is not None:
            message = f"the gateway has a reference at {self._reference}; leave one of the two out"
            raise RouteError(message, path=path, value=path)
        options = {name: value for name, value in self._function_options.items() if name not in {"code", "environment", "release"}}
        with whole(self):
            self._reference = path
            function = ReferenceFunction(self, "Reference", files=lambda: self._pages(path, socket), **cast("FunctionOptions", options))
            if socket is not None:
                function.set_environment({REFERENCE_SOCKET_VARIABLE: socket.url})
            for key in (f"GET {path}", f"GET {path}/{{file}}"):
                self._add_route(key, DirectRoute(function, authorizer, public))
        return function

    def openapi(self, *, url: str | None = None) -> dict[str, Any]:
        """The OpenAPI 3.1 document of all apps and of the routes beside them, as `add_reference` serves it.

        Args:
            url: Where the API is: `https://api.example.com`, `https://a1b2c3.execute-api.eu-north-1.amazonaws.com/live`. Without one the document has no
                servers, since CloudFormation alone knows the API's own address.

        Raises:
            DeclarationError: The URL is not one of an API.
        """
        from gateleg.cdk.reference import reference_of  # few gateways are asked

        # A name that CloudFormation makes is not known here.
        name = self.node.path.replace("/", "-") if Token.is_unresolved(self._name) else self._name
        return reference_of(info_of(name, self._plan.apps), self._plan.apps, self._plan.routes(), self._authorizers, url=url)

    def grant_invoke(self, grantee: iam.IGrantable, *routes: str) -> iam.Grant:
        """Let somebody call routes that IAM guards, and no others: a role, a user, a function, the authenticated role of an identity pool.

        Args:
            grantee: Who signs the requests.
            *routes: The keys of the routes, such as `GET /me`.

        Leave holds on every stage, of those that are added later too.

        Raises:
            RouteError: No route is named, or one that is not there.
            AuthorizerError: IAM does not guard one of them, or leave for it would be leave for another one; or the grantee takes no policy of
                this account, as an identity of another account does.
            DeclarationError: There is nobody to grant it to.
        """
        check("grant_invoke", grantee=(grantee, having("a role, a user or a function of CDK", "grant_principal")))
        signed = {name for name, authorizer in self._authorizers.items() if isinstance(authorizer, IamAuthorizer)}
        parts = invoked(routes, self._plan.routes(), signed)
        return self._grants.give(grantee, parts, self._stage_name, self._added_stages())

    def _added_stages(self) -> Iterable[str]:
        """The names of the stages beside the first."""
        return ()

    def _pages(self, path: str, socket: WebSocketGateway | None) -> dict[str, bytes]:
        """What the reference consists of, with every route that the API has in the end."""
        from gateleg.cdk.reference_pages import pages

        return pages(
            self.openapi(url="/".join([".."] * path.count("/"))),
            path,
            None if socket is None else socket.asyncapi(),
            None if socket is None else socket.client_files(),
        )

    def _add_route(
        self, key: str, route: DirectRoute | Target | HttpRouteIntegration | CdkIntegration, operation: dict[str, Any] | None = None
    ) -> Target | HttpRouteIntegration | CdkIntegration:
        direct = DirectRoute.of(route)
        answered = self._answered(key, direct.target)
        target = answered.integration if isinstance(answered, Answered) else answered
        operation, checks = (answered.operation or operation, answered.checks) if isinstance(answered, Answered) else (operation, None)
        name = f"the integration of {key}" if isinstance(target, Mapping) else as_function(target).node.path
        if not isinstance(target, Mapping):
            check_timeout(target, key)
        every = {one.function.node.path for one in self.functions.values()} if self._grouping == "all" else ()
        if not isinstance(target, Mapping) and behind(target).node.path in every:
            message = f"{key} is answered by the function of all apps, which cannot tell whose route it is; give it a function of its own"
            raise RouteError(message, path=key, value=key)
        security = None if direct.authorizer is None else ({direct.authorizer: list[str]()},)
        facts: dict[str, Any] = {"cors": self._cors is not None, "operation": operation, "place": calling() or ""}
        described = Route(key, name, security=security, public=direct.public, **facts)
        described = described if self._contract is None else self._contract.beside(described)
        self._plan.add_direct(described, name, checks, [] if isinstance(target, Mapping) else self._reach.by(described, target))
        self._targets[name] = target
        planned = self._plan.routes()  # a new name for a variable may fit no older route, which nobody could say once the stack is resolved
        if isinstance(target, Mapping):
            access = next(one.access for one in planned if described in one.sources)
            given = answered.given if isinstance(answered, Answered) else ()
            check_given(key, [*given, *mapped_in(target)], guards_of(access, self._authorizers), self._kind)
        self._check_added()
        if not isinstance(target, Mapping):
            self._permissions.allow(target, f"{self._stage_name}/*/*")
        return direct.target

    def _check_added(self) -> None:
        """Refuse a route beside the others that goes ill with them."""

    def _opened(self, api: RestApi, template: str, functions: WrittenFunctions) -> Iterator[str]:
        """What the body of the template opens."""
        return self._reach.problems(api, template, functions, self._planned)

    def _planned(self, route: PlannedRoute) -> Planned:
        target = self._targets[route.integration]
        uri = target.get("uri") if isinstance(target, Mapping) else as_function(target).function_arn
        is_judged = any(target is one for one in self.functions.values())
        return Planned(Stack.of(self).resolve(uri), is_judged, not route.access.asks)

    def _answered(self, key: str, target: Any) -> Answered | FunctionLike | Mapping[str, Any]:
        """What answers a route, as this kind of API has it."""
        if not isinstance(target, Integration):
            return self._taken(key, target)
        place = Place(key, self._roles, self._models, self._tables)
        if self._kind != "rest":
            from gateleg.cdk.http_integrations import http_integration  # it loads aws_apigatewayv2

            return Answered(http_integration(key, target.http(place)))
        answered = target.rest(place)
        if self._cors is None or "responses" not in answered.integration:
            return answered
        return replace(answered, integration={**answered.integration, "responses": self._cors.mapped(answered.integration["responses"])})

    def _taken(self, key: str, target: Any) -> Answered | FunctionLike | Mapping[str, Any]:
        """The same of what is no integration of ours."""
        if isinstance(target, Mapping):
            return cast("Mapping[str, Any]", target)
        if FUNCTION(target) is None:
            owner = behind(target).node.scope
            apps = owner.apps if isinstance(owner, ServiceFunction) else ()
            if apps and not any(app.kind in KINDS[self._kind] for app in apps):
                check_kind(apps[0], *KINDS[self._kind])
            return cast("FunctionLike", target)
        message = f"{key} is answered by {target!r}, which this API cannot call; pass a function, or an integration object"
        raise DeclarationError(message, path=key, value=target, code="declaration.integration")

    def _fill(self, api_id: str, routes: Mapping[str, DirectRoute | Target | HttpRouteIntegration | CdkIntegration]) -> None:
        """Add all routes, and let the API call what answers them and what judges."""
        self._permissions = Permissions(self, api_id)
        self._grants = InvokeGrants(self, self._kind, api_id)
        for key, route in routes.items():
            self.add_route(key, route)
        parts = [self._add_app(entry, app, chosen) for entry, app, chosen in self._found]
        if self._grouping == "all" and parts:
            one = self._add_function(for_all(parts, source=f"{self._stage_name}/*/*"))
            self._targets |= {part.name: one for part in parts}
            self.functions.update({part.name: one for part in parts})
        tell_unknown(self, self._kind, self._plan, [(app, chosen) for _, app, chosen in self._found], self.functions)
        for authorizer in self._authorizers.values():
            if (function := function_of(authorizer)) is not None:
                claim_tokens(self, function)
                self._permissions.allow(function, "authorizers/*")

    def _add_app(self, entry: RestApp, app: App, routes: list[Route]) -> Part:
        if not app.routes and not app.answers_unknown:
            message = f"{app.name} has no routes; register one by @app.get(...), include the router that has them by app.include_router(router), or leave the app out"
            raise RouteError(message, path=app.name, value=app.name)
        checks = self._checks_of(entry, app, routes)
        if self._every_page and app.cors is None:
            routes = [replace(route, cors=True) for route in routes]
        self._plan.add_app(app, routes, checks, root=self._root_of(entry))
        whole = self._part(entry, app, routes, f"{self._stage_name}/*/*")
        if self._grouping == "app":
            self._targets[whole.name] = self.functions[whole.name] = self._add_function(whole)
        for part in by_route(whole, entry, self._stage_name) if self._grouping == "route" else ():
            self._plan.divide(part.routes, part.name)
            self._app_of[part.name] = whole.name
            self._targets[part.name] = function = self._add_function(part)
            self.functions.update({route.key: function for route in part.routes})
        return whole

    def _checks_of(self, entry: RestApp, app: App, routes: Sequence[Route]) -> Callable[[Route], Checks] | None:
        """What the gateway checks of a request to an app; `None` where it checks nothing."""
        raise NotImplementedError

    def _document(self) -> dict[str, Any]:
        """The whole body; called while the stack is resolved, when logical ids are final."""
        raise NotImplementedError

    def _warnings(self) -> dict[str, str]:
        warnings: dict[str, str] = {}
        if renamed := self._paths.renamed():
            warnings["variables"] = "; ".join(renamed)
        for _, app, routes in self._found:
            if problems := [f"{route.key}: {route.problem}" for route in routes if route.problem]:
                warnings[f"schemas:{app.name}"] = f"these routes of {app.name} have no schema: {'; '.join(problems)}"
        return warnings


def check_paths(owner: str, **given: Any) -> None:
    """Check the arguments that both gateways take, beside those of every gateway.

    Raises:
        DeclarationError: One of them is not what it must be.
    """
    check(
        owner,
        apps=(given["apps"], listing(APP)),
        authorizers=(given["authorizers"], optional(authorizers_by_name)),
        default_authorizer=(given["default_authorizer"], optional(TEXT)),
        routes=(given["routes"], optional(mapping(direct_route))),
        cors=(given["cors"], optional(a("a Cors, such as Cors(['https://chat.example.com'])", Cors))),
        api_name=(given["api_name"], optional(filled)),
        functions=(given["functions"], grouping),
        contract=(given["contract"], optional(a("a Contract, such as Contract('openapi.json')", Contract))),
    )


def _title(apps: Sequence[App]) -> str | None:
    """The title of the only app that gives one."""
    titles = [app.title for app in apps if app.title]
    return titles[0] if len(titles) == 1 else None
