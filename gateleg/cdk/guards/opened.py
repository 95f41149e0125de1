"""Routes beside the apps of a gateway, and operations of its body, that let who was not asked for it reach routes of those apps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateleg.cdk.access import Access, check_same
from gateleg.cdk.guards.reached import answered, other_handlers, reached
from gateleg.description import lambda_handler
from gateleg.description.paths import shape_of_key
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateleg.cdk.apps import RestApp
    from gateleg.cdk.body_rules import RestApi
    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.guards.reached import Planned, Reached
    from gateleg.cdk.plan import Plan, PlannedRoute
    from gateleg.cdk.written_functions import WrittenFunctions
    from gateleg.description import App, Route

_ANYTHING = "ANY /{proxy+}"


class OpenedApps:
    """What of the apps of a gateway is reached otherwise than by their own routes.

    Args:
        plan: All routes of the gateway.
        covers: Whether requests for another route would go to a route.
        found: The gateway's apps, each with the routes that it has there.
    """

    def __init__(self, plan: Plan, covers: Callable[[Route, Route], bool], found: Sequence[tuple[RestApp, App, Sequence[Route]]]) -> None:
        self._plan, self._covers = plan, covers
        self._handlers = {lambda_handler(entry.entry): app for entry, app, _ in found}
        self._own = {shape_of_key(route.key) for *_, routes in found for route in routes}

    def by(self, route: Route, target: FunctionLike) -> list[tuple[Route, bool]]:
        """The routes of apps that requests for a route may be answered by, as far as what it calls is a function and does not name one.

        Args:
            route: The route beside the apps.
            target: What it calls.
        """
        found = reached(route, target, self._covers, self._handlers)
        return [(each, imported) for each, imported in found if not self._is_told_apart(route, each)]

    def problems(
        self, api: RestApi, template: str, functions: WrittenFunctions, planned: Callable[[PlannedRoute], Planned]
    ) -> Iterator[str]:
        """What the body of a template opens: there routes of apps answer who was not asked for them.

        Args:
            api: The API as its template has it.
            template: The name of the template.
            functions: The functions that templates name.
            planned: Says what a route calls.
        """
        routes = {shape_of_key(route.key): route for route in self._plan.routes()}
        for found in answered(api, {route.key: planned(route) for route in routes.values()}, self._covers, template, functions):
            key = shape_of_key(found.route.key)
            if found.asked is None:
                # Where an argument says that a route is public, it says so of what it calls, and of nothing that was put in its place.
                asking = replace(found.route, key=_ANYTHING) if key in routes else found.route
                if (access := self._plan.asked(asking, Access(), found.other)).asks:
                    yield (
                        f"{found.route.key} of the body lets anybody reach {found.other.key} of {found.other.handler} ({access}): the app goes by its own "
                        "patterns; guard both alike"
                    )
            elif not self._is_told_apart(found.route, found.other):
                yield from self._otherwise(routes[key], found)
        for key, function, handler in other_handlers(api, template, functions):
            yield (
                f"{key} is open and calls {function.node.path}, whose Handler in the template is {handler!r}, and {function.handler!r} was described; "
                "write handler= in its place, so that its routes, files and rights are known"
            )

    def _is_told_apart(self, route: Route, other: Route) -> bool:
        """Whether a request that the other route takes goes there: of one path the API tells the methods apart itself."""
        return shape_of_key(other.key) in self._own and _path(other) == _path(route)

    def _otherwise(self, planned: PlannedRoute, found: Reached) -> Iterator[str]:
        """Why who may call a route may not call another one that answers there."""
        route = planned.sources[0]
        also = {found.other.key: self._plan.asked(route, planned.access, found.other)}
        try:
            check_same(route, planned.access, also, imported=found.imported)
        except AuthorizerError as error:
            error.place = route.place or None  # where the route was added, and not where the app is synthesized
            yield str(error)


def _path(route: Route) -> str:
    return shape_of_key(route.key).partition(" ")[2]
