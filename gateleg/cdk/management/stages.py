"""The stages of a REST API, each with what it takes, caches and logs; nothing here makes another deployment."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs

from gateleg.cdk.access_logs import rest_format
from gateleg.cdk.arguments import a, check, mapping, number, optional
from gateleg.cdk.domains import Domain
from gateleg.cdk.functions import check_stage_name
from gateleg.cdk.http_arguments import Throttle
from gateleg.cdk.management.caching import Cache, cache_keys
from gateleg.cdk.management.canaries import Canary, stage_variables
from gateleg.cdk.placing import unknown
from gateleg.errors import DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.cdk.authorizers import AnyAuthorizer
    from gateleg.cdk.plan import Plan

_MAX_RATE, _MAX_BURST = 10_000, 5_000


class StageOptions(TypedDict, total=False):
    """How a stage runs; every key may be left out.

    Attributes:
        throttling_rate_limit: Requests a second in the long run, for the routes of which `throttles` says nothing; 100 unless given.
        throttling_burst_limit: Requests at once, for the same; 50 unless given.
        throttles: By route key, how many requests that route takes.
        variables: The stage's variables, which handlers find in `app.current_event.stage_variables`.
        cache: Which routes are answered from a cache; none unless given.
        canary: A part of the requests that try what is rendered now.
        access_log_retention: How long access and execution logs are kept, three months unless given; `None` turns both off.
        domain: A domain of its own; none unless given.
    """

    throttling_rate_limit: float
    throttling_burst_limit: int
    throttles: Mapping[str, Throttle] | None
    variables: Mapping[str, str] | None
    cache: Cache | None
    canary: Canary | None
    access_log_retention: logs.RetentionDays | None
    domain: Domain | None


@dataclass(frozen=True)
class StageSettings:
    """The same with everything said."""

    name: str
    throttling_rate_limit: float = 100
    throttling_burst_limit: int = 50
    throttles: Mapping[str, Throttle] | None = None
    variables: Mapping[str, str] | None = None
    cache: Cache | None = None
    canary: Canary | None = None
    access_log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS
    domain: Domain | None = None

    def props(self, access: logs.LogGroup | None) -> dict[str, Any]:
        """The properties of a `Stage`.

        Args:
            access: Where access logs go, if anywhere.
        """
        level = apigateway.MethodLoggingLevel.ERROR
        logged: dict[str, Any] = {} if access is None else {"logging_level": level}
        common = {"metrics_enabled": True, "data_trace_enabled": False, **logged}
        props = {
            "stage_name": self.name,
            **self._throttle(None),
            **common,
            "tracing_enabled": True,
            "variables": self.variables or None,
            "method_options": {_setting(key): self._method(key, common) for key in self._keys()} or None,
        }
        if access is not None:
            props["access_log_destination"] = apigateway.LogGroupLogDestination(access)
            props["access_log_format"] = apigateway.AccessLogFormat.custom(rest_format())
        if self.cache is not None:
            # A cluster caches nothing until a method says so; what is not named is not cached.
            props |= {"cache_cluster_enabled": True, "cache_cluster_size": self.cache.cluster, "cache_data_encrypted": True}
        return {name: value for name, value in props.items() if value is not None}

    def _keys(self) -> list[str]:
        return sorted({*(self.throttles or {}), *(self.cache.routes if self.cache else ())})

    def _method(self, key: str, common: Mapping[str, Any]) -> apigateway.MethodDeploymentOptions:
        """All settings of a method: what is left out is the account's, and not the stage's."""
        cached: dict[str, Any] = {} if self.cache is None else self.cache.settings(key)
        return apigateway.MethodDeploymentOptions(**self._throttle(key), **common, **cached)

    def _throttle(self, key: str | None) -> dict[str, Any]:
        own = None if key is None else (self.throttles or {}).get(key)
        rate, burst = (self.throttling_rate_limit, self.throttling_burst_limit) if own is None else (own.rate_limit, own.burst_limit)
        return {"throttling_rate_limit": rate, "throttling_burst_limit": burst}


def stage_settings(owner: str, name: str, options: StageOptions) -> StageSettings:
    """Check how a stage shall run.

    Args:
        owner: What was given the options, for messages.
        name: The stage's name.
        options: What was given.

    Raises:
        DeclarationError: One of them is not what it must be, or there is no such option.
    """
    check_stage_name(name)
    if wrong := [one for one in options if one not in StageOptions.__annotations__]:
        near = difflib.get_close_matches(wrong[0], StageOptions.__annotations__, n=3, cutoff=0.5) or [*StageOptions.__annotations__]
        message = f"{owner}({wrong[0]}=...): a stage has no such option; write one of {', '.join(near)}"
        raise DeclarationError(message, path=f"{owner}.{wrong[0]}", value=wrong[0], code="declaration.option_unknown")
    given = StageSettings(name, **options)
    check(
        owner,
        throttling_rate_limit=(given.throttling_rate_limit, number(0, _MAX_RATE)),
        throttling_burst_limit=(given.throttling_burst_limit, number(0, _MAX_BURST, int)),
        throttles=(given.throttles, optional(mapping(a("a Throttle, such as Throttle(10, 5)", Throttle)))),
        variables=(given.variables, optional(stage_variables)),
        cache=(given.cache, optional(a("a Cache, such as Cache({'GET /rooms': CachedRoute()})", Cache))),
        canary=(given.canary, optional(a("a Canary, such as Canary()", Canary))),
        access_log_retention=(given.access_log_retention, optional(a("a RetentionDays of aws_logs, or None", logs.RetentionDays))),
        domain=(given.domain, optional(a("a Domain, such as Domain('api.example.com', certificate)", Domain))),
    )
    return given


def check_defined(stage: object, name: str) -> None:
    """Refuse what a hook made in place of the stage that was asked for.

    Args:
        stage: What the hook returned.
        name: The stage's name.

    Raises:
        DeclarationError: It is no stage, or one of another name, which permissions, logs and URLs would not know.
    """
    made = stage.node.default_child if isinstance(stage, apigateway.Stage) else None
    if not isinstance(made, apigateway.CfnStage) or made.stage_name != name:
        got = repr(stage) if made is None else f"a stage {made.stage_name!r}" if isinstance(made, apigateway.CfnStage) else repr(made)
        message = f"_define_stage() is to return the Stage {name!r}, and returned {got}; write return super()._define_stage(**props), with stage_name as given"
        raise DeclarationError(message, path="_define_stage", value=stage, code="declaration.stage")


def places_of(settings: StageSettings, plan: Plan, authorizers: Mapping[str, AnyAuthorizer]) -> dict[str, list[tuple[str, str]]]:
    """Check what is said of single routes, and tell by what the answers of those are kept that are cached.

    Args:
        settings: How the stage runs.
        plan: The routes.
        authorizers: By name.

    Raises:
        RouteError: A setting names no route, or a route that has no method of its own or cannot be cached.
    """
    routes = {route.key: route for route in plan.routes()}
    _check_keys("throttles", settings.throttles or (), list(routes))
    if settings.cache is None:
        return {}
    _check_keys("Cache(routes=...)", settings.cache.routes, list(routes))
    declaring = {app.name for app in plan.apps if app.validates}
    return {
        key: cache_keys(routes[key], given, authorizers, declares=routes[key].target in declaring)
        for key, given in settings.cache.routes.items()
    }


def _check_keys(argument: str, keys: Iterable[str], known: list[str]) -> None:
    """Refuse settings of routes that are not there, for which AWS finds no method, and of those whose method is `ANY`."""
    for key in keys:
        if key not in known:
            raise unknown(f"{argument}={{{key!r}: ...}} names no route of the gateway", key, known)
        if key.startswith("ANY "):
            message = f"{argument}={{{key!r}: ...}} names a route of every method, and the settings of a stage are for one; give the route its methods"
            raise RouteError(message, path=key, value=key)


def _setting(key: str) -> str:
    """How CDK names the settings of a method: `/rooms/{room}/GET`."""
    method, path = key.split(" ", 1)
    return f"{'/' if path == '/' else path}/{method}"
