"""A REST API whose routes are those of its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_cdk import Annotations, Aws, CfnOutput
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from constructs import Construct

from gateleg.cdk.access_logs import StageLogs, rest_format
from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.apps import DirectRoute, RestApp, add_app_functions, check_kind, code_root
from gateleg.cdk.authorizers import Authorizer, function_of, scheme
from gateleg.cdk.describing import Describing
from gateleg.cdk.functions import FunctionLike, as_function, check_stage_name, check_timeout, invocation_uri
from gateleg.cdk.permissions import Permissions
from gateleg.cdk.rest_api import BodyRestApi
from gateleg.cdk.rest_plan import RestPlan
from gateleg.cdk.security import Security
from gateleg.cdk.service_function import FunctionOptions, ServiceFunction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aws_cdk import aws_iam as iam

    from gateleg.cdk.cors import Cors
    from gateleg.cdk.model_table import ModelTable
    from gateleg.description import App

Target = FunctionLike | Mapping[str, Any]
"""What answers a route named directly: a function, or an `x-amazon-apigateway-integration` object."""

_BODY_REASON = "Requests are validated by validators and models in the API's OpenAPI body, which this rule does not read."
_WAF_REASON = "No web ACL was given (web_acl_arn=...): the stage throttles, and a web ACL is the account's own choice and cost."


class RestGateway(Construct):
    """A REST API with the routes of Powertools apps, one function an app.

    The whole API is one OpenAPI body on one resource, so its resources do not grow with its routes. Requests are checked
    against the handlers' schemas, a route without an authorizer is refused unless it is marked public, each function may
    do what its routes declare, and any change makes a new deployment. Access logs are JSON; they and the execution logs
    need the account's CloudWatch role (`ApiGatewayAccount`, once in an account and region).

    A subclass may override `_define_function`, `_define_stage` and `_render_body`.

    Args:
        scope: The parent construct.
        id: The construct's id.
        apps: App strings, descriptions, or `RestApp`s.
        tables: The tables that the apps may use.
        authorizers: By the name that routes call them in `security=[{"name": []}]`.
        default_authorizer: For routes that name none; the only one unless given.
        routes: Routes beside the apps: `{"GET /health": function}`, or a `DirectRoute`.
        cors: Which pages may call; no other pages may unless given.
        stage_name: The stage, the first segment of the URL.
        throttling_rate_limit: Requests a second that the stage takes in the long run.
        throttling_burst_limit: Requests that it takes at once.
        access_log_retention: How long access and execution logs are kept; `None` turns both off.
        function_options: How the apps' functions run.
        description_root: The folder that app modules are found from when they are described; that of the functions' code unless given.
        security_policy: The least TLS version and ciphers, such as `SecurityPolicy_TLS13_1_3_2025_09`; API Gateway's own unless given.
        policy: The resource policy; none unless given.
        binary_media_types: Which bodies are bytes; none unless given.
        web_acl_arn: The WAF web ACL that guards the stage; none unless given.

    Attributes:
        api: The `IRestApi`.
        stage: The `Stage`.
        functions: The `ServiceFunction` of each app, by app string.

    Raises:
        AppNotFoundError: No such app.
        AppImportError: An app's own import failed.
        RouteError: A duplicate route, or one that API Gateway cannot express.
        AuthorizerError: A route without authorizer or public mark, or with an unknown authorizer.
        UsesError: A route uses a table that the gateway was not given.
        PackagingError: The code or its dependencies cannot be packaged.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        apps: Sequence[str | App | RestApp] = (),
        tables: Sequence[ModelTable] = (),
        authorizers: Mapping[str, Authorizer] | None = None,
        default_authorizer: str | None = None,
        routes: Mapping[str, DirectRoute | Target] | None = None,
        cors: Cors | None = None,
        stage_name: str = "live",
        throttling_rate_limit: float = 100,
        throttling_burst_limit: float = 50,
        access_log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS,
        function_options: FunctionOptions | None = None,
        description_root: Path | str | None = None,
        security_policy: str | None = None,
        policy: iam.PolicyDocument | None = None,
        binary_media_types: Sequence[str] | None = None,
        web_acl_arn: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        entries = [RestApp.of(app) for app in apps]
        describing = Describing([entry.app for entry in entries], description_root or code_root(function_options))
        self._authorizers = dict(authorizers or {})
        self._plan = RestPlan(self.node.path, Security(self._authorizers, default_authorizer), cors)
        self._targets: dict[str, Target] = {}
        self._stage_name = check_stage_name(stage_name)
        self.api = BodyRestApi(
            self,
            "Resource",
            body=self._document,
            policy=policy,
            name=self.node.path.replace("/", "-"),
            security_policy=security_policy,
            # API Gateway demands a mode for the policies of this name alone.
            endpoint_access_mode="BASIC" if security_policy is not None and security_policy.startswith("SecurityPolicy_") else None,
            binary_media_types=list(binary_media_types) if binary_media_types else None,
            endpoint_configuration={"types": ["REGIONAL"]},
        )
        acknowledge(self.api.resource, "AwsSolutions-APIG2", _BODY_REASON)
        self._permissions = Permissions(self, self.api.rest_api_id)
        environment = {} if cors is None else {"GATELEG_CORS": cors.environment()}
        self.functions = add_app_functions(entries, self._define_function, function_options or {}, environment, describing)
        self.stage = self._stage(throttling_rate_limit, throttling_burst_limit, access_log_retention, web_acl_arn)
        for key, route in (routes or {}).items():
            self.add_route(key, route)
        for entry, description in zip(entries, describing.result(), strict=True):
            self._add_app(entry, check_kind(description, "rest"), tables)
        for authorizer in self._authorizers.values():
            if (function := function_of(authorizer)) is not None:
                self._permissions.allow(function, "authorizers/*")
        for warning, text in self._plan.warnings.items():
            Annotations.of(self).add_warning_v2(f"gateleg:{warning}", text)
        url = f"https://{self.api.rest_api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{stage_name}/"
        self.url_output = CfnOutput(self, "Url", value=url)

    def add_route(self, key: str, route: DirectRoute | Target) -> Target:
        """Add a route beside the apps and return what answers it.

        Args:
            key: `GET /health`.
            route: A function, an integration object, or a `DirectRoute` that also says who may call.

        Raises:
            RouteError: The route is there already, or API Gateway cannot express it.
            AuthorizerError: It has neither an authorizer nor a public reason, or names an unknown authorizer.
            DeclarationError: The function may run longer than API Gateway waits.
        """
        direct = DirectRoute.of(route)
        target = direct.target
        if isinstance(target, Mapping):
            name = f"the integration of {key}"
        else:
            name = as_function(target).node.path
            check_timeout(target, key)
        self._plan.add_direct(key, name, direct)
        self._targets[name] = target
        if not isinstance(target, Mapping):
            self._permissions.allow(target, f"{self._stage_name}/*/*")
        return target

    def _add_app(self, entry: RestApp, description: App, tables: Sequence[ModelTable]) -> None:
        function = self.functions[entry.name]
        check_timeout(function, f"the routes of {entry.name}")
        self._plan.add_app(description)
        self._targets[entry.name] = function
        function.add_tables(tables)
        function.add_uses(tables, [*(use for route in description.routes for use in route.uses), *entry.uses])
        self._permissions.allow(function, f"{self._stage_name}/*/*")

    def _document(self) -> dict[str, Any]:
        """The whole body; called while the stack is resolved, when logical ids are final."""
        uris = {name: invocation_uri(self, target) for name, target in self._targets.items() if not isinstance(target, Mapping)}
        integrations = {name: dict(target) for name, target in self._targets.items() if isinstance(target, Mapping)}
        schemes = {
            name: scheme(authorizer, lambda function: invocation_uri(self, function)) for name, authorizer in self._authorizers.items()
        }
        return self._render_body(self._plan.document(uris, integrations, schemes))

    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        """The OpenAPI document that is deployed. A hook: a subclass may change it, for gateway responses of its own, say.

        It is called while the stack is resolved, more than once, and must give the same each time.

        Args:
            document: What gateleg rendered.
        """
        return document

    def _define_function(self, id: str, *, handler: str, options: FunctionOptions) -> ServiceFunction:  # noqa: A002 (as above)
        """Make the function of an app. A hook: a subclass may return a subclass of `ServiceFunction`.

        Args:
            id: The function's construct id.
            handler: The handler string.
            options: How it runs.
        """
        return ServiceFunction(self, id, handler=handler, **options)

    def _define_stage(self, **props: Any) -> apigateway.Stage:
        """Make the stage. A hook: a subclass may change the properties or add others, such as `cache_cluster_enabled`.

        Args:
            **props: The properties of `Stage` that the arguments say.
        """
        return apigateway.Stage(self, "Stage", **props)

    def _stage(self, rate: float, burst: float, retention: logs.RetentionDays | None, web_acl_arn: str | None) -> apigateway.Stage:
        deployment = apigateway.Deployment(self, "Deployment", api=self.api)
        self.api.hashed_into(deployment)
        groups = (
            None
            if retention is None
            else StageLogs(self, retention, f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{self._stage_name}")
        )
        logged: dict[str, Any] = {}
        if groups is not None:
            logged = {
                "access_log_destination": apigateway.LogGroupLogDestination(groups.access),
                "access_log_format": apigateway.AccessLogFormat.custom(rest_format()),
                "logging_level": apigateway.MethodLoggingLevel.ERROR,
            }
        stage = self._define_stage(
            deployment=deployment,
            stage_name=self._stage_name,
            throttling_rate_limit=rate,
            throttling_burst_limit=burst,
            tracing_enabled=True,
            metrics_enabled=True,
            data_trace_enabled=False,
            **logged,
        )
        self.api.deployment_stage = stage
        if groups is not None:
            groups.before(stage)
        if web_acl_arn is None:
            acknowledge(stage, "AwsSolutions-APIG3", _WAF_REASON)
        else:
            from aws_cdk import aws_wafv2 as wafv2

            wafv2.CfnWebACLAssociation(self, "WebAcl", resource_arn=stage.stage_arn, web_acl_arn=web_acl_arn)
        return stage
