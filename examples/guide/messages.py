"""A table with an index, an entity with the keys of both, and a question that each of them answers."""

from datetime import datetime

from gateleg.model import DESCENDING, Attr, Entity, Index, Table, access, attr, created_at, index_key, key, ulid

ROOMS = Table(
    "rooms",
    partition_key="pk",
    sort_key="sk",
    indexes=[Index("by_author", partition_key="author_pk", sort_key="author_sk")],
)


class Message(Entity, table=ROOMS):
    """One message in a room."""

    room: Attr[str]
    message_id: Attr[str] = attr(default_factory=ulid)
    author: Attr[str] = attr(save=str.casefold)
    body: Attr[str] = attr(min_length=1, max_length=4_000)
    sent_at: Attr[datetime] = created_at()

    key = key("ROOM#{room}", "MESSAGE#{message_id}")
    author_key = index_key("by_author", "AUTHOR#{author}", "SENT#{sent_at}")

    @access(sort=DESCENDING)
    def in_room(*, room: str) -> None:
        """What was said in a room, newest first."""

    @access(index="by_author")
    def by_author(*, author: str, since: datetime | None = None) -> None:
        """What somebody said, oldest first."""
