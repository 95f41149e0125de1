"""Says of which routes it is certain, before anything is deployed, that no request would be answered."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from gateleg.rest.powertools import validates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

    from gateleg.rest.powertools import RegisteredRoute

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def unanswered(resolver: ApiGatewayResolver, route: RegisteredRoute, called: Any, name: str) -> str | None:
    """Why no request to a route would be answered, and what to write instead; `None` where nothing is known to be wrong.

    Args:
        resolver: The app.
        route: The route.
        called: What Lambda calls, where that is known: the app, or a function that calls it.
        name: The app string.
    """
    awaits_nothing = called is resolver or getattr(called, "__func__", None) is type(resolver).resolve
    if awaits_nothing and inspect.iscoroutinefunction(route.handler):
        return _never_awaited(name)
    if validates(resolver) if route.validates is None else route.validates:
        return _unchecked(route)
    return _uncallable(route)


def _never_awaited(name: str) -> str:
    module, _, app = name.partition(":")
    return (
        "is a coroutine, which an app that Lambda calls by itself does not await; write def handler(event, context): "
        f"return asyncio.run({app}.resolve_async(event, context)), and RestApp({name!r}, handler='{module}:handler')"
    )


def _unchecked(route: RegisteredRoute) -> str | None:
    """Why Powertools cannot check the requests to a route: it makes their models when the first one comes."""
    try:
        _ = route.source.dependant, route.source.body_field
    except Exception as error:  # noqa: BLE001 (pydantic, Powertools and the handlers' own annotations raise what they like)
        reason = next(iter(str(error).strip().splitlines()), "no message")
        return (
            f"has annotations that Powertools cannot check, and answers nothing ({type(error).__name__}: {reason}); write what pydantic "
            "knows, such as Response[dict] in place of Response, leave the annotation out, or write enable_validation=False for the route"
        )
    return None


def _uncallable(route: RegisteredRoute) -> str | None:
    """Why a handler cannot be called, whose requests are not checked: it is given the path's variables by their names."""
    parameters = _parameters(route.handler)
    if parameters is None or any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        return None
    given = set(route.pattern.groupindex)
    needed = {name for name, each in parameters.items() if each.default is inspect.Parameter.empty and not _is_injected(each)}
    others = sorted(needed - given)
    if missing := sorted(given - {name for name, each in parameters.items() if each.kind in _NAMED}):
        instead = f"{missing[0]} in place of {others[0]}" if others else f"{missing[0]}: str among its parameters"
        return f"does not take the variable {missing[0]!r} of its path; write {instead}"
    if others:
        return (
            f"takes {others[0]!r}, which is no variable of its path; leave it out, or write enable_validation=True, "
            "with which parameters are read from the query and the body"
        )
    return None


def _parameters(handler: Any) -> Mapping[str, inspect.Parameter] | None:
    """The parameters that a handler really has: a decorator may pass on other ones than it takes."""
    try:
        return inspect.signature(handler, follow_wrapped=False).parameters
    except (TypeError, ValueError):
        return None


def _is_injected(parameter: inspect.Parameter) -> bool:
    """Whether Powertools gives it beside the variables: `Request`, or what `Depends` calls; or it collects what is left."""
    annotation = parameter.annotation
    if parameter.kind not in _NAMED:
        return parameter.kind is inspect.Parameter.VAR_POSITIONAL
    if isinstance(annotation, str):
        return "Depends" in annotation or "Request" in annotation
    parts = getattr(annotation, "__metadata__", ())
    return getattr(annotation, "__name__", "") == "Request" or any(type(part).__name__ == "Depends" for part in parts)
