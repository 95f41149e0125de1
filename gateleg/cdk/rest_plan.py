"""All that a REST API will hold, collected and checked before anything is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.cdk.openapi import Checks, Document, function_integration, request_checks
from gateleg.cdk.routes import Route, RouteTable, parse_key
from gateleg.cdk.schemas import ModelRegistry, SchemaConverter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg import description as described_by
    from gateleg.cdk.apps import DirectRoute
    from gateleg.cdk.cors import Cors
    from gateleg.cdk.security import Requirements, Security

_RESOURCE_QUOTA = 300


class RestPlan:
    """The routes of one REST API with their checks and their security.

    Args:
        title: The API's name.
        security: Decides who may call.
        cors: Cross-origin access.

    Attributes:
        warnings: By id, what the author should know.
    """

    def __init__(self, title: str, security: Security, cors: Cors | None) -> None:
        self._title = title
        self._security = security
        self._cors = cors
        self._table = RouteTable()
        self._registry = ModelRegistry()
        self._checks: dict[str, Checks] = {}
        self._requirements: dict[str, Requirements] = {}
        self._integrations: dict[str, Mapping[str, Any]] = {}
        self._app_preflights: set[str] = set()
        self.warnings: dict[str, str] = {}

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route, in the order of addition."""
        return tuple(self._table.routes)

    def add_app(self, description: described_by.App) -> None:
        """Add the routes of an app, answered by the target of its app string.

        Raises:
            RouteError: A route is there already, or API Gateway cannot express it.
            AuthorizerError: A route has neither an authorizer nor a public mark, or names an unknown authorizer.
        """
        converter = SchemaConverter(description.schemas, self._registry)
        for described in description.routes:
            route = self._add(_route(described, description.name))
            if description.validates and described.operation is not None:
                self._checks[route.key] = request_checks(route, converter)
        if description.cors:
            self._app_preflights.add(description.name)
        self._warn_about(description, converter)

    def add_direct(self, key: str, target: str, route: DirectRoute) -> Route:
        """Add a route beside the apps and return it.

        Args:
            key: `GET /health`.
            target: What answers, for messages and for `integrations`.
            route: What was given for it.

        Raises:
            RouteError: The route is there already, or API Gateway cannot express it.
            AuthorizerError: It has neither an authorizer nor a public reason, or names an unknown authorizer.
        """
        method, path = parse_key(key)
        security = ({route.authorizer: list[str]()},) if route.authorizer is not None else ()
        return self._add(Route(method, path, target, target, security, route.public, fixed=True))

    def document(self, uris: Mapping[str, Any], integrations: Mapping[str, Any], schemes: Mapping[str, Any]) -> dict[str, Any]:
        """The OpenAPI document.

        Args:
            uris: By target, the invocation URIs of functions.
            integrations: By target, `x-amazon-apigateway-integration` objects of what is no function.
            schemes: The security schemes by name.
        """
        document = Document(
            title=self._title,
            routes=self._table.routes,
            checks=self._checks,
            security=self._requirements,
            schemes=schemes,
            models=self._registry.models,
            cors=self._cors,
            app_preflights=frozenset(self._app_preflights),
        )
        return document.render({target: function_integration(uri) for target, uri in uris.items()} | dict(integrations))

    def _add(self, route: Route) -> Route:
        added = self._table.add(route)
        self._requirements[added.key] = self._security.requirements(added)
        if self._table.resources > _RESOURCE_QUOTA:
            self.warnings["resources"] = (
                f"the API needs {self._table.resources} API Gateway resources (path segments), and an account's quota is {_RESOURCE_QUOTA} "
                "unless raised; ask for more, or answer a subtree with one {proxy+} route"
            )
        return added

    def _warn_about(self, description: described_by.App, converter: SchemaConverter) -> None:
        app = description.name
        if converter.notes:
            self.warnings[f"models:{app}"] = (
                f"API Gateway will check requests to {app} less closely than its handlers do: {'; '.join(converter.notes)}"
            )
        if problems := [f"{route.key}: {route.problem}" for route in description.routes if route.problem]:
            self.warnings[f"schemas:{app}"] = (
                f"these routes of {app} have no schema, so API Gateway checks nothing for them: {'; '.join(problems)}"
            )
        if self._cors is not None and not description.cors:
            self.warnings[f"cors:{app}"] = (
                f"pages cannot read the responses of {app}: it answers preflights through the gateway, and sets no CORS headers of its own; "
                "give it cors=CORSConfig(...), whose arguments the functions find as JSON in GATELEG_CORS"
            )
        if self._table.renamed:
            self.warnings["variables"] = "; ".join(self._table.renamed)


def _route(described: described_by.Route, app: str) -> Route:
    return Route(described.method, described.path, described.handler, app, described.security or (), described.public, described.operation)
