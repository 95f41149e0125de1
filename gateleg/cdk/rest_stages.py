"""The stages of one REST API: on one deployment, each with its logs, its domain and what guards it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from gateleg.cdk.access_logs import StageLogs
from gateleg.cdk.account import wait_for_account
from gateleg.cdk.domains import check_neighbours, check_prefixes, map_domain
from gateleg.cdk.guards.web_acls import NoWebAcl, guard_stage, web_acl_of
from gateleg.cdk.management.caching import key_by
from gateleg.cdk.management.stages import StageSettings, check_defined, places_of
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk import aws_wafv2 as wafv2

    from gateleg.cdk.authorizers import Authorizer
    from gateleg.cdk.endpoints import Endpoints
    from gateleg.cdk.guards.usage_plans import UsagePlans
    from gateleg.cdk.guards.web_acls import WebAcl
    from gateleg.cdk.plan import Plan


class RestStages:
    """The stages of a REST API.

    Args:
        gateway: What the first stage and all that the stages share belong to.
        api: The API.
        first: The name of the first stage.
        plan: The routes.
        authorizers: By name.
        endpoints: Where the API answers beside their domains.
        define: Makes a `Stage` of its properties; the gateway's hook.
        web_acl: What guards them, as the gateway takes it.
        client_certificate: Whether they show a certificate to HTTP backends.

    Attributes:
        made: The `Stage` of each name, the first one first.
        web_acl: The `CfnWebACL` that was made or given; `None` for one by its ARN, and where there is none.
    """

    def __init__(
        self,
        gateway: Construct,
        api: apigateway.SpecRestApi,
        first: str,
        *,
        plan: Plan,
        authorizers: Mapping[str, Authorizer],
        endpoints: Endpoints,
        define: Callable[..., apigateway.Stage],
        web_acl: WebAcl | NoWebAcl | wafv2.CfnWebACL | str | None,
        client_certificate: bool,
    ) -> None:
        self._gateway, self._api, self._first, self._plan = gateway, api, first, plan
        self._authorizers, self._endpoints, self._define = authorizers, endpoints, define
        self._firewall = web_acl_of(gateway, web_acl, authorizers.values())
        self._certificate = apigateway.CfnClientCertificate(gateway, "ClientCertificate") if client_certificate else None
        self._deployment = apigateway.Deployment(gateway, "Deployment", api=api)
        self._plans: UsagePlans | None = None
        self._cache_keys: dict[str, list[tuple[str, str]]] = {}
        self.made: dict[str, apigateway.Stage] = {}
        self.web_acl: wafv2.CfnWebACL | None = None if isinstance(self._firewall, (NoWebAcl, str)) else self._firewall

    @property
    def added(self) -> list[str]:
        """The names of the stages beside the first."""
        return [name for name in self.made if name != self._first]

    def add(self, settings: StageSettings) -> apigateway.Stage:
        """Make a stage.

        Args:
            settings: How it runs.

        Raises:
            DeclarationError: The stage is there already, or what it was given does not go with the API.
            RouteError: A setting names no route, or a route that cannot be cached.
        """
        self._refuse_taken(settings.name)
        self._endpoints.check(settings.domain)
        if settings.domain is not None:
            check_prefixes(settings.domain, self._plan.apps)
            check_neighbours(self._gateway, settings.domain)
        places = places_of(settings, self._plan, self._authorizers)
        if settings.name != self._first:
            Construct(self._gateway, f"Stage-{settings.name}")  # after the checks: a stage that was refused can be added again
        for key, found in places.items():
            # The document is one for all stages: what one of them tells apart, all do.
            self._cache_keys[key] = [*dict.fromkeys([*self._cache_keys.get(key, ()), *found])]
        stage = self.made[settings.name] = self._make(settings)
        if self._plans is not None:
            self._plans.hold(stage)
        return stage

    def limit(self, plans: UsagePlans) -> None:
        """Let usage plans hold on every stage, of those that are added later too."""
        self._plans = plans
        for stage in self.made.values():
            plans.hold(stage)

    def key(self, document: Mapping[str, Any]) -> None:
        """Let API Gateway keep answers by what tells them apart.

        Args:
            document: The OpenAPI document, which is changed.
        """
        for key, places in self._cache_keys.items():
            key_by(document, key, places)

    def scope_of(self, name: str) -> Construct:
        """What belongs to a stage: the gateway itself for the first.

        Raises:
            DeclarationError: No argument names such a stage.
        """
        scope = self._gateway if name == self._first else self._gateway.node.try_find_child(f"Stage-{name}")
        if scope is None:
            message = f"_define_stage() was to make a stage {name!r}, which no argument names; leave stage_name as it is given, and write stage_name= or add_stage()"
            raise DeclarationError(message, path="stage_name", value=name, code="declaration.stage")
        return cast("Construct", scope)

    def _refuse_taken(self, name: str) -> None:
        if name in self.made:
            message = f"the gateway has a stage {name!r}; name this one otherwise"
        elif name != self._first and self._gateway.node.try_find_child(f"Stage-{name}") is not None:
            message = f"something of the gateway has the id 'Stage-{name}', which is for the stage; name the stage or its RestApp(id=...) otherwise"
        else:
            return
        raise DeclarationError(message, path="stage_name", value=name, code="declaration.stage")

    def _make(self, settings: StageSettings) -> apigateway.Stage:
        scope = self.scope_of(settings.name)
        retention, execution = settings.access_log_retention, f"API-Gateway-Execution-Logs_{self._api.rest_api_id}/{settings.name}"
        groups = None if retention is None else StageLogs(scope, retention, execution, canary=settings.canary is not None)
        stage = self._define(deployment=self._deployment, **settings.props(None if groups is None else groups.access))
        check_defined(stage, settings.name)
        if groups is not None:
            groups.before(stage)
            wait_for_account(stage)
        resource = cast("apigateway.CfnStage", stage.node.default_child)
        if settings.canary is not None:
            self._keep_deployments()
            settings.canary.over(resource, self._deployment.deployment_id)
        if settings.domain is not None:
            map_domain(scope, settings.domain, self._api.rest_api_id, stage.stage_name)
        guard_stage(scope, stage, self._firewall)
        if self._certificate is not None:
            resource.client_certificate_id = self._certificate.ref
        return stage

    def _keep_deployments(self) -> None:
        """Keep deployments that are replaced, for a stage to stay with, and tell the newest."""
        self._deployment.apply_removal_policy(RemovalPolicy.RETAIN)
        if self._gateway.node.try_find_child("LiveDeployment") is None:
            CfnOutput(self._gateway, "LiveDeployment", value=self._deployment.deployment_id)
