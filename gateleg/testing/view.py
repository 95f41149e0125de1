"""A template with questions that mean something.

Every question fails with a message that lists what the template does hold, and none is answered by "nothing was found, so nothing is
wrong": `resources("AWS::Lamda::Function")` is an error, not an empty tuple.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.template import find, rest, routed
from gateleg.template.canonical import canonical, mapping
from gateleg.template.function import FUNCTION_TYPE, FunctionView, by_variable
from gateleg.template.read import ReadTemplate
from gateleg.template.routes import in_order
from gateleg.template.stack_template import Resource, StackTemplate, json_of
from gateleg.template.table import TABLE_TYPES, TableView
from gateleg.testing import snapshot
from gateleg.testing.access import AccessView
from gateleg.testing.permission import PermissionView
from gateleg.testing.resource_types import check_type_exists
from gateleg.testing.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import aws_cdk

    from gateleg.template.routes import AuthorizerView, RouteView
    from gateleg.template.stack_template import AnyTemplate

_FUNCTION_NAMES: tuple[Callable[[FunctionView, str], bool], ...] = (
    find.by_logical_id,
    lambda function, name: function.service == name,
    lambda function, name: function.app == name or function.handler in {name, name.replace(":", ".")},
    find.by_property("FunctionName"),
    find.by_path,
)
"""What a function can be asked for by, in this order."""


@dataclass(frozen=True, eq=False)
class TemplateView(ReadTemplate):
    """One template, to ask questions of; its attributes are those of `StackTemplate`."""

    @classmethod
    def from_template(cls, template: AnyTemplate) -> TemplateView:
        """A view of what `aws_cdk.assertions.Template` holds, of parsed JSON, or of another view.

        Raises:
            TemplateMismatchError: It is not one of the three.
        """
        __tracebackhide__ = True
        return cls.of(template) if isinstance(template, StackTemplate) else cls.from_json(json_of(template))

    @classmethod
    def from_stack(cls, stack: aws_cdk.Stack) -> TemplateView:
        """A view of a stack, for which its app is synthesized. `Synth` keeps what it synthesized; this does not."""
        __tracebackhide__ = True
        return cls.of(find.named("stack", stack.node.path, synthesized(stack).templates, where="the assembly"))

    # -- resources -----------------------------------------------------------------------------------------------------------------

    @property
    def types(self) -> Mapping[str, int]:
        """How many resources there are of each type."""
        return dict(sorted(Counter(resource.type for resource in self.of_type()).items()))

    def resources(self, type: str | None = None) -> tuple[Resource, ...]:  # noqa: A002  # CloudFormation's own word
        """The resources of a type, or all.

        Raises:
            TemplateMismatchError: There is none of the type; the message lists the types there are. Ask `count` where it is right that there is none.
        """
        __tracebackhide__ = True
        found = self.of_type(*(() if type is None else (type,)))
        if not found:
            raise find.missing(
                "resource of type", str(type), (f"{name} ({number})" for name, number in self.types.items()), where=self.where
            )
        return found

    def count(self, type: str | None = None) -> int:  # noqa: A002  # CloudFormation's own word
        """How many resources there are of a type, or of all.

        Raises:
            TemplateMismatchError: There is none, and CloudFormation has no such type either.
        """
        __tracebackhide__ = True
        found = self.of_type(*(() if type is None else (type,)))
        if type is not None and not found:
            check_type_exists(type)
        return len(found)

    def only(self, type: str) -> Resource:  # noqa: A002  # CloudFormation's own word
        """The one resource of a type.

        Raises:
            TemplateMismatchError: There is none, or there are several; the message lists them.
        """
        __tracebackhide__ = True
        found = self.resources(type)
        if len(found) > 1:
            raise find.ambiguous("resource", type, map(str, found), where=self.where)
        return next(iter(found))

    def resource(self, name: str) -> Resource:
        """The resource with a logical id or construct path: `Table`, `Chat/Table` and `TableCD117FA1` are the same one.

        Raises:
            TemplateMismatchError: There is none, or there are several; the message lists what there is.
        """
        __tracebackhide__ = True
        return self.by_id(name) or find.one("resource", name, self.of_type(), (find.by_path,), str, where=self.where)

    def function(self, name: str) -> FunctionView:
        """The function of an app (`lambdas.chat.rest:app`), by service name, handler string, function name, logical id or construct path.

        The app is named as the gateway was given it; the service name is `POWERTOOLS_SERVICE_NAME`.

        Raises:
            TemplateMismatchError: There is none, or there are several; the message lists the functions there are.
        """
        __tracebackhide__ = True
        functions = [found for found in self.of_type(FUNCTION_TYPE) if isinstance(found, FunctionView)]
        return find.one("function", name, functions, _FUNCTION_NAMES, FunctionView.describe, where=self.where)

    def functions(self) -> tuple[FunctionView, ...]:
        """Every Lambda function, those that the CDK adds for its own work too.

        Raises:
            TemplateMismatchError: There is none.
        """
        __tracebackhide__ = True
        return tuple(found for found in self.resources(FUNCTION_TYPE) if isinstance(found, FunctionView))

    def table(self, name: str) -> TableView:
        """The table with a declared name (through a function's `GATELEG_TABLE_...` variable), table name, logical id or construct path.

        Raises:
            TemplateMismatchError: There is none, or there are several; the message lists the tables there are.
        """
        __tracebackhide__ = True
        tests = (find.by_logical_id, by_variable, find.by_property("TableName"), find.by_path)
        tables = [found for found in self.of_type(*TABLE_TYPES) if isinstance(found, TableView)]
        return find.one("table", name, tables, tests, str, where=self.where)

    # -- APIs ----------------------------------------------------------------------------------------------------------------------

    def routes(self, api: str | None = None) -> tuple[RouteView, ...]:
        """The routes of the REST APIs and HTTP APIs, from their OpenAPI bodies and from resources, `OPTIONS` routes too.

        Args:
            api: The logical id or construct path of one API; all of them without it.

        Raises:
            TemplateMismatchError: There is no such API, or it has no route.
        """
        __tracebackhide__ = True
        found = [route for one in self._apis(api, rest.API_TYPE) for route in rest.routes(self, one)]
        found += [route for one in self._apis(api, routed.API_TYPE, "HTTP") for route in routed.routes(self, one)]
        return self._some("REST or HTTP route", api, found)

    def route(self, key: str, *, api: str | None = None) -> RouteView:
        """The REST or HTTP route with a key such as `GET /rooms/{room}`.

        Raises:
            TemplateMismatchError: There is none, or several APIs have one; the message lists the routes there are.
        """
        __tracebackhide__ = True
        return self._one_route(key, self.routes(api))

    def websocket_routes(self, api: str | None = None) -> tuple[RouteView, ...]:
        """The routes of the WebSocket APIs.

        Raises:
            TemplateMismatchError: There is no such API, or it has no route.
        """
        __tracebackhide__ = True
        found = [route for one in self._apis(api, routed.API_TYPE, "WEBSOCKET") for route in routed.routes(self, one)]
        return self._some("WebSocket route", api, found)

    def websocket_route(self, key: str, *, api: str | None = None) -> RouteView:
        """The WebSocket route with a route key such as `$connect` or `send`.

        Raises:
            TemplateMismatchError: There is none, or several APIs have one; the message lists the routes there are.
        """
        __tracebackhide__ = True
        return self._one_route(key, self.websocket_routes(api))

    def authorizers(self, api: str | None = None) -> Mapping[str, AuthorizerView]:
        """The authorizers of all APIs, or of one, by name.

        Raises:
            TemplateMismatchError: There is no such API, or two APIs have authorizers of one name and `api` does not say which.
        """
        __tracebackhide__ = True
        found = [authorizer for one in self._apis(api, rest.API_TYPE) for authorizer in rest.authorizers(self, one)]
        found += [authorizer for one in self._apis(api, routed.API_TYPE) for authorizer in routed.authorizers(self, one)]
        names = Counter(authorizer.name for authorizer in found)
        for name in (name for name, number in names.items() if number > 1):
            raise find.ambiguous("authorizer", name, (f"of {one.api}" for one in found if one.name == name), where=self.where)
        return {authorizer.name: authorizer for authorizer in found}

    def authorizer(self, name: str, *, api: str | None = None) -> AuthorizerView:
        """The authorizer with a name.

        Raises:
            TemplateMismatchError: There is none, or several APIs have one; the message lists the authorizers there are.
        """
        __tracebackhide__ = True
        found = self.authorizers(api)
        if name not in found:
            raise find.missing("authorizer", name, (f"{key} ({one.type})" for key, one in found.items()), where=self.where)
        return found[name]

    def access(self, api: str | None = None) -> AccessView:
        """Who may call the routes of a REST or HTTP API: `assert chat.access().routes == template_snapshot` fails when a route opens.

        Args:
            api: The logical id or construct path of one API; the only one without it.

        Raises:
            TemplateMismatchError: There is no such API, or there are several and `api` does not say which.
        """
        __tracebackhide__ = True
        found = [*self._apis(api, rest.API_TYPE), *self._apis(api, routed.API_TYPE, "HTTP")]
        if not found:
            raise find.missing("REST or HTTP API", api or "of any name", (str(one) for one in self.of_type()), where=self.where)
        if len(found) > 1:
            raise find.ambiguous("REST or HTTP API", "without a name", map(str, found), where=self.where)
        return AccessView(self, found[0])

    # -- the rest ------------------------------------------------------------------------------------------------------------------

    @property
    def outputs(self) -> Mapping[str, str]:
        """The outputs in canonical text, by logical id."""
        found = mapping(self.json.get("Outputs"))
        return {name: canonical(mapping(output).get("Value"), self.bindings) for name, output in found.items()}

    def output(self, name: str) -> str:
        """The output with a logical id, a construct path, or the beginning of a logical id (`RestUrl`).

        Raises:
            TemplateMismatchError: There is none, or there are several; the message lists the outputs there are.
        """
        __tracebackhide__ = True
        outputs = [Resource(self, key, {}, self.paths.get(key, key)) for key in self.outputs]
        tests = (find.by_logical_id, find.by_path, find.by_prefix)
        return self.outputs[find.one("output", name, outputs, tests, str, where=self.where).logical_id]

    def permissions(self) -> tuple[PermissionView, ...]:
        """Who may invoke which function: the `AWS::Lambda::Permission` resources.

        Raises:
            TemplateMismatchError: There is none.
        """
        __tracebackhide__ = True
        return tuple(PermissionView.of(found) for found in self.resources("AWS::Lambda::Permission"))

    def text(self, value: object) -> str:
        """The canonical text of any value of this template; see `gateleg.template.canonical`."""
        return canonical(value, self.bindings)

    def normalized(self) -> dict[str, Any]:
        """The template without what changes when only code changes; see `gateleg.testing.snapshot`."""
        return snapshot.normalized(self.json)

    def logical_ids(self) -> dict[str, str]:
        """Logical id to type, without hashes; see `gateleg.testing.snapshot`."""
        return snapshot.logical_ids(self.json)

    def _apis(self, name: str | None, type_: str, protocol: str | None = None) -> tuple[Resource, ...]:
        __tracebackhide__ = True
        of_name = self.of_type(type_) if name is None else (self._api(name),)
        return tuple(api for api in of_name if api.type == type_ and (protocol is None or routed.protocol(api) == protocol))

    def _api(self, name: str) -> Resource:
        __tracebackhide__ = True
        apis = self.of_type(rest.API_TYPE, routed.API_TYPE)
        return find.one(
            "API", name, apis, (find.by_logical_id, find.by_property("Name"), find.by_path, find.by_folder), str, where=self.where
        )

    def _some(self, kind: str, api: str | None, found: list[RouteView]) -> tuple[RouteView, ...]:
        __tracebackhide__ = True
        if not found:
            raise find.missing(kind, api or "of any API", (f"{name} ({number})" for name, number in self.types.items()), where=self.where)
        return in_order(found)

    def _one_route(self, key: str, found: tuple[RouteView, ...]) -> RouteView:
        __tracebackhide__ = True
        fitting = [route for route in found if route.key == key]
        if not fitting:
            raise find.missing("route", key, (route.key for route in found), where=self.where)
        if len(fitting) > 1:
            raise find.ambiguous("route", key, (f"of {route.api}" for route in fitting), where=self.where)
        return fitting[0]
