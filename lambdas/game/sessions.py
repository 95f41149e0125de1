"""Recording sessions: the session and what it changes of the player's score are one transaction, which may be sent again."""

from __future__ import annotations

from gateleg.errors import ConditionFailedError, ItemExistsError, TransactionCanceledError
from gateleg.store import Store
from lambdas.game.model import Score, Session


def record(store: Store, session: Session, *, attempts: int = 5) -> Score:
    """Write a session, once for its id, and give the player's score in the game, which is the best of all that were recorded.

    Args:
        store: Where the game's table is.
        session: What was played.
        attempts: How often it is tried where another session of the player changes the score meanwhile.

    Raises:
        StoreError: It may be tried again.
    """
    score = store.get(Score.key(player=session.player, game=session.game), consistent=True)
    try:
        return _written(store, session, score)
    except TransactionCanceledError as canceled:
        if isinstance(canceled.reasons[0], ItemExistsError) and score is not None:
            return score  # recorded before, and counted then
        if attempts == 1 or not any(isinstance(reason, ConditionFailedError) for reason in canceled.reasons):
            raise
    return record(store, session, attempts=attempts - 1)


def _written(store: Store, session: Session, score: Score | None) -> Score:
    new = Score(player=session.player, game=session.game, points=session.points)
    with store.transact() as transaction:
        transaction.create(session)
        if score is None:
            return transaction.create(new)
        if session.points > score.points:
            transaction.update(score, Score.points.set(session.points))
            return score.model_copy(update={"points": session.points, "revision": score.revision + 1})
    return score
