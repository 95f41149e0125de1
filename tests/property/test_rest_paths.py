"""Whatever Powertools answers reaches it, and through no door but its own: Powertools itself says what is answered.

What API Gateway does is written from its documentation and from what was measured on AWS: paths without an empty segment; a slash at
the end says nothing; of the routes with the request's method and path the closest is taken. Where two are close in different
segments, no page says which one, so each of them counts.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
https://github.com/ministackorg/ministack/pull/1423, https://github.com/floci-io/floci/pull/3399
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from gateleg.cdk.access import Access, check_same
from gateleg.cdk.path_tree import PathTree
from gateleg.describe.covering import cover
from gateleg.describe.languages import Atom, Language, some_path
from gateleg.describe.patterns import read_pattern
from gateleg.description import Route
from gateleg.errors import AuthorizerError, RouteError
from gateleg.rest.powertools import routes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateleg.cdk.placing import Placed

GUARDED = Access((("token", ()),))
OPEN = Access(public="anyone may")

# Shrinking takes minutes here; a failure names its rules and its path as it is.
EXACTLY = settings(
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)

SEGMENTS = ["a", "b", "list", "ab", "5", "v1", "cats", "x.json", "a.json", "ajson", "~me", "x", "y", 'q"', "%2F"]
PARTS = [
    "a", "b", "list", "<v>", "<v>", "<v>", r"<v>\.json", "<v>.json", "<v>:b", "a-<v>", "v[0-9]+", r"\d+", "[a-z]+", "[^/]+", "[^a]+",
    "(cats|dogs)", "(a|b/a)", "(?!a)[a-z]+", "(?:a|[0-9]{1,2})", "a(/b)?", "a/?", "(<v>/)?b", "~me", r"a\.json", "a.json", ".+", "(.+)", ".*",
    "(.*)", "[a-z]*", "(/a)*", "x[^a]y", "a|/b",
]  # fmt: skip


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A rule of one to three parts; its variables have names of their own."""
    rule = "/" + "/".join(draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3)))
    number = count()
    return re.sub("<v>", lambda _: f"<v{next(number)}>", rule)


@st.composite
def requests(draw: st.DrawFn) -> str:
    """A path that ends in no slash, in one, or in two."""
    row = draw(st.lists(st.sampled_from(SEGMENTS), max_size=4))
    return "/" + "/".join(row) + (draw(st.sampled_from(["", "", "/", "//"])) if row else "")


def apps() -> st.SearchStrategy[list[tuple[str, str, Access]]]:
    return st.lists(st.tuples(st.sampled_from(["GET", "GET", "POST"]), rules(), st.sampled_from([GUARDED, OPEN])), min_size=1, max_size=5)


class Deployed:
    """An app behind a gateway. The number of a route is its handler."""

    def __init__(self, declared: list[tuple[str, str, Access]]) -> None:
        self.declared = declared
        self.app = APIGatewayRestResolver()
        for number, (method, rule, _) in enumerate(declared):
            self.app.route(rule, method=method)(_handler(number))
        self.tree = PathTree()
        self.routes: list[Route] = []
        self.access: dict[str, Access] = {}
        for number, covered in enumerate(cover(routes_of(self.app))):
            for key in covered.keys:
                self.routes.append(Route(key, str(number), also=covered.also[key]))
                self.access[key] = declared[number][2]
        for route in self.routes:
            self.tree.add(route, "app", declared[int(route.handler)][2])
        self.places = [(place, *_split(place.key)) for place in self.tree.placed()]

    def refuse_what_opens(self) -> None:
        for route in self.routes:
            check_same(route, self.access[route.key], {key: self.access[key] for key in route.also})

    def answered_by(self, method: str, path: str) -> int | None:
        """The handler that Powertools calls."""
        answer = self.app.resolve({"httpMethod": method, "path": path, "requestContext": {}, "headers": {}}, None)  # type: ignore[arg-type]
        return None if answer["statusCode"] == 404 else json.loads(answer["body"])["handler"]

    def delivered_by(self, method: str, path: str) -> list[Placed]:
        """The routes that API Gateway may take for a request: none of which another one is closer."""
        found = [(place, segments) for place, verb, segments in self.places if verb == method and _has(segments, path)]
        return [place for place, segments in found if not any(_closer(other, segments) for _, other in found)]


def _handler(number: int) -> Callable[..., dict[str, int]]:
    def handler(**_: str) -> dict[str, int]:
        return {"handler": number}

    return handler


def _split(key: str) -> tuple[str, list[str]]:
    method, _, path = key.partition(" ")
    return method, [segment for segment in path.split("/") if segment]


def _has(segments: list[str], path: str) -> bool:
    row = path[1:].removesuffix("/").split("/") if path != "/" else []
    greedy = bool(segments) and segments[-1].endswith("+}")
    if greedy:
        segments, rest, row = segments[:-1], row[len(segments) - 1 :], row[: len(segments) - 1]
        if not any(rest):
            return False
    return len(row) == len(segments) and all(text if is_variable(part) else part == text for part, text in zip(segments, row, strict=True))


def is_variable(segment: str) -> bool:
    return segment.startswith("{")


def _rank(segment: str) -> int:
    return 2 if segment.endswith("+}") else int(is_variable(segment))


def _closer(one: list[str], other: list[str]) -> bool:
    """Whether each segment is as close as the other's, and one is closer."""
    ranks = list(zip(map(_rank, one), map(_rank, other), strict=False))
    return one != other and all(mine <= yours for mine, yours in ranks)


def deployed(declared: list[tuple[str, str, Access]]) -> Deployed:
    try:
        return Deployed(declared)
    except RouteError:
        assume(False)  # noqa: FBT003 (what is refused opens nothing)
        raise


@pytest.mark.filterwarnings("ignore:A route like this was already registered")
@EXACTLY
@given(apps(), st.lists(requests(), min_size=12, max_size=12))
def test_what_powertools_answers_is_delivered(declared: list[tuple[str, str, Access]], paths: list[str]) -> None:
    """All paths but those that a bare dot has beside the dot."""
    gateway = deployed([(method, re.sub(r"(?<!\\)\.(?![+*])", r"\.", rule), OPEN) for method, rule, _ in declared])
    for method in ("GET", "POST"):
        for path in (path for path in paths if not path.endswith("//")):
            if gateway.answered_by(method, path) is not None:
                assert gateway.delivered_by(method, path), (method, path)


@pytest.mark.filterwarnings("ignore:A route like this was already registered")
@EXACTLY
@given(apps(), st.lists(requests(), min_size=12, max_size=12))
def test_no_handler_is_reached_through_the_access_of_another_one(declared: list[tuple[str, str, Access]], paths: list[str]) -> None:
    gateway = deployed(declared)
    try:
        gateway.refuse_what_opens()
    except AuthorizerError:
        assume(False)  # noqa: FBT003
    for method in ("GET", "POST"):
        for path in paths:
            if (handler := gateway.answered_by(method, path)) is not None:
                for place in gateway.delivered_by(method, path):
                    assert place.access == declared[handler][2], (method, path, place.key)


@pytest.mark.filterwarnings("ignore:A route like this was already registered")
@EXACTLY
@given(apps(), st.lists(requests(), min_size=12, max_size=12))
def test_every_handler_behind_a_route_is_known(declared: list[tuple[str, str, Access]], paths: list[str]) -> None:
    gateway = deployed([(method, rule, OPEN) for method, rule, _ in declared])
    for method in ("GET", "POST"):
        for path in paths:
            if (handler := gateway.answered_by(method, path)) is not None:
                own = {route.key for route in gateway.routes if route.handler == str(handler)}
                for place in gateway.delivered_by(method, path):
                    assert own & _known(place.routes), (method, path, place.key)


def _known(routes: Iterable[Route]) -> set[str]:
    return {key for route in routes for key in (route.key, *route.also)}


@EXACTLY
@given(rules(), st.lists(requests(), min_size=12, max_size=12))
def test_a_language_has_what_its_pattern_matches(rule: str, paths: list[str]) -> None:
    app = APIGatewayRestResolver()
    app.get(rule)(_handler(0))
    pattern = routes_of(app)[0].pattern
    language = read_pattern(pattern.pattern, rule, "h")
    for path in paths:
        one = Language((tuple(Atom(frozenset(character)) for character in path),), exact=True)
        within = some_path([one, language], [])
        assert within or not pattern.match(path), path
        assert not within or not language.exact or pattern.match(path), path
