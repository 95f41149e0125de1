"""Which functions answer the routes of a REST or HTTP API: one an app, one a route, or one for all."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from gateleg.cdk.packaging import HandlerCode
from gateleg.cdk.shared_code import SharedCode
from gateleg.description import App, Needs, service_name
from gateleg.description.names import ROUTES_FILE
from gateleg.description.paths import shape_of_key
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.cdk.apps import RestApp
    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.uses import AnyUse
    from gateleg.description import Route

Grouping = Literal["app", "route", "all"]
"""How many functions answer: one an app, one a route, or one for all apps."""

SERVICE = "POWERTOOLS_SERVICE_NAME"
DISPATCHER = "gateleg.rest.dispatcher:handler"
_MOST = 256
"""Characters of a function's description."""


@dataclass(frozen=True)
class Part:
    """One function of a gateway.

    Attributes:
        name: What the plan calls it.
        id: Its construct id.
        handler: What Lambda calls.
        app: What it says of itself.
        routes: What it answers.
        uses: What it does to tables.
        options: How it runs.
        source: The part of the API that invokes it, in ARNs.
        also: Routes of the app that it may answer by in place of those.
    """

    name: str
    id: str
    handler: str
    app: App
    routes: Sequence[Route]
    uses: Sequence[AnyUse]
    options: FunctionOptions
    source: str
    also: Sequence[Route] = ()


def grouping(value: Any) -> str | None:
    """The rule for the argument."""
    return None if isinstance(value, str) and value in {"app", "route", "all"} else "'app', 'route' or 'all'"


def service_of(id: str) -> str:  # noqa: A002 (the construct grammar of CDK)
    """The service name of a gateway's one function: `orders-api` for the gateway `OrdersApi`."""
    return "-".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]", id)).lower() or "api"


def by_app(entry: RestApp, app: App, routes: Sequence[Route], options: FunctionOptions, *, id: str, source: str) -> Part:  # noqa: A002 (the construct grammar of CDK)
    """The function of an app, with what all its routes declare."""
    uses = [*(use for route in routes for use in route.uses), *entry.uses]
    decided = {route.key: route for route in (*map(app.asking, app.routes), *routes)}
    return Part(entry.name, id, entry.entry, replace(app, routes=tuple(decided.values())), routes, uses, options, source)


def by_route(whole: Part, entry: RestApp, stage_name: str) -> list[Part]:
    """A function for each route of API Gateway, with what that one declares.

    Each runs the whole app. Where API Gateway's path is wider than the handler's pattern, the app may answer a request by another route, whose
    uses go along. All have one code asset.

    Args:
        whole: The function of the app that they take the place of.
        entry: The app.
        stage_name: The stage, for the ARNs of what may invoke them.
    """
    places: dict[str, list[Route]] = {}
    for route in whole.routes:
        places.setdefault(shape_of_key(route.key), []).append(route)
    shared = SharedCode.of(whole.options.get("code", HandlerCode()))
    known = {route.key: route for route in whole.routes}
    labels = _labels(routes[0] for routes in places.values())
    return [
        replace(
            whole,
            name=f"{whole.name} {shape}",
            id=f"{whole.id}{''.join(word[:1].upper() + word[1:] for word in label.split('-'))}",
            routes=routes,
            also=(also := [known[key] for key in _also(routes) if key in known]),
            uses=[*(use for route in (*routes, *also) for use in route.uses), *entry.uses],
            options=_of_route(whole, label, routes[0], shared),
            source=f"{stage_name}/{_source(shape)}",
        )
        for (shape, routes), label in zip(places.items(), labels, strict=True)
    ]


def as_one(entries: Sequence[RestApp]) -> list[RestApp]:
    """The apps with the options of the one function that all of them share.

    Raises:
        DeclarationError: Two of them ask for different options, or one names a function of its own.
    """
    agreed: dict[str, tuple[str, Any]] = {}
    environment: dict[str, tuple[str, str]] = {}
    for entry in entries:
        if entry.id is not None:
            message = f"RestApp of {entry.name} names its function (id={entry.id!r}), and functions='all' makes one for all apps; leave one of the two out"
            raise DeclarationError(message, path="RestApp.id", value=entry.id, code="declaration.functions")
        for name, value in entry.options.items():
            if name != "environment":
                _agree(agreed, name, value, entry.name)
        for name, text in entry.options.get("environment", {}).items():
            _agree(environment, name, text, entry.name)
    options: dict[str, Any] = {name: value for name, (_, value) in agreed.items()}
    if environment:
        options["environment"] = {name: text for name, (_, text) in environment.items()}
    return [replace(entry, options=cast("FunctionOptions", options)) for entry in entries]


def for_all(parts: Sequence[Part], *, source: str) -> Part:
    """The one function of several apps: it reads in a file of its asset which app answers a route.

    Args:
        parts: The functions of the apps that it takes the place of.
        source: The part of the API that invokes it, in ARNs.

    Raises:
        PackagingError: The apps have different requirements files.
    """
    routes = {shape_of_key(route.key): number for number, part in enumerate(parts) for route in part.routes}
    told = {"handlers": [part.handler for part in parts], "routes": routes}
    code = SharedCode.of(
        parts[0].options.get("code", HandlerCode()), [part.handler for part in parts], {ROUTES_FILE: json.dumps(told).encode()}
    )
    return Part(
        name=DISPATCHER,
        id="Function",
        handler=DISPATCHER,
        app=App(DISPATCHER, "function", needs=_merged([part.app.needs for part in parts]), apps=tuple(part.app for part in parts)),
        routes=[route for part in parts for route in part.routes],
        uses=[use for part in parts for use in part.uses],
        options={"description": ", ".join(part.name for part in parts)[:_MOST], **parts[0].options, "code": code},
        source=source,
    )


def _agree(known: dict[str, tuple[str, Any]], name: str, value: Any, app: str) -> None:
    first, before = known.setdefault(name, (app, value))
    if before != value:
        message = (
            f"functions='all' makes one function, and RestApp of {app} says {name}={value!r} where that of {first} says {before!r}; say it once, in "
            "the gateway's function_options"
        )
        raise DeclarationError(message, path=f"RestApp.options.{name}", value=value, code="declaration.functions")


def _of_route(whole: Part, label: str, route: Route, code: SharedCode) -> FunctionOptions:
    """The options of the app's function, with a name of its own where the app's was not given."""
    environment = dict(whole.options.get("environment", {}))
    if environment.get(SERVICE) == service_name(whole.name):
        environment[SERVICE] = f"{service_name(whole.name)}-{label}"
    description = f"{route.key} of {whole.handler}"[:_MOST]
    return {"description": description, **whole.options, "environment": environment, "code": code}


def _also(routes: Iterable[Route]) -> list[str]:
    own = [route.key for route in routes]
    return [key for key in dict.fromkeys(key for route in routes for key in route.also) if key not in own]


def _source(shape: str) -> str:
    """`GET/rooms/*` for `GET /rooms/{}`, `*/rooms` for `ANY /rooms`."""
    method, path = shape.split(" ", 1)
    return f"{'*' if method == 'ANY' else method}{re.sub(r'{[^}]*}', '*', path)}"


def _labels(routes: Iterable[Route]) -> list[str]:
    """`get-rooms-by-room` for `GET /rooms/{room}`; where that would be two of them, each with a hash of its own."""
    keys = [route.key for route in routes]
    made = ["-".join(re.findall(r"[a-z0-9]+", key.lower().replace("{", "by-"))) for key in keys]
    counts = Counter(made)
    return [
        label if counts[label] == 1 else f"{label}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"
        for label, key in zip(made, keys, strict=True)
    ]


def _merged(needs: Sequence[Needs]) -> Needs:
    def every(name: str) -> tuple[str, ...]:
        return tuple(sorted({one for each in needs for one in getattr(each, name)}))

    return Needs(every("files"), every("distributions"), every("variables"))
