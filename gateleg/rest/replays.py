"""The answers that are kept for idempotent routes: an entity of the application's table, and Powertools' persistence layer on it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer, IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from aws_lambda_powertools.utilities.idempotency.serialization.custom_dict import CustomDictSerializer

from gateleg.errors import ConditionFailedError, DeclarationError
from gateleg.model import Attr, Entity, attr, key, ttl
from gateleg.rest.powertools import serializer_of
from gateleg.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

    from gateleg.model import Table

_SERVER_ERROR = 500
_RUNNING = "INPROGRESS"
_declared: WeakKeyDictionary[Table, Any] = WeakKeyDictionary()


def replay_of(table: Table) -> Any:
    """The entity of kept answers in a table, declared there the first time.

    Raises:
        DeclarationError: The table has no TTL attribute.
    """
    if table.ttl is None:
        message = f"table {table.name!r} has no TTL, so the answers of idempotent routes would stay; write Table(..., ttl='expires_at')"
        raise DeclarationError(message, path=table.name)
    if table not in _declared:
        _declared[table] = _declare(table)
    return _declared[table]


def _declare(table: Table) -> Any:
    class Replay(Entity, table=table):
        """What a request was answered, or that it runs."""

        replay_id: Attr[str] = attr()
        status: Attr[str] = attr()
        runs_until: Attr[int] = attr(default=0)
        request: Attr[str] = attr(default="")
        answer: Attr[str] = attr(default="")
        expires_at: Attr[datetime | None] = ttl()

        key = key("IDEMPOTENCY#{replay_id}", *(() if table.sort_key is None else ("IDEMPOTENCY",)))

    return Replay


class Replays:
    """Runs requests once.

    Args:
        table: Where they are kept.
        expires: How long.
        store: Where the table is; as the environment says unless given.
    """

    def __init__(self, table: Table, expires: timedelta, store: Store | None) -> None:
        self._entity = replay_of(table)
        self._expires = expires
        self._store = store or Store(table)

    def once(self, app: ApiGatewayResolver, request: Mapping[str, Any], run: Callable[[], Response[Any]]) -> Response[Any]:
        """Answer a request, by running it or as it was answered before.

        Raises:
            ServiceError: 409 while the first one runs, 422 where that was another one.
        """
        done: list[Response[Any]] = []

        def running(*, request: Mapping[str, Any]) -> Response[Any]:
            del request
            answer = run()
            if answer.status_code >= _SERVER_ERROR:
                raise _FailedError(answer)
            done.append(answer)
            return answer

        kept = CustomDictSerializer(lambda answer: _kept(answer, serializer_of(app)), _again)
        config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="payload",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=int(self._expires.total_seconds()),
            hash_function="sha256",
        )
        if hasattr(app.lambda_context, "get_remaining_time_in_millis"):
            config.register_lambda_context(app.lambda_context)
        guarded = idempotent_function(
            running,
            data_keyword_argument="request",
            persistence_store=_Layer(self._entity, self._store),
            config=config,
            output_serializer=kept,
            key_prefix="rest",
        )
        try:
            answer: Response[Any] = guarded(request=request)
        except _FailedError as failed:
            return failed.answer
        except IdempotencyAlreadyInProgressError as error:
            raise ServiceError(409, "the first request with this idempotency key still runs; send it again later") from error
        except IdempotencyValidationError as error:
            raise ServiceError(422, "this idempotency key was sent with another request; send a new one with a new request") from error
        except IdempotencyPersistenceLayerError as error:
            if not done and error.__cause__ is not None:
                raise error.__cause__ from error
            raise
        return answer


class _FailedError(Exception):
    """A server error that was answered and not raised: as with one that is raised, the request may be sent again."""

    def __init__(self, answer: Response[Any]) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class _Layer(BasePersistenceLayer):
    """Powertools' records as entities (https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/#bring-your-own-persistent-store)."""

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


def _kept(answer: Response[Any], serialize: Callable[[Any], str]) -> dict[str, Any]:
    """An answer as it will be sent, apart from what depends on who asks: CORS and compression."""
    body: Any = answer.body
    if answer.is_json() and not isinstance(body, str):
        body = serialize(body)
    return {
        "status": answer.status_code,
        "headers": answer.headers,
        "cookies": [str(cookie) for cookie in answer.cookies],
        "compress": answer.compress,
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "bytes": isinstance(body, bytes),
    }


def _again(kept: dict[str, Any]) -> Response[Any]:
    body = base64.b64decode(kept["body"]) if kept["bytes"] else kept["body"]
    return Response(kept["status"], None, body, kept["headers"], kept["cookies"], kept["compress"])
