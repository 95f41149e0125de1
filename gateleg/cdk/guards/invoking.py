"""Leave to call routes that IAM guards, for exactly the routes that are named.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aws_cdk import Stack, Token

from gateleg.cdk.placing import unknown
from gateleg.errors import AuthorizerError, RouteError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from gateleg.cdk.plan import PlannedRoute

_VARIABLE = re.compile(r"\{[^}]+\}")


def invoked(keys: Sequence[str], routes: Sequence[PlannedRoute], signed: Collection[str]) -> list[str]:
    """What an ARN of each route has behind its stage: `GET/rooms/*`.

    Args:
        keys: The routes that are named.
        routes: All routes of the API.
        signed: The names of the authorizers by which IAM guards.

    Raises:
        RouteError: None is named, or one is no route of the API.
        AuthorizerError: IAM does not guard one of them, or leave for one would be leave for another that is not named.
    """
    known = {route.key: route for route in routes}
    if not keys:
        message = f"grant_invoke was given no route; name some of {', '.join(map(repr, sorted(_guarded(known, signed)))) or 'those that IAM guards'}"
        raise RouteError(message, path="grant_invoke")
    guarded = _guarded(known, signed)
    for key in keys:
        if key not in known:
            raise unknown(f"grant_invoke names {key!r}, which is no route of the gateway", key, list(known))
        if key not in guarded:
            message = f"{key} is {known[key].access}, and IAM policies decide nothing there; guard it by an IamAuthorizer, or leave it out of grant_invoke"
            raise AuthorizerError(message, path=key, value=key)
    _check_reach(keys, guarded)
    return [part_of(key) for key in keys]


def check_account(scope: Construct, grantee: iam.IGrantable, kind: str) -> None:
    """Check that a grantee is of the API's account. CDK drops in silence what it shall add to an imported role of another one.

    Args:
        scope: The gateway.
        grantee: Who shall be let in.
        kind: `rest` or `http`.

    Raises:
        AuthorizerError: It is of another account.
    """
    theirs, ours = grantee.grant_principal.principal_account, Stack.of(scope).account
    if theirs is not None and theirs != ours and not (Token.is_unresolved(theirs) or Token.is_unresolved(ours)):
        raise cannot_grant(grantee, kind)


def cannot_grant(grantee: iam.IGrantable, kind: str) -> AuthorizerError:
    """The error for a grantee to which no policy of this account can be attached.

    Args:
        grantee: Who shall be let in.
        kind: `rest` or `http`.
    """
    theirs = grantee.grant_principal.principal_account
    known = theirs is not None and not Token.is_unresolved(theirs)
    who = f"an identity of the account {theirs}" if known else "a grantee that takes no policy"
    account = theirs if known else "123456789012"
    instead = (
        f"let that account in beside this one by policy=allow_only(accounts=['{account}', Aws.ACCOUNT_ID]) of a RestGateway all of whose routes IAM guards, "
        "and its owner gives the identity leave for execute-api:Invoke"
        if kind == "rest"
        else "an HTTP API has no resource policy, so let the identity assume a role of this account, and grant that, or use RestGateway"
    )
    message = f"grant_invoke was given {who}, to which this stack can attach nothing; name a role, a user or a function of this account; or {instead}"
    return AuthorizerError(message, path="grant_invoke", value=theirs if known else None)


def part_of(key: str) -> str:
    """What an ARN of a route has behind its stage; a variable is any text there, slashes too."""
    method, path = key.split(" ", 1)
    return f"{'*' if method == 'ANY' else method}{_VARIABLE.sub('*', path)}"


def _guarded(known: dict[str, PlannedRoute], signed: Collection[str]) -> list[str]:
    return [key for key, route in known.items() if {name for name, _ in route.access.asks} & set(signed)]


def _check_reach(keys: Sequence[str], guarded: Sequence[str]) -> None:
    """Refuse a wildcard that lets call what is not named: `GET/rooms/*` is every path below, whatever its depth."""
    for key in keys:
        if reached := [other for other in guarded if other not in keys and _reaches(key, other)]:
            message = (
                f"leave for {key} is leave for {' and '.join(reached)} too, because a variable is any text in an ARN, slashes included; "
                "name both in grant_invoke, or guard one of them by another authorizer"
            )
            raise AuthorizerError(message, path=key, value=reached)


def _reaches(key: str, other: str) -> bool:
    """Whether an ARN of one route is one of requests to another: of plain ones, or of those by which a variable spans several segments."""
    (method, path), (its_method, its_path) = key.split(" ", 1), other.split(" ", 1)
    if "ANY" not in {method, its_method} and method != its_method:
        return False
    wide, narrow = _expression(path, ".*"), _expression(its_path, "[^/]+")
    return bool(wide.fullmatch(_VARIABLE.sub("x", its_path)) or narrow.fullmatch(_VARIABLE.sub("x/x", path)))


def _expression(path: str, variable: str) -> re.Pattern[str]:
    """A path as an expression; a greedy variable is any text."""
    parts = re.split(r"(\{[^}]+\})", path)
    return re.compile("".join((".+" if part.endswith("+}") else variable) if part.startswith("{") else re.escape(part) for part in parts))
