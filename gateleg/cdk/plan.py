"""All that an API will hold, collected and checked before anything is rendered: routes in, planned routes out."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gateleg.cdk.access import Access, check_same
from gateleg.cdk.validation import Checks
from gateleg.description.paths import shape_of_key
from gateleg.errors import AuthorizerError, DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from gateleg.cdk.placing import Placed
    from gateleg.description import App, Route


@dataclass(frozen=True)
class PlannedRoute:
    """One route as the API will have it.

    Attributes:
        key: `GET /rooms/{room}` as API Gateway has it, or a route key of a WebSocket API.
        target: The name of what answers.
        access: Who may call.
        sources: The routes of the app that it stands for; more than one where API Gateway's path covers several patterns.
        checks: What the gateway checks of a request before it calls.
        function: The name of the function that answers, where the app has several.
    """

    key: str
    target: str
    access: Access
    sources: tuple[Route, ...]
    checks: Checks = field(default_factory=Checks)
    function: str | None = None

    @property
    def integration(self) -> str:
        """The name of what the route calls."""
        return self.function or self.target


class Rules(Protocol):
    """Decides who may call a route."""

    def of(self, route: Route) -> Access:
        """Who may call it."""
        ...


class Places(Protocol):
    """Gives each route its place in the API, and refuses what has none."""

    def add(self, route: Route, target: str, access: Access, *, fixed: bool = False) -> None:
        """Place a route; the handler of a `fixed` one reads path variables by their names."""
        ...

    def placed(self) -> Iterable[Placed]:
        """Every place, with the routes that it serves."""
        ...

    def covers(self, route: Route, other: Route) -> bool:
        """Whether requests for another route would go to this one if the other were not there."""
        ...


@contextmanager
def declared(route: Route, root: Path | str) -> Generator[None]:
    """Let what is wrong with a route be told with the place where its handler is declared.

    Args:
        route: The route.
        root: Where the app's modules are found from.
    """
    try:
        yield
    except DeclarationError as error:
        error.place = place_of(route, root) or error.place
        raise


def place_of(route: Route, root: Path | str) -> str:
    """Where a route's handler is declared; empty where its description does not say."""
    return str(Path(root, route.place).absolute()) if route.place else ""


class Plan:
    """The routes of one API with their access and their checks.

    Args:
        rules: Who may call what.
        places: Where routes go.

    Attributes:
        apps: The descriptions that were added.
    """

    def __init__(self, rules: Rules, places: Places) -> None:
        self._rules = rules
        self._places = places
        self._checks: dict[int, Checks] = {}
        self._functions: dict[int, str] = {}
        self.apps: list[App] = []

    def add_app(
        self, app: App, routes: Sequence[Route], checks: Callable[[Route], Checks] | None = None, *, root: Path | str = "."
    ) -> None:
        """Add routes of an app, answered by the target of its app string.

        Args:
            app: The app.
            routes: Those of its routes that the API shall have.
            checks: What the gateway checks of a request.
            root: Where the app's modules are found from, for messages.

        Raises:
            RouteError: A route is there already, API Gateway cannot express it, or no request to it would be answered.
            AuthorizerError: A route has neither an authorizer nor a public reason, or opens what is guarded otherwise.
        """
        chosen = {route.key for route in routes}
        every = {route.key: route for route in (*map(app.asking, app.routes), *routes)}
        left_out = [route for route in app.routes if route.key not in chosen]
        for route in routes:
            with declared(route, root):
                access = self._add(route, app.name)
                if route.unanswered:
                    raise RouteError(f"{route.key} of {route.handler} {route.unanswered}", path=route.key, value=route.handler)
                # A route that was left out is no longer there to take its requests from a wider path.
                also = {*route.also, *(other.key for other in left_out if self._places.covers(route, other))}
                check_same(route, access, {key: self._rules.of(every[key]) for key in also if key in every})
                # A request that another route of the app may answer has whatever body that one takes.
                if checks is not None and not also:
                    self._checks[id(route)] = checks(route)
        self.apps.append(app)

    def divide(self, routes: Sequence[Route], function: str) -> None:
        """Let a function of their own answer routes of an app that were added."""
        self._functions |= dict.fromkeys(map(id, routes), function)

    def add_direct(self, route: Route, target: str, checks: Checks | None = None, reached: Sequence[tuple[Route, bool]] = ()) -> None:
        """Add a route beside the apps.

        Args:
            route: The route.
            target: The name of what answers.
            checks: What the gateway checks of a request; nothing unless given.
            reached: Where an app answers, the routes by which it may. It goes by its own patterns: an `APIGatewayRestResolver` takes `/a/`
                for `/a` (aws-powertools/powertools-lambda-python#1552), and an HTTP API for what a greedy path takes (storacha/w3infra#166).
                Each with whether the function only imports the app, of which nobody can tell that it does not call it.

        Raises:
            RouteError: The route is there already, or API Gateway cannot express it.
            AuthorizerError: It has neither an authorizer nor a public reason, names an unknown authorizer, or opens what is guarded otherwise.
        """
        access = self._rules.of(route)
        for known in (False, True):
            also = {other.key: self.asked(route, access, other) for other, imported in reached if imported is known}
            check_same(route, access, also, imported=known)
        self._add(route, target, fixed=True)
        if checks is not None:
            self._checks[id(route)] = checks

    def routes(self) -> list[PlannedRoute]:
        """Every route of the API, in the order of addition."""
        return [self._planned(place) for place in self._places.placed()]

    def _add(self, route: Route, target: str, *, fixed: bool = False) -> Access:
        access = self._rules.of(route)
        self._places.add(route, target, access, fixed=fixed)
        return access

    def asked(self, route: Route, access: Access, other: Route) -> Access:
        """Who may call a route of an app, which this API may have not; where the app does not say, whoever may call the same route of the API."""
        if other.security is None and other.public is None and shape_of_key(other.key) == shape_of_key(route.key):
            return access
        try:
            return self._rules.of(other)
        except AuthorizerError:
            if other.security is None and access.asks:
                return access
            names = [name for one in other.security or () for name in one] or ["an authorizer"]
            return Access(tuple((name, ()) for name in names))

    def _planned(self, place: Placed) -> PlannedRoute:
        # A path that stands for several patterns cannot be checked by the model of one of them.
        checks = self._checks.get(id(place.routes[0])) if len(place.routes) == 1 else None
        return PlannedRoute(
            place.key, place.target, place.access, place.routes, checks or Checks(), self._functions.get(id(place.routes[0]))
        )
