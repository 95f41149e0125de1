"""A REST API whose routes are those of its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack, cast

from aws_cdk import CfnOutput, Size, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from gateleg.cdk.access import AccessRules, guards_of
from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import FLAG, a, check, number, optional
from gateleg.cdk.arns import stage_url
from gateleg.cdk.binary import binary_types
from gateleg.cdk.body_check import refuse_parts_beside
from gateleg.cdk.body_judge import judge_api
from gateleg.cdk.body_rules.policy_reach import Request
from gateleg.cdk.endpoints import Endpoints, url_told
from gateleg.cdk.functions import invocation_uri
from gateleg.cdk.gateway import check_gateway
from gateleg.cdk.guards.policies import ENDPOINT, check_reachable, check_signed, is_private
from gateleg.cdk.guards.usage_plans import UsagePlans, plans_by_name
from gateleg.cdk.guards.web_acls import WEB_ACL, NoWebAcl
from gateleg.cdk.integrations.cdk_integrations import CdkIntegrations
from gateleg.cdk.management.documentation import EXTENSION, documentation_of
from gateleg.cdk.management.gateway_responses import response_types
from gateleg.cdk.management.stages import StageOptions, stage_settings
from gateleg.cdk.openapi import Document, function_integration, info_of
from gateleg.cdk.path_arguments import media_types, security_policy_name
from gateleg.cdk.path_gateway import PathGateway, check_paths
from gateleg.cdk.rest_authorizers import rest_scheme
from gateleg.cdk.rest_stages import RestStages
from gateleg.cdk.validation import request_checks, require_answers_alike
from gateleg.cdk.whole import whole
from gateleg.description.names import CORS_VARIABLE
from gateleg.errors import AuthorizerError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from aws_cdk import aws_wafv2 as wafv2
    from aws_cdk.aws_apigatewayv2 import HttpRouteIntegration
    from constructs import Construct

    from gateleg.cdk.apps import DirectRoute, RestApp
    from gateleg.cdk.authorizers import Authorizer
    from gateleg.cdk.contract import Contract
    from gateleg.cdk.cors import Cors
    from gateleg.cdk.domains import Domain
    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.grouping import Grouping
    from gateleg.cdk.guards.usage_plans import UsagePlan
    from gateleg.cdk.guards.web_acls import WebAcl
    from gateleg.cdk.http_arguments import Throttle
    from gateleg.cdk.integrations.integration import Answered
    from gateleg.cdk.management.caching import Cache
    from gateleg.cdk.management.canaries import Canary
    from gateleg.cdk.management.gateway_responses import GatewayResponse
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.path_gateway import Target
    from gateleg.cdk.validation import Checks
    from gateleg.description import App, Route

_BODY_REASON = "Requests are checked by the handlers, and by models in the API's OpenAPI body where asked for; this rule does not read it."
_MAX_COMPRESSION_SIZE = 10_485_760


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
        throttling_rate_limit: Requests a second in the long run, for the routes of which `throttles` says nothing.
        throttling_burst_limit: Requests at once, for the same.
        throttles: By route key, how many requests that route takes.
        variables: The stage's variables, which handlers find in `app.current_event.stage_variables`.
        cache: Which routes are answered from a cache; none unless given.
        canary: A part of the requests that try what is rendered now.
        access_log_retention: How long access and execution logs are kept; `None` turns both off.
        function_options: How the apps' functions run.
        domain: A domain of its own; none unless given.
        default_endpoint: Whether the API answers at its own URL too; it must where no domain leads to it.
        security_policy: The least TLS version and ciphers, such as `SecurityPolicy_TLS13_1_3_2025_09`; API Gateway's own unless given.
        usage_plans: By name, who has an API key and how much it may ask. A route asks for a key by an `ApiKeyAuthorizer`.
        endpoint: Whether the API answers in its region, which it does unless given, at CloudFront's edges, or within VPCs alone, for which
            `EndpointConfiguration` names their endpoints. A private API needs a policy, such as `allow_only(vpc_endpoints=[...])`.
        policy: The resource policy; none unless given. `allow_only(...)` makes those that are asked for most.
        binary_media_types: Which bodies are bytes; all of them (`*/*`) where a route answers bytes or compresses, else forms (`multipart/form-data`) where one
            takes files, none otherwise, unless given.
        gateway_responses: By type, such as `UNAUTHORIZED`, what API Gateway itself answers otherwise than in Powertools' form with AWS's words.
        documentation: Whether what handlers tell of their routes stands in documentation parts too, which API Gateway publishes by themselves.
        minimum_compression_size: From how many bytes on answers are compressed for clients that take it, and requests may be; none unless given.
        web_acl: The WAF web ACL that guards the stage: one that is made (`WebAcl()`), a `CfnWebACL` or an ARN; or `NoWebAcl("why")`. There is
            none unless given, and stack checkers tell so.
        client_certificate: Whether the stage shows a certificate to HTTP backends, by which they know the API.
        validate_requests: Whether API Gateway checks requests of apps that validate, by models of what their handlers take, before it calls
            them; a `RestApp` may say otherwise for its app.
        api_name: The API's name, by which its metrics are found; the app's own title, or else the construct's path unless given.
        functions: How many functions answer: one an `"app"`, one a `"route"` with what that route declares, or one for `"all"` apps.
        contract: An OpenAPI document that came first; the handlers answer what it says, and what they say differently is refused.
        fail_on_warnings: Whether an import fails of whose body AWS drops something. AWS warns of much that does no harm.

    Attributes:
        api: The `SpecRestApi`.
        stage: The `Stage` of that name; `stages` has those that were added, too.
        functions: The `ServiceFunction` of each app, by app string; with `functions="route"` that of each route, by its key.
        usage_plans: The `UsagePlan` of each plan, by name.
        api_keys: The `ApiKey` of each key that was made, by name.
        web_acl: The `CfnWebACL` that was made or given; `None` for one by its ARN, and where there is none.

    Raises:
        AppNotFoundError: No such app.
        AppImportError: An app's own import failed.
        DeclarationError: An argument is not what it must be, or an app and the gateway contradict each other.
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
        authorizers: Mapping[str, Authorizer] | None = None,
        default_authorizer: str | None = None,
        routes: Mapping[str, DirectRoute | Target | apigateway.Integration] | None = None,
        cors: Cors | None = None,
        stage_name: str = "live",
        throttling_rate_limit: float = 100,
        throttling_burst_limit: int = 50,
        throttles: Mapping[str, Throttle] | None = None,
        variables: Mapping[str, str] | None = None,
        cache: Cache | None = None,
        canary: Canary | None = None,
        access_log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS,
        function_options: FunctionOptions | None = None,
        domain: Domain | None = None,
        default_endpoint: bool = True,
        security_policy: str | None = None,
        policy: iam.PolicyDocument | None = None,
        binary_media_types: Sequence[str] | None = None,
        gateway_responses: Mapping[str, GatewayResponse] | None = None,
        documentation: bool = False,
        minimum_compression_size: int | None = None,
        usage_plans: Mapping[str, UsagePlan] | None = None,
        endpoint: apigateway.EndpointType | apigateway.EndpointConfiguration = apigateway.EndpointType.REGIONAL,
        web_acl: WebAcl | NoWebAcl | wafv2.CfnWebACL | str | None = None,
        client_certificate: bool = False,
        validate_requests: bool = False,
        api_name: str | None = None,
        functions: Grouping = "app",
        contract: Contract | None = None,
        fail_on_warnings: bool = False,
    ) -> None:
        check(
            "RestGateway",
            security_policy=(security_policy, optional(security_policy_name)),
            policy=(policy, optional(a("a PolicyDocument of aws_iam", iam.PolicyDocument))),
            binary_media_types=(binary_media_types, optional(media_types)),
            usage_plans=(usage_plans, optional(plans_by_name)),
            endpoint=(endpoint, ENDPOINT),
            web_acl=(web_acl, optional(WEB_ACL)),
            client_certificate=(client_certificate, FLAG),
            default_endpoint=(default_endpoint, FLAG),
            gateway_responses=(gateway_responses, optional(response_types)),
            documentation=(documentation, FLAG),
            minimum_compression_size=(minimum_compression_size, optional(number(0, _MAX_COMPRESSION_SIZE, int))),
            validate_requests=(validate_requests, FLAG),
            fail_on_warnings=(fail_on_warnings, FLAG),
        )
        check_reachable(policy, endpoint)
        check_paths(
            "RestGateway",
            apps=apps,
            authorizers=authorizers,
            default_authorizer=default_authorizer,
            routes=routes,
            cors=cors,
            api_name=api_name,
            functions=functions,
            contract=contract,
        )
        options: StageOptions = {
            "throttling_rate_limit": throttling_rate_limit,
            "throttling_burst_limit": throttling_burst_limit,
            "throttles": throttles,
            "variables": variables,
            "cache": cache,
            "canary": canary,
            "access_log_retention": access_log_retention,
            "domain": domain,
        }
        settings = stage_settings("RestGateway", stage_name, options)
        endpoints = Endpoints("RestGateway", default_endpoint, is_private(endpoint), security_policy)
        endpoints.check(domain)
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
            functions=functions,
            contract=contract,
            direct=routes or (),
        )
        self._policy = policy
        self._validate_requests = validate_requests
        self._documented = documentation
        self._answers = dict(gateway_responses or {})
        self.api: apigateway.SpecRestApi = self._api(
            endpoint=endpoint,
            policy=policy,
            binary=binary_types(binary_media_types, [route for *_, routes in self._found for route in routes]),
            compression=minimum_compression_size,
            endpoints=endpoints,
            fail_on_warnings=fail_on_warnings,
        )
        self._stages = RestStages(
            self,
            self.api,
            stage_name,
            plan=self._plan,
            authorizers=authorizers or {},
            endpoints=endpoints,
            define=self._define_stage,
            web_acl=web_acl,
            client_certificate=client_certificate,
        )
        self._fill(self.api.rest_api_id, routes or {})
        self.web_acl: wafv2.CfnWebACL | None = self._stages.web_acl
        self.stage: apigateway.Stage = self._stages.add(settings)
        self.api.deployment_stage = self.stage
        plans = UsagePlans(self, usage_plans, self.api, self._plan.routes(), self._authorizers) if usage_plans else None
        if plans is not None:
            self._stages.limit(plans)
        self.usage_plans: dict[str, apigateway.UsagePlan] = {} if plans is None else plans.plans
        self.api_keys: dict[str, apigateway.ApiKey] = {} if plans is None else plans.keys
        self._check_preflights()
        self._check_policy()
        refuse_parts_beside(self, self.api)
        judge_api(self, self.api, self._body, lambda: self._stages.made)
        self._tell()
        self._warn(self._warnings())
        url = stage_url(self.api.rest_api_id, stage_name) if domain is None or default_endpoint else domain.url
        self.url_output: CfnOutput = CfnOutput(self, "Url", value=url, description=url_told(default=default_endpoint or domain is not None))

    @property
    def stages(self) -> list[apigateway.Stage]:
        """The gateway's own stage, and those that were added."""
        return [*self._stages.made.values()]

    @property
    def integration_types(self) -> set[str]:
        """The types of all integrations, as OpenAPI has them: `aws_proxy` for functions."""
        return {str(target.get("type")) if isinstance(target, Mapping) else "aws_proxy" for target in self._targets.values()}

    def add_stage(self, name: str, **options: Unpack[StageOptions]) -> apigateway.Stage:
        """Add a stage beside the gateway's own, with the same deployment, web ACL and usage plans, and return it.

        Args:
            name: The stage, the first segment of its URL.
            **options: How it runs; see `StageOptions`. What is left out is as a gateway has it by default, whatever this one was given.

        Raises:
            DeclarationError: The stage is there already, or an option is not what it must be.
            RouteError: An option names no route, or a route that cannot be cached.
        """
        with whole(self):
            stage = self._stages.add(stage_settings("add_stage", name, options))
        for target in self._targets.values():
            self._let_call(target)
        self._bound.let_call(name)
        self._grants.hold_on(name)
        return stage

    def _add_route(
        self, key: str, route: DirectRoute | Target | HttpRouteIntegration | apigateway.Integration, operation: dict[str, Any] | None = None
    ) -> Target | HttpRouteIntegration | apigateway.Integration:
        added = super()._add_route(key, route, operation)
        for target in self._targets.values() if self._stages.added else ():
            self._let_call(target)
        return added

    def _check_added(self) -> None:
        if hasattr(self, "stage"):
            self._check_preflights()
            self._check_policy()

    def _check_preflights(self) -> None:
        """Refuse guarded routes for `OPTIONS`, in whose place nothing answers preflights, which carry no credentials."""
        for route in self._plan.routes() if self._cors is not None else ():
            if route.key.startswith("OPTIONS ") and route.access.asks:
                message = (
                    f"{route.key} is {route.access} and takes the preflights of pages, which carry no credentials; leave it out, since cors "
                    "answers them, or let anyone call it by @public('preflights carry no credentials')"
                )
                raise AuthorizerError(message, path=route.key, value=route.key)

    def _check_policy(self) -> None:
        """Refuse routes that the resource policy shuts, or does not guard, because nobody signs requests to them."""
        if self._policy is None:
            return
        guards = {route.key: guards_of(route.access, self._authorizers) for route in self._plan.routes()}
        requests = [Request(method, path, asked) for key, asked in guards.items() for method, path in [key.split(" ", 1)]]
        if self._cors is not None:
            requests += [Request("OPTIONS", one.path) for one in requests]
        check_signed(Stack.of(self).resolve(self._policy.to_json()), requests, self._stage_name)

    def _added_stages(self) -> Iterable[str]:
        return self._stages.added

    def _let_call(self, target: FunctionLike | Mapping[str, Any]) -> None:
        """Let every stage beside the first call what answers."""
        if not isinstance(target, Mapping):
            for name in self._stages.added:
                self._permissions.allow_stage(target, name)

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
        self,
        *,
        endpoint: apigateway.EndpointType | apigateway.EndpointConfiguration,
        policy: iam.PolicyDocument | None,
        binary: list[str] | None,
        compression: int | None,
        endpoints: Endpoints,
        fail_on_warnings: bool,
    ) -> apigateway.SpecRestApi:
        api = apigateway.SpecRestApi(
            self,
            "Resource",
            # Replaced below: the document is known when the stack is resolved.
            api_definition=apigateway.ApiDefinition.from_inline({"openapi": "3.0.1"}),
            rest_api_name=self._name,
            policy=policy,
            binary_media_types=binary,
            min_compression_size=None if compression is None else Size.bytes(compression),
            disable_execute_api_endpoint=None if endpoints.default else True,
            endpoint_configuration=apigateway.EndpointConfiguration(types=[endpoint])
            if isinstance(endpoint, apigateway.EndpointType)
            else endpoint,
            # Merging would keep binary types and endpoint types that are no longer there.
            mode=apigateway.RestApiMode.OVERWRITE,
            fail_on_warnings=fail_on_warnings or None,
            deploy=False,
            cloud_watch_role=False,
        )
        resource = cast("apigateway.CfnRestApi", api.node.default_child)
        resource.body = self._body.token
        if endpoints.security_policy is not None:
            resource.security_policy = endpoints.security_policy
            # API Gateway demands a mode for the policies of this name alone.
            resource.endpoint_access_mode = "BASIC" if endpoints.security_policy.startswith("SecurityPolicy_") else None
        acknowledge(api, _BODY_REASON, "AwsSolutions-APIG2")
        return api

    def _document(self) -> dict[str, Any]:
        """The whole body; called while the stack is resolved, when logical ids are final."""
        integrations = {
            name: dict(target) if isinstance(target, Mapping) else function_integration(invocation_uri(self, target))
            for name, target in self._targets.items()
        }
        schemes = {
            name: rest_scheme(cast("Authorizer", authorizer), lambda function: invocation_uri(self, function))
            for name, authorizer in self._authorizers.items()
        }
        apps = self._plan.apps
        document = Document(info_of(self._name, apps), self._plan.routes(), schemes, apps, self._models, self._cors, self._answers)
        rendered = document.render(integrations)
        self._stages.key(rendered)
        if self._documented:
            from gateleg.cdk.reference import said_of  # few gateways are asked

            rendered[EXTENSION] = documentation_of(rendered, said_of(self._authorizers))
        return self._render_body(rendered)

    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        """The OpenAPI document that is deployed. A hook: a subclass may change it.

        Args:
            document: What gateleg rendered.
        """
        return document

    def _define_stage(self, **props: Any) -> apigateway.Stage:
        """Make a stage. A hook: a subclass may change the properties or add others, such as `client_certificate_id`.

        Args:
            **props: The properties of `Stage` that the arguments say.
        """
        return apigateway.Stage(self._stages.scope_of(props["stage_name"]), "Stage", **props)

    def _warnings(self) -> dict[str, str]:
        warnings = super()._warnings()
        for _, app, _ in self._found if self._every_page else ():
            if app.cors is None:
                warnings[f"cors:{app.name}"] = (
                    f"pages cannot read the responses of {app.name}: it answers preflights through the gateway, and sets no CORS headers of its "
                    f"own; give it cors=CORSConfig(...), whose arguments the functions find as JSON in {CORS_VARIABLE}"
                )
        return warnings
