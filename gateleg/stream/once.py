"""Changes that are taken once, however often their records come: Powertools' idempotency utility, on a table of the application's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyPersistenceLayerError

from gateleg.idempotency.replays import ReplayLayer, replay_of
from gateleg.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from gateleg.description import Use
    from gateleg.model import Table


class Once:
    """Calls a handler with a change unless it was called with it before.

    Args:
        table: Where it is kept which were; it has a TTL attribute.
        expires: How long.
        store: Where the table is; as the environment says unless given.

    Raises:
        DeclarationError: The table has no TTL attribute.
    """

    def __init__(self, table: Table, expires: timedelta, store: Store | None) -> None:
        self._entity = replay_of(table)
        self._expires = int(expires.total_seconds())
        self._store = store or Store(table)

    @property
    def uses(self) -> tuple[Use, ...]:
        """What it does to the table."""
        entity = self._entity
        return tuple(use for operation in (entity.put, entity.update, entity.delete) for use in operation.declared_uses())

    def call(self, handler: str, change: str, context: Any, function: Callable[[], object]) -> None:
        """Call a function, unless it was called for this handler and change and did not fail.

        Args:
            handler: The handler's name.
            change: The record's id.
            context: Lambda's context.
            function: What the handler does.

        Raises:
            IdempotencyAlreadyInProgressError: It is being called; Lambda is to come again with the record.
        """
        config = IdempotencyConfig(expires_after_seconds=self._expires, raise_on_no_idempotency_key=True, hash_function="sha256")
        if hasattr(context, "get_remaining_time_in_millis"):
            config.register_lambda_context(context)
        done: list[bool] = []

        def running(*, change: dict[str, str]) -> None:
            del change
            function()
            done.append(True)

        layer = ReplayLayer(self._entity, self._store)
        guarded = idempotent_function(running, data_keyword_argument="change", persistence_store=layer, config=config, key_prefix="stream")
        try:
            guarded(change={"handler": handler, "change": change})
        except IdempotencyPersistenceLayerError as error:
            if not done and error.__cause__ is not None:
                raise error.__cause__ from error
            raise
