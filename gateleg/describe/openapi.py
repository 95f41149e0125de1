"""The OpenAPI document of a Powertools resolver, without the routes whose schema cannot be made.

Powertools makes the document of all routes or of none: one handler with a bare `-> Response` loses the schemas of all
others. Here the offenders are found one by one and left out, and each keeps the reason.
"""

from __future__ import annotations

import json
import warnings
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from gateleg.describe.answered import AnsweredJsonSchema
from gateleg.rest.powertools import RegisteredRoute, routes_of, schemas_made_by, validates, with_routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver


@dataclass(frozen=True)
class Document:
    """What Powertools could say of a resolver.

    Attributes:
        content: The OpenAPI 3.1 document.
        problems: Why a route is missing from it, by (method, rule).
    """

    content: dict[str, Any]
    problems: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def operation(self, route: RegisteredRoute) -> dict[str, Any] | None:
        """The route's operation object; `None` where it has none."""
        paths: dict[str, dict[str, Any]] = self.content.get("paths", {})
        return paths.get(route.openapi_path, {}).get(route.method.lower())

    @property
    def schemas(self) -> dict[str, Any]:
        """`components.schemas`."""
        from aws_lambda_powertools.event_handler.openapi.types import validation_error_definition as own

        components: dict[str, dict[str, Any]] = self.content.get("components", {})
        schemas = components.get("schemas", {})
        # Powertools demands `msg` of its own error, which it leaves out of every answer.
        mended = {name: {**own, "required": ["loc", "type"]} for name, schema in schemas.items() if schema == own}
        return schemas | mended


def document_of(app: ApiGatewayResolver) -> Document:
    """Make the OpenAPI document of all routes that have a schema.

    Raises:
        DeclarationError: This release of Powertools keeps its routes elsewhere.
    """
    routes = [route for route in routes_of(app) if route.in_schema]
    try:
        return Document(_generate(app, routes))
    except Exception:  # noqa: BLE001 (pydantic, Powertools and the handlers' own annotations raise what they like)
        problems = _problems(app, routes)
    good = [route for route in routes if (route.method, route.rule) not in problems]
    return Document(_generate(app, good), problems)


def _problems(app: ApiGatewayResolver, routes: Sequence[RegisteredRoute]) -> dict[tuple[str, str], str]:
    problems: dict[tuple[str, str], str] = {}
    for route in routes:
        try:
            _generate(app, [route])
        except Exception as error:  # noqa: BLE001 (as above; the reason is kept and said)
            problems[route.method, route.rule] = _reason(error)
    return problems


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"Powertools cannot make its schema: {type(error).__name__}: {lines[0] if lines else 'no message'}"


def _generate(app: ApiGatewayResolver, routes: Sequence[RegisteredRoute]) -> dict[str, Any]:
    # Without validation, a handler's dictionary is answered as it is, whatever its annotation says.
    whole = validates(app) and all(route.validates is not False for route in routes)
    with warnings.catch_warnings(), schemas_made_by(AnsweredJsonSchema) if whole else nullcontext():
        # One function on two methods is fine for API Gateway; Powertools warns of the shared operation id.
        warnings.filterwarnings("ignore", message="Duplicate Operation ID")
        twin = with_routes(app, routes)
        return cast("dict[str, Any]", json.loads(twin.get_openapi_json_schema(security_schemes=_security_schemes(app, routes))))


def _security_schemes(app: ApiGatewayResolver, routes: Sequence[RegisteredRoute]) -> dict[str, Any] | None:
    """The declared schemes, and a stand-in for each that a route only names.

    The names mean the gateway's authorizers, which the app cannot know; Powertools refuses a name without a scheme.
    """
    from aws_lambda_powertools.event_handler.openapi.models import APIKey, APIKeyIn

    named = {name: None for route in routes for requirement in route.security or () for name in requirement}
    named |= {name: None for requirement in app.openapi_config.security or () for name in requirement}
    stand_ins = {name: APIKey.model_validate({"name": "Authorization", "in": APIKeyIn.header}) for name in named}
    return {**stand_ins, **(app.openapi_config.security_schemes or {})} or None
