"""The contract between handlers and template: what an app says of itself, as plain data.

`gateleg.describe` fills it, the constructs render it; both read the names that they share from here. Standard library only. A
description can be kept in a file and given to a construct in place of the app, for a synth where the handlers' dependencies are
not installed. Names are loaded when they are first asked for, because handlers need few of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateleg.description.app import App, CorsConfig, Needs
    from gateleg.description.handlers import lambda_handler, service_name, split_handler
    from gateleg.description.paths import Segment, parse_key, parse_path, path_of
    from gateleg.description.route import Body, Route
    from gateleg.description.table import IndexShape, TableShape
    from gateleg.description.uses import ACTIONS, Operation, Usable, Use

__all__ = [
    "ACTIONS",
    "App",
    "Body",
    "CorsConfig",
    "IndexShape",
    "Needs",
    "Operation",
    "Route",
    "Segment",
    "TableShape",
    "Usable",
    "Use",
    "lambda_handler",
    "parse_key",
    "parse_path",
    "path_of",
    "service_name",
    "split_handler",
]

_HOMES = {
    "App": "app",
    "CorsConfig": "app",
    "Needs": "app",
    "lambda_handler": "handlers",
    "service_name": "handlers",
    "split_handler": "handlers",
    "Segment": "paths",
    "parse_key": "paths",
    "parse_path": "paths",
    "path_of": "paths",
    "Body": "route",
    "Route": "route",
    "IndexShape": "table",
    "TableShape": "table",
    "ACTIONS": "uses",
    "Operation": "uses",
    "Usable": "uses",
    "Use": "uses",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
