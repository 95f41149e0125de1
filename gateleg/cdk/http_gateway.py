"""An HTTP API whose routes are those of its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack, cast

from aws_cdk import CfnOutput
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_logs as logs

from gateleg.cdk.access import AccessRules
from gateleg.cdk.apps import CDK_INTEGRATION
from gateleg.cdk.arguments import FLAG, a, check, mapping, optional
from gateleg.cdk.arns import stage_url
from gateleg.cdk.body_check import refuse_parts_beside
from gateleg.cdk.body_judge import judge_api
from gateleg.cdk.domains import Domain
from gateleg.cdk.endpoints import Endpoints, url_told
from gateleg.cdk.functions import FUNCTION, behind, check_stage_name, invocation_uri
from gateleg.cdk.gateway import check_gateway
from gateleg.cdk.http_arguments import INSTEAD, Throttle, refuse_rest_only
from gateleg.cdk.http_authorizers import check_http_authorizer, http_scheme
from gateleg.cdk.http_integrations import bound, http_integration
from gateleg.cdk.http_openapi import HttpDocument, http_function_integration
from gateleg.cdk.http_stages import HttpStages
from gateleg.cdk.line_feeds import with_line_feeds
from gateleg.cdk.management.canaries import stage_variables
from gateleg.cdk.management.stages import StageSettings, stage_settings
from gateleg.cdk.openapi import info_of
from gateleg.cdk.path_gateway import PathGateway, check_paths
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.whole import whole
from gateleg.errors import AuthorizerError, DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from aws_cdk.aws_apigateway import Integration as CdkIntegration
    from constructs import Construct

    from gateleg.cdk.apps import DirectRoute, RestApp
    from gateleg.cdk.authorizers import HttpAuthorizer
    from gateleg.cdk.contract import Contract
    from gateleg.cdk.cors import Cors
    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.grouping import Grouping, Part
    from gateleg.cdk.http_arguments import RestOnly
    from gateleg.cdk.integrations.integration import Answered
    from gateleg.cdk.management.stages import StageOptions
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.path_gateway import Target
    from gateleg.cdk.validation import Checks
    from gateleg.description import App, Route

_DEFAULT_STAGE = "$default"


class HttpGateway(PathGateway):
    """An HTTP API with the routes of Powertools apps, one function an app.

    As with `RestGateway` the whole API is one OpenAPI body on one resource, a route without an authorizer is refused unless it is marked public,
    each function may do what its routes declare, and whatever is rendered otherwise makes a new deployment. An `APIGatewayHttpResolver` is sent
    payload 2.0, an `APIGatewayRestResolver` payload 1.0, so that an app of a `RestGateway` moves here as it is. The API's own errors have
    AWS's form, `{"message": ...}`, which cannot be changed. What only REST APIs have is refused.

    A subclass may override `_define_function`, `_define_stage` and `_render_body`.

    Args:
        scope: The parent construct.
        id: The construct's id.
        apps: App strings, descriptions, or `RestApp`s.
        tables: The tables that the apps may use.
        authorizers: By the name that routes call them in `security=[{"name": []}]`.
        default_authorizer: For routes that name none; the only one unless given.
        routes: Routes beside the apps: `{"GET /health": function}`, an integration of CDK such as `HttpAlbIntegration`, or a `DirectRoute`. Functions
            are sent payload 2.0, unless an `APIGatewayRestResolver` is in them.
        cors: Which pages may call; no other pages may unless given. It holds for every route.
        stage_name: The stage, the first segment of the URL; `$default` has none. An `APIGatewayRestResolver` needs `$default`.
        throttling_rate_limit: Requests a second in the long run, for the routes of which `throttles` says nothing.
        throttling_burst_limit: Requests at once, for the same.
        throttles: By route key, how many requests that route takes.
        variables: The stage's variables, which handlers find in `app.current_event.stage_variables`.
        access_log_retention: How long access logs are kept; `None` turns them off.
        function_options: How the apps' functions run.
        domain: A domain of its own; none unless given.
        default_endpoint: Whether the API answers at its own URL too; it must where no domain leads to it.
        api_name: The API's name; the app's own title, or else the construct's path unless given.
        functions: How many functions answer: one an `"app"`, one a `"route"` with what that route declares, or one for `"all"` apps.
        contract: An OpenAPI document that came first; the handlers answer what it says, and what they say differently is refused.
        fail_on_warnings: Whether an import fails of whose body AWS drops something.
        **rest_only: What only REST APIs have, for the error that says so.

    Attributes:
        api: The `HttpApi`.
        stage: The `HttpStage`.
        functions: The `ServiceFunction` of each app, by app string; with `functions="route"` that of each route, by its key.

    Raises:
        AppNotFoundError: No such app.
        AppImportError: An app's own import failed.
        DeclarationError: An argument is not what it must be, only REST APIs have it, or an app and the gateway contradict each other.
        RouteError: A duplicate route, or one that API Gateway cannot express.
        AuthorizerError: A route without authorizer or public mark, or with an unknown authorizer.
        UsesError: A route uses a table that the gateway was not given.
        ContractError: The document of `contract` and the handlers differ.
        PackagingError: The code or its dependencies cannot be packaged.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        apps: Sequence[str | App | RestApp] = (),
        tables: Sequence[ModelTable] = (),
        authorizers: Mapping[str, HttpAuthorizer] | None = None,
        default_authorizer: str | None = None,
        routes: Mapping[str, DirectRoute | Target | apigatewayv2.HttpRouteIntegration] | None = None,
        cors: Cors | None = None,
        stage_name: str = _DEFAULT_STAGE,
        throttling_rate_limit: float = 100,
        throttling_burst_limit: int = 50,
        throttles: Mapping[str, Throttle] | None = None,
        variables: Mapping[str, str] | None = None,
        access_log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS,
        function_options: FunctionOptions | None = None,
        domain: Domain | None = None,
        default_endpoint: bool = True,
        api_name: str | None = None,
        functions: Grouping = "app",
        contract: Contract | None = None,
        fail_on_warnings: bool = False,
        **rest_only: Unpack[RestOnly],
    ) -> None:
        refuse_rest_only(rest_only)
        check(
            "HttpGateway",
            throttles=(throttles, optional(mapping(a("a Throttle, such as Throttle(10, 5)", Throttle)))),
            variables=(variables, optional(stage_variables)),
            domain=(domain, optional(a("a Domain, such as Domain('api.example.com', certificate)", Domain))),
            default_endpoint=(default_endpoint, FLAG),
            fail_on_warnings=(fail_on_warnings, FLAG),
        )
        check_paths(
            "HttpGateway",
            apps=apps,
            authorizers=authorizers,
            default_authorizer=default_authorizer,
            routes=routes,
            cors=cors,
            api_name=api_name,
            functions=functions,
            contract=contract,
        )
        if stage_name != _DEFAULT_STAGE:
            check_stage_name(stage_name)
        check_gateway(
            "HttpGateway",
            tables=tables,
            throttling_rate_limit=throttling_rate_limit,
            throttling_burst_limit=throttling_burst_limit,
            access_log_retention=access_log_retention,
            function_options=function_options,
        )
        endpoints = Endpoints("HttpGateway", default_endpoint)
        endpoints.check(domain)
        self._default_endpoint = default_endpoint
        self._payloads: dict[str, str] = {}
        super().__init__(
            scope,
            id,
            kind="http",
            rules=AccessRules(authorizers or {}, default_authorizer, check_http_authorizer),
            authorizers=authorizers or {},
            apps=apps,
            tables=tables,
            cors=cors,
            stage_name=stage_name,
            function_options=function_options,
            api_name=api_name,
            functions=functions,
            contract=contract,
            direct=routes or (),
        )
        self.api: apigatewayv2.HttpApi = self._api(fail_on_warnings=fail_on_warnings)
        self._stages = HttpStages(self, self.api, stage_name, plan=self._plan, endpoints=endpoints, define=self._define_stage)
        self._fill(self.api.api_id, routes or {})
        self._check_preflights()
        first = StageSettings(
            stage_name,
            throttling_rate_limit=throttling_rate_limit,
            throttling_burst_limit=throttling_burst_limit,
            throttles=throttles,
            variables=variables,
            access_log_retention=access_log_retention,
            domain=domain,
        )
        self._stages.check(first)
        self.stage: apigatewayv2.HttpStage = self._stages.add(first)
        refuse_parts_beside(self, self.api)
        judge_api(self, self.api, self._body, lambda: self._stages.made)
        self._tell()
        self._warn(self._warnings())
        told = url_told(default=default_endpoint or domain is not None)
        self.url_output: CfnOutput = CfnOutput(self, "Url", value=self._url(domain), description=told)

    @property
    def stages(self) -> list[apigatewayv2.HttpStage]:
        """The gateway's own stage, and those that were added."""
        return [*self._stages.made.values()]

    def add_stage(self, name: str, **options: Unpack[StageOptions]) -> apigatewayv2.HttpStage:
        """Add a stage beside the gateway's own, with the same deployment, and return it.

        Args:
            name: The stage, the first segment of its URL.
            **options: How it runs; see `StageOptions`, of which HTTP APIs have neither `cache` nor `canary`. What is left out is as a gateway has
                it by default, whatever this one was given.

        Raises:
            DeclarationError: The stage is there already, an option is not what it must be, or an app finds no route below a stage.
            RouteError: An option names no route.
        """
        refuse_rest_only({one: value for one, value in options.items() if one in INSTEAD})
        settings = stage_settings("add_stage", name, options)
        self._stages.check(settings)
        for target in self._targets.values():
            owner = None if isinstance(target, Mapping) else behind(target).node.scope
            for app in owner.apps[:1] if isinstance(owner, ServiceFunction) else ():
                self._check_stage(app, name)
        with whole(self):
            stage = self._stages.add(settings)
            self._let_call_on(name)
            self._grants.hold_on(name)
        return stage

    def _let_call_on(self, stage: str) -> None:
        for target in self._targets.values():
            if not isinstance(target, Mapping):
                self._permissions.allow_stage(target, stage)

    def _added_stages(self) -> Iterable[str]:
        return self._stages.added

    def _add_route(
        self,
        key: str,
        route: DirectRoute | Target | apigatewayv2.HttpRouteIntegration | CdkIntegration,
        operation: dict[str, Any] | None = None,
    ) -> Target | apigatewayv2.HttpRouteIntegration | CdkIntegration:
        added = super()._add_route(key, route, operation)
        for name in self._stages.added:
            self._let_call_on(name)
        return added

    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        """The OpenAPI document that is deployed. A hook: a subclass may change it.

        Args:
            document: What gateleg rendered.
        """
        return document

    def _define_stage(self, **props: Any) -> apigatewayv2.HttpStage:
        """Make the stage. A hook: a subclass may change the properties or add others, such as `description`.

        Args:
            **props: The properties of `HttpStage` that the arguments say.
        """
        added = self.node.try_find_child(f"Stage-{props['stage_name']}")
        return apigatewayv2.HttpStage(cast("Construct", added or self), "Stage", **props)

    def _add_app(self, entry: RestApp, app: App, routes: list[Route]) -> Part:
        return super()._add_app(entry, app, with_line_feeds(routes, self._paths.covers))

    def _checks_of(self, entry: RestApp, app: App, routes: Sequence[Route]) -> Callable[[Route], Checks] | None:
        """None: an HTTP API checks no requests. What it cannot do for an app is refused here."""
        if entry.validate_requests:
            message = f"RestApp of {app.name} says validate_requests=True, and {INSTEAD['validate_requests']}"
            raise DeclarationError(message, path="RestApp.validate_requests", value=True)
        self._check_stage(app, self._stage_name)
        if self._cors is not None and app.cors is not None and (without := [route.key for route in routes if not route.cors]):
            message = f"{without[0]} of {app.name} says cors=False, and an HTTP API answers pages alike on every route; leave it out, or use another HttpGateway"
            raise RouteError(message, path=without[0], value=False)
        self._payloads[entry.name] = "1.0" if app.kind == "rest" else "2.0"
        return None

    def _check_stage(self, app: App, stage: str) -> None:
        strips = f"/{stage}" in app.prefixes or None in app.prefixes  # a pattern may match it
        if app.kind == "rest" and stage != _DEFAULT_STAGE and not strips:
            message = (
                f"{app.name} is an APIGatewayRestResolver, which finds no route where an HTTP API puts its stage before the path, as payload 1.0 of "
                f"the stage {stage!r} does; leave the stage out, make it an APIGatewayHttpResolver, or write strip_prefixes=['/{stage}'] in it"
            )
            raise DeclarationError(message, path="HttpGateway.stage_name", value=stage)

    def _taken(self, key: str, target: Any) -> Answered | FunctionLike | Mapping[str, Any]:
        if isinstance(target, apigatewayv2.HttpRouteIntegration):
            return http_integration(key, bound(target, self.api, self))
        if CDK_INTEGRATION(target) is None:
            message = f"{key} is answered by {target!r}, an integration of REST APIs; pass one of aws_apigatewayv2_integrations, or use RestGateway"
            raise DeclarationError(message, path=key, value=target, code="declaration.integration")
        taken = super()._taken(key, target)
        if FUNCTION(target) is None and isinstance(owner := behind(target).node.scope, ServiceFunction):
            for app in owner.apps[:1]:
                for stage in (self._stage_name, *self._stages.added):
                    self._check_stage(app, stage)
        return http_integration(key, taken) if isinstance(taken, Mapping) else taken

    def _check_added(self) -> None:
        if hasattr(self, "stage"):
            self._check_preflights()

    def _api(self, *, fail_on_warnings: bool) -> apigatewayv2.HttpApi:
        api = apigatewayv2.HttpApi(self, "Resource", create_default_stage=False)
        resource = cast("apigatewayv2.CfnApi", api.node.default_child)
        # `Redundant fields [name, protocolType] provided when either Body or BodyS3Location is not empty`; the title of the body is the name.
        resource.name = None
        resource.protocol_type = None
        resource.body = self._body.token
        resource.fail_on_warnings = fail_on_warnings or None
        return api

    def _document(self) -> dict[str, Any]:
        """The whole body; called while the stack is resolved, when logical ids are final."""
        integrations = {
            name: dict(target)
            if isinstance(target, Mapping)
            else http_function_integration(invocation_uri(self, target), self._payload_of(name, target))
            for name, target in self._targets.items()
        }
        schemes = {
            name: http_scheme(cast("HttpAuthorizer", authorizer), lambda function: invocation_uri(self, function))
            for name, authorizer in self._authorizers.items()
        }
        info = info_of(self._name, self._plan.apps)
        document = HttpDocument(info, self._plan.routes(), schemes, self._cors, self._default_endpoint)
        return self._render_body(document.render(integrations))

    def _payload_of(self, name: str, function: FunctionLike) -> str:
        """What a function reads: that of its app, on routes beside the app too, whichever gateway made it."""
        owner = behind(function).node.scope
        own = owner.payload if isinstance(owner, ServiceFunction) else "2.0"
        return self._payloads.get(self._app_of.get(name, name), own)

    def _url(self, domain: Domain | None) -> str:
        """Where the API answers: at its own URL, unless that is off."""
        if domain is not None and not self._default_endpoint:
            return domain.url
        return stage_url(self.api.api_id, "" if self._stage_name == _DEFAULT_STAGE else self._stage_name)

    def _check_preflights(self) -> None:
        """Refuse guarded routes that take preflights from API Gateway, which carry no credentials: every page would be answered 401.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html.
        """
        routes = {route.key: route for route in self._plan.routes()}
        for key, route in routes.items() if self._cors is not None else ():
            method, path = key.split(" ", 1)
            if not route.access.asks or method not in {"ANY", "OPTIONS"} or (method == "ANY" and f"OPTIONS {path}" in routes):
                continue
            message = (
                f"{key} is {route.access} and takes the preflights of pages, which carry no credentials; name its methods, or add "
                f"'OPTIONS {path}': DirectRoute(function, public='preflights carry no credentials') first"
            )
            raise AuthorizerError(message, path=key, value=key)
