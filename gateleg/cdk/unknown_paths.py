"""What becomes of requests that no route has, for apps that answer them by `@app.not_found`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Annotations
from constructs import IValidation

from gateleg.cdk.grouping import DISPATCHER
from gateleg.description.paths import shape_of_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from gateleg.cdk.access import Access
    from gateleg.cdk.plan import Plan
    from gateleg.cdk.service_function import ServiceFunction
    from gateleg.description import App, Route

_ANSWERS = {"rest": "403", "http": "404"}


@jsii.implements(IValidation)
class _Unknown:
    def __init__(
        self,
        gateway: Construct,
        kind: str,
        plan: Plan,
        apps: Sequence[tuple[App, Sequence[Route]]],
        functions: Mapping[str, ServiceFunction],
    ) -> None:
        self._gateway = gateway
        self._kind = kind
        self._plan = plan
        self._apps = apps
        self._functions = functions

    def validate(self) -> list[str]:
        routes = self._plan.routes()
        if any(re.fullmatch(r"[A-Z]+ /\{\+\}", shape_of_key(route.key)) for route in routes):
            return []
        for app, own in self._apps:
            keys = {route.key for route in own}
            guards = {route.access for route in routes if route.access.asks and any(source.key in keys for source in route.sources)}
            text = (
                f"{app.name} answers what no route has by @app.not_found, and such requests do not reach it: the API answers {_ANSWERS[self._kind]} itself; "
                f"{self._instead(app, own, guards)}"
            )
            Annotations.of(self._gateway).add_warning_v2(f"gateleg:not_found:{app.name}", text)
        return []

    def _instead(self, app: App, own: Sequence[Route], guards: set[Access]) -> str:
        name = next((name for name in (app.name, *(route.key for route in own)) if name in self._functions), None)
        names = [name for access in guards for name, scopes in access.asks if not scopes]
        if len(guards) > 1 or len(names) != sum(len(access.asks) for access in guards) or len(names) > 1:
            return "its routes are guarded in several ways, and no one route can hand them on: acknowledge this, or split the app"
        guard = f"authorizer={names[0]!r}" if names else "public='why'"
        function = f"gateway.functions[{name!r}]"
        if name is None or self._functions[name].handler == DISPATCHER:  # which cannot tell whose such a request is
            function = f"ServiceFunction(self, 'Unknown', handler={app.name!r})"
        return f"write gateway.add_route('ANY /{{proxy+}}', DirectRoute({function}, {guard})), or acknowledge this"


def tell_unknown(
    gateway: Construct, kind: str, plan: Plan, apps: Sequence[tuple[App, Sequence[Route]]], functions: Mapping[str, ServiceFunction]
) -> None:
    """Warn at synth of apps whose answer to what no route has is never asked for.

    Args:
        gateway: The gateway.
        kind: `rest` or `http`.
        plan: Its routes, in the end.
        apps: Its apps, each with the routes that the API has of it.
        functions: Its functions, by app string or route key.
    """
    if telling := [(app, routes) for app, routes in apps if app.answers_unknown]:
        gateway.node.add_validation(_Unknown(gateway, kind, plan, telling, functions))
