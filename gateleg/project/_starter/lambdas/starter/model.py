# [table]
"""What is stored: the one declaration that the table, the permissions and the handlers are made from."""

from __future__ import annotations

from datetime import datetime

from gateleg.model import DESCENDING, Attr, Entity, Table, access, attr, created_at, key, ulid

TABLE = Table(
    "starter",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",  # connections whose end was lost are forgotten  # [websocket]
)


class Note(Entity, table=TABLE):
    """Something that somebody wrote into a notebook."""

    notebook: Attr[str] = attr(min_length=1, max_length=80)
    note_id: Attr[str] = attr(default_factory=ulid)
    text: Attr[str] = attr(min_length=1, max_length=4_000)
    written_at: Attr[datetime] = created_at()

    key = key("NOTEBOOK#{notebook}", "NOTE#{note_id}")

    @access(sort=DESCENDING)
    def in_notebook(*, notebook: str) -> None:
        """The notes of a notebook, newest first."""
# [websocket]


def topic(notebook: str) -> str:
    """What connections subscribe to that follow a notebook."""
    return f"notebook:{notebook}"
# [end]
# [end]
