"""Names and signatures that users may write change only with an entry in the changelog: `tests/unit/api.txt` is what the last release had."""

from __future__ import annotations

import pytest

from tools.api import FILE, api, undocumented
from tools.reference import ROOT

CHANGELOG = """# Changelog

## Unreleased

- `Store.touch` writes the expiry alone; `Index(reads=...)` and `Rocket` are new, with `fuel`.

## 1.0.0

- `Store.launch` is new.
"""
BEFORE = ["gateleg.store.Store.get(key: Key) -> E", "gateleg.model.Index.__init__(name: str) -> None"]


@pytest.fixture(scope="module")
def now() -> list[str]:
    return api()


@pytest.mark.slow
def test_what_changed_since_the_last_release_stands_in_the_changelog(now: list[str]) -> None:
    before = FILE.read_text(encoding="utf-8").splitlines()
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert undocumented(before, now, changelog) == [], "name each in `code` below Unreleased in CHANGELOG.md"


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "gateleg.model.DESCENDING: Order",
        "gateleg.store.Store.create(entity: E) -> E",
        "gateleg.store.AsyncStore.prepare: Operations",
        "gateleg.cdk.Throttle.__init__(rate_limit: float, burst_limit: int) -> None",
        "gateleg.errors.ItemExistsError(ConditionFailedError)",
        "gateleg.store.Store.transact_get(key: Key[E], /, *, stores: Iterable[Bound] = ()) -> tuple[E | None]",
    ],
)
def test_names_members_and_overloads_have_a_line_each(now: list[str], line: str) -> None:
    assert line in now


@pytest.mark.slow
def test_a_function_is_not_taken_for_the_module_of_its_name(now: list[str]) -> None:
    assert [line for line in now if line.startswith("gateleg.rest.claims(app: ")]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (BEFORE, []),
        ([*BEFORE, "gateleg.store.Store.touch(key: Key) -> None"], []),
        ([*BEFORE, "gateleg.cdk.Rocket()", "gateleg.cdk.Rocket.__init__(fuel: int) -> None"], []),
        ([BEFORE[0], "gateleg.model.Index.__init__(name: str, reads: int) -> None"], []),
        ([*BEFORE, "gateleg.store.Store.launch() -> None"], ["gateleg.store.Store.launch() -> None"]),
        ([*BEFORE, "gateleg.store.Store.fuel: int"], ["gateleg.store.Store.fuel: int"]),
        (BEFORE[1:], BEFORE[:1]),
        (
            ["gateleg.store.Store.get(key: Key, *, only: Path) -> E", BEFORE[1]],
            ["gateleg.store.Store.get(key: Key, *, only: Path) -> E", BEFORE[0]],
        ),
    ],
    ids=[
        "nothing",
        "added and told",
        "class and told",
        "argument and told",
        "told in an older version",
        "told of another",
        "removed",
        "changed",
    ],
)
def test_a_change_that_the_changelog_does_not_name_is_told(now: list[str], told: list[str]) -> None:
    assert undocumented(BEFORE, now, CHANGELOG) == sorted(told)
