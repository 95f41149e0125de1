"""Resource policies against the API that they are on: whom they let in where nobody signs, and paths that are of no route.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html has the tables.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.policy_callers import is_for_unsigned, lets_in_anybody, narrows
from gateleg.cdk.body_rules.policy_reach import (
    ANY_SEGMENT,
    Request,
    asked,
    covers,
    meets,
    named,
    pieces,
    policies,
    reaches,
    request_of,
    stage_names,
    statements,
    written,
)
from gateleg.cdk.body_rules.reading import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateleg.cdk.body_rules.reading import RestApi


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
    reached = [one for one in statements(policy) if any(reaches(one, request, stage) for stage in stages or [ANY_SEGMENT])]
    for stage in stages:
        if any(one.get("Effect") == "Deny" and is_for_unsigned(one) is True and covers(one, request, stage) for one in reached):
            return f"the policy denies everybody who does not sign, and there nobody signs: every call to {stage!r} is answered 403"
    allowing = [one for one in reached if one.get("Effect") == "Allow"]
    if any("NotPrincipal" in one and is_for_unsigned(one) is not False for one in allowing):
        return "the policy allows it to all but some identities, by NotPrincipal, and there nobody signs: it keeps nobody out"
    if any(is_for_unsigned(one) is not False for one in allowing):
        return None
    if "lambda" not in request.guards:
        return "the policy allows it to none but identities, and there nobody signs: every call is answered 403"
    return "the policy allows it to identities, and there nobody signs: its Lambda authorizer lets in whom it likes" if allowing else None


def let_in(api: RestApi) -> Iterator[Finding]:
    """Where nobody signs, a policy that names accounts or identities lets in nobody, or holds nobody back.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html, tables A and B.
    """
    for _, policy in policies(api):
        for operation in api.operations:
            if (said := shut_out(policy, request_of(api, operation), stage_names(api))) is not None:
                yield Finding(operation.at("security"), f"{said}; guard it by IAM, or let the policy name places")


def signed_for(api: RestApi) -> Iterator[Finding]:
    """Where IAM guards, what the policy allows to anybody is allowed to identities of every account, whatever their own policies say.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html, tables A and B: within an account one of
    both policies suffices, and who is of another one gives himself leave there.
    """
    for _, policy in policies(api):
        for operation in api.operations:
            request, stages = request_of(api, operation), stage_names(api) or [ANY_SEGMENT]
            if "iam" in request.guards and any(_is_opened(policy, request, stage) for stage in stages):
                said = (
                    "the policy allows it to anybody, so that whoever signs with an identity of any account is let in without leave by IAM; write "
                    "allow_only(addresses=['203.0.113.0/24']), or in the statement principals=[AccountRootPrincipal()], which leaves it to IAM; "
                    "one for routes that nobody signs takes conditions={'Null': {'aws:PrincipalArn': 'true'}}"
                )
                yield Finding(operation.at("security"), said)


def _is_opened(policy: Mapping[str, Any], request: Request, stage: str) -> bool:
    reached = [one for one in statements(policy) if reaches(one, request, stage)]
    held = any(one.get("Effect") == "Deny" and narrows(one) and covers(one, request, stage) for one in reached)
    return not held and any(one.get("Effect") == "Allow" and lets_in_anybody(one) for one in reached)


def known_paths(api: RestApi) -> Iterator[Finding]:
    """A statement names stages, methods and paths that the API has; another decides nothing.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html.
    """
    operations = {("ANY" if one.member.startswith("x-") else one.member.upper(), one.path) for one in api.operations}
    requests = [Request(method, path) for method, path in sorted(operations)]
    for where, policy in policies(api):
        for resource in dict.fromkeys(one for statement in statements(policy) for one in named(statement)):
            pattern = asked(resource)
            if any(meets(pattern, pieces(stage, one)) for one in requests for stage in stage_names(api) or [ANY_SEGMENT]):
                continue
            known = [
                f"execute-api:/{re.sub(r'{[^}]*}', '*', stage)}/{written(one)}" for stage in stage_names(api) or ["*"] for one in requests
            ]
            near = difflib.get_close_matches(f"execute-api:/{pattern}", known, n=3, cutoff=0.3) or known
            said = f"{resource!r} is of no stage and route of the API, so that naming it decides nothing; write one of {', '.join(map(repr, near))}"
            yield Finding(where, said)
