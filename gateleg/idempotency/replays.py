"""The entity under which a table keeps what is done once, and Powertools' persistence layer on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemAlreadyExistsError, IdempotencyItemNotFoundError
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from gateleg.errors import ConditionFailedError, DeclarationError
from gateleg.model import Attr, Entity, attr, key, ttl

if TYPE_CHECKING:
    from gateleg.model import Table
    from gateleg.store import Store

_RUNNING = "INPROGRESS"
_declared: WeakKeyDictionary[Table, Any] = WeakKeyDictionary()


def replay_of(table: Table) -> Any:
    """The entity of what is kept in a table, declared there the first time.

    Raises:
        DeclarationError: The table has no TTL attribute.
    """
    if table.ttl is None:
        message = (
            f"table {table.name!r} has no TTL, so what is kept of calls that may come again would stay; write Table(..., ttl='expires_at')"
        )
        raise DeclarationError(message, path=table.name)
    if table not in _declared:
        _declared[table] = _declare(table)
    return _declared[table]


def _declare(table: Table) -> Any:
    class Replay(Entity, table=table):
        """What a call gave, or that it runs."""

        replay_id: Attr[str] = attr()
        status: Attr[str] = attr()
        runs_until: Attr[int] = attr(default=0)
        request: Attr[str] = attr(default="")
        answer: Attr[str] = attr(default="")
        expires_at: Attr[datetime | None] = ttl()

        key = key("IDEMPOTENCY#{replay_id}", *(() if table.sort_key is None else ("IDEMPOTENCY",)))

    return Replay


class ReplayLayer(BasePersistenceLayer):
    """Powertools' records as entities (https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/#bring-your-own-persistent-store).

    Args:
        entity: What `replay_of` gave.
        store: Where its table is.
    """

    def __init__(self, entity: Any, store: Store) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Powertools leaves it without types
        self._entity = entity
        self._store = store

    def _put_record(self, data_record: DataRecord) -> None:
        entity, now = self._entity, datetime.now(UTC)
        # What has expired is there until DynamoDB finds the time to delete it.
        free = entity.replay_id.not_exists() | (entity.expires_at < now)
        overdue = (entity.status == _RUNNING) & (entity.runs_until < int(now.timestamp() * 1_000))
        replay = entity(
            replay_id=data_record.idempotency_key,
            status=data_record.status,
            runs_until=data_record.in_progress_expiry_timestamp or 0,
            request=data_record.payload_hash,
            expires_at=_moment(data_record.expiry_timestamp),
        )
        try:
            self._store.put(replay, when=free | overdue)
        except ConditionFailedError as error:
            if not isinstance(error.item, entity):
                raise
            known = _record(error.item)
            self._validate_payload(data_payload=data_record, stored_data_record=known)
            raise IdempotencyItemAlreadyExistsError(old_data_record=known) from error

    def _update_record(self, data_record: DataRecord) -> None:
        entity = self._entity
        self._store.update(
            entity.key(replay_id=data_record.idempotency_key),
            entity.status.set(data_record.status),
            entity.answer.set(data_record.response_data),
            entity.request.set(data_record.payload_hash),
            entity.expires_at.set(_moment(data_record.expiry_timestamp)),
        )

    def _delete_record(self, data_record: DataRecord) -> None:
        self._store.delete(self._entity.key(replay_id=data_record.idempotency_key))

    def _get_record(self, idempotency_key: str) -> DataRecord:
        # What is stored comes with the refusal to write; Powertools then tries to write again.
        raise IdempotencyItemNotFoundError(idempotency_key)


def _record(replay: Any) -> DataRecord:
    return DataRecord(
        idempotency_key=replay.replay_id,
        status=replay.status,
        expiry_timestamp=int(replay.expires_at.timestamp()),
        in_progress_expiry_timestamp=replay.runs_until or None,
        response_data=replay.answer,
        payload_hash=replay.request,
    )


def _moment(timestamp: int | None) -> datetime:
    return datetime.fromtimestamp(timestamp or 0, UTC)
