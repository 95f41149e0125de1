"""Routes of a REST API as API Gateway writes them: a method, and a path of literal segments and variables.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gateleg.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Iterable

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"})
"""The methods of a REST API; `ANY` answers each that has no route of its own."""

_LITERAL = re.compile(r"[A-Za-z0-9._:-]+")
_BRACES = re.compile(r"\{[^}+]*(\+?)\}")
_VARIABLE = re.compile(r"\{([A-Za-z0-9._:-]+)(\+?)\}")


@dataclass(frozen=True)
class Segment:
    """What stands between two slashes of a path.

    Attributes:
        text: The text of a literal segment, the name of a variable.
        kind: `greedy` takes all the rest of the path, and stands last.
    """

    text: str
    kind: Literal["literal", "variable", "greedy"] = "literal"

    def __str__(self) -> str:
        return {"literal": "{}", "variable": "{{{}}}", "greedy": "{{{}+}}"}[self.kind].format(self.text)


def parse_path(path: str, handler: str) -> tuple[Segment, ...]:
    """The segments of a path; none for `/`.

    Args:
        path: As API Gateway writes it: `/rooms/{room}`. A slash at its end says nothing.
        handler: Who answers, for messages.

    Raises:
        RouteError: API Gateway cannot express it.
    """
    if not path.startswith("/"):
        raise RouteError(f"the path of a route begins with '/', got {path!r} for {handler}; write {'/' + path!r}", path=path, value=path)
    texts = path.rstrip("/").split("/")[1:]
    segments = tuple(_segment(text, path, handler) for text in texts)
    _check_variables(segments, path, handler)
    return segments


def path_of(segments: Iterable[Segment]) -> str:
    """The path of segments, as `parse_path` reads it."""
    return "/" + "/".join(map(str, segments))


def shape_of_key(key: str) -> str:
    """A route's key without the names of its variables, which no two routes of an API share: `GET /rooms/{}`, `GET /{+}`."""
    return _BRACES.sub(r"{\1}", key)


def parse_key(key: str, handler: str) -> tuple[str, tuple[Segment, ...]]:
    """Split `GET /rooms/{room}` into its method, upper case, and its segments.

    Args:
        key: The method and the path.
        handler: Who answers, for messages.

    Raises:
        RouteError: It is not a method and a path, or API Gateway cannot express the path.
    """
    method, _, path = key.strip().partition(" ")
    if method.upper() not in METHODS or not path.strip():
        raise RouteError(
            f"a route is written as a method and a path, such as 'GET /rooms/{{room}}', got {key!r} for {handler}; "
            f"the methods are {', '.join(sorted(METHODS))}",
            path=key,
            value=key,
        )
    return method.upper(), parse_path(path.strip(), handler)


def _segment(text: str, path: str, handler: str) -> Segment:
    if variable := _VARIABLE.fullmatch(text):
        return Segment(variable[1], "greedy" if variable[2] else "variable")
    if _LITERAL.fullmatch(text):
        return Segment(text)
    problem = (
        "it has an empty segment"
        if not text
        else f"a segment is text of A-Z a-z 0-9 . _ - : or one variable such as {{id}}, or {{proxy+}} at the end, and {text!r} is neither"
    )
    raise _inexpressible(path, handler, problem, text)


def _check_variables(segments: tuple[Segment, ...], path: str, handler: str) -> None:
    names = [segment.text for segment in segments if segment.kind != "literal"]
    for segment in segments[:-1]:
        if segment.kind == "greedy":
            raise _inexpressible(path, handler, f"{segment} takes all the rest of the path and must be its last segment", str(segment))
    for name in names:
        if names.count(name) > 1:
            raise _inexpressible(path, handler, f"the variable {name!r} stands in it twice; give each a name of its own", name)


def _inexpressible(path: str, handler: str, problem: str, value: str) -> RouteError:
    return RouteError(f"API Gateway cannot express the path {path!r} of {handler}: {problem}", path=path, value=value)
