"""What statements of a resource policy are about: calls, and which routes and stages of the API that it is on.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import MADE, guards_of, mapping, pointer, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateleg.cdk.body_rules.reading import Guard, Operation, RestApi

ANY_SEGMENT = "{}"
"""What stands for a text without slashes in a stage or a path."""
_POLICY = "x-amazon-apigateway-policy"
_INVOKE = "execute-api:Invoke"
_ANY_TEXT = "{+}"
_PIECES = re.compile(r"\{[^}]*\}|.")


@dataclass(frozen=True)
class Request:
    """What is asked of an API.

    Attributes:
        method: `GET`; `ANY` for every method.
        path: `/rooms/{room}`.
        guards: What judges who asks.
    """

    method: str
    path: str
    guards: frozenset[Guard] = frozenset()

    @property
    def key(self) -> str:
        """`GET /rooms/{room}`."""
        return f"{self.method} {self.path}"


def policies(api: RestApi) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The resource policies of an API, each with where it stands."""
    for where, given in (("Policy", api.properties.get("Policy")), (pointer(_POLICY), api.body.get(_POLICY))):
        if found := mapping(given):
            yield where, found


def stage_names(api: RestApi) -> list[str]:
    """The names of the stages; a variable for one that CloudFormation makes."""
    names = [text(stage.get("StageName")) for stage in api.of_type("AWS::ApiGateway::Stage")]
    return [ANY_SEGMENT if name is None or MADE in name else name for name in names]


def is_about_calls(statement: Mapping[str, Any]) -> bool:
    """Whether a statement of a policy is about calls, by its `Action` or `NotAction`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html.

    Args:
        statement: The statement.
    """
    return is_about(statement, _INVOKE)


def is_about(statement: Mapping[str, Any], action: str) -> bool:
    """Whether a statement is about an action, whose case does not count; one that names no action is.

    Args:
        statement: The statement.
        action: `execute-api:Invoke`.
    """
    if "NotAction" in statement:
        return not any(_fits(one.lower(), action.lower()) for one in texts(statement["NotAction"]))
    actions = texts(statement.get("Action"))
    return not actions or any(_fits(one.lower(), action.lower()) for one in actions)


def statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The statements about calls."""
    given = policy.get("Statement")
    yield from filter(is_about_calls, map(mapping, given if isinstance(given, list) else [given]))  # pyright: ignore[reportUnknownArgumentType] (JSON)


def named(statement: Mapping[str, Any]) -> list[str]:
    """The resources that a statement is about, or about all but which it is."""
    return texts(statement.get("NotResource", statement.get("Resource")))


def texts(given: Any) -> list[str]:
    """What is one text or a list of them, as a list."""
    return [said for one in (given if isinstance(given, list) else [given]) if (said := text(one)) is not None]  # pyright: ignore[reportUnknownVariableType] (JSON)


def reaches(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether a statement is about some request of the kind; one that names no resource is."""
    if "NotResource" in statement:
        return not _is_whole(statement, request, stage)
    return "Resource" not in statement or _is_met(statement, request, stage)


def covers(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether a statement is about every request of the kind."""
    if "NotResource" in statement:
        return not _is_met(statement, request, stage)
    return _is_whole(statement, request, stage)


def _is_met(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether what a statement names is some request of the kind."""
    return any(meets(asked(one), pieces(stage, request)) for one in named(statement))


def _is_whole(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether one of what a statement names is every request of the kind: what stands for a variable is in no pattern."""
    whole = "".join("\0" if piece[0] == "{" else piece for piece in pieces(stage, request))
    return any(_fits(asked(one), whole) for one in named(statement))


def _fits(pattern: str, said: str) -> bool:
    """Whether a text is one that a pattern with `*` and `?` names."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), said, re.DOTALL) is not None


def asked(resource: str) -> str:
    """What a resource names: `live/GET/rooms/*`; everything where it names an API alone."""
    _, slash, path = resource.replace(MADE, "*").partition("/")
    return path or "*" if slash else "*"


def written(request: Request) -> str:
    """A request as policies write it."""
    return f"{request.method.replace('ANY', '*')}{re.sub(r'{[^}]*}', '*', request.path)}"


def request_of(api: RestApi, operation: Operation) -> Request:
    """What an operation is asked."""
    method = "ANY" if operation.member.startswith("x-") else operation.member.upper()
    return Request(method, operation.path, guards_of(api, operation))


def pieces(stage: str, request: Request) -> tuple[str, ...]:
    """The characters of a request, with `{}` or `{+}` for what may stand there."""
    method = ANY_SEGMENT if request.method == "ANY" else request.method
    found: Iterable[str] = _PIECES.findall(f"{stage}/{method}{request.path}")
    return tuple((_ANY_TEXT if one.endswith("+}") else ANY_SEGMENT) if one[0] == "{" else one for one in found)


def meets(pattern: str, pieces: tuple[str, ...]) -> bool:
    """Whether there is a request that both a pattern, with its `*` and `?`, and the pieces of a route fit."""

    @cache
    def at(place: int, piece: int) -> bool:
        if place == len(pattern):
            return piece == len(pieces)
        if pattern[place] == "*":
            return at(place + 1, piece) or (piece < len(pieces) and at(place, piece + 1))
        if piece == len(pieces):
            return False
        here, wanted = pieces[piece], pattern[place]
        if here[0] != "{":
            return wanted in {"?", here} and at(place + 1, piece + 1)
        return (wanted != "/" or here == _ANY_TEXT) and (at(place + 1, piece) or at(place + 1, piece + 1))

    return at(0, 0)
