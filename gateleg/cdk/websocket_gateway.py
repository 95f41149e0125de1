"""A WebSocket API whose routes are those of its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk.aws_events import Schedule
from constructs import Construct

from gateleg.cdk.access_logs import websocket_format
from gateleg.cdk.account import wait_for_account
from gateleg.cdk.acknowledgements import acknowledge, wide_resource
from gateleg.cdk.apps import DirectRoute, RestApp
from gateleg.cdk.arguments import a, check, either, mapping, optional
from gateleg.cdk.arns import execute_api_arn
from gateleg.cdk.authorizers import RequestAuthorizer
from gateleg.cdk.cognito_connect import CognitoConnectAuthorizer, CognitoConnectFunction
from gateleg.cdk.event_channels import EventChannels, Events, check_channels
from gateleg.cdk.functions import FUNCTION, FunctionLike, as_function, check_stage_name, check_timeout, owned
from gateleg.cdk.gateway import APP, Gateway, check_gateway
from gateleg.cdk.permissions import Permissions
from gateleg.cdk.plan import Plan
from gateleg.cdk.route_keys import CONNECT, ConnectRules, RouteKeys, check_principals
from gateleg.cdk.senders import Senders
from gateleg.cdk.sharing import claim_registry
from gateleg.cdk.socket_routes import SocketRoutes
from gateleg.cdk.socket_stages import ExecutionLogs, SocketOptions
from gateleg.cdk.sweeping import add_sweep, registries, registry_table
from gateleg.cdk.whole import whole
from gateleg.cdk.workers import BroadcastQueue, Workers, check_sharded
from gateleg.description import App, Route
from gateleg.description.names import EVENTS_VARIABLE, POSTS_VARIABLE, SOCKET_VARIABLE, WORKERS_VARIABLE
from gateleg.errors import DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_apigateway as apigateway

    from gateleg.cdk.domains import Domain
    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.guards.usage_plans import UsagePlan
    from gateleg.cdk.http_arguments import Throttle
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.route_keys import ConnectAuthorizer
    from gateleg.cdk.tables.granting import Grantee

_CONNECTIONS_REASON = "Connection ids are made while the API runs, so the permission names every connection of this one stage."
_ACTION = "action"


class WebSocketGateway(Gateway):
    """A WebSocket API with the routes of a `WebSocketResolver`, answered by one function.

    N routes take N + 7 resources beside the function, and two more for an authorizer: one integration and one permission a function. A connection
    needs an authorizer unless `$connect` is marked public. The function may send to the connections of this stage, and do
    what its routes declare. Whatever is rendered otherwise makes a new deployment. The logs need the account's CloudWatch role
    (`ApiGatewayAccount`, once in an account and region).

    A subclass may override `_define_function` and `_define_stage`.

    Args:
        scope: The parent construct.
        id: The construct's id.
        app: The app string, a description, or a `RestApp` that also says how the function runs; none for direct routes alone.
        tables: The tables that the app may use.
        authorizer: Who may connect: who is let in by a function of yours, has a token of a user pool, or signs with credentials of AWS.
        public: Why anyone may connect; only without an authorizer.
        routes: Routes beside the app's, by route key: `{"ping": function}`.
        stage_name: The stage, the first segment of the URL.
        throttling_rate_limit: Messages a second that the stage takes in the long run.
        throttling_burst_limit: Messages that it takes at once.
        access_log_retention: How long access and execution logs are kept; `None` turns both off.
        function_options: How the app's function runs.
        throttles: By route key, how many messages a route takes, where that is less or more than the stage says; `Throttle(10, 5)`.
        domain: A domain of its own, which no REST or HTTP API has too; none unless given. Functions go on posting to the stage's own URL.
        variables: The stage's variables, which handlers find in `app.current_event["stageVariables"]`.
        execution_logs: What API Gateway itself logs; errors alone unless given.
        usage_plans: By name, who has an API key, and how often it may connect; with any, `$connect` asks for one in the header `x-api-key`, which browsers
            cannot send. A key is no authorizer: it says who is counted.
        sweep: When the app's registry is swept of connections whose `$disconnect` was lost, such as `Schedule.rate(Duration.hours(1))`. A sweep reads the
            whole table and asks API Gateway about each connection; it runs in the app's function, as long as that may. Without it, broadcasts and
            the table's TTL forget them.
        workers: Who sends the messages to topics of several shards (`Connections(shards=...)`), in the place of the function that broadcasts, which
            then hands them to a queue. Without it that function sends to all itself, which is enough for about a thousand connections a topic.
        events: Who may subscribe to topics that are channels (`Connections(channels=...)`), to which AppSync Events sends what is broadcast, to any number
            of subscribers. Needed where there are such topics.

    Attributes:
        api: The `WebSocketApi`.
        stage: The `WebSocketStage`, with `url` and `callback_url`.
        functions: The `ServiceFunction` of the app, by app string.
        usage_plans: The `UsagePlan` of each plan, by name.
        api_keys: The `ApiKey` of each key that was made, by name.
        broadcasts: The `BroadcastQueue` of the workers; `None` without them.
        channels: The `EventChannels` of AppSync; `None` without `events`.

    Raises:
        AppNotFoundError: No such app.
        AppImportError: The app's own import failed.
        DeclarationError: An argument is not what it must be.
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
        authorizer: ConnectAuthorizer | None = None,
        public: str | None = None,
        routes: Mapping[str, DirectRoute | FunctionLike] | None = None,
        stage_name: str = "live",
        throttling_rate_limit: float = 100,
        throttling_burst_limit: int = 50,
        access_log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS,
        function_options: FunctionOptions | None = None,
        throttles: Mapping[str, Throttle] | None = None,
        domain: Domain | None = None,
        variables: Mapping[str, str] | None = None,
        execution_logs: ExecutionLogs | None = None,
        usage_plans: Mapping[str, UsagePlan] | None = None,
        sweep: Schedule | None = None,
        workers: Workers | None = None,
        events: Events | None = None,
    ) -> None:
        check(
            "WebSocketGateway",
            app=(app, optional(APP)),
            sweep=(sweep, optional(a("a Schedule (aws_cdk.aws_events.Schedule)", Schedule))),
            workers=(workers, optional(a("Workers", Workers))),
            events=(events, optional(a("Events", Events))),
            routes=(routes, optional(mapping(either(FUNCTION, a("a DirectRoute", DirectRoute))))),
        )
        check_stage_name(stage_name)
        check_gateway(
            "WebSocketGateway",
            tables=tables,
            throttling_rate_limit=throttling_rate_limit,
            throttling_burst_limit=throttling_burst_limit,
            access_log_retention=access_log_retention,
            function_options=function_options,
        )
        self._settings = SocketOptions(throttles, domain, variables, execution_logs, usage_plans, logs=access_log_retention is not None)
        if isinstance(app, RestApp) and app.validate_requests:
            message = f"a WebSocket API checks no messages, and RestApp of {app.name} says validate_requests=True; leave it out: a WebSocketResolver checks them"
            raise DeclarationError(message, path="RestApp.validate_requests", value=True)
        self._authorizer = None if isinstance(authorizer, CognitoConnectAuthorizer) else authorizer
        self._keys = RouteKeys()
        self._plan = Plan(ConnectRules(authorizer, public), self._keys)
        super().__init__(
            scope,
            id,
            kind="websocket",
            apps=[] if app is None else [RestApp.of(app)],
            tables=tables,
            stage_name=stage_name,
            function_options=function_options,
            environment={},
        )
        described = self._described()
        if workers is not None:
            check_sharded(app for _, app, _ in described)
        check_channels((app for _, app, _ in described), events)
        check_principals((app for _, app, _ in described), authorizer)
        for table in registries((route for _, _, routes_of in described for route in routes_of), tables):
            claim_registry(self, table)
        if isinstance(authorizer, CognitoConnectAuthorizer):
            for _, each, _ in described:
                authorizer.check_app(each)
            self._authorizer = RequestAuthorizer(self._cognito(authorizer, function_options or {}), [authorizer.identity_source])
        self._targets: dict[str, FunctionLike] = {}
        self._senders = Senders()
        self.api: apigatewayv2.WebSocketApi = apigatewayv2.WebSocketApi(
            self,
            "Api",
            api_name=self.node.path.replace("/", "-"),
            route_selection_expression=f"$request.body.{next((app.action_key for _, app, _ in described if app.action_key), _ACTION)}",
        )
        self._permissions = Permissions(self, self.api.api_id)
        self._routes = SocketRoutes(
            self,
            self.api,
            stage_name,
            permissions=self._permissions,
            authorizer=self._authorizer,
            with_keys=bool(self._settings.usage_plans),
        )
        self.stage: apigatewayv2.WebSocketStage = self._stage(throttling_rate_limit, throttling_burst_limit, access_log_retention)
        for entry, each, chosen in described:
            self._add_app(entry, each, chosen)
        for key, route in (routes or {}).items():
            self.add_route(key, route)
        self._add_connect()
        if sweep is not None:
            table = registry_table((route for _, _, routes_of in described for route in routes_of), tables)
            add_sweep(self, sweep, next(iter(self.functions.values())), table, self.callback_url)
        self.broadcasts: BroadcastQueue | None = None if workers is None else self._add_workers(workers)
        self.channels: EventChannels | None = None if events is None else self._add_events(events)
        self._settings.check_routes(route.key for route in self._plan.routes())
        plans = self._settings.plans(self, self.api.api_id, self.stage)
        self.usage_plans: dict[str, apigateway.UsagePlan] = {} if plans is None else plans.plans
        self.api_keys: dict[str, apigateway.ApiKey] = {} if plans is None else plans.keys
        self._tell()
        self.url_output: CfnOutput = CfnOutput(self, "Url", value=self.url)

    @property
    def callback_url(self) -> str:
        """The URL of the connections' management API: what `GATELEG_WEBSOCKET_ENDPOINT` holds."""
        return self.stage.callback_url

    @property
    def url(self) -> str:
        """Where clients connect, `wss://...`."""
        return self._settings.url(self.stage)

    @property
    def invokes(self) -> list[FunctionLike]:
        """The functions of this account that the API invokes, and the one that AppSync asks about subscriptions."""
        asked = [] if self.channels is None else [owned(self.channels.authorizer)]
        return list(dict.fromkeys([*super().invokes, *asked]))

    def asyncapi(self) -> dict[str, Any]:
        """The AsyncAPI 3.0 document of the app, as `gateleg asyncapi` writes it; the server's address is a placeholder, which CloudFormation alone knows."""
        from gateleg.cdk.reference import schemes_of  # few gateways are asked
        from gateleg.description.asyncapi import asyncapi_of

        document = asyncapi_of(self._told(), url="wss://api.invalid/stage", schemes=schemes_of(self._authorizer))
        if self.usage_plans:
            headers = document["channels"]["socket"]["bindings"]["ws"].setdefault("headers", {"type": "object", "properties": {}})
            headers["properties"]["x-api-key"] = {"type": "string", "description": "An API key of a usage plan."}
            headers["required"] = ["x-api-key"]
        return document

    def client_files(self) -> dict[str, str]:
        """The client for browsers, as `gateleg client` writes it: `socket.js`, and its types, `socket.d.ts`."""
        from gateleg.browser.client import client_files  # few gateways are asked

        return client_files(self._told())

    def add_route(self, key: str, route: DirectRoute | FunctionLike) -> FunctionLike:
        """Add a route beside the app's and return its function.

        Args:
            key: The value of the message's action that selects it, or `$connect`, `$disconnect`, `$default`.
            route: A function, or a `DirectRoute` that for `$connect` also says why anyone may connect.

        Raises:
            RouteError: The route is there already, or its key cannot be one.
            AuthorizerError: It is `$connect`, and has neither an authorizer nor a public reason.
            DeclarationError: It is not a route, or the function may run longer than API Gateway waits.
        """
        direct = DirectRoute.of(route)
        if isinstance(direct.target, Mapping) or FUNCTION(direct.target) is not None:
            message = f"a route of a WebSocketGateway is answered by a function, got an integration object for {key!r}; pass a function"
            raise RouteError(message, path=key, value=direct.target)
        function = cast("FunctionLike", direct.target)
        if direct.authorizer is not None:
            message = f"the route {key!r} names the authorizer {direct.authorizer!r}, and a WebSocket API has one for connections; give it to the gateway"
            raise RouteError(message, path=key, value=direct.authorizer)
        check_timeout(function, key)
        name = as_function(function).node.path
        with whole(self):
            self._plan.add_direct(Route(key, name, public=direct.public), name)
            self._targets[name] = function
            self._render()
        return function

    def grant_manage_connections(self, grantee: Grantee) -> iam.Grant:
        """Let a role send to, look up and close the connections of this stage.

        Args:
            grantee: Who gets the permission.
        """
        return self._grant_connections(grantee, "*")

    def grant_publish(self, grantee: Grantee) -> iam.Grant:
        """Let a role send to the connections of this stage, and neither look them up nor close them.

        Args:
            grantee: Who gets the permission.
        """
        return self._grant_connections(grantee, "POST")

    def _told(self) -> App:
        """The app with every route that the API has in the end."""
        app = next((app for _, app, _ in self._described()), App(f"{self.node.id}:routes", "websocket", title=self.node.id))
        return replace(app, routes=tuple(source for planned in self._plan.routes() for source in planned.sources))

    def _grant_connections(self, grantee: Grantee, method: str) -> iam.Grant:
        arn = execute_api_arn(self.api.api_id, f"{self._stage_name}/{method}/@connections/*")
        taker: Any = grantee
        grant = iam.Grant.add_to_principal(grantee=taker, actions=["execute-api:ManageConnections"], resource_arns=[arn])
        if isinstance(principal := grantee.grant_principal, Construct):
            acknowledge(principal, _CONNECTIONS_REASON, wide_resource(self, arn))
        return grant

    def add_publisher(self, function: FunctionLike) -> FunctionLike:
        """Let a function beside the socket's own send to connections, and nothing else, tell it where, and return it. It may be one of another stack.

        Args:
            function: A CDK `Function` or a `ServiceFunction`: one that takes environment variables.

        Raises:
            DeclarationError: It is something else.
        """
        variables = {SOCKET_VARIABLE: self.callback_url}
        if self.broadcasts is not None:
            variables[WORKERS_VARIABLE] = self.broadcasts.queue.queue_url
        if self.channels is not None:
            variables[EVENTS_VARIABLE] = self.channels.endpoint
        self._senders.add(function, variables)
        self.grant_publish(as_function(function))
        if self.broadcasts is not None:
            self.broadcasts.allow_sending(as_function(function))
        if self.channels is not None:
            self.channels.grant_publish(as_function(function))
        return function

    def count_posts(self) -> str:
        """Have all functions that send to connections write in their logs how many take it, as metrics; `Monitoring` does.

        Publishers that are added afterwards count nothing.

        Returns:
            The dimension `Api` of `Posts`, `GoneConnections` and `FailedPosts`, in the namespace `gateleg`.
        """
        name = f"{Stack.of(self).stack_name}/{self.node.path.partition('/')[2] or self.node.id}"
        self._senders.tell({POSTS_VARIABLE: name})
        return name

    def _define_stage(self, **props: Any) -> apigatewayv2.WebSocketStage:
        """Make the stage. A hook: a subclass may change the properties or add others, such as `stage_variables`.

        Args:
            **props: The properties of `WebSocketStage` that the arguments say.
        """
        return apigatewayv2.WebSocketStage(self, "Stage", **props)

    def _add_app(self, entry: RestApp, app: App, routes: list[Route]) -> None:
        function = self._add_function(self._part(entry, app, routes, f"{self._stage_name}/*"))
        self.functions[entry.name] = function
        self._senders.add(function, {})
        self.grant_manage_connections(function.role)
        self._targets[entry.name] = function
        self._plan.add_app(app, routes, root=self._root_of(entry))
        self._render()

    def _add_connect(self) -> None:
        """Without a `$connect` route API Gateway lets anyone connect, so there is one always."""
        if CONNECT in self._keys:
            return
        name = next(iter(self.functions), None)
        if name is None:
            message = "without a $connect route anyone may connect; add routes={'$connect': function} or an app"
            raise RouteError(message, path=CONNECT)
        self._plan.add_direct(Route(CONNECT, self.functions[name].handler), name)
        self._render()

    def _add_workers(self, workers: Workers) -> BroadcastQueue:
        function = next(iter(self.functions.values()))
        broadcasts = BroadcastQueue(self, "Broadcasts", function=function, workers=workers)
        function.set_environment({WORKERS_VARIABLE: broadcasts.queue.queue_url, SOCKET_VARIABLE: self.callback_url})
        return broadcasts

    def _add_events(self, events: Events) -> EventChannels:
        channels = EventChannels(self, "Channels", events=events)
        for function in self.functions.values():
            function.set_environment({EVENTS_VARIABLE: channels.endpoint})
            channels.grant_publish(as_function(function))
        return channels

    def _render(self) -> None:
        """Make the resources of the routes that have none yet."""
        for route in self._plan.routes():
            self._routes.add(route, self._targets[route.target])

    def _cognito(self, authorizer: CognitoConnectAuthorizer, options: FunctionOptions) -> CognitoConnectFunction:
        entry = next(iter(self._entries), None)
        given = options if entry is None else self._options[entry.name]
        return CognitoConnectFunction(
            self, "CognitoConnect", authorizer=authorizer, entry=None if entry is None else entry.entry, options=given
        )

    def _stage(self, rate: float, burst: int, retention: logs.RetentionDays | None) -> apigatewayv2.WebSocketStage:
        groups = self._logs(retention, f"/aws/apigateway/{self.api.api_id}/{self._stage_name}")
        stage = self._define_stage(
            web_socket_api=self.api,
            stage_name=self._stage_name,
            auto_deploy=False,
            throttle=apigatewayv2.ThrottleSettings(rate_limit=rate, burst_limit=burst),
            detailed_metrics_enabled=True,
            **self._settings.stage_props(self),
        )
        resource = cast("apigatewayv2.CfnStage", stage.node.default_child)
        resource.deployment_id = self._routes.deployment.ref
        self._settings.apply(resource)
        if groups is not None:
            resource.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=groups.access.log_group_arn, format=websocket_format()
            )
            groups.before(stage)
            wait_for_account(stage)
        return stage
