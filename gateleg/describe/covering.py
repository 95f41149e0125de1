"""Which routes of API Gateway an app needs, and which handlers may answer behind each.

Powertools tries the rules without a group first, then the others, both in the order of registration, and takes the first that
matches. API Gateway chooses by the path: of all routes that have the request's path and method, the one whose path is the most
specific; a resource that lacks the method hides nothing (https://github.com/ministackorg/ministack/pull/1423 and
https://github.com/floci-io/floci/pull/3399 measured it on AWS, whose documentation is silent). The two may disagree, and the
authorizer that was asked is the one of API Gateway's choice.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gateleg.describe.handlers import declaring, name_of
from gateleg.describe.languages import some_path
from gateleg.describe.paths import covers, meet, paths_of, requests_of, shape_of, without_variables_beside_greedy
from gateleg.describe.patterns import read_pattern
from gateleg.description import path_of
from gateleg.errors import RouteError
from gateleg.places import of_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.describe.languages import Language
    from gateleg.describe.paths import Path
    from gateleg.rest.powertools import RegisteredRoute


@dataclass(frozen=True)
class Covered:
    """A registered route at the gateway.

    Attributes:
        keys: The routes of API Gateway that deliver all that it answers: `GET /files`, `GET /files/{proxy+}`.
        also: By key, the last keys of other registered routes that Powertools may choose for a request delivered by it.
    """

    keys: tuple[str, ...]
    also: dict[str, tuple[str, ...]]


@dataclass(eq=False)
class _Place:
    """A path of API Gateway, with what is asked of it again and again."""

    path: Path

    @cached_property
    def requests(self) -> Language:
        return requests_of(self.path)

    @cached_property
    def shape(self) -> Path:
        return shape_of(self.path)


@dataclass(eq=False)
class _Rule:
    """One registered route: what it matches, the paths that cover it, those that it needs beside the others, the rules before it."""

    route: RegisteredRoute
    language: Language
    covering: list[Path]
    places: list[_Place]
    earlier: list[_Rule] = field(default_factory=list["_Rule"])

    @cached_property
    def _dotted(self) -> bool:
        return any(atom.dot for glob in self.language.globs for atom in glob)

    def near(self, place: _Place) -> bool:
        """Whether it and a path may have a request in common: quick, and never wrong with a no."""
        return self._dotted or any(meet(place.path, path) for path in self.covering)

    def may_answer(self, place: _Place, others: Iterable[_Place] = ()) -> bool:
        """Whether Powertools may choose it for a request of a path that is of none of the others."""
        before = (rule.language for rule in self.earlier if rule.language.exact and rule.near(place))
        return some_path([place.requests, self.language], [*before, *(other.requests for other in others)])

    def key(self, place: _Place) -> str:
        return f"{self.route.method} {path_of(place.path)}"


def cover(routes: Sequence[RegisteredRoute]) -> list[Covered]:
    """The keys of an app's routes, in their order.

    Where one route has a variable and another one a greedy variable in the same place, which API Gateway does not take, both get
    the greedy one.

    Raises:
        RouteError: API Gateway cannot express a rule, or other rules take all its requests.
    """
    read, covering = zip(*map(_read, routes), strict=True) if routes else ((), ())
    rules = [
        _Rule(route, language, paths, list(map(_Place, needed)))
        for route, language, paths, needed in zip(routes, read, covering, without_variables_beside_greedy(covering), strict=True)
    ]
    by_method = defaultdict[str, list[_Rule]](list)
    for rule in sorted(rules, key=lambda rule: rule.route.pattern.groups > 0):
        rule.earlier = list(by_method[rule.route.method])
        by_method[rule.route.method].append(rule)
    for rule in rules:
        rule.places = _answered(rule)
    return [_covered(rule, by_method[rule.route.method]) for rule in rules]


def _read(route: RegisteredRoute) -> tuple[Language, list[Path]]:
    with declaring(route.handler):
        language = read_pattern(route.pattern.pattern, route.rule, name_of(route.handler))
        return language, paths_of(language, route.rule, name_of(route.handler))


def _answered(rule: _Rule) -> list[_Place]:
    """The paths of a rule for which Powertools may choose it."""
    earlier = [other for other in rule.earlier if any(map(other.near, rule.places))]
    places = [place for place in rule.places if not earlier or rule.may_answer(place)]
    if places:
        return places
    twice = next((other for other in earlier if other.language == rule.language), None)
    other = twice or next((other for other in earlier if some_path([rule.language, other.language], [])), earlier[0])
    why = "is never reached" if twice is None else "is declared twice"
    raise RouteError(
        f"{rule.route.method} {rule.route.rule} of {name_of(rule.route.handler)} {why}: its requests go to {other.route.rule} of "
        f"{name_of(other.route.handler)}, which Powertools tries first; {_instead(other, rule)}",
        path=rule.key(rule.places[-1]),
        value=rule.route.rule,
        place=of_function(rule.route.handler),
    )


def _instead(first: _Rule, second: _Rule) -> str:
    if first.route.pattern.groups == 0 < second.route.pattern.groups:
        return f"rules without a group go before the others, so write ({first.route.rule}) and register it last"
    return "give one of them another path or method, or register the narrower one first"


def _covered(rule: _Rule, rules: list[_Rule]) -> Covered:
    return Covered(
        keys=tuple(map(rule.key, rule.places)),
        also={rule.key(place): tuple(_also(place, rules)) for place in rule.places},
    )


def _also(place: _Place, rules: list[_Rule]) -> Iterable[str]:
    near = [rule for rule in rules if rule.near(place)]
    closer = [own for rule in near for own in rule.places if covers(place.path, own.path) and own.shape != place.shape]
    for other in near:
        if all(own.shape != place.shape for own in other.places) and other.may_answer(place, closer):
            yield other.key(other.places[-1])
