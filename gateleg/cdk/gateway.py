"""What the gateways have in common: their apps described, a function for each, its grants, its permission, the stage's logs."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Annotations
from aws_cdk import aws_logs as logs
from constructs import Construct

from gateleg.cdk.access_logs import StageLogs
from gateleg.cdk.apps import RestApp, check_kind, check_told, function_ids
from gateleg.cdk.arguments import TEXT, a, check, either, number, optional
from gateleg.cdk.describing import Describing
from gateleg.cdk.function_options import AppFunctionOptions, FunctionOptions, check_options, source_of
from gateleg.cdk.functions import FunctionLike, check_timeout, owned
from gateleg.cdk.grouping import SERVICE, by_app
from gateleg.cdk.management.encryption import key_of
from gateleg.cdk.packaging import HandlerCode
from gateleg.cdk.plan import declared, place_of
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.tables.granting import given_tables
from gateleg.cdk.template_judge import judge_templates
from gateleg.description import App, service_name
from gateleg.errors import DeclarationError, UsesError
from gateleg.places import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateleg.cdk.body_rules import RestApi
    from gateleg.cdk.grouping import Part
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.permissions import Permissions
    from gateleg.cdk.plan import Plan
    from gateleg.cdk.written_functions import WrittenFunctions
    from gateleg.description import Route

APP = either(
    TEXT, a("a description (gateleg.description.App)", App), a("a RestApp", RestApp)
)  # 'an app string, a description or a RestApp', as messages read it
KINDS: Final[Mapping[str, Sequence[str]]] = {"rest": ("rest",), "http": ("http", "rest"), "websocket": ("websocket",)}
"""The apps that stand behind each kind of API: an HTTP API sends payload 2.0 or 1.0, a REST API 1.0 alone."""
_MAX_RATE = 10_000
_MAX_BURST = 5_000


class Gateway(Construct):
    """The base of all gateways; they differ in how they render a plan.

    Args:
        scope: The parent construct.
        id: The construct's id.
        kind: `rest`, `http` or `websocket`.
        apps: The apps.
        tables: The tables that the apps may use.
        stage_name: The stage, the first segment of the URL.
        function_options: How the apps' functions run.
        environment: Variables for all of them.

    Attributes:
        functions: The `ServiceFunction` of each app, by app string.
    """

    _permissions: Permissions
    _plan: Plan

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        kind: str,
        apps: Sequence[RestApp],
        tables: Sequence[ModelTable],
        stage_name: str,
        function_options: FunctionOptions | None,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id)
        judge_templates(self, self._opened)
        key_of(self)  # so that one that comes too late is refused
        self.functions: dict[str, ServiceFunction] = {}
        self._kind = kind
        self._entries = list(apps)
        self._tables = list(tables)
        self._stage_name = stage_name
        self._ids = function_ids(self._entries)
        self._options = {entry.name: self._merged(entry, function_options or {}, environment) for entry in self._entries}
        self._describing = Describing(
            [source_of(entry.app, entry.entry, self._options[entry.name], self._tables) for entry in self._entries]
        )

    @property
    def route_keys(self) -> list[str]:
        """The routes that there are now, as `GET /rooms/{room}`, or as the route keys of a WebSocket API."""
        return [route.key for route in self._plan.routes()]

    @property
    def invokes(self) -> list[FunctionLike]:
        """The functions of this account that the API invokes: those of apps, of routes beside them, of a reference, of authorizers."""
        return list(dict.fromkeys([*self.functions.values(), *map(owned, self._permissions.functions)]))

    def _described(self) -> list[tuple[RestApp, App, list[Route]]]:
        """The apps with their descriptions and the routes that the API shall have of them; waits for the descriptions."""
        found = list(zip(self._entries, self._describing.result(), strict=True))
        for _, app in found:
            check_told(app)
        return [(entry, app, entry.routes_of(check_kind(app, *KINDS[self._kind]))) for entry, app in found]

    def _part(self, entry: RestApp, app: App, routes: Sequence[Route], source: str) -> Part:
        """The function of an app, with what its routes declare."""
        return by_app(entry, app, routes, self._options[entry.name], id=self._ids[entry.name], source=source)

    def _add_function(self, part: Part) -> ServiceFunction:
        """Make a function, and let the API call it."""
        root, answering = _root_of(part.options), [*part.routes, *part.also]
        options: AppFunctionOptions = {**part.options, "described": part.app, "tables": self._tables, "uses": part.uses}
        try:
            function = self._define_function(part.id, handler=part.handler, options=options)
        except UsesError as error:
            using = [route for route in answering if any(error.value in {use.table, use.index, use.operation} for use in route.uses)]
            with declared(using[0], root) if using else nullcontext():
                raise
        if not isinstance(function, ServiceFunction):  # pyright: ignore[reportUnnecessaryIsInstance] (a hook returns what it likes)
            message = f"_define_function() is to return the ServiceFunction of {part.name}, and returned {function!r}; write return super()._define_function(id, handler=handler, options=options)"
            raise DeclarationError(message, path="_define_function", value=function)
        check_timeout(function, f"the routes of {part.name}")
        if self._kind != "websocket" and (publishing := next((route for route in answering if route.publishes), None)):
            place = shown(place_of(publishing, root))
            function.expect_socket(f"{f'{place}: ' if place else ''}{publishing.key} of {publishing.handler}")
        self._permissions.allow(function, part.source)
        return function

    def _root_of(self, entry: RestApp) -> Path:
        return _root_of(self._options[entry.name])

    def _define_function(self, id: str, *, handler: str, options: AppFunctionOptions) -> ServiceFunction:  # noqa: A002 (as above)
        """Make the function of an app. A hook: a subclass may return a subclass of `ServiceFunction`.

        Args:
            id: The function's construct id.
            handler: The handler string.
            options: How it runs, what it may do (`tables`, `uses`), and what the app says of itself (`described`).
        """
        return ServiceFunction(self, id, handler=handler, **options)

    def _opened(self, api: RestApi, template: str, functions: WrittenFunctions) -> Iterable[str]:  # noqa: ARG002 (a hook of gateways with a body)
        """What the API's body opens of apps, as the template has it."""
        return ()

    def _logs(self, retention: logs.RetentionDays | None, execution_name: str) -> StageLogs | None:
        return None if retention is None else StageLogs(self, retention, execution_name)

    def _tell(self) -> None:
        """Say at synth which routes anyone may call, and why."""
        told = [f"{route.key} ({route.access.public})" for route in self._plan.routes() if route.access.public is not None]
        if told:
            Annotations.of(self).add_info_v2("gateleg:public", f"anyone may call {'; '.join(told)}")

    def _warn(self, warnings: Mapping[str, str]) -> None:
        for name, text in warnings.items():
            Annotations.of(self).add_warning_v2(f"gateleg:{name}", text)

    def _merged(self, entry: RestApp, options: FunctionOptions, environment: Mapping[str, str]) -> FunctionOptions:
        own = {SERVICE: service_name(entry.name)}
        merged: FunctionOptions = {**options, **entry.options}
        if "described" in merged:
            message = f"a gateway has {entry.name} described, or is given its description in its place; write RestApp(description), and leave described= out"
            raise DeclarationError(message, path="function_options.described", value=merged["described"])
        merged["environment"] = {**own, **environment, **options.get("environment", {}), **entry.options.get("environment", {})}
        return merged


def _root_of(options: FunctionOptions) -> Path:
    return Path(options.get("code", HandlerCode()).root)


def check_gateway(owner: str, **given: Any) -> None:
    """Check the arguments that all gateways take.

    Raises:
        DeclarationError: One of them is not what it must be.
    """
    check(
        owner,
        tables=(given["tables"], given_tables),
        throttling_rate_limit=(given["throttling_rate_limit"], number(0, _MAX_RATE)),
        throttling_burst_limit=(given["throttling_burst_limit"], number(0, _MAX_BURST, int)),
        access_log_retention=(given["access_log_retention"], optional(a("a RetentionDays of aws_logs, or None", logs.RetentionDays))),
    )
    if given["function_options"] is not None:
        check_options(f"{owner}(function_options=...)", given["function_options"])
