"""Reads what flows out of templates: from APIs through gates, routes and functions to tables, queues and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateleg.description.names import TENANT_ROLE_VARIABLE
from gateleg.diagram.events import fed
from gateleg.diagram.grants import Caller, grants, resource_nodes
from gateleg.diagram.graph import Column, Edge, Entry, Graph, Node, graph_of
from gateleg.errors import TemplateError, TemplateMismatchError
from gateleg.template import policies, rest, routed
from gateleg.template.canonical import canonical, listing, mapping
from gateleg.template.function import FUNCTION_TYPE, FunctionView
from gateleg.template.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateleg.template.routes import AuthorizerView, RouteView
    from gateleg.template.stack_template import Resource, StackTemplate

_ACTION = re.compile(r":(?P<service>[\w-]+):(?:action/(?P<action>\w+)|path/(?P<path>.*))$")
_ANYONE = "anyone"


def flows(templates: Sequence[StackTemplate], title: str = "") -> Graph:
    """What flows in templates that one synth wrote, or in one.

    Raises:
        TemplateError: Nothing in them is drawn.
    """
    known = Known(tuple(templates))
    drawing = _Drawing(known)
    for api in known.of_type(rest.API_TYPE, routed.API_TYPE):
        drawing.add_api(api)
    drawing.add_functions()
    nodes, edges = fed(known, [*drawing.nodes, *resource_nodes(known)], drawing.edges)
    found = graph_of(nodes, edges, title or " + ".join(template.name for template in templates))
    if not found.nodes:
        there = ", ".join(sorted({resource.type for resource in known.of_type()}))
        message = f"nothing here is drawn: there is no API, and no function that reaches a table, a queue or the like; there is: {there}"
        raise TemplateError(message, path=found.title, code="template.not_drawn")
    return found


@dataclass
class _Drawing:
    known: Known
    nodes: list[Node] = field(default_factory=list[Node])
    edges: list[Edge] = field(default_factory=list[Edge])
    _callers: dict[str, Caller] = field(default_factory=dict[str, Caller])

    def add_api(self, api: Resource) -> None:
        """An API with its gates and routes."""
        kind = "REST API" if api.type == rest.API_TYPE else f"{routed.protocol(api).replace('WEBSOCKET', 'WebSocket')} API"
        self.nodes.append(Node(self.known.key(api), Column.SOURCE, kind, self.known.name(api), _endpoint(api)))
        read = rest if api.type == rest.API_TYPE else routed
        routes = [route for route in read.routes(api.view, api) if not route.is_preflight]
        authorizers = {one.name: one for one in read.authorizers(api.view, api)}
        connect = next((route for route in routes if route.key == "$connect"), None) if kind.startswith("WebSocket") else None
        groups: dict[tuple[str, str], list[RouteView]] = {}
        for route in sorted(routes, key=lambda route: (route.path, route.key)):
            gate = self._gate(api, (connect or route) if kind.startswith("WebSocket") else route, authorizers)
            groups.setdefault((gate, self._target(route)), []).append(route)
        for (gate, target), members in groups.items():
            self._add_routes(gate, target, members, noted=connect is None)

    def add_functions(self) -> None:
        """The functions that nobody calls through an API, and what each function and integration may do."""
        for function in self.known.of_type(FUNCTION_TYPE):
            self._function(function)
        for key, caller in self._callers.items():
            self.edges.extend(grants(self.known, key, caller))

    def _gate(self, api: Resource, route: RouteView, authorizers: dict[str, AuthorizerView]) -> str:
        authorizer = authorizers.get(route.authorizer or "")
        names = [name for name in ("API key" if route.api_key else "", route.authorizer or "") if name] or [_ANYONE]
        key = f"{self.known.key(api)} gate {' + '.join(names)}"
        public = names == [_ANYONE]
        detail = "no token, no key" if public else " · ".join(_of_authorizer(route, authorizer))
        self.nodes.append(Node(key, Column.GATE, "public" if public else "authorizer", " + ".join(names), detail, public=public))
        self.edges.append(Edge(self.known.key(api), key))
        if authorizer is not None and (function := self.known.function(authorizer.uri, api.view)) is not None:
            self.edges.append(Edge(key, self._function(function), label="asks", aside=True))
        return key

    def _add_routes(self, gate: str, target: str, routes: list[RouteView], *, noted: bool) -> None:
        public = gate.endswith(f" gate {_ANYONE}")
        key = f"{gate} to {target}"
        self.nodes.append(
            Node(key, Column.ROUTES, "routes", "", entries=tuple(_entry(route, noted=noted) for route in routes), public=public)
        )
        self.edges += [Edge(gate, key), Edge(key, target)]

    def _target(self, route: RouteView) -> str:
        function = self.known.function(route.integration_uri, route.view)
        return self._integration(route) if function is None else self._function(function)

    def _function(self, function: Resource) -> str:
        key = self.known.key(function)
        if key not in self._callers and isinstance(function, FunctionView):
            given = function.properties
            stack = [function.view.name] if len(self.known.templates) > 1 else []
            memory, seconds = (canonical(given.get(key, default)) for key, default in (("MemorySize", 128), ("Timeout", 3)))
            detail = " · ".join([*stack, f"{memory} MB", f"{seconds} s"])
            self.nodes.append(Node(key, Column.FUNCTION, "function", function.service or self.known.name(function), detail))
            self._callers[key] = Caller(function.view, [lambda: function.statements])
            variables = mapping(mapping(given.get("Environment")).get("Variables"))
            if (taken := function.view.referenced(variables.get(TENANT_ROLE_VARIABLE))) is not None:
                self._callers[key].roles.append(lambda: policies.statements_of(taken))
        return key

    def _integration(self, route: RouteView) -> str:
        found = _ACTION.search(route.integration_uri)
        asked = f"{found['service']} {found['action'] or found['path']}" if found else route.integration_uri or "answers by itself"
        title = self.known.worded(asked, route.view)
        key = f"{route.view.name if len(self.known.templates) > 1 else ''} integration {asked}"
        if key not in self._callers:
            self.nodes.append(Node(key, Column.FUNCTION, "integration", title, str(route.integration_type or "none")))
            self._callers[key] = Caller(route.view)
        if (role := _credentials(route)) is not None:
            self._callers[key].roles.append(lambda: policies.statements_of(role))
        return key


def _endpoint(api: Resource) -> str:
    """What is said of an API: who reaches it, and what looks at requests before any route does."""
    told: list[str] = []
    if api.type == rest.API_TYPE:
        types = listing(mapping(api.properties.get("EndpointConfiguration")).get("Types"))
        told += [canonical(types[0], api.view.bindings) if types else "EDGE"]
        told += ["resource policy"] if "Policy" in api.properties else []
    bound = [one.text("ResourceArn") for one in api.view.of_type("AWS::WAFv2::WebACLAssociation")]
    return " · ".join([*told, *(["web ACL"] if any(f"${{{api.logical_id}}}" in arn for arn in bound) else [])])


def _of_authorizer(route: RouteView, authorizer: AuthorizerView | None) -> Iterator[str]:
    yield str(route.authorizer_type or "a key of a usage plan")
    if authorizer is not None and authorizer.ttl:
        yield f"kept {authorizer.ttl} s"


def _entry(route: RouteView, *, noted: bool) -> Entry:
    """A route with its scopes, or why it is public; nothing is noted where another route is the gate of all."""
    if noted and route.is_public:
        return Entry(route.key, str(route.public_reason or "no reason given"))
    return Entry(route.key, " ".join(sorted(route.scopes)))


def _credentials(route: RouteView) -> Resource | None:
    """The role with which API Gateway itself calls a service."""
    definition = route.definition
    given = mapping(definition.get("x-amazon-apigateway-integration")).get("credentials")
    given = given or mapping(mapping(definition.get("Properties")).get("Integration")).get("Credentials")
    try:
        return policies.role_named(route.view, given, of=route.key) if given else None
    except TemplateMismatchError:
        return None
