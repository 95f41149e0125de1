"""The stages of one HTTP API: on one deployment, each with its log and its domain."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from aws_cdk import aws_apigatewayv2 as apigatewayv2
from constructs import Construct

from gateleg.cdk.access_logs import access_group, http_format
from gateleg.cdk.domains import check_prefixes, domain_of
from gateleg.cdk.http_arguments import route_settings
from gateleg.cdk.placing import unknown
from gateleg.cdk.rendered import name_by_content
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import CfnResource

    from gateleg.cdk.endpoints import Endpoints
    from gateleg.cdk.management.stages import StageSettings
    from gateleg.cdk.plan import Plan


class HttpStages:
    """The stages of an HTTP API.

    Args:
        gateway: What the first stage and the deployment belong to.
        api: The API.
        first: The name of the first stage.
        plan: The routes.
        endpoints: Where the API answers beside their domains.
        define: Makes an `HttpStage` of its properties; the gateway's hook.

    Attributes:
        made: The `HttpStage` of each name, the first one first.
    """

    def __init__(
        self,
        gateway: Construct,
        api: apigatewayv2.HttpApi,
        first: str,
        *,
        plan: Plan,
        endpoints: Endpoints,
        define: Callable[..., apigatewayv2.HttpStage],
    ) -> None:
        self._gateway, self._api, self._first = gateway, api, first
        self._plan, self._endpoints, self._define = plan, endpoints, define
        self.made: dict[str, apigatewayv2.HttpStage] = {}

    @property
    def added(self) -> list[str]:
        """The names of the stages beside the first."""
        return [name for name in self.made if name != self._first]

    def check(self, settings: StageSettings) -> None:
        """Check that a stage can be added.

        Raises:
            DeclarationError: The stage is there already, or its domain is missing or does not go with the API.
            RouteError: A throttle names no route, for which AWS finds none.
        """
        name, known = settings.name, [route.key for route in self._plan.routes()]
        if name in self.made or (name != self._first and self._gateway.node.try_find_child(f"Stage-{name}") is not None):
            message = f"the gateway has a stage or a part {name!r}; name this one otherwise"
            raise DeclarationError(message, path="HttpGateway.add_stage", value=name, code="declaration.stage")
        self._endpoints.check(settings.domain)
        for key in settings.throttles or ():
            if key not in known:
                raise unknown(f"throttles={{{key!r}: ...}} names no route of the gateway", key, known)

    def add(self, settings: StageSettings) -> apigatewayv2.HttpStage:
        """Make a stage that was checked.

        Raises:
            DeclarationError: Its domain has a base path that an app does not know, or the hook makes another stage.
        """
        deployment = self._deployment
        scope = self._gateway if settings.name == self._first else Construct(self._gateway, f"Stage-{settings.name}")
        stage = self._define(
            http_api=self._api,
            stage_name=settings.name,
            # A deployment that fails rolls the stack back, which one that a stage makes for itself does not.
            auto_deploy=False,
            throttle=apigatewayv2.ThrottleSettings(rate_limit=settings.throttling_rate_limit, burst_limit=settings.throttling_burst_limit),
            detailed_metrics_enabled=True,
            domain_mapping=self._mapping(scope, settings),
            stage_variables=settings.variables or None,
        )
        resource = cast("apigatewayv2.CfnStage", stage.node.default_child)
        if resource.stage_name != settings.name:
            message = (
                f"_define_stage makes the stage {resource.stage_name!r}, and permissions, grants and the URL are those of {settings.name!r}; "
                f"leave stage_name there as it is, and pass stage_name={resource.stage_name!r} to HttpGateway"
            )
            raise DeclarationError(message, path="HttpGateway.stage_name", value=resource.stage_name, code="declaration.stage")
        resource.deployment_id = deployment.ref
        if settings.throttles:
            resource.route_settings = {key: route_settings(throttle) for key, throttle in settings.throttles.items()}
        if settings.access_log_retention is not None:
            group = access_group(scope, settings.access_log_retention)
            resource.access_log_settings = apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.log_group_arn, format=http_format()
            )
        self.made[settings.name] = stage
        return stage

    @cached_property
    def _deployment(self) -> apigatewayv2.CfnDeployment:
        made = apigatewayv2.CfnDeployment(self._gateway, "Deployment", api_id=self._api.api_id)
        name_by_content(made, lambda: [cast("CfnResource", self._api.node.default_child)])
        return made

    def _mapping(self, scope: Construct, settings: StageSettings) -> apigatewayv2.DomainMappingOptions | None:
        if settings.domain is None:
            return None
        check_prefixes(settings.domain, self._plan.apps)
        return apigatewayv2.DomainMappingOptions(domain_name=domain_of(scope, settings.domain), mapping_key=settings.domain.mapping_key)
