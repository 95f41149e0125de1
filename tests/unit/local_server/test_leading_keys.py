"""What policies ask of requests to DynamoDB: the keys that each names, and the tags of the session."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.local.server.leading_keys import leading_keys, substituting

KEY, ITEM = {"pk": {"S": "a"}, "sk": {"S": "1"}}, {"pk": {"S": "b"}, "sk": {"S": "1"}, "x": {"N": "3"}}


def attribute(table: str, index: str | None) -> str | None:
    known: dict[tuple[str, str | None], str] = {("t", None): "pk", ("t", "i"): "gpk"}
    return known.get((table, index))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"TableName": "t", "Key": KEY}, ["a"]),
        ({"TableName": "t", "Item": ITEM}, ["b"]),
        (
            {
                "TableName": "t",
                "KeyConditionExpression": "#0 = :0 AND begins_with(#1, :1)",
                "ExpressionAttributeNames": {"#0": "pk", "#1": "sk"},
                "ExpressionAttributeValues": {":0": {"S": "q"}, ":1": {"S": "z"}},
            },
            ["q"],
        ),
        (
            {"TableName": "t", "IndexName": "i", "KeyConditionExpression": "gpk=:p", "ExpressionAttributeValues": {":p": {"S": "g"}}},
            ["g"],
        ),
        ({"TableName": "t"}, []),
        ({"TableName": "t", "FilterExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "g"}}}, []),
        ({"RequestItems": {"t": {"Keys": [KEY, ITEM]}}}, ["a", "b"]),
        ({"RequestItems": {"t": [{"PutRequest": {"Item": ITEM}}, {"DeleteRequest": {"Key": KEY}}]}}, ["b", "a"]),
        ({"TransactItems": [{"Put": {"TableName": "t", "Item": ITEM}}, {"Get": {"TableName": "t", "Key": KEY}}]}, ["b", "a"]),
        ({"TableName": "other", "Key": KEY}, []),
        ({}, []),
    ],
)
def test_the_leading_keys_are_those_that_a_request_names(asked: dict[str, Any], expected: list[str]) -> None:
    assert [*leading_keys(asked, attribute)] == expected


def test_variables_are_filled_and_a_statement_without_a_value_is_of_nothing() -> None:
    seen: list[dict[str, Any]] = []

    def original(conditions: dict[str, Any], _: object) -> bool:
        seen.append(conditions)
        return True

    met = substituting(original, lambda name, context: context.get(name))
    given = {
        "StringLike": {"dynamodb:LeadingKeys": ["T#${aws:PrincipalTag/tenant}", "T#${aws:PrincipalTag/tenant}#*"]},
        "Bool": {"a": True},
    }
    assert met(given, {"aws:PrincipalTag/tenant": "acme"})
    assert seen == [{"StringLike": {"dynamodb:LeadingKeys": ["T#acme", "T#acme#*"]}, "Bool": {"a": ["True"]}}]
    assert not met(given, {})
    assert met({"StringEquals": {"a": "${*}${$}"}}, {})
    assert seen[-1] == {"StringEquals": {"a": ["*$"]}}
