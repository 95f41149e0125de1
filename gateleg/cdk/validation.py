"""Validation at the gateway: what it checks of a request, and how it answers one that it refuses.

Off unless it is asked for. Then the gateway refuses nothing that the handler takes, and answers what it refuses with the handler's
status and body, Powertools' 422, in which it says which field is wrong.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.cdk.schemas import Models
    from gateleg.description import App, Route

VALIDATORS = {
    "body": {"validateRequestBody": True, "validateRequestParameters": False},
    "parameters": {"validateRequestBody": False, "validateRequestParameters": True},
    "all": {"validateRequestBody": True, "validateRequestParameters": True},
}
"""The request validators by name: `x-amazon-apigateway-request-validators`."""

_JSON = "application/json"
_INVALID = 422
# Templates of gateway responses know no functions, only variables. `validationErrorString` is text without quotes around it, and
# API Gateway escapes what it puts between quotes; `messageString` comes with its quotes.
_BODY_ERROR = '"$context.error.validationErrorString"'
_PARAMETERS_ERROR = "$context.error.messageString"


@dataclass(frozen=True)
class Checks:
    """What the gateway checks of a request before it calls the handler.

    Attributes:
        model: The name of the body's model; `None` for an unchecked body.
        required: The names of query parameters that must be there.
    """

    model: str | None = None
    required: tuple[str, ...] = ()

    @property
    def validator(self) -> str | None:
        """The key of `VALIDATORS` that does it; `None` where nothing is checked."""
        if self.model is None:
            return "parameters" if self.required else None
        return "all" if self.required else "body"


def request_checks(route: Route, models: Models) -> Checks:
    """What the gateway can check for a route without refusing anything that its handler takes.

    A body is checked where there must be one and it is JSON alone; API Gateway checks no content type that has no model.

    Args:
        route: A REST route.
        models: Where the body's model goes.
    """
    body = route.body
    checked = body is not None and body.required and body.media_types == (_JSON,)
    variables = {segment.text for segment in route.segments if segment.kind != "literal"}
    return Checks(
        model=models.add(body.schema, _model_name(route)) if body is not None and checked else None,
        # One name in two places is refused by API Gateway: "Parameter names must be unique across querystring, header and path".
        required=tuple(name for name in route.parameters if name not in variables),
    )


def refusal_responses(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The gateway responses to what a request validator refuses, in the form of Powertools' answer to it.

    Args:
        headers: What the gateway's responses carry besides: `{"responseParameters": {...}}` for cross-origin access, or nothing.
    """
    return {
        "BAD_REQUEST_BODY": _response("body", "value_error", _BODY_ERROR) | dict(headers),
        "BAD_REQUEST_PARAMETERS": _response("query", "missing", _PARAMETERS_ERROR) | dict(headers),
    }


def require_answers_alike(app: App) -> None:
    """Refuse validation at the gateway for an app whose answers to invalid requests the gateway cannot give.

    Raises:
        RouteError: The app does not validate, or answers invalid requests by an exception handler of its own.
    """
    if not app.validates:
        raise RouteError(
            f"{app.name} does not validate requests, so that nothing says what it takes; write APIGatewayRestResolver(enable_validation=True) "
            f'in it, or RestApp("{app.name}", validate_requests=False)',
            path=app.name,
            value=False,
        )
    if app.answers_invalid:
        raise RouteError(
            f"the gateway cannot answer invalid requests as {app.name} does, by its exception handler for RequestValidationError: "
            f'write RestApp("{app.name}", validate_requests=False), or leave the answer to Powertools',
            path=app.name,
            value=True,
        )


def _response(place: str, kind: str, message: str) -> dict[str, Any]:
    detail = f'{{"loc":[{json.dumps(place)}],"type":{json.dumps(kind)},"msg":{message}}}'
    return {"statusCode": str(_INVALID), "responseTemplates": {_JSON: f'{{"statusCode":{_INVALID},"detail":[{detail}]}}'}}


def _model_name(route: Route) -> str:
    words = re.findall(r"[A-Za-z0-9]+", f"{route.method.lower()} {route.path}")
    return "".join(word[:1].upper() + word[1:] for word in words) + "Body"
