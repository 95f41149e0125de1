"""Resource policies against the API that they are on: whom they let in where nobody signs, and paths that are of no route.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html has the tables.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import MADE, Finding, guards_of, mapping, pointer, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateleg.cdk.body_rules.reading import Guard, RestApi

_POLICY = "x-amazon-apigateway-policy"
_IDENTITY = frozenset(
    f"aws:{name}".lower()
    for name in (
        "TokenIssueTime",
        "MultiFactorAuthPresent",
        "MultiFactorAuthAge",
        "PrincipalAccount",
        "PrincipalArn",
        "PrincipalOrgID",
        "PrincipalOrgPaths",
        "PrincipalTag",
        "PrincipalType",
        "userid",
        "username",
    )
)
"""The keys of conditions that only signed requests have.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html.
"""
_OF_ALL = frozenset({"aws:securetransport", "aws:currenttime", "aws:epochtime"})
"""The keys of conditions that say nothing of who calls: API Gateway answers over TLS alone."""
_ANYWHERE = frozenset({"*", "0.0.0.0/0", "::/0"})
_INVOKE = "execute-api:invoke"
_ANY_TEXT, _ANY_SEGMENT = "{+}", "{}"
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


def shut_out(policy: Mapping[str, Any], request: Request, stages: Sequence[str]) -> str | None:
    """Why nobody can ask for something, or why a policy that names identities keeps nobody from it; nothing of what IAM guards.

    A user pool and no authorizer ask the policy to allow; a Lambda authorizer, where it is silent, lets in alone.

    Args:
        policy: The policy document.
        request: What is asked.
        stages: The names of the API's stages.
    """
    if "iam" in request.guards:
        return None
    reached = [one for one in _statements(policy) if any(_reaches(one, request, stage) for stage in stages or [_ANY_SEGMENT])]
    for stage in stages:
        if any(one.get("Effect") == "Deny" and _is_for_unsigned(one) is True and _covers(one, request, stage) for one in reached):
            return f"the policy denies everybody who does not sign, and there nobody signs: every call to {stage!r} is answered 403"
    allowing = [one for one in reached if one.get("Effect") == "Allow"]
    if any("NotPrincipal" in one and _is_for_unsigned(one) is not False for one in allowing):
        return "the policy allows it to all but some identities, by NotPrincipal, and there nobody signs: it keeps nobody out"
    if any(_is_for_unsigned(one) is not False for one in allowing):
        return None
    if "lambda" not in request.guards:
        return "the policy allows it to none but identities, and there nobody signs: every call is answered 403"
    return "the policy allows it to identities, and there nobody signs: its Lambda authorizer lets in whom it likes" if allowing else None


def lets_everybody_in(policy: Mapping[str, Any]) -> bool:
    """Whether a policy says nothing of who may call: it allows everybody, and no statement that denies narrows that.

    Args:
        policy: The policy document.
    """
    statements = list(_statements(policy))
    allowing = [one for one in statements if one.get("Effect") == "Allow" and _is_for_unsigned(one) is not False]
    denying = [one for one in statements if one.get("Effect") == "Deny" and _is_for_unsigned(one) is not False]
    return any(map(_asks_nothing, allowing)) and all("Condition" in one and _asks_nothing(one) for one in denying)


def _asks_nothing(statement: Mapping[str, Any]) -> bool:
    """Whether every request fulfils the conditions of a statement that allows, or none those of one that denies."""
    asked = [(key.lower(), value) for keys in mapping(statement.get("Condition")).values() for key, value in mapping(keys).items()]
    return all(key in _OF_ALL or _ANYWHERE & {*_texts(value)} for key, value in asked)


def let_in(api: RestApi) -> Iterator[Finding]:
    """Where nobody signs, a policy that names accounts or identities lets in nobody, or holds nobody back.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html, tables A and B.
    """
    for _, policy in policies(api):
        for operation in api.operations:
            request = Request(
                "ANY" if operation.member.startswith("x-") else operation.member.upper(), operation.path, guards_of(api, operation)
            )
            if (said := shut_out(policy, request, _stages(api))) is not None:
                yield Finding(operation.at("security"), f"{said}; guard it by IAM, or let the policy name places")


def known_paths(api: RestApi) -> Iterator[Finding]:
    """A statement names stages, methods and paths that the API has; another decides nothing.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html.
    """
    operations = {("ANY" if one.member.startswith("x-") else one.member.upper(), one.path) for one in api.operations}
    requests = [Request(method, path) for method, path in sorted(operations)]
    for where, policy in policies(api):
        for resource in dict.fromkeys(one for statement in _statements(policy) for one in _named(statement)):
            pattern = _asked(resource)
            if any(_meets(pattern, _pieces(stage, one)) for one in requests for stage in _stages(api) or [_ANY_SEGMENT]):
                continue
            known = [
                f"execute-api:/{re.sub(r'{[^}]*}', '*', stage)}/{_written(one)}" for stage in _stages(api) or ["*"] for one in requests
            ]
            near = difflib.get_close_matches(f"execute-api:/{pattern}", known, n=3, cutoff=0.3) or known
            said = f"{resource!r} is of no stage and route of the API, so that naming it decides nothing; write one of {', '.join(map(repr, near))}"
            yield Finding(where, said)


def policies(api: RestApi) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The policies of an API, each with where it stands.

    Args:
        api: The API.
    """
    for where, given in (("Policy", api.properties.get("Policy")), (pointer(_POLICY), api.body.get(_POLICY))):
        if found := mapping(given):
            yield where, found


def _stages(api: RestApi) -> list[str]:
    """The names of the stages; a variable for one that CloudFormation makes."""
    names = [text(stage.get("StageName")) for stage in api.of_type("AWS::ApiGateway::Stage")]
    return [_ANY_SEGMENT if name is None or MADE in name else name for name in names]


def is_about_calls(statement: Mapping[str, Any]) -> bool:
    """Whether a statement of a policy is about calls, by its `Action` or `NotAction`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html.

    Args:
        statement: The statement.
    """
    if "NotAction" in statement:
        return not any(_fits(one.lower(), _INVOKE) for one in _texts(statement["NotAction"]))
    actions = _texts(statement.get("Action"))
    return not actions or any(_fits(one.lower(), _INVOKE) for one in actions)


def _statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The statements about calls."""
    given = policy.get("Statement")
    yield from filter(is_about_calls, map(mapping, given if isinstance(given, list) else [given]))  # pyright: ignore[reportUnknownArgumentType] (JSON)


def _named(statement: Mapping[str, Any]) -> list[str]:
    """The resources that a statement is about, or about all but which it is."""
    return _texts(statement.get("NotResource", statement.get("Resource")))


def _texts(given: Any) -> list[str]:
    return [said for one in (given if isinstance(given, list) else [given]) if (said := text(one)) is not None]  # pyright: ignore[reportUnknownVariableType] (JSON)


def _is_for_unsigned(statement: Mapping[str, Any]) -> bool | None:
    """Whether a statement is about every request that nobody signs; `None` where it is about some of them."""
    principal = statement.get("NotPrincipal", statement.get("Principal"))
    everybody = "*" in {principal if isinstance(principal, str) else "", *_texts(mapping(principal).get("AWS"))}
    if everybody == ("NotPrincipal" in statement):
        return False
    held = [
        _holds_unsigned(operator, value) if key.lower().partition("/")[0] in _IDENTITY else None
        for operator, keys in mapping(statement.get("Condition")).items()
        for key, value in mapping(keys).items()
    ]
    return False if False in held else None if None in held else True


def _holds_unsigned(operator: str, value: Any) -> bool:
    """Whether a condition holds of a key that a request has not.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
    """
    if operator == "Null":
        return str(_texts(value)[:1]).lower() == "['true']" or value is True
    return "Not" in operator or operator.endswith("IfExists") or operator.startswith("ForAllValues:")


def _reaches(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether a statement is about some request of the kind; one that names no resource is."""
    if "NotResource" in statement:
        return not _is_whole(statement, request, stage)
    return "Resource" not in statement or _is_met(statement, request, stage)


def _covers(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether a statement is about every request of the kind."""
    if "NotResource" in statement:
        return not _is_met(statement, request, stage)
    return _is_whole(statement, request, stage)


def _is_met(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether what a statement names is some request of the kind."""
    return any(_meets(_asked(one), _pieces(stage, request)) for one in _named(statement))


def _is_whole(statement: Mapping[str, Any], request: Request, stage: str) -> bool:
    """Whether one of what a statement names is every request of the kind: what stands for a variable is in no pattern."""
    asked = "".join("\0" if piece[0] == "{" else piece for piece in _pieces(stage, request))
    return any(_fits(_asked(one), asked) for one in _named(statement))


def _fits(pattern: str, said: str) -> bool:
    """Whether a text is one that a pattern with `*` and `?` names."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), said, re.DOTALL) is not None


def _asked(resource: str) -> str:
    """What a resource names: `live/GET/rooms/*`; everything where it names an API alone."""
    _, named, path = resource.replace(MADE, "*").partition("/")
    return path or "*" if named else "*"


def _written(request: Request) -> str:
    """A request as policies write it."""
    return f"{request.method.replace('ANY', '*')}{re.sub(r'{[^}]*}', '*', request.path)}"


def _pieces(stage: str, request: Request) -> tuple[str, ...]:
    """The characters of a request, with `{}` or `{+}` for what may stand there."""
    method = _ANY_SEGMENT if request.method == "ANY" else request.method
    found: Iterable[str] = _PIECES.findall(f"{stage}/{method}{request.path}")
    return tuple((_ANY_TEXT if one.endswith("+}") else _ANY_SEGMENT) if one[0] == "{" else one for one in found)


def _meets(pattern: str, pieces: tuple[str, ...]) -> bool:
    """Whether there is a request that both a pattern, with its `*` and `?`, and the pieces of a route fit."""

    @cache
    def at(place: int, piece: int) -> bool:
        if place == len(pattern):
            return piece == len(pieces)
        if pattern[place] == "*":
            return at(place + 1, piece) or (piece < len(pieces) and at(place, piece + 1))
        if piece == len(pieces):
            return False
        here, asked = pieces[piece], pattern[place]
        if here[0] != "{":
            return asked in {"?", here} and at(place + 1, piece + 1)
        return (asked != "/" or here == _ANY_TEXT) and (at(place + 1, piece) or at(place + 1, piece + 1))

    return at(0, 0)
