"""Several index changes as updates of which AWS takes each: one index at a time, all keys defined, and nothing else before the switch."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.changes.template import listed
from gateleg.changes.waves import waves
from gateleg.errors import ChangeRefusedError
from tests.unit.local.table_forms import GLOBAL, KINDS, index, passes, replicas, table

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]
NAMES = ["one", "two", "three", "four", "five"]


def template(kind: str, names: Sequence[str], **more: Any) -> Json:
    """A table with indexes of these names, each with a key of its own, and something beside it."""
    given: Json = {"GlobalSecondaryIndexes": [index(name, f"key-{name}", "sk") for name in names]} if names else {}
    if kind == GLOBAL:
        # TableV2 says of each index in each replica whether it has insights.
        copies = [{"IndexName": name, "ContributorInsightsSpecification": {"Enabled": True}} for name in names]
        given["Replicas"] = replicas(**({"GlobalSecondaryIndexes": copies} if names else {}))
    return {"Resources": {"T": table(kind, **given), "Function": {"Type": "AWS::Lambda::Function", **more}}}


def names_of(node: Json) -> list[str]:
    return [one["IndexName"] for one in listed(node["Resources"]["T"]["Properties"], "GlobalSecondaryIndexes")]


def steps(deployed: Json, target: Json) -> list[Json]:
    """The templates of all updates, each made from what is deployed by then."""
    found: list[Json] = []
    while deployed != target:
        left = [one for wave in waves(deployed, target) if (one := wave.template(deployed, target)) != deployed]
        deployed = left[0]
        found.append(deployed)
        assert len(found) < 20
    return found


SETS = st.lists(st.sampled_from(NAMES), unique=True)


@pytest.mark.parametrize("kind", KINDS)
@given(old=SETS, new=SETS)
def test_each_update_is_one_that_aws_makes(kind: str, old: list[str], new: list[str]) -> None:
    deployed, target = template(kind, old, code="old"), template(kind, new, code="new")
    before = copy.deepcopy((deployed, target))
    found = steps(deployed, target)
    assert (deployed, target) == before, "neither is touched"
    assert found[-1] == target
    for was, now in pairwise([deployed, *found]):
        assert len(set(names_of(was)) ^ set(names_of(now))) <= 1
        assert passes(was["Resources"]["T"], now["Resources"]["T"])
        defined = sorted(one["AttributeName"] for one in now["Resources"]["T"]["Properties"]["AttributeDefinitions"])
        assert defined == sorted({"pk", "sk", *(f"key-{name}" for name in names_of(now))})
        if kind == GLOBAL:
            [replica] = now["Resources"]["T"]["Properties"]["Replicas"]
            assert [one["IndexName"] for one in replica.get("GlobalSecondaryIndexes", ())] == names_of(now)
    # New code comes once all its indexes are there, and old indexes go once no code reads them.
    code = [one["Resources"]["Function"]["code"] for one in found]
    if old != new:
        switch = code.index("new")
        assert set(names_of(found[switch])) == {*old, *new}
        assert len(found) == len(set(new) - set(old)) + 1 + len(set(old) - set(new))


def test_tables_beside_each_other_change_in_the_same_updates() -> None:
    def two(first: Sequence[str], second: Sequence[str]) -> Json:
        made = [template(GLOBAL, names)["Resources"]["T"] for names in (first, second)]
        return {"Resources": {"A": made[0], "B": made[1]}}

    found = waves(two([], ["five"]), two(["one", "two"], ["three"]))
    assert [wave.said for wave in found] == [
        "create index one of A and index three of B",
        "create index two of A",
        "everything else",
        "drop index five of B",
    ]


def test_a_new_table_and_one_that_leaves_have_no_waves() -> None:
    assert [wave.said for wave in waves({"Resources": {}}, template(GLOBAL, ["one", "two"]))] == ["everything else"]
    assert [wave.said for wave in waves(template(GLOBAL, ["one", "two"]), {"Resources": {}})] == ["everything else"]


def test_what_has_no_room_in_between_is_refused() -> None:
    old, new = ([f"{word}-{number}" for number in range(11)] for word in ("old", "new"))
    with pytest.raises(
        ChangeRefusedError, match="T has 11 indexes and gets 11 more, and AWS takes 20 at a time; drop some of the old ones"
    ):
        waves(template(GLOBAL, old), template(GLOBAL, new))
    assert waves(template(GLOBAL, old[:9]), template(GLOBAL, new))


def test_one_attribute_of_two_types_in_between_is_refused() -> None:
    deployed = {"Resources": {"T": table(GlobalSecondaryIndexes=[index("one", "g")])}}
    target = {"Resources": {"T": table(GlobalSecondaryIndexes=[index("two", "g")], types={"g": "N"})}}
    [first, *_] = waves(deployed, target)
    with pytest.raises(
        ChangeRefusedError, match="g is a key of indexes of T that are there at the same time, as S and as N; write the value"
    ):
        first.template(deployed, target)
