"""The paths of one REST API as API Gateway keeps them: a tree of resources, each with its methods.

Below a resource there are any number of literal segments and one variable, under one name, or one greedy variable.
See https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-develop.html.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateleg.cdk.placing import Placed
from gateleg.description import Segment, path_of
from gateleg.errors import RouteError

if TYPE_CHECKING:
    from gateleg.cdk.access import Access
    from gateleg.description import Route


@dataclass
class _Resource:
    literals: dict[str, _Resource] = field(default_factory=dict[str, "_Resource"])
    variable: _Variable | None = None
    methods: dict[str, _Method] = field(default_factory=dict[str, "_Method"])


@dataclass
class _Variable:
    """The variable below a resource: its name, and the route that named it."""

    segment: Segment
    named_by: Route
    fixed: bool
    below: _Resource = field(default_factory=_Resource)


@dataclass
class _Method:
    """A method of a resource and its routes; several are rules of one app, which chooses among them itself."""

    target: str
    access: Access
    fixed: bool
    routes: list[Route]


class PathTree:
    """The tree of all routes of an API."""

    def __init__(self) -> None:
        self._root = _Resource()
        self._methods: list[_Method] = []

    def add(self, route: Route, target: str, access: Access, *, fixed: bool = False) -> None:
        """Give a route its place.

        Args:
            route: The route.
            target: What answers it: equal for routes that one function answers by its own rules.
            access: Who may call it: equal for routes that ask for the same.
            fixed: Whether its function reads path variables by these names, so that they cannot be renamed.

        Raises:
            RouteError: Another route has its method and path and is not a rule of the same app with the same access, or two
                variables cannot stand in one place.
        """
        resource = self._root
        for segment in route.segments:
            resource = self._below(resource, segment, route, fixed=fixed)
        known = resource.methods.get(route.method)
        if known is None:
            known = resource.methods[route.method] = _Method(target, access, fixed, [])
            self._methods.append(known)
        else:
            _check_shared(known, route, _Method(target, access, fixed, []))
        known.routes.append(route)
        _check_names(self._segments(route), route)

    def covers(self, route: Route, other: Route) -> bool:
        """Whether requests for another route would go to this one if the other were not there: its variables take the other's segments."""
        if other.method not in {route.method, "ANY"} and route.method != "ANY":
            return False
        greedy = bool(route.segments) and route.segments[-1].kind == "greedy"
        ours = route.segments[:-1] if greedy else route.segments
        fits = len(other.segments) > len(ours) if greedy else len(other.segments) == len(ours)
        return fits and all(mine.kind != "literal" or mine == theirs for mine, theirs in zip(ours, other.segments, strict=False))

    def placed(self) -> list[Placed]:
        """Every method of every resource, in the order in which each was first asked for, its variables as API Gateway names them."""
        return [self._placed(method) for method in self._methods]

    def renamed(self) -> list[str]:
        """Which variables have another name at the gateway, a sentence for each route."""
        return [
            f"{route.key} of {route.handler} is {route.method} {path_of(segments)} at the gateway"
            for method in self._methods
            for route in method.routes
            if (segments := self._segments(route)) != route.segments
        ]

    def _placed(self, method: _Method) -> Placed:
        segments = self._segments(method.routes[0])
        _check_names(segments, method.routes[0])
        return Placed(f"{method.routes[0].method} {path_of(segments)}", method.target, method.access, tuple(method.routes))

    def _below(self, resource: _Resource, segment: Segment, route: Route, *, fixed: bool) -> _Resource:
        """The resource of a segment, made where it is not there yet."""
        if segment.kind == "literal":
            return resource.literals.setdefault(segment.text, _Resource())
        if resource.variable is None:
            resource.variable = _Variable(segment, route, fixed)
        _unify(resource.variable, segment, route, fixed=fixed)
        return resource.variable.below

    def _segments(self, route: Route) -> tuple[Segment, ...]:
        """The path of a route with the names that its variables have in the tree."""
        resource, segments = self._root, list[Segment]()
        for segment in route.segments:
            variable = None if segment.kind == "literal" else resource.variable
            segments.append(segment if variable is None else variable.segment)
            resource = resource.literals[segment.text] if variable is None else variable.below
        return tuple(segments)


def _unify(variable: _Variable, segment: Segment, route: Route, *, fixed: bool) -> None:
    """Give a place one name: that of a route that cannot be renamed, or else the first."""
    if segment.kind == variable.segment.kind and not (fixed and variable.fixed and segment != variable.segment):
        if fixed and not variable.fixed:
            variable.segment, variable.named_by, variable.fixed = segment, route, True
        return
    raise RouteError(
        f"API Gateway allows one path variable in one place, and {route.key} of {route.handler} has {segment} where "
        f"{variable.named_by.key} of {variable.named_by.handler} has {variable.segment}; write {variable.segment} in both, or give one "
        "of them a segment of its own",
        path=route.key,
        value=str(segment),
    )


def _check_names(segments: tuple[Segment, ...], route: Route) -> None:
    names = [segment.text for segment in segments if segment.kind != "literal"]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise RouteError(
            f"the path variable {twice!r} stands twice in {path_of(segments)}, which {route.key} of {route.handler} becomes beside the "
            "other routes, as one place has one name; name each place of a path differently, and one place alike in all routes",
            path=route.key,
            value=twice,
        )


def _check_shared(known: _Method, route: Route, asked: _Method) -> None:
    first = known.routes[0]
    if known.target != asked.target or known.fixed or asked.fixed:
        raise RouteError(
            f"{first.key} is answered by {first.handler} and by {route.handler}; remove one of the two routes",
            path=first.key,
            value=route.key,
            code="declaration.route.duplicate",
        )
    if known.access != asked.access:
        raise RouteError(
            f"{first.key} is one route to API Gateway, and the app answers it by {first.handler} ({known.access}) and by {route.handler} "
            f"({asked.access}); guard both alike, or give one of them a path that differs in its text",
            path=first.key,
            value=route.key,
            code="declaration.route.access",
        )
