"""The contract between handlers and template: what an app says of itself, as plain data.

`gateleg.describe` fills it, the constructs render it; both read the names that they share from here. Standard library only. A
description can be kept in a file and given to a construct in place of the app, for a synth where the handlers' dependencies are
not installed.
"""

from __future__ import annotations

from gateleg.description.app import App, CorsConfig, Needs
from gateleg.description.handlers import lambda_handler, service_name, split_handler
from gateleg.description.paths import Segment, parse_key, parse_path, path_of
from gateleg.description.route import Body, Route
from gateleg.description.uses import ACTIONS, Operation, Usable, Use

__all__ = [
    "ACTIONS",
    "App",
    "Body",
    "CorsConfig",
    "Needs",
    "Operation",
    "Route",
    "Segment",
    "Usable",
    "Use",
    "lambda_handler",
    "parse_key",
    "parse_path",
    "path_of",
    "service_name",
    "split_handler",
]
