"""Runs in Lambda, as the one function of several apps: each request goes to the app that has its route.

Which that is was decided at synth and lies in the function's own asset; what API Gateway matched is in the event.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.description.handlers import split_handler
from gateleg.description.names import ROUTES_FILE
from gateleg.description.paths import shape_of_key
from gateleg.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Dispatcher:
    """Calls the handler of the app that a request is for, with the event as it came.

    All apps are imported at once, as Lambda starts the function: what fails then fails as it does where each app has a function of its own.

    Args:
        handlers: The handler strings.
        routes: By the shape of a route's key, the handler's number: `{"GET /rooms/{}": 0}`.
    """

    def __init__(self, handlers: Sequence[str], routes: Mapping[str, int]) -> None:
        called = [getattr(import_module(module), attribute) for module, attribute in map(split_handler, handlers)]
        self._handlers = {shape: called[number] for shape, number in routes.items()}

    @classmethod
    def of_asset(cls, folder: Path) -> Dispatcher:
        """The one that an asset says."""
        told = json.loads(folder.joinpath(ROUTES_FILE).read_bytes())
        return cls(told["handlers"], told["routes"])

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        """Answer one request.

        Args:
            event: An event of a REST API, or of an HTTP API, payload 1.0 or 2.0.
            context: Lambda's context.

        Raises:
            BindingError: The event is none, or of a route that no app has.
        """
        key = route_key_of(event)
        handler = None if key is None else self._handlers.get(shape_of_key(key))
        if handler is None:
            message = f"no app of this function has the route {key!r}; call it through its API, or give that a function of its own"
            raise BindingError(message, path="requestContext", value=key, code="binding.route")
        return handler(event, context)


def route_key_of(event: Mapping[str, Any]) -> str | None:
    """The key of the route that API Gateway matched, `GET /rooms/{room}`; `None` where the event is of something else."""
    key: str | None = event.get("requestContext", {}).get("routeKey") if event.get("version") == "2.0" else None
    if key is None and "resource" in event and "httpMethod" in event:
        key = f"{event['httpMethod']} {event['resource']}"
    return key


if (_folder := Path(os.environ.get("LAMBDA_TASK_ROOT", "."))).joinpath(ROUTES_FILE).is_file():
    handler: Dispatcher = Dispatcher.of_asset(_folder)
