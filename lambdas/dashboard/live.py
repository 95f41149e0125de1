"""The WebSocket API of the page, and what sends the changes of jobs and totals to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from gateleg.store import Store
from gateleg.stream import StreamResolver
from gateleg.websocket import Connections, ConnectTokens, WebSocketResolver, uses
from lambdas.dashboard.model import JOBS, Job, Totals

TOPIC = "dashboard"


class JobChanged(BaseModel):
    """A job is new, or changed."""

    event: Literal["job"] = "job"
    job: Job


class TotalsChanged(BaseModel):
    """There are more or fewer jobs of a status."""

    event: Literal["totals"] = "totals"
    totals: Totals


class Dashboard(BaseModel):
    """What a page shows at first."""

    totals: Totals
    jobs: list[Job]


store = Store(JOBS)
connections = Connections(JOBS)
authorize = ConnectTokens(JOBS, audience="dashboard").authorizer()
socket = WebSocketResolver(connections, events=[JobChanged, TotalsChanged])


@socket.route("watch")
@uses(Job.latest, Totals.get)
def watch(limit: Annotated[int, Field(ge=1, le=100)] = 20) -> Dashboard:
    """Send the jobs that changed last and the totals, and from now on each change."""
    connections.join(TOPIC)
    return Dashboard(totals=store.get(Totals.key()) or Totals(), jobs=list(store.query(Job.latest().limit(limit))))


@socket.route("ping")
def ping() -> None:
    """Keep the connection open: API Gateway closes one that is silent for ten minutes."""


changes = StreamResolver(JOBS)
changes.on_insert(Job).broadcast(connections, topic=TOPIC, message=lambda job: JobChanged(job=job))
changes.on_modify(Job).broadcast(connections, topic=TOPIC, message=lambda _, job: JobChanged(job=job))
changes.on_insert(Totals).broadcast(connections, topic=TOPIC, message=lambda totals: TotalsChanged(totals=totals))
changes.on_modify(Totals).broadcast(connections, topic=TOPIC, message=lambda _, totals: TotalsChanged(totals=totals))
