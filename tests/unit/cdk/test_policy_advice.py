"""What the rules say to write in place of a policy's wrong word is taken by them, each word of the advice in turn."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateleg.cdk.body_rules import judge
from tests.unit.cdk.policy_cases import POLICIES_BROKEN
from tests.unit.cdk.rule_edits import Edit, edited

WORDS = {"T16", "T17", "T18"}
"""The rules about single words."""
WRONG = re.compile(r"(?:there is no operator|there is no action|gives a policy no) '([^']+)'|^(\S+) does not fit|^'([^']+)' is no address")
ADVICE = re.compile(r"; write (?:one, or a range, such as |one of )?(.*)$")


def told(edit: Edit) -> list[str]:
    """What the rules say of single words."""
    return [finding.said for finding in judge(edited(edit)) if finding.rule in WORDS]


def instead(value: Any, wrong: str, right: str) -> Any:
    """A value with another word wherever the wrong one is, as a name or as a value."""
    if value.__class__ is dict:
        return {instead(name, wrong, right): instead(part, wrong, right) for name, part in value.items()}
    if value.__class__ is list:
        return [instead(part, wrong, right) for part in value]
    return right if value == wrong else value


def followed(edit: Edit, said: str) -> list[Edit]:
    """The policy with each of the words that the advice has."""
    found, advice = WRONG.search(said), ADVICE.search(said)
    assert found, said
    assert advice, said
    wrong = next(filter(None, found.groups()))
    return [{way: instead(value, wrong, right) for way, value in edit.items()} for right in re.split(r", | or ", advice[1])]


BROKEN = [pytest.param(edit, id=f"{rule}-{number}") for rule in sorted(WORDS) for number, edit in enumerate(POLICIES_BROKEN[rule])]


@pytest.mark.parametrize("edit", BROKEN)
def test_each_word_that_is_advised_is_taken(edit: Edit) -> None:
    waiting, most = [(edit, 0)], 2  # an operator that fits asks for values of its own
    while waiting:
        given, tried = waiting.pop()
        faults = told(given)
        assert tried <= most or not faults, faults
        waiting += [(one, tried + 1) for said in faults[:1] for one in followed(given, said)]
    assert told(edit)
