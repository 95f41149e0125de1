"""An assembly by a lock: which entry is a stack's, and what of one place is another's business."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.changes.assembly import AssembledStack
from gateleg.changes.change import Acknowledgement
from gateleg.changes.intrinsics import Environment
from gateleg.changes.judgement import judge_assembly
from gateleg.changes.lock import Lock
from gateleg.changes.shape import read_shape
from tests.unit.local.table_forms import index, keys, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.changes.judgement import Judgement

Json = dict[str, Any]
ONE, OTHER, OPEN = Environment("1" * 12, "eu-west-1"), Environment("2" * 12, "eu-west-1"), Environment()


def stack(name: str, resources: Json, place: Environment = ONE, *meant: str) -> AssembledStack:
    template = {"Resources": resources}
    told = tuple(Acknowledgement(name, one, "It is known.") for one in meant)
    return AssembledStack(name, read_shape(name, template, place), place, template, Path(name), told)


def locked(*stacks: AssembledStack, stage: str | None = None) -> Lock:
    return Lock().with_shapes({one.address(stage): one.shape for one in stacks})


def refused(judgement: Judgement) -> list[tuple[str, str]]:
    return [(change.stack, change.id) for change in judgement.refused]


def test_a_table_that_moves_to_another_stack_of_the_place_is_told_as_that() -> None:
    before = [stack("A", {"T": table()}), stack("B", {"U": table(KeySchema=keys("id"))})]
    after = [stack("A", {}), stack("B", {"U": table(KeySchema=keys("id")), "T": table()})]
    found = judge_assembly(locked(*before), after)
    assert refused(found) == [("A", "renamed:T")]
    assert "gives way to T of stack B" in found.refused[0].said


@pytest.mark.parametrize("place", [OTHER, OPEN])
def test_tables_of_one_name_in_different_places_are_none_of_each_others_business(place: Environment) -> None:
    def both(**more: Any) -> Iterable[AssembledStack]:
        yield stack("Dev", {"T": table(TableName="orders", **more)}, ONE if place == OTHER else OPEN)
        yield stack("Prod", {"T": table(TableName="orders", **more)}, place)

    changed = judge_assembly(locked(*both()), list(both(GlobalSecondaryIndexes=[index("one")])))
    assert changed.changes == ()


def test_a_name_that_is_taken_in_the_same_place_is_refused() -> None:
    before = [stack("A", {"T": table(TableName="orders")}), stack("B", {})]
    after = [stack("A", {"T": table(TableName="orders")}), stack("B", {"U": table(TableName="orders", KeySchema=keys("id"))})]
    assert refused(judge_assembly(locked(*before), after)) == [("B", "name-taken:U")]


def test_a_stack_of_no_place_is_judged_by_every_entry_of_its_name() -> None:
    lock = locked(stack("Data", {"T": table()}, ONE), stack("Data", {"T": table(KeySchema=keys("id"))}, OTHER))
    assert refused(judge_assembly(lock, [stack("Data", {"T": table()}, OPEN)])) == [("Data", "replaced:T")]


def test_a_stage_has_its_own_entry_and_no_other() -> None:
    lock = locked(stack("Data", {"T": table()}, OPEN), stage="dev")
    changed = [stack("Data", {"T": table(KeySchema=keys("id"))}, OPEN)]
    assert refused(judge_assembly(lock, changed, "dev")) == [("Data", "replaced:T")]
    assert (refused(judge_assembly(lock, changed, "prod")), judge_assembly(lock, changed, "prod").unknown) == ([], ("Data@prod",))


def test_an_acknowledgement_is_of_the_stack_that_says_it() -> None:
    before = [stack("A", {"T": table()}), stack("B", {"T": table()})]
    changed = {"T": table(KeySchema=keys("id"))}
    found = judge_assembly(locked(*before), [stack("A", changed, ONE, "replaced:T"), stack("B", changed)])
    assert refused(found) == [("B", "replaced:T")]
    assert [(change.stack, meant.reason) for change, meant in found.acknowledged] == [("A", "It is known.")]


def test_an_acknowledgement_is_not_stale_before_anything_is_locked() -> None:
    assert judge_assembly(Lock(), [stack("A", {}, ONE, "replaced:T")]).stale == ()
    assert judge_assembly(None, [stack("A", {}, ONE, "replaced:T")]).stale == ()
    found = judge_assembly(locked(stack("A", {})), [stack("A", {}, ONE, "replaced:T")])
    assert [one.id for one in found.stale] == ["replaced:T"]


def test_a_stack_that_is_left_as_it_is_has_not_gone() -> None:
    lock = locked(stack("Data", {"T": table()}))
    fresh = stack("Store", {"T": table()})
    assert refused(judge_assembly(lock, [fresh])) == [("Store", "stack-renamed:Store")]
    assert refused(judge_assembly(lock, [fresh], beside=[stack("Data", {"T": table()})])) == []
    assert refused(judge_assembly(lock, [stack("Store", {"T": table()}, OTHER)])) == []
    assert refused(judge_assembly(lock, [stack("Store", {"U": table()})])) == []
