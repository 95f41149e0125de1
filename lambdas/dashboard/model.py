"""What the dashboard stores: jobs, and how many there are of each status, which the table's own stream counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from gateleg.model import ALL, DESCENDING, Attr, Entity, Index, StreamView, Table, access, attr, index_key, key, ttl, updated_at, version

JOBS = Table(
    "jobs",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[Index("by_change", partition_key="gsi1pk", sort_key="gsi1sk", projection=ALL, sharded=4)],
)

JOB_ID = r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$"
Status = Literal["queued", "running", "done", "failed"]


class Job(Entity, table=JOBS):
    """Some work, and how far it is. It is forgotten after a month; `revision` tells a page which of two messages is the newer."""

    job_id: Attr[str] = attr(pattern=JOB_ID)
    title: Attr[str] = attr(min_length=1, max_length=120)
    status: Attr[Status] = attr(default="queued")
    progress: Attr[int] = attr(default=0, ge=0, le=100)
    changed_at: Attr[datetime] = updated_at()
    revision: Attr[int] = version()
    until: Attr[datetime] = ttl(after=timedelta(days=30))

    key = key("JOB#{job_id}", "JOB")
    change_key = index_key("by_change", "JOBS", "{changed_at}#{job_id}")

    @access(index="by_change", sort=DESCENDING)
    def latest() -> None:
        """The jobs, those that changed last first."""


class Totals(Entity, table=JOBS):
    """How many jobs there are of each status."""

    queued: Attr[int] = attr(default=0, ge=0)
    running: Attr[int] = attr(default=0, ge=0)
    done: Attr[int] = attr(default=0, ge=0)
    failed: Attr[int] = attr(default=0, ge=0)
    revision: Attr[int] = version()

    key = key("TOTALS", "TOTALS")
