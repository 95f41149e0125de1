"""The committed file: read as it was written, refused where it is not one, written whole or not at all; and what AWS lets change only so often."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.changes.intrinsics import Environment
from gateleg.changes.judge import judged
from gateleg.changes.lock import Lock
from gateleg.changes.shape import read_shape
from gateleg.errors import LockError
from tests.unit.local.table_forms import index, replicas, table

if TYPE_CHECKING:
    from pathlib import Path

    from gateleg.changes.change import Change
    from gateleg.changes.shape import StackShape

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def shape(**given: Any) -> StackShape:
    return read_shape("Chat", {"Resources": {"T": table(**given)}}, Environment("1" * 12, "eu-west-1"))


def locked(*shapes: tuple[StackShape, datetime]) -> Lock:
    lock = Lock()
    for one, moment in shapes:
        lock = lock.with_shapes({"Chat": one}, moment)
    return lock


def judged_at(lock: Lock, after: StackShape, moment: datetime) -> list[Change]:
    entry = lock.entries["Chat"]
    return judged([entry.shape], [after], {"Chat": entry.times}, moment)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    form = {"type_attribute": "_type", "default_type": None, "entities": {"Thing": {"key": {"pk": "{a}"}, "indexes": {}, "version": 0}}}
    lock = locked((shape(GlobalSecondaryIndexes=[index("b"), index("a", include=("y", "x"))]), NOW))
    [entry] = lock.entries.values()
    lock = Lock(
        {"Chat@prod": replace(entry, shape=replace(entry.shape, forms={"T": form}, routes={"Api": {"guarded": ["GET /"], "public": []}}))}
    )
    path = tmp_path / "gateleg.lock.json"
    lock.write(path)
    read = Lock.read(path)
    assert read is not None
    read.write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == path.read_text()
    assert judged([read.entries["Chat@prod"].shape], [lock.entries["Chat@prod"].shape]) == []
    assert max(map(len, path.read_text().splitlines())) <= 100


def test_order_makes_no_difference_in_it(tmp_path: Path) -> None:
    orders = [[index("a", include=("x", "y")), index("b")], [index("b"), index("a", include=("y", "x"))]]
    for number, order in enumerate(orders):
        locked((shape(GlobalSecondaryIndexes=order), NOW)).write(tmp_path / str(number))
    assert (tmp_path / "0").read_text() == (tmp_path / "1").read_text()


def test_there_may_be_none(tmp_path: Path) -> None:
    assert Lock.read(tmp_path / "gateleg.lock.json") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a lock"),
        ("<<<<<<< HEAD", "is not a lock"),
        ("[]", r"is not a lock that a release wrote .format None.; take the committed one back"),
        (
            '{"format": 2, "stacks": {}}',
            "has format 2, and this release reads 1: a later release wrote it; install that one: pip install -U gateleg; or remove the file and",
        ),
        ('{"format": true, "stacks": {}}', "is not a lock that a release wrote .format True."),
        ('{"format": 0, "stacks": {}}', "format 0.; take the committed one back"),
        ('{"format": "2", "stacks": {}}', "format '2'.; take the committed one back"),
        ('{"format": 1}', "is not a lock"),
        ('{"format": 1, "stacks": {"Chat": {}}}', "is not a lock"),
        ('{"format": 1, "stacks": {"Chat": {"name": "Chat", "resources": {"T": 3}}}}', "is not a lock"),
    ],
)
def test_what_is_no_lock_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "gateleg.lock.json"
    path.write_text(text)
    with pytest.raises(LockError, match=said):
        Lock.read(path)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "gateleg.lock.json").mkdir()
    with pytest.raises(LockError, match="cannot write"):
        Lock().write(tmp_path / "gateleg.lock.json")
    assert [path.name for path in tmp_path.iterdir()] == ["gateleg.lock.json"]


def test_other_stacks_stay(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    Lock().with_shapes({"A": shape(), "B": shape()}).with_shapes({"B": shape(TableName="b")}).write(path)
    assert list(json.loads(path.read_text())["stacks"]) == ["A", "B"]


def _ttl(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"TimeToLiveSpecification": {"AttributeName": name, "Enabled": True}}


def test_expiry_is_changed_once_an_hour() -> None:
    lock = locked((shape(**_ttl("gone")), NOW), (shape(), NOW + timedelta(hours=5)))
    on = shape(**_ttl("until"))
    refused = [change for change in judged_at(lock, on, NOW + timedelta(hours=5, minutes=18)) if change.rule == "ttl-again"]
    assert [(change.verdict, change.instead) for change in refused] == [("refused", "deploy it in 43 minutes")]
    assert [change.rule for change in judged_at(lock, on, NOW + timedelta(hours=6, minutes=1))] == ["ttl-on"]
    assert judged_at(lock, shape(), NOW + timedelta(hours=5, minutes=1)) == []


def test_a_table_turns_to_on_demand_four_times_a_day() -> None:
    scaling = {"WriteCapacityAutoScalingSettings": {"SeedCapacity": 1}}
    on_demand, provisioned = shape(), shape(BillingMode="PROVISIONED", WriteProvisionedThroughputSettings=scaling)
    steps = [on_demand, provisioned, on_demand, provisioned, on_demand, provisioned]
    lock = locked(*((step, NOW + timedelta(hours=hour)) for hour, step in enumerate(steps)))
    found = judged_at(lock, on_demand, NOW + timedelta(hours=6))
    assert [(change.rule, change.verdict) for change in found] == [("billing", "refused")]
    assert found[0].instead == "deploy it in 19 hours"
    assert [change.verdict for change in judged_at(lock, on_demand, NOW + timedelta(hours=27))] == ["told"]


@pytest.mark.parametrize(("days", "verdict"), [(20, "refused"), (32, "told")])
def test_a_class_is_changed_twice_a_month(days: int, verdict: str) -> None:
    rare, often = shape(Replicas=replicas(TableClass="STANDARD_INFREQUENT_ACCESS")), shape(Replicas=replicas(TableClass="STANDARD"))
    lock = locked((often, NOW), (rare, NOW + timedelta(days=1)), (often, NOW + timedelta(days=2)))
    assert [(change.rule, change.verdict) for change in judged_at(lock, rare, NOW + timedelta(days=days))] == [("table-class", verdict)]


def test_what_is_older_than_any_limit_is_forgotten() -> None:
    lock = locked((shape(**_ttl("gone")), NOW), (shape(), NOW), (shape(), NOW + timedelta(days=31)))
    assert lock.entries["Chat"].times == {}
