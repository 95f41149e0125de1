"""A REST API whose routes are those of its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CfnOutput
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from gateleg.cdk.access import AccessRules
from gateleg.cdk.access_logs import rest_format
from gateleg.cdk.account import wait_for_account
from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import FLAG, a, check, filled, listing, optional
from gateleg.cdk.arns import stage_url
from gateleg.cdk.authorizers import scheme
from gateleg.cdk.binary import binary_types
from gateleg.cdk.body_check import refuse_parts_beside
from gateleg.cdk.body_judge import judge_api
from gateleg.cdk.functions import check_stage_name, invocation_uri
from gateleg.cdk.gateway import check_gateway
from gateleg.cdk.integrations.cdk_integrations import CdkIntegrations
from gateleg.cdk.openapi import Document, function_integration, info_of
from gateleg.cdk.path_arguments import media_type, security_policy_name
from gateleg.cdk.path_gateway import PathGateway, check_paths
from gateleg.cdk.validation import request_checks, require_answers_alike
from gateleg.description.names import CORS_VARIABLE
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from constructs import Construct

    from gateleg.cdk.apps import DirectRoute, RestApp
    from gateleg.cdk.authorizers import Authorizer
    from gateleg.cdk.cors import Cors
    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.integrations.integration import Answered
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.path_gateway import Target
    from gateleg.cdk.validation import Checks
    from gateleg.description import App, Route

_BODY_REASON = "Requests are checked by the handlers, and by models in the API's OpenAPI body where asked for; this rule does not read it."
_WAF_REASON = "No web ACL was given (web_acl_arn=...): the stage throttles, and a web ACL is the account's own choice and cost."


class RestGateway(PathGateway):
    """A REST API with the routes of Powertools apps, one function an app.

    The whole API is one OpenAPI body on one resource, so its resources do not grow with its routes. A route without an authorizer is
    refused unless it is marked public, each function may do what its routes declare, and whatever is rendered otherwise makes a new
    deployment. Access logs are JSON; they and the execution logs need the account's CloudWatch role (`ApiGatewayAccount`, once in an
    account and region).

    The body holds what handlers tell of themselves, and synth fails where API Gateway would refuse, drop or leave open something of it.

    A subclass may override `_define_function`, `_define_stage` and `_render_body`.

    Args:
        scope: The parent construct.
        id: The construct's id.
        apps: App strings, descriptions, or `RestApp`s.
        tables: The tables that the apps may use.
        authorizers: By the name that routes call them in `security=[{"name": []}]`.
        default_authorizer: For routes that name none; the only one unless given.
        routes: Routes beside the apps: `{"GET /health": function}`, an integration of `gateleg.cdk.integrations` or of CDK, such as
            `StepFunctionsIntegration`, or a `DirectRoute`.
        cors: Which pages may call; no other pages may unless given.
        stage_name: The stage, the first segment of the URL.
        throttling_rate_limit: Requests a second that the stage takes in the long run.
        throttling_burst_limit: Requests that it takes at once.
        access_log_retention: How long access and execution logs are kept; `None` turns both off.
        function_options: How the apps' functions run.
        security_policy: The least TLS version and ciphers, such as `SecurityPolicy_TLS13_1_3_2025_09`; API Gateway's own unless given.
        policy: The resource policy; none unless given.
        binary_media_types: Which bodies are bytes; all of them (`*/*`) where a route answers bytes or compresses, none otherwise, unless given.
        web_acl_arn: The WAF web ACL that guards the stage; none unless given.
        validate_requests: Whether API Gateway checks requests of apps that validate, by models of what their handlers take, before it calls
            them; a `RestApp` may say otherwise for its app.
        api_name: The API's name, by which its metrics are found; the app's own title, or else the construct's path unless given.
        fail_on_warnings: Whether an import fails of whose body AWS drops something. AWS warns of much that does no harm.

    Attributes:
        api: The `SpecRestApi`.
        stage: The `Stage`.
        functions: The `ServiceFunction` of each app, by app string.

    Raises:
        AppNotFoundError: No such app.
        AppImportError: An app's own import failed.
        DeclarationError: An argument is not what it must be, or an app and the gateway contradict each other.
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
        routes: Mapping[str, DirectRoute | Target | apigateway.Integration] | None = None,
        cors: Cors | None = None,
        stage_name: str = "live",
        throttling_rate_limit: float = 100,
        throttling_burst_limit: int = 50,
        access_log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS,
        function_options: FunctionOptions | None = None,
        security_policy: str | None = None,
        policy: iam.PolicyDocument | None = None,
        binary_media_types: Sequence[str] | None = None,
        web_acl_arn: str | None = None,
        validate_requests: bool = False,
        api_name: str | None = None,
        fail_on_warnings: bool = False,
    ) -> None:
        check(
            "RestGateway",
            security_policy=(security_policy, optional(security_policy_name)),
            policy=(policy, optional(a("a PolicyDocument of aws_iam", iam.PolicyDocument))),
            binary_media_types=(binary_media_types, optional(listing(media_type))),
            web_acl_arn=(web_acl_arn, optional(filled)),
            validate_requests=(validate_requests, FLAG),
            fail_on_warnings=(fail_on_warnings, FLAG),
        )
        check_paths(
            "RestGateway",
            apps=apps,
            authorizers=authorizers,
            default_authorizer=default_authorizer,
            routes=routes,
            cors=cors,
            api_name=api_name,
        )
        check_stage_name(stage_name)
        check_gateway(
            "RestGateway",
            tables=tables,
            throttling_rate_limit=throttling_rate_limit,
            throttling_burst_limit=throttling_burst_limit,
            access_log_retention=access_log_retention,
            function_options=function_options,
        )
        super().__init__(
            scope,
            id,
            kind="rest",
            rules=AccessRules(authorizers or {}, default_authorizer),
            authorizers=authorizers or {},
            apps=apps,
            tables=tables,
            cors=cors,
            stage_name=stage_name,
            function_options=function_options,
            api_name=api_name,
        )
        self._validate_requests = validate_requests
        self.api: apigateway.SpecRestApi = self._api(
            policy=policy,
            binary=binary_types(binary_media_types, [route for *_, routes in self._found for route in routes]),
            security_policy=security_policy,
            fail_on_warnings=fail_on_warnings,
        )
        self._fill(self.api.rest_api_id, routes or {})
        self.stage: apigateway.Stage = self._stage(throttling_rate_limit, throttling_burst_limit, access_log_retention, web_acl_arn)
        refuse_parts_beside(self, self.api)
        judge_api(self, self.api, self._body)
        self._tell()
        self._warn(self._warnings())
        self.url_output: CfnOutput = CfnOutput(self, "Url", value=stage_url(self.api.rest_api_id, stage_name))

    def _checks_of(self, entry: RestApp, app: App, routes: Sequence[Route]) -> Callable[[Route], Checks] | None:
        del routes
        validated = entry.validate_requests if entry.validate_requests is not None else self._validate_requests and app.validates
        if not validated:
            return None
        require_answers_alike(app)
        return lambda route: request_checks(route, self._models)

    def _taken(self, key: str, target: Any) -> Answered | FunctionLike | Mapping[str, Any]:
        if isinstance(target, Mapping) and "integrationSubtype" in target:
            message = f"{key} has an integration object with integrationSubtype, which is for HTTP APIs; write type: aws and uri, or use HttpGateway"
            raise DeclarationError(message, path=key, value=target, code="declaration.integration")
        if isinstance(target, apigateway.Integration):
            return self._bound.bound(key, target)
        return super()._taken(key, target)

    @cached_property
    def _bound(self) -> CdkIntegrations:
        return CdkIntegrations(self, self.api.rest_api_id, self._stage_name)

    def _api(
        self, *, policy: iam.PolicyDocument | None, binary: list[str] | None, security_policy: str | None, fail_on_warnings: bool
    ) -> apigateway.SpecRestApi:
        api = apigateway.SpecRestApi(
            self,
            "Resource",
            # Replaced below: the document is known when the stack is resolved.
            api_definition=apigateway.ApiDefinition.from_inline({"openapi": "3.0.1"}),
            rest_api_name=self._name,
            policy=policy,
            binary_media_types=binary,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # Merging would keep binary types and endpoint types that are no longer there.
            mode=apigateway.RestApiMode.OVERWRITE,
            fail_on_warnings=fail_on_warnings or None,
            deploy=False,
            cloud_watch_role=False,
        )
        resource = cast("apigateway.CfnRestApi", api.node.default_child)
        resource.body = self._body.token
        if security_policy is not None:
            resource.security_policy = security_policy
            # API Gateway demands a mode for the policies of this name alone.
            resource.endpoint_access_mode = "BASIC" if security_policy.startswith("SecurityPolicy_") else None
        acknowledge(api, _BODY_REASON, "AwsSolutions-APIG2")
        return api

    def _document(self) -> dict[str, Any]:
        """The whole body; called while the stack is resolved, when logical ids are final."""
        integrations = {
            name: dict(target) if isinstance(target, Mapping) else function_integration(invocation_uri(self, target))
            for name, target in self._targets.items()
        }
        schemes = {
            name: scheme(cast("Authorizer", authorizer), lambda function: invocation_uri(self, function))
            for name, authorizer in self._authorizers.items()
        }
        apps = self._plan.apps
        document = Document(info_of(self._name, apps), self._plan.routes(), schemes, apps, self._models, self._cors)
        return self._render_body(document.render(integrations))

    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        """The OpenAPI document that is deployed. A hook: a subclass may change it, for gateway responses of its own, say.

        Args:
            document: What gateleg rendered.
        """
        return document

    def _define_stage(self, **props: Any) -> apigateway.Stage:
        """Make the stage. A hook: a subclass may change the properties or add others, such as `cache_cluster_enabled`.

        Args:
            **props: The properties of `Stage` that the arguments say.
        """
        return apigateway.Stage(self, "Stage", **props)

    def _stage(self, rate: float, burst: int, retention: logs.RetentionDays | None, web_acl_arn: str | None) -> apigateway.Stage:
        groups = self._logs(retention, f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{self._stage_name}")
        logged: dict[str, Any] = {}
        if groups is not None:
            logged = {
                "access_log_destination": apigateway.LogGroupLogDestination(groups.access),
                "access_log_format": apigateway.AccessLogFormat.custom(rest_format()),
                "logging_level": apigateway.MethodLoggingLevel.ERROR,
            }
        stage = self._define_stage(
            deployment=apigateway.Deployment(self, "Deployment", api=self.api),
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
            wait_for_account(stage)
        if web_acl_arn is None:
            acknowledge(stage, _WAF_REASON, "AwsSolutions-APIG3")
        else:
            from aws_cdk import aws_wafv2 as wafv2

            wafv2.CfnWebACLAssociation(self, "WebAcl", resource_arn=stage.stage_arn, web_acl_arn=web_acl_arn)
        return stage

    def _warnings(self) -> dict[str, str]:
        warnings = super()._warnings()
        for _, app, _ in self._found if self._every_page else ():
            if app.cors is None:
                warnings[f"cors:{app.name}"] = (
                    f"pages cannot read the responses of {app.name}: it answers preflights through the gateway, and sets no CORS headers of its "
                    f"own; give it cors=CORSConfig(...), whose arguments the functions find as JSON in {CORS_VARIABLE}"
                )
        return warnings
