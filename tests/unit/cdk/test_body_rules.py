"""Each rule of the body is broken by an input and held by another one; the rule's docstring names its source."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk.body_rules import REST, judge
from tests.unit.cdk.rule_cases import BROKEN, HELD, WARNED
from tests.unit.cdk.rule_edits import AUTHTYPE, BESIDE, GET, GONE, INTEGRATION, NO_EDIT, PROPERTIES, VALIDATOR, Edit, edited

if TYPE_CHECKING:
    from collections.abc import Iterator


def cases(table: dict[str, list[Edit]]) -> list[Any]:
    return [pytest.param(rule, edit, id=f"{rule}-{number}") for rule, edits in table.items() for number, edit in enumerate(edits)]


@pytest.mark.parametrize(("rule", "edit"), cases(BROKEN))
def test_what_breaks_a_rule_is_found_at_its_place_with_what_to_write(rule: str, edit: Edit) -> None:
    found = [finding for finding in judge(edited(edit)) if finding.rule == rule]
    assert found
    assert all(finding.where and len(finding.said) > 20 and str(finding).endswith(f"[{rule}]") for finding in found)
    if rule in WARNED:
        assert {finding.severity for finding in found} == {"warning"}


@pytest.mark.parametrize(("rule", "edit"), cases(HELD))
def test_what_only_looks_like_it_is_not_found(rule: str, edit: Edit) -> None:
    assert [str(finding) for finding in judge(edited(edit)) if finding.rule == rule] == []


def test_every_rule_is_broken_and_held_by_a_case_and_names_its_source() -> None:
    assert set(BROKEN) == set(HELD) == set(REST)
    sourceless = {
        rule
        for rule, function in REST.items()
        if not any(
            mark in (function.__doc__ or "") for mark in ("http", "#", "localstack", "Source: ", "N;", "X;", "CFN", "Q;", "botocore")
        )
    }
    assert sourceless == {"D5", "S5"}, "read in another tool's source, which they name"


def test_an_api_that_holds_all_rules_is_silent() -> None:
    assert judge(edited(NO_EDIT)) == []


def test_places_are_told_by_method_path_and_pointer() -> None:
    [finding] = judge(edited({(*GET, INTEGRATION, "httpMethod"): "GET"}))
    assert finding.where == f"GET /a/{{id}} (#/paths/~1a~1{{id}}/get/{INTEGRATION}/httpMethod)"


PARTLY: list[tuple[str, int, str]] = [
    *(("M2", number, severity) for number, severity in enumerate(["error", "warning", "warning", "warning"])),
    *(("D10", number, severity) for number, severity in enumerate(["error", "warning"])),
    *(("I5", number, severity) for number, severity in enumerate(["error", "warning", "error", "error"])),
    *(("I7", number, severity) for number, severity in enumerate(["error", "warning"])),
    *(("I18", number, severity) for number, severity in enumerate(["error", "error", "warning"])),
    *(
        ("T17", number, severity)
        for number, severity in enumerate(["error", "error", "error", "warning", "error", "error", "error", "error", "error"])
    ),
    *(("Q3", number, severity) for number, severity in enumerate(["error", "error", "error"])),
]


@pytest.mark.parametrize(("rule", "number", "severity"), PARTLY)
def test_a_rule_that_is_partly_inferred_warns_there_alone(rule: str, number: int, severity: str) -> None:
    assert {finding.severity for finding in judge(edited(BROKEN[rule][number])) if finding.rule == rule} == {severity}


@pytest.mark.parametrize(("rule", "edit"), [case for case in cases(BROKEN) if case.values[0] not in WARNED | {rule for rule, *_ in PARTLY}])
def test_what_aws_refuses_drops_or_opens_is_an_error(rule: str, edit: Edit) -> None:
    assert {finding.severity for finding in judge(edited(edit)) if finding.rule == rule} == {"error"}


def ways(value: Any, *way: str | int) -> Iterator[tuple[str | int, ...]]:
    if way:
        yield way
    if value.__class__ is dict:
        for name, part in value.items():
            yield from ways(part, *way, name)
    elif value.__class__ is list:
        for number, part in enumerate(value):
            yield from ways(part, *way, number)


EVERYWHERE = list(ways(PROPERTIES)) + [("beside", *way) for way in ways(BESIDE)]


def test_what_cloudformation_makes_is_no_fault() -> None:
    """Wherever a value may be made: at every leaf that is not the name of something else."""
    for way in EVERYWHERE:
        place: Any = PROPERTIES | {"beside": BESIDE}
        for name in way:
            place = place[name]
        named = {"$ref", "in", "type", AUTHTYPE, VALIDATOR, "Type", "required", "Mode", "ResourcePath", "HttpMethod", "application/json"}
        if not isinstance(place, (dict, list)) and not named & {way[-1]}:
            for made in ({"Ref": "X"}, {"Fn::GetAtt": ["X", "Arn"]}, {"Fn::If": ["C", "a", "b"]}):
                assert [str(finding) for finding in judge(edited({way: made}))] == [], (way, made)


@pytest.mark.parametrize("garbage", [None, 5, "x", [], [None], {}, {"x": None}, [{"x": 1}], True, {"Ref": "X"}], ids=json.dumps)
def test_nothing_that_stands_anywhere_stops_the_rules(garbage: Any) -> None:
    for way in EVERYWHERE:
        judge(edited({way: garbage}))


def test_nothing_that_is_missing_stops_the_rules() -> None:
    for way in EVERYWHERE:
        judge(edited({way: GONE}))
