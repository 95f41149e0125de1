"""Whom the resource policies of `allow_only` let in, asked of the emulator's own judge, which has the tables of the authorization workflow."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack

from gateleg.cdk import allow_only
from gateleg.local.server import inside
from gateleg.local.server.identities import nameless

if TYPE_CHECKING:
    from collections.abc import Mapping

evaluator = inside.module("core.iam_evaluator")
_ACCOUNT = re.compile(
    r'\{"Fn::Join": \["", \["arn:", \{"Ref": "AWS::Partition"\}, ":iam::(?:(\d+)|", \{"Ref": "AWS::AccountId"\}, "):root"\]\]\}'
)
OWN, OTHER, HERE, ELSEWHERE = "123456789012", "999999999999", "203.0.113.7", "198.51.100.7"
RESOURCE = f"arn:aws:execute-api:eu-west-1:{OWN}:api/live/GET/secret"
ADDRESSES: dict[str, Any] = {"addresses": ["203.0.113.0/24"]}


@pytest.fixture(autouse=True)
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "_resolve_condition_key", nameless(evaluator._resolve_condition_key))


def policy(given: Mapping[str, Any]) -> str:
    """The policy as API Gateway holds it."""
    text = json.dumps(Stack().resolve(allow_only(**given))).replace("execute-api:/*", f"{RESOURCE.partition('/')[0]}/*")
    return _ACCOUNT.sub(lambda made: f'"arn:aws:iam::{made[1] or OWN}:root"', text)


def signed(given: Mapping[str, Any], account: str, *, leave: bool, source: str = HERE) -> str:
    """What becomes of a signed request: of an identity with or without leave by IAM."""
    who = f"arn:aws:iam::{account}:user/ann"
    context = evaluator.EvalContext(who, "User", account, "execute-api:Invoke", RESOURCE, "eu-west-1", source_ip=source)
    identity = evaluator.EvalResult("Allow" if leave else "ImplicitDeny")
    return str(evaluator.combine_resource_policy(identity, context, policy(given), OWN).decision)


def unsigned(given: Mapping[str, Any], source: str = HERE) -> str:
    context = evaluator.EvalContext("*", "Anonymous", "", "execute-api:Invoke", RESOURCE, "eu-west-1", source_ip=source)
    return str(evaluator.evaluate_resource_policy(policy(given), context).decision)


def test_an_identity_of_the_own_account_needs_leave_by_iam_wherever_it_comes_from() -> None:
    assert signed(ADDRESSES, OWN, leave=True) == "Allow"
    assert signed(ADDRESSES, OWN, leave=False) == "ImplicitDeny"
    assert signed(ADDRESSES, OWN, leave=True, source=ELSEWHERE) == "Deny"


def test_an_identity_of_another_account_gives_itself_no_leave() -> None:
    assert signed(ADDRESSES, OTHER, leave=True) == "ImplicitDeny"
    assert signed({**ADDRESSES, "accounts": [OTHER]}, OTHER, leave=True) == "Allow"
    assert signed({**ADDRESSES, "accounts": [OTHER]}, OTHER, leave=False) == "ImplicitDeny"
    assert signed({**ADDRESSES, "accounts": [OTHER]}, OWN, leave=True) == "Deny"


def test_who_does_not_sign_is_let_in_by_the_place_alone() -> None:
    assert (unsigned(ADDRESSES), unsigned(ADDRESSES, ELSEWHERE)) == ("Allow", "Deny")
