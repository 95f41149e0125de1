"""What a stage of a WebSocket API takes beside its routes: a domain, throttles by route, variables, what is logged, keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from gateleg.cdk.arguments import a, check, mapping, optional
from gateleg.cdk.domains import Domain, domain_of
from gateleg.cdk.guards.usage_plans import UsagePlans, plans_by_name
from gateleg.cdk.http_arguments import Throttle
from gateleg.cdk.management.canaries import stage_variables
from gateleg.cdk.placing import unknown
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from constructs import Construct

    from gateleg.cdk.guards.usage_plans import UsagePlan

Level = Literal["ERROR", "INFO"]


def _level(value: Any) -> str | None:
    return None if value in get_args(Level) else "'ERROR' or 'INFO'"


@dataclass(frozen=True)
class ExecutionLogs:
    """What API Gateway itself logs of a WebSocket API, beside the access log.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html.

    Args:
        level: `ERROR`, or `INFO` for every step of every message.
        data_trace: Whether messages are logged whole, tokens and all; AWS advises against it in production.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    level: Level = "ERROR"
    data_trace: bool = False

    def __post_init__(self) -> None:
        check("ExecutionLogs", level=(self.level, _level), data_trace=(self.data_trace, a("True or False", bool)))


@dataclass(frozen=True)
class SocketOptions:
    """The arguments of a `WebSocketGateway` of the same names, checked.

    Raises:
        DeclarationError: An argument is not what it must be, or asks for what no WebSocket API has.
    """

    throttles: Mapping[str, Throttle] | None
    domain: Domain | None
    variables: Mapping[str, str] | None
    execution_logs: ExecutionLogs | None
    usage_plans: Mapping[str, UsagePlan] | None
    logs: bool

    def __post_init__(self) -> None:
        check(
            "WebSocketGateway",
            throttles=(self.throttles, optional(mapping(a("a Throttle, such as Throttle(10, 5)", Throttle)))),
            domain=(self.domain, optional(a("a Domain, such as Domain('chat.example.com', certificate)", Domain))),
            variables=(self.variables, optional(stage_variables)),
            execution_logs=(self.execution_logs, optional(a("an ExecutionLogs, such as ExecutionLogs('INFO')", ExecutionLogs))),
            usage_plans=(self.usage_plans, optional(plans_by_name)),
        )
        if self.execution_logs is not None and not self.logs:
            message = "access_log_retention=None turns all logs off, execution_logs too; leave one of the two out"
            raise DeclarationError(message, path="WebSocketGateway.execution_logs", value=self.execution_logs)
        if self.domain is not None and self.domain.asks_for_certificates:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html: for REST and HTTP APIs.
            message = f"mutual TLS is for REST and HTTP APIs, and the domain {self.domain.known_name!r} asks for certificates; leave trust_store out"
            raise DeclarationError(message, path="WebSocketGateway.domain", value=self.domain)
        for name, plan in (self.usage_plans or {}).items():
            if plan.throttles:
                message = f"the usage plan {name!r} throttles single routes, and a key is asked for by $connect alone; write WebSocketGateway(throttles=...)"
                raise DeclarationError(message, path="UsagePlan.throttles", value=plan.throttles)

    def stage_props(self, scope: Construct) -> dict[str, Any]:
        """The properties of `WebSocketStage` that they stand for."""
        from aws_cdk import aws_apigatewayv2 as apigatewayv2

        props: dict[str, Any] = {} if not self.variables else {"stage_variables": dict(self.variables)}
        if self.domain is not None:
            name = domain_of(scope, self.domain, socket=True)
            props["domain_mapping"] = apigatewayv2.DomainMappingOptions(domain_name=name, mapping_key=self.domain.mapping_key)
        return props

    def apply(self, stage: apigatewayv2.CfnStage) -> None:
        """Set what the stage logs and how much its routes take."""
        logged = self.execution_logs or ExecutionLogs()
        common = {"DataTraceEnabled": logged.data_trace, "LoggingLevel": logged.level if self.logs else "OFF"}
        for name, value in common.items():
            stage.add_property_override(f"DefaultRouteSettings.{name}", value)
        if self.throttles:
            # What a route's settings leave out is AWS's default, and not the stage's.
            stage.route_settings = {
                key: {
                    "ThrottlingRateLimit": one.rate_limit,
                    "ThrottlingBurstLimit": one.burst_limit,
                    "DetailedMetricsEnabled": True,
                    **common,
                }
                for key, one in self.throttles.items()
            }

    def check_routes(self, known: Iterable[str]) -> None:
        """Refuse throttles of routes that are not there.

        Raises:
            RouteError: There is one.
        """
        keys = list(known)
        for key in self.throttles or ():
            if key not in keys:
                raise unknown(f"throttles={{{key!r}: ...}} names no route of the gateway", key, keys)

    def plans(self, scope: Construct, api_id: str, stage: apigatewayv2.WebSocketStage) -> UsagePlans | None:
        """The usage plans, which hold for the stage."""
        if not self.usage_plans:
            return None
        plans = UsagePlans(scope, self.usage_plans, None, (), {})
        plans.hold_socket(api_id, stage)
        return plans

    def url(self, stage: apigatewayv2.WebSocketStage) -> str:
        """Where clients connect."""
        if self.domain is None:
            return stage.url
        return f"wss://{self.domain.url.removeprefix('https://').rstrip('/')}"
