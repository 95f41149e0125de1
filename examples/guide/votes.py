"""A vote and the count of votes, written together or not at all."""

from gateleg.model import Attr, Entity, Table, attr, key
from gateleg.store import Store

POLLS = Table("polls", partition_key="pk", sort_key="sk")


class Poll(Entity, table=POLLS):
    """A question, and how many agree."""

    poll_id: Attr[str]
    votes: Attr[int] = attr(default=0)

    key = key("POLL#{poll_id}", "POLL")


class Vote(Entity, table=POLLS):
    """Who agrees."""

    poll_id: Attr[str]
    person: Attr[str]

    key = key("POLL#{poll_id}", "VOTE#{person}")


def vote(store: Store, poll_id: str, person: str) -> None:
    """Agree.

    Raises:
        TransactionCanceledError: That person did before; nothing was written.
    """
    with store.transact() as transaction:
        transaction.create(Vote(poll_id=poll_id, person=person))
        transaction.update(Poll.key(poll_id=poll_id), Poll.votes.add(1))
