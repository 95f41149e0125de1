"""Counts the jobs of each status, from the changes of the table, each of which counts once."""

from __future__ import annotations

from gateleg.errors import ItemNotFoundError
from gateleg.store import Store
from gateleg.stream import StreamResolver, uses
from lambdas.dashboard.model import JOBS, Job, Status, Totals

store = Store(JOBS)
app = StreamResolver(JOBS, idempotency=JOBS)
BY_STATUS = {"queued": Totals.queued, "running": Totals.running, "done": Totals.done, "failed": Totals.failed}


@app.on_insert(Job)
@uses(Totals.update, Totals.create)
def came(job: Job) -> None:
    """Count a new job."""
    count({job.status: 1})


@app.on_modify(Job)
@uses(Totals.update, Totals.create)
def moved(old: Job, new: Job) -> None:
    """Count a job for its new status, and no more for its old one."""
    if old.status != new.status:
        count({old.status: -1, new.status: 1})


@app.on_remove(Job)
@uses(Totals.update, Totals.create)
def left(job: Job) -> None:
    """Count a job no more that is gone."""
    count({job.status: -1})


def count(change: dict[Status, int]) -> None:
    """Change the totals in one write; the first change makes them."""
    first, *others = (BY_STATUS[status].add(number) for status, number in change.items())
    try:
        store.update(Totals.key(), first, *others)
    except ItemNotFoundError:
        store.create(Totals(**change))
