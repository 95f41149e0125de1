"""Requests that cannot be read or are refused: what Powertools raises for them, made fit for its answers and for clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler.depends import DependencyResolutionError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from gateleg.client.decoding import read_json
from gateleg.client.problems import MOST, path_in, shortened
from gateleg.errors import AnswerInvalidError
from gateleg.rest.powertools import BODY_READERS, errors_seen_by, read_bodies_with, was_raised_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver


def watch_requests(app: ApiGatewayResolver) -> None:
    """Read bodies as JSON strictly, unless the app has a deserializer of its own, and tell what cannot be read from what is ours.

    Args:
        app: The resolver.
    """
    read_bodies_with(app, deserialized)
    errors_seen_by(app, lambda error: _seen(app, error))


def deserialized(text: str) -> Any:
    """The value of a JSON body.

    Raises:
        JSONDecodeError: The text is not JSON.
    """
    try:
        return read_json(text)
    except ValueError as error:
        # Powertools answers this one class with 422, and all others with 500.
        raise json.JSONDecodeError("not JSON", "", 0) from error


def _seen(app: ApiGatewayResolver, error: Exception) -> Exception:
    """What is to be answered in place of an error."""
    origin = error.__cause__ if isinstance(error, DependencyResolutionError) else error
    if isinstance(origin, (ValueError, RecursionError)) and (reader := was_raised_in(origin, BODY_READERS)):
        return RequestValidationError([{"type": BODY_READERS[reader], "loc": ("body",), "msg": "", "input": None, "ctx": {}}])
    if not isinstance(error, RequestValidationError):
        return error
    problems: list[dict[str, Any]] = list(error.errors())
    if any(problem["loc"][:1] == ("response",) for problem in problems):
        places = ", ".join(".".join(map(str, problem["loc"])) for problem in problems)
        return AnswerInvalidError(
            f"the handler's result is not what its annotation says: {places}; return that, or annotate what it returns"
        )
    told = [{**problem, "loc": shortened(_path(app, problem["loc"], problem["type"]))} for problem in problems[:MOST]]
    return RequestValidationError(told, body=error.body)


def _path(app: ApiGatewayResolver, place: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
    """A place without pydantic's names for members of unions; where the request has it and, in it, the parameter's name stay."""
    where, *steps = place
    if not steps:
        return place
    if where == "body":
        return where, *path_in(_body(app, steps[0]), steps, kind)
    named: Any = _sources(app, where)
    first, *others = steps
    # A model of parameters has a name of its own, which the request does not know.
    return where, first, *path_in(named.get(first, named), others, kind)


def _body(app: ApiGatewayResolver, first: Any) -> Any:
    try:
        body: Any = app.current_event.json_body
    except (ValueError, RecursionError):
        # A form is not read again to look for the names of its fields.
        resolver: Any = app
        return {first: None} if first in {field.alias for field in resolver.context["_route"].dependant.body_params} else {}
    # For a field that is not a sequence Powertools takes the first of several values.
    given: Any = body
    return given[0] if isinstance(body, list) and body and not isinstance(first, int) else given


def _sources(app: ApiGatewayResolver, where: str) -> Mapping[str, Any]:
    event: Any = app.current_event
    names = {"query": "resolved_query_string_parameters", "header": "resolved_headers_field", "cookie": "resolved_cookies_field"}
    return getattr(event, names[where]) or {} if where in names else {}
