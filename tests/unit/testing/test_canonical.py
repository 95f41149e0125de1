import pytest

from gateleg.template.canonical import alternatives, canonical, qualify

ARN = {"Fn::GetAtt": ["Table", "Arn"]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (5, "5"),
        (True, "true"),
        ({"Ref": "Table"}, "${Table}"),
        (ARN, "${Table.Arn}"),
        ({"Fn::GetAtt": "Table.Arn"}, "${Table.Arn}"),
        ({"Fn::Join": ["", [ARN, "/index/by_author"]]}, "${Table.Arn}/index/by_author"),
        ({"Fn::Sub": "${Table.Arn}/index/by_author"}, "${Table.Arn}/index/by_author"),
        ({"Fn::Sub": ["${Base}/index/by_author", {"Base": ARN}]}, "${Table.Arn}/index/by_author"),
        ({"Fn::Sub": "arn:${AWS::Partition}:x"}, "arn:${AWS::Partition}:x"),
        ({"Fn::Sub": "${!Literal}"}, "${!Literal}"),
        ({"Fn::Join": [":", ["a", {"Fn::Join": ["-", ["b", {"Ref": "C"}]]}]]}, "a:b-${C}"),
        ({"Fn::Select": [1, ["a", "b"]]}, "b"),
        ({"Fn::Select": [3, {"Fn::Split": [":", ARN]}]}, "${AWS::Region}"),
        ({"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Join": ["", ["x/", {"Ref": "A"}]]}]}]}, "${A}"),
        ({"Fn::ImportValue": {"Fn::Sub": "${AWS::StackName}-out"}}, "${Fn::ImportValue:AWS::StackName-out}"),
        ({"Fn::FindInMap": ["M", "k", "v"]}, "${Fn::FindInMap:M:k:v}"),
        ({"b": 1, "a": [1]}, '{"a": [1], "b": 1}'),
    ],
)
def test_every_way_to_say_a_value_becomes_one_text(value: object, text: str) -> None:
    assert canonical(value) == text


def test_a_token_that_another_template_explains_is_replaced() -> None:
    assert canonical({"Fn::Sub": "${Param}/x"}, {"Param": "${Notes:Table.Arn}"}) == "${Notes:Table.Arn}/x"
    assert canonical({"Fn::ImportValue": "Notes:Out"}, {"Fn::ImportValue:Notes:Out": "${Notes:Table}"}) == "${Notes:Table}"


def test_an_if_gives_the_text_of_each_branch() -> None:
    value = {"Fn::Join": ["", [{"Fn::If": ["Prod", "a", {"Fn::If": ["Beta", "b", "c"]}]}, "!"]]}
    assert alternatives(value) == ("a!", "b!", "c!")


def test_a_branch_of_no_value_is_left_out() -> None:
    assert alternatives({"Fn::If": ["Prod", ARN, {"Ref": "AWS::NoValue"}]}) == ("${Table.Arn}",)


def test_a_text_seen_from_another_stack_names_its_own() -> None:
    assert qualify("arn:${AWS::Partition}:${Table.Arn}:${Other:X}", "Notes") == "arn:${AWS::Partition}:${Notes:Table.Arn}:${Other:X}"
