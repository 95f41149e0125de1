"""Changes of a table that AWS makes in place, and what is lost by them: recovery, protection, a copy, records of a stream.

Follows https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.change import Change
from gateleg.changes.stateful import loosened
from gateleg.changes.tables import GLOBAL, expiry, text, true

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateleg.changes.tables import DeclaredTable
    from gateleg.changes.template import Json

TIMED: Final = ("BillingMode", "TableClass", "TimeToLiveSpecification")
"""Properties that AWS lets change only so often."""

_SWITCHES: Final = 4
"""From provisioned to on demand, in a rolling day."""
_CLASSES: Final = 2
"""Changes of the table class, in a rolling month."""


def losses(old: DeclaredTable, new: DeclaredTable, times: Mapping[str, Sequence[str]], now: datetime) -> Iterator[Change]:
    """Yield what a table that stays loses by an update.

    Args:
        old: The table as it is deployed.
        new: The table as it is declared now.
        times: When the properties changed that AWS lets change only so often, by name; in ISO form.
        now: The present moment.
    """
    change = _Maker(new)
    if looser := loosened(old.resource, new.resource):
        yield change(
            "retention", "refused", f"changes its {' and '.join(looser)}: its end is the end of its items", "leave the policies as they are"
        )
    yield from _by_region(old, new, change)
    yield from _told(old, new, change)
    yield from _timed(old, new, change, _Past(times, now))


class _Maker:
    def __init__(self, table: DeclaredTable) -> None:
        self._table = table

    def __call__(self, rule: str, verdict: Any, said: str, instead: str = "", part: str = "") -> Change:
        subject = "/".join(filter(None, (*self._table.stack[1:], self._table.logical_id, part)))
        return Change(rule, self._table.stack[0], subject, verdict, f"{self._table} {said}", instead)


def _by_region(old: DeclaredTable, new: DeclaredTable, change: _Maker) -> Iterator[Change]:
    was, now = _places(old), _places(new)
    for region, before in was.items():
        where = f" in {region}" if len(was) > 1 else ""
        after = now.get(region)
        if after is None:
            instead = "leave the replica, or acknowledge it once nobody reads there"
            yield change("replica-gone", "refused", f"loses its replica in {region}, and AWS deletes that copy", instead, region)
            continue
        if true(before.get("DeletionProtectionEnabled")) and not true(after.get("DeletionProtectionEnabled")):
            yield change("protection", "refused", f"is no longer protected from deletion{where}", "leave deletion_protection on")
        kept, keeps = _recovery(before), _recovery(after)
        if kept and not keeps:
            said = f"can no longer be restored to a moment of the past{where}, and what could be restored until now is gone at once"
            yield change("recovery", "refused", said, "leave point_in_time_recovery on")
        elif keeps < kept:
            yield change("recovery", "told", f"can be restored to the last {keeps} days{where}, and no longer to the last {kept}")
        if before.get("SSESpecification") != after.get("SSESpecification"):
            said = f"is encrypted with another key{where}; keep the old one, which its backups are read with"
            yield change("encryption", "told", said)


def _places(table: DeclaredTable) -> Mapping[str, Json]:
    return table.replicas or {table.region: table.properties}


def _recovery(place: Json) -> int:
    """Return for how many days the table can be restored."""
    given = place.get("PointInTimeRecoverySpecification", {})
    days = given.get("RecoveryPeriodInDays", 35)
    return (days if isinstance(days, int) else 35) if true(given.get("PointInTimeRecoveryEnabled")) else 0


def _told(old: DeclaredTable, new: DeclaredTable, change: _Maker) -> Iterator[Change]:
    for name in sorted(old.indexes(GLOBAL).keys() - new.indexes(GLOBAL).keys()):
        said = f"loses its index {name}: code that still reads it fails as soon as AWS begins, so deploy the code that does not first"
        yield change("index-gone", "told", said, "", name)
    was, now = (table.properties.get("StreamSpecification") for table in (old, new))
    if was is not None and now is None:
        yield change("stream-off", "told", "loses its stream: its consumers have a day to read what is in it")
    if old.properties.get("KinesisStreamSpecification") not in (None, new.properties.get("KinesisStreamSpecification")):
        yield change("kinesis", "told", "sends its changes to another Kinesis stream, and what is written in between to neither")


class _Past:
    """When a property changed before."""

    def __init__(self, times: Mapping[str, Sequence[str]], now: datetime) -> None:
        self._times = times
        self._now = now

    def within(self, name: str, span: timedelta) -> list[datetime]:
        return [moment for given in self._times.get(name, ()) if (moment := datetime.fromisoformat(given)) > self._now - span]

    def left(self, moment: datetime, span: timedelta) -> str:
        minutes = int((moment + span - self._now).total_seconds() // 60) + 1
        return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"  # noqa: PLR2004


def _timed(old: DeclaredTable, new: DeclaredTable, change: _Maker, past: _Past) -> Iterator[Change]:
    hour, day, month = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
    recent = past.within("TimeToLiveSpecification", hour)
    if expiry(old) != expiry(new) and recent:
        said = (
            "changes its TTL twice within an hour, and AWS answers 'Time to live has been modified multiple times within a fixed interval'"
        )
        yield change("ttl-again", "refused", said, f"deploy it in {past.left(recent[-1], hour)}")
    billed, bills = (text(table.properties.get("BillingMode", "PROVISIONED")) for table in (old, new))
    if billed != bills:
        switches = past.within("BillingMode", day)
        if bills == "PAY_PER_REQUEST" and len(switches) >= _SWITCHES:
            said = f"turns to on demand for the fifth time within a day, and AWS allows {_SWITCHES}"
            yield change("billing", "refused", said, f"deploy it in {past.left(switches[0], day)}")
        else:
            yield change(
                "billing",
                "told",
                f"is billed {bills} and no longer {billed}; AWS turns tables to on demand {_SWITCHES} times a day at most",
            )
    was, now = (text(table.home.get("TableClass", "STANDARD")) for table in (old, new))
    if was != now:
        classes = past.within("TableClass", month)
        if len(classes) >= _CLASSES:
            said = f"changes its class for the third time within 30 days, and AWS allows {_CLASSES}"
            yield change("table-class", "refused", said, f"deploy it in {past.left(classes[0], month)}")
        else:
            yield change("table-class", "told", f"changes its class from {was} to {now}, which AWS does {_CLASSES} times within 30 days")
