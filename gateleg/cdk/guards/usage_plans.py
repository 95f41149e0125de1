"""Usage plans of a REST or WebSocket API: who has a key, and how much a key may ask.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from aws_cdk import Token
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from gateleg.cdk.arguments import a, check, either, having, listing, mapping, number, optional
from gateleg.cdk.authorizers import ApiKeyAuthorizer
from gateleg.cdk.http_arguments import Throttle
from gateleg.cdk.placing import unknown
from gateleg.errors import DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_apigatewayv2 as apigatewayv2

    from gateleg.cdk.authorizers import AnyAuthorizer
    from gateleg.cdk.plan import PlannedRoute

Period = Literal["DAY", "WEEK", "MONTH"]
_MAX_QUOTA = 2_147_483_647
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_A_THROTTLE = a("a Throttle, such as Throttle(10, 5)", Throttle)


def _name(value: Any) -> str | None:
    return None if isinstance(value, str) and _NAME.fullmatch(value) else "a name of A-Z a-z 0-9 _ -, such as 'partners'"


def _period(value: Any) -> str | None:
    return None if value in get_args(Period) else "'DAY', 'WEEK' or 'MONTH'"


_KEY = either(_name, having("a key of aws_apigateway", "key_id", "key_arn"))


@dataclass(frozen=True)
class Quota:
    """How many requests each key of a usage plan may send in a period; AWS counts as well as it can, and promises no sharp limit.

    Args:
        limit: Requests.
        period: `DAY`, `WEEK` or `MONTH`.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    limit: int
    period: Period = "MONTH"

    def __post_init__(self) -> None:
        check("Quota", limit=(self.limit, number(1, _MAX_QUOTA, int)), period=(self.period, _period))


@dataclass(frozen=True)
class UsagePlan:
    """Keys, and how much each of them may ask of the API.

    Args:
        keys: A name for each key that is to be made, whose value API Gateway makes and the template does not have; or keys that are there.
        throttle: How many requests each key may send; as many as the stage takes unless given.
        quota: How many in a period; any number unless given.
        throttles: By route key, the same for single routes.

    Raises:
        DeclarationError: An argument is not what it must be, or the value of a key would stand in the template.
    """

    keys: Sequence[str | apigateway.IApiKey | apigateway.ApiKey] = ()
    throttle: Throttle | None = None
    quota: Quota | None = None
    throttles: Mapping[str, Throttle] = field(default_factory=dict[str, Throttle])

    def __post_init__(self) -> None:
        check(
            "UsagePlan",
            keys=(self.keys, listing(_KEY)),
            throttle=(self.throttle, optional(_A_THROTTLE)),
            quota=(self.quota, optional(a("a Quota, such as Quota(10_000, 'MONTH')", Quota))),
            throttles=(self.throttles, mapping(_A_THROTTLE)),
        )
        for key in self.keys:
            _check_value(key)


def plans_by_name(value: Any) -> str | None:
    """The rule for the argument `usage_plans`."""
    fits = mapping(a("", UsagePlan))(value) is None and all(_name(name) is None for name in value)
    return None if fits else "a dictionary of usage plans by names of A-Z a-z 0-9 _ -, such as {'partners': UsagePlan(['acme'])}"


class UsagePlans(Construct):
    """The usage plans of an API's stages and their keys.

    Args:
        scope: The gateway.
        plans: The plans by name.
        api: The API; none where it is a WebSocket API.
        routes: The API's routes.
        authorizers: By name, those of the API.

    Attributes:
        plans: The `UsagePlan` of each plan, by name.
        keys: The `ApiKey` of each key that was made, by name.

    Raises:
        DeclarationError: Two plans have one key, or a plan is named as the construct of a key.
        RouteError: A plan throttles a route that is not there, or that asks for no key.
    """

    def __init__(
        self,
        scope: Construct,
        plans: Mapping[str, UsagePlan],
        api: apigateway.SpecRestApi | None,
        routes: Sequence[PlannedRoute],
        authorizers: Mapping[str, AnyAuthorizer],
    ) -> None:
        super().__init__(scope, "UsagePlans")
        self.plans: dict[str, apigateway.UsagePlan] = {}
        self.keys: dict[str, apigateway.ApiKey] = {}
        self._given = plans
        self._api = api
        self._stages = 0
        _check_routes(plans, routes, {name for name, one in authorizers.items() if isinstance(one, ApiKeyAuthorizer)})
        _check_keys(plans)
        for name, plan in plans.items():
            self.plans[name] = self._plan(name, plan)

    def hold(self, stage: apigateway.Stage) -> None:
        """Let the keys of all plans be taken on a stage, as often as the plans say."""
        for name, plan in self._given.items():
            made = self.plans[name]
            made.add_api_stage(api=cast("apigateway.SpecRestApi", self._api), stage=stage)
            if plan.throttles:
                # The L2 takes a `Method` of CDK for each, and an API of one body has none.
                throttles = {
                    _path(key): {"RateLimit": one.rate_limit, "BurstLimit": one.burst_limit} for key, one in plan.throttles.items()
                }
                resource = cast("apigateway.CfnUsagePlan", made.node.default_child)
                resource.add_property_override(f"ApiStages.{self._stages}.Throttle", throttles)
        self._stages += 1

    def hold_socket(self, api_id: str, stage: apigatewayv2.WebSocketStage) -> None:
        """Let the keys of all plans be taken on a stage of a WebSocket API, which the L2 does not take."""
        for made in self.plans.values():
            resource = cast("apigateway.CfnUsagePlan", made.node.default_child)
            resource.api_stages = [apigateway.CfnUsagePlan.ApiStageProperty(api_id=api_id, stage=stage.stage_name)]
            resource.node.add_dependency(stage)

    def _plan(self, name: str, plan: UsagePlan) -> apigateway.UsagePlan:
        limits: dict[str, Any] = {}
        if plan.quota is not None:
            limits["quota"] = apigateway.QuotaSettings(limit=plan.quota.limit, period=apigateway.Period[plan.quota.period])
        if plan.throttle is not None:
            rate, burst = plan.throttle.rate_limit, plan.throttle.burst_limit
            limits["throttle"] = apigateway.ThrottleSettings(rate_limit=rate, burst_limit=burst)
        made = apigateway.UsagePlan(self, name, name=name, **limits)
        for index, key in enumerate(plan.keys):
            self._admit(made, key, key if isinstance(key, str) else f"Given{index}")
        return made

    def _admit(self, plan: apigateway.UsagePlan, key: Any, name: str) -> None:
        """Let a key use a plan. Not by `add_api_key`, whose logical ids depend on the order of keys unless a feature flag says otherwise."""
        if isinstance(key, str):
            self.keys[key] = key = apigateway.ApiKey(self, f"Key-{key}")
        apigateway.CfnUsagePlanKey(plan, f"Key-{name}", key_id=key.key_id, key_type="API_KEY", usage_plan_id=plan.usage_plan_id)


def _path(key: str) -> str:
    """`GET /a/{id}` as usage plans write it: `/a/{id}/GET`."""
    method, path = key.split(" ", 1)
    return f"{path}/{method}"


def _check_value(key: str | apigateway.IApiKey | apigateway.ApiKey) -> None:
    """Refuse a key whose value is written down: whoever may read the template would have it."""
    if isinstance(key, str):
        return
    node: Any = key.node
    resource: Any = node.default_child
    value: Any = resource.value if isinstance(resource, apigateway.CfnApiKey) else None
    if isinstance(value, str) and not Token.is_unresolved(value):
        message = (
            f"the value of the key {node.path} would stand in the template; leave value out, and API Gateway makes one: "
            "aws apigateway get-api-key --include-value --api-key ID"
        )
        raise DeclarationError(message, path="UsagePlan.keys", value=node.path)


def _check_routes(plans: Mapping[str, UsagePlan], routes: Sequence[PlannedRoute], keys: set[str]) -> None:
    known = [route.key for route in routes]
    keyed = {route.key for route in routes if keys & {asked for asked, _ in route.access.asks}}
    for name, plan in plans.items():
        for key in plan.throttles:
            if key not in known:
                raise unknown(f"the usage plan {name!r} throttles {key!r}, which is no route of the gateway", key, known)
            if key not in keyed:
                message = (
                    f"the usage plan {name!r} throttles {key!r}, which asks for no key, so that nobody is held to it; let the route ask for one "
                    "(an ApiKeyAuthorizer), or write RestGateway(throttles=...), which holds for everybody"
                )
                raise RouteError(message, path=key, value=key)


def _check_keys(plans: Mapping[str, UsagePlan]) -> None:
    """A key is in one plan of a stage: AWS would not know which one counts."""
    seen: dict[str, str] = {}
    for name, plan in plans.items():
        for key in plan.keys:
            given: Any = key
            told: str = given if isinstance(given, str) else given.node.path
            if told in seen:
                again = "twice" if seen[told] == name else f"in the usage plans {seen[told]!r} and {name!r}"
                message = f"the key {told!r} is {again}, and a key has one plan of a stage; leave it out once, or make another key"
                raise DeclarationError(message, path="UsagePlan.keys", value=told)
            seen[told] = name
            if isinstance(given, str) and f"Key-{given}" in plans:
                message = f"the usage plan 'Key-{given}' is named as the construct of the key {given!r}; name one of them otherwise"
                raise DeclarationError(message, path="RestGateway.usage_plans", value=f"Key-{given}")
