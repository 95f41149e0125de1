"""What is read of the members that a mapping template makes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.cdk.integrations.template_members import Members, members

WHOLE: dict[str, tuple[str, ...]] = {
    "": (),
    "{}": (),
    '{"Data": "$util.base64Encode($input.body)", "PartitionKey": "a"}': ("Data", "PartitionKey"),
    '{"A": $input.json("$.a[\'(\']"), "B": [{"C": 1}], "D": {"E": {"F": 2}}}': ("A", "B", "D"),
    '{"A": "$util.escapeJavaScript($input.params("room")).replaceAll("x", "}")", "B": 1}': ("A", "B"),
    '#set($x = {"N": 1}) ## "no": 1\n#* "none": 2 *#{"A": "\\"B\\": 1", "C": "${x.a}b"}': ("A", "C"),
    '{#if($x)"A": 1#{else}"B": 2#end, "C": #if($y) "d" #else "e" #end}': ("A", "B", "C"),
    '#if($x){"A": 1}#else{"B": 2}#end': ("A", "B"),
    '{"Entries": [#foreach($one in $input.path("$.all")){"Data": "$one"}#if($foreach.hasNext),#end#end], "StreamName": $x$y}': (
        "Entries",
        "StreamName",
    ),
    '{"A" : null , "B":true}': ("A", "B"),
    '[{"A": 1}]': (),
}
OPEN: dict[str, tuple[str, ...]] = {
    "$input.body": (),
    "$input.json('$')": (),
    '{"A": 1, $more}': ("A",),
    '{"A": 1#foreach($k in $m.keySet()), "$k": "$m.get($k)"#end}': ("A",),
    '{"A": 1, "x$y": 2}': ("A",),
    '#parse("a"){"A": 1}': ("A",),
}


@pytest.mark.parametrize("template", WHOLE)
def test_the_members_at_the_top_are_read(template: str) -> None:
    assert members(template) == Members(WHOLE[template], are_all=True)


@pytest.mark.parametrize("template", OPEN)
def test_what_a_reference_may_add_is_not_known(template: str) -> None:
    assert members(template) == Members(OPEN[template], are_all=False)


NAMES = st.text(st.sampled_from("Aab0_:,{}[] "), min_size=1, max_size=6)
VALUES = (
    st.none()
    | st.integers()
    | st.text(st.sampled_from('a{}[]:,"\\ '))
    | st.lists(st.integers())
    | st.dictionaries(NAMES, st.text(st.sampled_from("a}{"), max_size=3))
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_of_plain_json_the_members_are_its_own(value: dict[str, object]) -> None:
    assert members(json.dumps(value)) == Members(tuple(value), are_all=True)


@given(st.text(st.sampled_from("{}[]()\"'$#\\:,.a!b \n*")))
def test_any_text_is_read(template: str) -> None:
    assert members(template).names is not None
