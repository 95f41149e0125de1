"""Routes as API Gateway understands them: what it can express, which clash, which share a path variable.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-develop.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from gateleg.errors import RouteError

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"})
"""The methods of a REST API; `ANY` answers each that has no route of its own."""

_SEGMENT = re.compile(r"[A-Za-z0-9._:-]+")
_VARIABLE = re.compile(r"\{([A-Za-z0-9._:-]+)(\+?)\}")


@dataclass(frozen=True)
class Route:
    """One route of a REST API, from an app or named directly.

    Attributes:
        method: Upper case, `ANY` for all.
        path: As API Gateway writes it: `/rooms/{room}`.
        handler: Who answers, for messages.
        target: The key of the integration that answers.
        security: What the route itself asks for: OpenAPI security requirements.
        public: Why it needs no authorizer; `None` where it does.
        operation: The OpenAPI 3.1 operation, where there is one.
        fixed: Whether the handler reads path variables by these names, so that they cannot be renamed.
    """

    method: str
    path: str
    handler: str
    target: str
    security: tuple[dict[str, list[str]], ...] = ()
    public: str | None = None
    operation: dict[str, Any] | None = None
    fixed: bool = False

    @property
    def key(self) -> str:
        """`GET /rooms/{room}`."""
        return f"{self.method} {self.path}"


def parse_key(key: str) -> tuple[str, str]:
    """Split `GET /rooms/{room}` into its method and its path.

    Raises:
        RouteError: It is no method and path.
    """
    method, _, path = key.strip().partition(" ")
    if method.upper() not in METHODS or not path.strip():
        message = (
            f"a route is written as a method and a path, such as 'GET /rooms/{{room}}', got {key!r}; the methods are {_listed(METHODS)}"
        )
        raise RouteError(message, path=key, value=key)
    return method.upper(), path.strip()


def normalize_path(path: str, handler: str) -> str:
    """The path in API Gateway's form: variables in braces, no slash at the end.

    `<id>` becomes `{id}`, and a last segment that matches all the rest (`.+`) becomes `{proxy+}`.

    Raises:
        RouteError: API Gateway cannot express it.
    """
    if not path.startswith("/"):
        message = f"the path of a route begins with '/', got {path!r} for {handler}"
        raise RouteError(message, path=path, value=path)
    segments = [re.sub(r"^<(\w+)>$", r"{\1}", segment) for segment in path.rstrip("/").split("/")[1:]]
    if segments and segments[-1] in {".+", ".*", "(.+)", "(.*)"}:
        segments[-1] = "{proxy+}"
    for number, segment in enumerate(segments, start=1):
        _check_segment(segment, last=number == len(segments), path=path, handler=handler)
    return "/" + "/".join(segments)


def _check_segment(segment: str, *, last: bool, path: str, handler: str) -> None:
    variable = _VARIABLE.fullmatch(segment)
    if variable and (last or not variable[2]):
        return
    if variable:
        problem = f"{segment} takes all the rest of the path and must be its last segment"
    elif not segment:
        problem = "it has an empty segment"
    elif _SEGMENT.fullmatch(segment):
        return
    else:
        problem = (
            f"a segment is text of A-Z a-z 0-9 . _ - : or one variable such as {{id}}, or {{proxy+}} at the end, and {segment!r} is neither"
        )
    message = f"API Gateway cannot express the path {path!r} of {handler}: {problem}"
    raise RouteError(message, path=path, value=segment)


@dataclass
class _Node:
    children: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    variable: str | None = None
    variable_owner: str = ""
    variable_fixed: bool = False
    methods: dict[str, Route] = field(default_factory=dict[str, Route])


class RouteTable:
    """The routes of one REST API, checked as they are added.

    Attributes:
        routes: In the order of addition, their paths as they are rendered.
        resources: How many API Gateway resources (path segments) the routes need; the quota is 300 unless raised.
        renamed: What was renamed so that API Gateway accepts it, a sentence each.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self.routes: list[Route] = []
        self.resources = 1
        self.renamed: list[str] = []

    def add(self, route: Route) -> Route:
        """Add a route and return it with its final path.

        Raises:
            RouteError: The method is unknown, the path cannot be expressed, another route has both, or two direct routes
                name the same path variable differently.
        """
        if route.method not in METHODS:
            message = f"API Gateway has no method {route.method!r} ({route.key} of {route.handler}); write one of {_listed(METHODS)}"
            raise RouteError(message, path=route.key, value=route.method)
        path = normalize_path(route.path, route.handler)
        segments: list[str] = []
        node = self._root
        for segment in path.split("/")[1:] if path != "/" else []:
            name = self._unify(node, segment, route)
            segments.append(name)
            if name not in node.children:
                node.children[name] = _Node()
                self.resources += 1
            node = node.children[name]
        _check_names(segments, route)
        final = replace(route, path="/" + "/".join(segments))
        self._claim(node, final, route)
        return final

    def _claim(self, node: _Node, final: Route, given: Route) -> None:
        if (other := node.methods.get(final.method)) is not None:
            message = f"{final.key} is answered by {other.handler} and by {final.handler}; remove one of the two routes"
            raise RouteError(message, path=final.key, value=given.key, code="declaration.route.duplicate")
        node.methods[final.method] = final
        self.routes.append(final)

    def _unify(self, node: _Node, segment: str, route: Route) -> str:
        """API Gateway allows one variable below a segment; Powertools matches by pattern, so its names can be aligned."""
        if not _VARIABLE.fullmatch(segment):
            return segment
        if node.variable is None or node.variable == segment:
            node.variable, node.variable_owner = segment, node.variable_owner or route.handler
            node.variable_fixed = node.variable_fixed or route.fixed
            return segment
        same_reach = segment.endswith("+}") == node.variable.endswith("+}")
        if route.fixed or not same_reach:
            message = (
                f"API Gateway allows one path variable at a place: {route.key} of {route.handler} has {segment} where "
                f"{node.variable_owner} has {node.variable}; write {node.variable} in both, or give one of them a segment of its own"
            )
            raise RouteError(message, path=route.key, value=segment)
        note = f"{route.key} of {route.handler}: {segment} is {node.variable} at the gateway, as {node.variable_owner} named it first"
        self.renamed.append(note)
        return node.variable


def _check_names(segments: list[str], route: Route) -> None:
    names = [segment for segment in segments if segment.startswith("{")]
    for name in names:
        if names.count(name) > 1:
            message = f"the path variable {name} stands twice in {route.key} of {route.handler}; give each a name of its own"
            raise RouteError(message, path=route.key, value=name)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
