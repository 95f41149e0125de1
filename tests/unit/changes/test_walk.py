"""The walk through the updates, on a place that refuses what AWS refuses, is slow, and is left at any moment."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.changes.walk import LiveTable, walk
from gateleg.errors import ChangeRefusedError
from tests.unit.changes.test_waves import names_of, template
from tests.unit.local.table_forms import GLOBAL, passes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]


class KilledError(Exception):
    """The process ends."""


def silent(line: str) -> None:
    del line


class Place:
    """A stack with one table, whose indexes are ready some looks later."""

    def __init__(self, deployed: Json | None, *, looks: int = 3, regions: Sequence[str] = ("",)) -> None:
        self.deployed = deployed
        self.live = {} if deployed is None else dict.fromkeys(names_of(deployed), 0)
        self.deploys: list[Json] = []
        self.pauses: list[float] = []
        self.chance = random.Random(0)  # noqa: S311 (no secret)
        self.kills = 0.0
        self._looks = looks
        self._regions = regions

    def template(self, stack: str) -> Json | None:
        del stack
        self._risk()
        return self.deployed

    def tables(self, stack: str) -> Mapping[str, Sequence[LiveTable]]:
        del stack
        self._risk()
        if self.deployed is None:
            return {}
        slow = {name: "CREATING" if looks > 0 else "ACTIVE" for name, looks in self.live.items()}
        self.live = {name: looks - 1 for name, looks in self.live.items()}
        ready = dict.fromkeys(slow, "ACTIVE")
        filled = frozenset(name for name, status in slow.items() if status != "ACTIVE")
        last = self._regions[-1]
        return {
            "T": [
                LiveTable(f"t{region}", "ACTIVE", slow if region == last else ready, filled if region == last else frozenset())
                for region in self._regions
            ]
        }

    def deploy(self, templates: Mapping[str, Json], stacks: Sequence[str]) -> None:
        self._risk()
        [(stack, now)] = templates.items()
        assert list(stacks) == [stack]
        assert all(looks <= 0 for looks in self.live.values()), "AWS refuses: an index is being made"
        if self.deployed is not None:
            assert passes(self.deployed["Resources"]["T"], now["Resources"]["T"]), "AWS refuses"
        self.live = {name: self.live.get(name, self._looks if self.deployed else 0) for name in names_of(now)}
        self.deployed = now
        self.deploys.append(now)
        self._risk()

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._risk()

    def _risk(self) -> None:
        if self.chance.random() < self.kills:
            raise KilledError


OLD, NEW = template(GLOBAL, ["old"], code="old"), template(GLOBAL, ["one", "two", "three"], code="new")


def test_it_waits_for_each_index_and_says_so() -> None:
    place, told = Place(OLD), list[str]()
    walk(place, {"Data": NEW}, told.append)
    assert place.deployed == NEW
    assert told == [
        "create index one of T in Data, 2 more to come",
        "waiting: index one of t is being filled",
        "create index two of T in Data, 1 more to come",
        "waiting: index two of t is being filled",
        "create index three of T in Data",
        "waiting: index three of t is being filled",
        "deploying Data",
        "drop index old of T in Data",
    ]
    assert place.pauses[:4] == [2.0, 2.0, 3.0, 4.5]


def test_every_region_is_waited_for() -> None:
    place = Place(OLD, regions=["", " in eu-west-2"])
    told: list[str] = []
    walk(place, {"Data": NEW}, told.append)
    assert "waiting: index one of t in eu-west-2 is being filled" in told
    assert place.deployed == NEW


@pytest.mark.parametrize("seed", range(40))
def test_one_that_is_killed_anywhere_goes_on_when_it_is_begun_anew(seed: int) -> None:
    place = Place(OLD)
    place.chance.seed(seed)
    place.kills = 0.15
    for _ in range(200):
        try:
            walk(place, {"Data": NEW}, silent)
        except KilledError:
            continue
        break
    assert place.deployed == NEW
    assert [names_of(one) for one in place.deploys] == [
        ["old", "one"],
        ["old", "one", "two"],
        ["old", "one", "two", "three"],
        ["one", "two", "three", "old"],
        ["one", "two", "three"],
    ], "nothing is done twice, and nothing undone"


def test_nothing_is_deployed_where_all_is_as_it_shall_be() -> None:
    place = Place(NEW)
    walk(place, {"Data": NEW}, silent)
    assert place.deploys == []


def test_a_new_stack_is_made_at_once() -> None:
    place = Place(None)
    walk(place, {"Data": NEW}, silent)
    assert place.deploys == [NEW]


@pytest.mark.parametrize(
    ("live", "said"),
    [
        (
            ["old", "left"],
            "t has the index left, which the deployed template of Data does not: a rollback left it, or somebody made it; delete it",
        ),
        ([], "t lacks the index old, which the deployed template of Data has: somebody deleted it; make it again"),
    ],
)
def test_a_table_that_is_not_as_its_template_says_is_left_alone(live: list[str], said: str) -> None:
    """amplify-cli#9640, amplify-category-api#1831: the next try fails with `already exists`."""
    place = Place(OLD)
    place.live = dict.fromkeys(live, 0)
    with pytest.raises(ChangeRefusedError, match=said):
        walk(place, {"Data": NEW}, silent)
    assert place.deploys == []
