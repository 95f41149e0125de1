"""A WebSocket API whose routes are those of its handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Aws, CfnOutput, Lazy, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from gateleg.cdk.access_logs import StageLogs, websocket_format
from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.apps import DirectRoute, RestApp, add_app_functions, check_kind, code_root
from gateleg.cdk.authorizers import IamAuthorizer, RequestAuthorizer
from gateleg.cdk.describing import Describing
from gateleg.cdk.digests import rendered_digest
from gateleg.cdk.functions import FunctionLike, as_function, check_stage_name, check_timeout
from gateleg.cdk.permissions import Permissions
from gateleg.cdk.produced import Produced
from gateleg.cdk.service_function import FunctionOptions, ServiceFunction
from gateleg.cdk.websocket_plan import CONNECT, SocketRoute, WebSocketPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gateleg.cdk.grantees import Grantee
    from gateleg.cdk.model_table import ModelTable
    from gateleg.description import App

_LATER_REASON = "API Gateway asks the authorizer once, when the connection opens with $connect; other routes cannot have one."
_CONNECTIONS_REASON = "Connection ids are made while the API runs, so the permission names every connection of this one stage."


class WebSocketGateway(Construct):
    """A WebSocket API with the routes of a `WebSocketResolver`, answered by one function.

    N routes take N + 7 resources beside the function, and two more for an authorizer: one integration and one permission a function. A connection
    needs an authorizer unless `$connect` is marked public. The function may send to the connections of this stage, and do
    what its routes declare. Any change makes a new deployment. The logs need the account's CloudWatch role
    (`ApiGatewayAccount`, once in an account and region).

    A subclass may override `_define_function` and `_define_stage`.

    Args:
        scope: The parent construct.
        id: The construct's id.
        app: The app string, a description, or a `RestApp` that also says how the function runs; none for direct routes alone.
        tables: The tables that the app may use.
        authorizer: Who may connect.
        public: Why anyone may connect; only without an authorizer.
        routes: Routes beside the app's, by route key: `{"ping": function}`.
        stage_name: The stage, the first segment of the URL.
        throttling_rate_limit: Messages a second that the stage takes in the long run.
        throttling_burst_limit: Messages that it takes at once.
        access_log_retention: How long access and execution logs are kept; `None` turns both off.
        function_options: How the app's function runs.
        description_root: The folder that app modules are found from when they are described; that of the functions' code unless given.

    Attributes:
        resource: The `AWS::ApiGatewayV2::Api`.
        functions: The `ServiceFunction` of the app, by app string.

    Raises:
        AppNotFoundError: No such app.
        AppImportError: The app's own import failed.
        RouteError: A duplicate route, or one that API Gateway cannot express.
        AuthorizerError: Connections have neither an authorizer nor a public reason.
        UsesError: A route uses a table that the gateway was not given.
        PackagingError: The code or its dependencies cannot be packaged.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        app: str | App | RestApp | None = None,
        tables: Sequence[ModelTable] = (),
        authorizer: RequestAuthorizer | IamAuthorizer | None = None,
        public: str | None = None,
        routes: Mapping[str, DirectRoute | FunctionLike] | None = None,
        stage_name: str = "live",
        throttling_rate_limit: float = 100,
        throttling_burst_limit: float = 50,
        access_log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS,
        function_options: FunctionOptions | None = None,
        description_root: Path | str | None = None,
    ) -> None:
        super().__init__(scope, id)
        entries = [] if app is None else [RestApp.of(app)]
        describing = Describing([entry.app for entry in entries], description_root or code_root(function_options))
        self._plan = WebSocketPlan(authorizer, public)
        self._authorizer = authorizer
        self._stage_name = check_stage_name(stage_name)
        self._integrations: dict[str, apigatewayv2.CfnIntegration] = {}
        self._rendered: list[Any] = []
        self.resource = apigatewayv2.CfnApi(
            self,
            "Resource",
            name=self.node.path.replace("/", "-"),
            protocol_type="WEBSOCKET",
            route_selection_expression="$request.body.action",
        )
        self._permissions = Permissions(self, self.resource.ref)
        self.functions = add_app_functions(entries, self._define_function, function_options or {}, {}, describing)
        self._connect_authorizer = self._define_authorizer()
        self._deployment = self._deploy()
        self._stage_resource = self._logged_stage(throttling_rate_limit, throttling_burst_limit, access_log_retention)
        self._views: tuple[apigatewayv2.IWebSocketApi, apigatewayv2.IWebSocketStage] | None = None
        for entry, description in zip(entries, describing.result(), strict=True):
            self._add_app(entry, check_kind(description, "websocket"), tables)
        for key, route in (routes or {}).items():
            self.add_route(key, route)
        self._add_connect()
        url = f"wss://{self.resource.ref}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{stage_name}"
        self.url_output = CfnOutput(self, "Url", value=url)

    @property
    def api(self) -> apigatewayv2.IWebSocketApi:
        """The `IWebSocketApi`, for metrics, domain names and grants of CDK."""
        return self._view()[0]

    @property
    def stage(self) -> apigatewayv2.IWebSocketStage:
        """The `IWebSocketStage`."""
        return self._view()[1]

    @property
    def callback_url(self) -> str:
        """The URL of the connections' management API: what `GATELEG_WEBSOCKET_ENDPOINT` holds."""
        return f"https://{self.resource.ref}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{self._stage_name}"

    def add_route(self, key: str, route: DirectRoute | FunctionLike) -> FunctionLike:
        """Add a route beside the app's and return its function.

        Args:
            key: The value of `action` that selects it, or `$connect`, `$disconnect`, `$default`.
            route: A function, or a `DirectRoute` that for `$connect` also says why anyone may connect.

        Raises:
            RouteError: The route is there already, or its key is none.
            AuthorizerError: It is `$connect`, and has neither an authorizer nor a public reason.
            DeclarationError: The function may run longer than API Gateway waits.
        """
        direct = DirectRoute.of(route)
        function = self._plan.function_of(key, direct)
        check_timeout(function, key)
        added = self._plan.add(SocketRoute(key, as_function(function).node.path, direct.public))
        self._route(added, function)
        return function

    def grant_manage_connections(self, grantee: Grantee) -> iam.Grant:
        """Let a role send to, look up and close the connections of this stage.

        Args:
            grantee: Who gets the permission.
        """
        arn = f"arn:{Aws.PARTITION}:execute-api:{Aws.REGION}:{Aws.ACCOUNT_ID}:{self.resource.ref}/{self._stage_name}/*/@connections/*"
        taker: Any = grantee
        grant = iam.Grant.add_to_principal(grantee=taker, actions=["execute-api:ManageConnections"], resource_arns=[arn])
        if isinstance(principal := grantee.grant_principal, Construct):
            api = Stack.of(self).resolve(self.resource.ref)["Ref"]
            told = f"arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<{api}>/{self._stage_name}/*/@connections/*"
            acknowledge(principal, f"AwsSolutions-IAM5[Resource::{told}]", _CONNECTIONS_REASON)
        return grant

    def add_publisher(self, function: FunctionLike) -> FunctionLike:
        """Let a function beside the socket's own send to connections, tell it where, and return it.

        Args:
            function: A CDK `Function` or a `ServiceFunction`: one that takes environment variables.
        """
        self.grant_manage_connections(as_function(function))
        target = function.function if isinstance(function, ServiceFunction) else function
        self._plan.check_publisher(target).add_environment("GATELEG_WEBSOCKET_ENDPOINT", self.callback_url)
        return function

    def _define_function(self, id: str, *, handler: str, options: FunctionOptions) -> ServiceFunction:  # noqa: A002 (as above)
        """Make the function of the app. A hook: a subclass may return a subclass of `ServiceFunction`.

        Args:
            id: The function's construct id.
            handler: The handler string.
            options: How it runs.
        """
        return ServiceFunction(self, id, handler=handler, **options)

    def _define_stage(self, **props: Any) -> apigatewayv2.CfnStage:
        """Make the stage. A hook: a subclass may change the properties or add others, such as `route_settings`.

        Args:
            **props: The properties of `CfnStage` that the arguments say.
        """
        return apigatewayv2.CfnStage(self, "Stage", **props)

    def _add_app(self, entry: RestApp, description: App, tables: Sequence[ModelTable]) -> None:
        function = self.functions[entry.name]
        check_timeout(function, f"the routes of {entry.name}")
        function.add_tables(tables)
        function.add_uses(tables, [*(use for route in description.routes for use in route.uses), *entry.uses])
        self.grant_manage_connections(function.role)
        for described in description.routes:
            self._route(self._plan.add(SocketRoute(described.key, described.handler, described.public)), function)

    def _add_connect(self) -> None:
        """Without a `$connect` route API Gateway lets anyone connect, so there is one always."""
        if CONNECT in self._plan.routes:
            return
        function = next(iter(self.functions.values()), None)
        self._plan.check_any(function is not None)
        if function is not None:
            self._route(self._plan.add(SocketRoute(CONNECT, function.handler, None)), function)

    def _route(self, route: SocketRoute, function: FunctionLike) -> None:
        integration = self._integration(function)
        access = self._plan.access(route)
        resource = apigatewayv2.CfnRoute(
            self,
            f"Route{route.key.replace('/', '-')}",
            api_id=self.resource.ref,
            route_key=route.key,
            authorization_type=access,
            authorizer_id=self._connect_authorizer.ref if access == "CUSTOM" and self._connect_authorizer is not None else None,
            target=f"integrations/{integration.ref}",
        )
        if route.key != CONNECT:
            acknowledge(resource, "AwsSolutions-APIG4", _LATER_REASON)
        elif access == "NONE":
            acknowledge(resource, "AwsSolutions-APIG4", f"Anyone may connect: {self._plan.reason(route)}")
        self._deployment.add_resource_dependency(resource)
        self._rendered.append([route.key, access, as_function(function).function_arn])

    def _integration(self, function: FunctionLike) -> apigatewayv2.CfnIntegration:
        path = as_function(function).node.path
        if path not in self._integrations:
            self._integrations[path] = apigatewayv2.CfnIntegration(
                self,
                f"Integration{len(self._integrations) + 1}",
                api_id=self.resource.ref,
                integration_type="AWS_PROXY",
                integration_uri=_uri(function),
            )
            self._permissions.allow(function, f"{self._stage_name}/*")
        return self._integrations[path]

    def _define_authorizer(self) -> apigatewayv2.CfnAuthorizer | None:
        authorizer = self._authorizer
        if not isinstance(authorizer, RequestAuthorizer):
            return None
        sources = authorizer.sources("route")
        self._permissions.allow(authorizer.function, "authorizers/*")
        self._rendered.append(["authorizer", sources, as_function(authorizer.function).function_arn])
        return apigatewayv2.CfnAuthorizer(
            self,
            "Authorizer",
            api_id=self.resource.ref,
            name="connect",
            authorizer_type="REQUEST",
            authorizer_uri=_uri(authorizer.function),
            identity_source=sources,
        )

    def _deploy(self) -> apigatewayv2.CfnDeployment:
        deployment = apigatewayv2.CfnDeployment(self, "Deployment", api_id=self.resource.ref)
        stack = Stack.of(self)
        base = stack.get_logical_id(deployment)
        deployment.override_logical_id(Lazy.string(Produced(lambda: base + self._digest(stack))))
        return deployment

    def _digest(self, stack: Stack) -> str:
        return rendered_digest(stack, [self.resource.route_selection_expression, *sorted(self._rendered, key=lambda part: str(part[0]))])

    def _logged_stage(self, rate: float, burst: float, retention: logs.RetentionDays | None) -> apigatewayv2.CfnStage:
        groups = None if retention is None else StageLogs(self, retention, f"/aws/apigateway/{self.resource.ref}/{self._stage_name}")
        settings: dict[str, Any] = {}
        if groups is not None:
            destination = groups.access.log_group_arn
            settings["access_log_settings"] = apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=destination, format=websocket_format()
            )
        stage = self._define_stage(
            api_id=self.resource.ref,
            stage_name=self._stage_name,
            deployment_id=self._deployment.ref,
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=rate,
                throttling_burst_limit=burst,
                data_trace_enabled=False,
                detailed_metrics_enabled=True,
                logging_level="OFF" if groups is None else "ERROR",
            ),
            **settings,
        )
        if groups is not None:
            groups.before(stage)
        return stage

    def _view(self) -> tuple[apigatewayv2.IWebSocketApi, apigatewayv2.IWebSocketStage]:
        if self._views is None:
            api = apigatewayv2.WebSocketApi.from_web_socket_api_attributes(
                self, "Api", web_socket_id=self.resource.ref, api_endpoint=self.resource.attr_api_endpoint
            )
            stage = apigatewayv2.WebSocketStage.from_web_socket_stage_attributes(self, "StageView", api=api, stage_name=self._stage_name)
            self._views = (api, stage)
        return self._views


def _uri(function: FunctionLike) -> str:
    arn = as_function(function).function_arn
    return f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
