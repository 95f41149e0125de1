"""What a gateway is given to answer with: apps, and routes named directly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.description import App, service_name
from gateleg.description.handlers import split_handler
from gateleg.errors import AuthorizerError, DeclarationError, PackagingError, RouteError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gateleg.cdk.describing import Describing
    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.service_function import FunctionOptions, ServiceFunction
    from gateleg.cdk.uses import AnyUse


_OWN_CHILDREN = frozenset(
    {"Resource", "Stage", "StageView", "Deployment", "Url", "AccessLogs", "ExecutionLogs", "WebAcl", "Authorizer", "Api", "Role", "Logs"}
)


@dataclass(frozen=True)
class RestApp:
    """A Powertools app and how its function runs.

    Args:
        app: The app string, or a description that is there already.
        handler: The function that Lambda calls, where it is not the app itself: `lambdas.chat.rest:handler`.
        uses: What the function does to tables beside what its routes declare.
        options: How the function runs; they go before the gateway's own `function_options`.

    Raises:
        DeclarationError: The app string or the handler string is none.
    """

    app: str | App
    handler: str | None = None
    uses: Sequence[AnyUse] = ()
    options: FunctionOptions = field(default_factory=dict)  # type: ignore[assignment]  # an empty dict has every form

    def __post_init__(self) -> None:
        split_handler(self.name)
        split_handler(self.entry)

    @property
    def name(self) -> str:
        """The app string."""
        return self.app.name if isinstance(self.app, App) else self.app

    @property
    def entry(self) -> str:
        """The handler string of the function."""
        return self.handler or self.name

    @classmethod
    def of(cls, app: RestApp | App | str) -> RestApp:
        """The same in its long form."""
        return app if isinstance(app, RestApp) else cls(app)


@dataclass(frozen=True)
class DirectRoute:
    """A route beside the apps.

    Args:
        target: A function, or for REST an `x-amazon-apigateway-integration` object, such as an HTTP proxy.
        authorizer: The name of the authorizer; the gateway's default unless given.
        public: Why the route needs none.

    Raises:
        AuthorizerError: Both are given, or the reason is empty.
    """

    target: FunctionLike | Mapping[str, Any]
    authorizer: str | None = None
    public: str | None = None

    def __post_init__(self) -> None:
        if self.authorizer is not None and self.public is not None:
            message = f"a route has an authorizer ({self.authorizer!r}) or is public ({self.public!r}), not both"
            raise AuthorizerError(message, value=self.authorizer)
        if self.public is not None and not self.public.strip():
            message = "a public route says why it needs no authorizer: public='health checks carry no token'"
            raise AuthorizerError(message, value=self.public)

    @classmethod
    def of(cls, route: DirectRoute | FunctionLike | Mapping[str, Any]) -> DirectRoute:
        """The same in its long form."""
        return route if isinstance(route, DirectRoute) else cls(route)


def check_kind(description: App, wanted: str) -> App:
    """The description, if it is of the wanted kind.

    Raises:
        RouteError: It is not.
    """
    if description.kind != wanted:
        other = "WebSocketGateway(app=...)" if wanted == "rest" else "RestGateway(apps=[...])"
        message = f"{description.name} is a {description.kind} app; give it to {other}"
        raise RouteError(message, path=description.name, value=description.kind)
    return description


def add_app_functions(
    entries: Sequence[RestApp],
    define: Callable[..., ServiceFunction],
    options: FunctionOptions,
    environment: Mapping[str, str],
    describing: Describing,
) -> dict[str, ServiceFunction]:
    """The function of each app, by app string.

    Args:
        entries: The apps.
        define: Makes a function from its id, handler and options.
        options: How the functions run, where an app does not say otherwise.
        environment: Variables for all of them.
        describing: The descriptions of the apps.

    Raises:
        AppNotFoundError: There is no such app.
        PackagingError: The code of an app or its dependencies cannot be packaged.
        DeclarationError: Two apps have one name.
    """
    functions: dict[str, ServiceFunction] = {}
    ids: dict[str, str] = {}
    for entry in entries:
        name = construct_id(entry.name)
        if (other := ids.setdefault(name, entry.name)) != entry.name or entry.name in functions:
            message = f"the gateway was given {other!r} and {entry.name!r}, whose functions would have one name ({name}); give each app once, or rename one"
            raise DeclarationError(message, path=entry.name, value=other, code="declaration.app_twice")
        merged: FunctionOptions = {**options, **entry.options}
        own = {"POWERTOOLS_SERVICE_NAME": service_name(entry.name)}
        merged["environment"] = {**own, **environment, **options.get("environment", {}), **entry.options.get("environment", {})}
        try:
            functions[entry.name] = define(name, handler=entry.entry, options=merged)
        except PackagingError:
            # An app that is not there has no code to package either, and its own error says more.
            describing.result()
            raise
    return functions


def code_root(options: FunctionOptions | None) -> Path | str:
    """The folder that handler modules are found from."""
    code = (options or {}).get("code")
    return "." if code is None else code.root


def construct_id(app: str) -> str:
    """The id of an app's function: `lambdas.chat.rest:app` is `ChatRest`."""
    words = re.findall(r"[A-Za-z0-9]+", service_name(app))
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return f"{name}Function" if name in _OWN_CHILDREN else name
