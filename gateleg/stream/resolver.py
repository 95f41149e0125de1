"""Hands the changes of a table to the handlers that take them."""

from __future__ import annotations

import inspect
import logging
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateleg.errors import BindingError, DeclarationError, ItemInvalidError
from gateleg.model import Table
from gateleg.model.items.streams import read_change
from gateleg.stream.declaring import EVENTS, Declaring, name_of
from gateleg.stream.processor import OrderedProcessor
from gateleg.stream.sources import source_filters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.description import Use
    from gateleg.model import Change
    from gateleg.store import Store
    from gateleg.stream.filters import Pattern

logger: logging.Logger = logging.getLogger(__name__)

_CURRENT: ContextVar[tuple[Change[Any], Any] | None] = ContextVar("gateleg_stream_change", default=None)


class StreamResolver(Declaring):
    """Hands each change of a table's stream to the handlers that take it; itself the Lambda handler.

    Handlers are called one after the other, in the order of the records, and of one record in the order of their declaration. At the first
    that fails it stops: what was done before it is reported as done, and Lambda comes again with the rest, so that no change of an item is
    taken before an earlier one. A batch whose very first record fails is an error of the function, which Lambda halves until the record
    is alone. What nobody takes is left to `on_default`, where there is one.

    Args:
        table: The table, whose declaration says what the stream holds.
        idempotency: Where it is kept which changes were taken, so that each handler takes each of them once, however often Lambda comes with
            it; a table with TTL, this one or another. Unless given, a change may be taken again after a failure behind it.
        expires: How long that is kept; Lambda may come again within a day.
        store: Where that table is; as the environment says unless given.

    Raises:
        DeclarationError: The table has no stream, or an argument is not what it must be.
    """

    def __init__(
        self,
        table: Table,
        *,
        idempotency: Table | None = None,
        expires: timedelta = timedelta(days=2),
        store: Store | None = None,
    ) -> None:
        _check(table, idempotency, expires, store)
        super().__init__(table)
        self._once: Any = None
        if idempotency is not None:
            from gateleg.stream.once import Once

            self._once = Once(idempotency, expires, store)

    # Describing --------------------------------------------------------------------------------------------------------------------

    @property
    def handlers(self) -> Iterable[tuple[str, Callable[..., Any]]]:
        """Every handler, with what it takes: `INSERT Order`, `$default`."""
        default = [] if self._default is None else [("$default", self._default)]
        return [*((one.key, one.function) for one in self._handlers), *default]

    @property
    def filters(self) -> tuple[Pattern, ...]:
        """The filter patterns of the event source, of which one matches each record that a handler takes; none for every record."""
        return () if self._default is not None else source_filters(self._handlers, self.table)

    @property
    def implied_uses(self) -> tuple[Use, ...]:
        """What the resolver itself does to keep which changes were taken."""
        uses: tuple[Use, ...] = () if self._once is None else self._once.uses
        return uses

    # Answering ---------------------------------------------------------------------------------------------------------------------

    @property
    def current_change(self) -> Change[Any]:
        """The change that is being taken: its keys, its number, its time, and whether the item expired.

        Raises:
            BindingError: None is.
        """
        return self._current()[0]

    @property
    def lambda_context(self) -> Any:
        """The Lambda context of the batch.

        Raises:
            BindingError: None is being taken.
        """
        return self._current()[1]

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """The Lambda handler."""
        return self.resolve(event, context)

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Take the changes of one batch.

        Args:
            event: The Lambda event of a DynamoDB stream.
            context: The Lambda context.

        Returns:
            The partial batch response: the number of the first record that was not taken, if not all were.

        Raises:
            ItemInvalidError: The event is not one of a DynamoDB stream.
            Exception: What the very first record failed with, so that Lambda halves the batch.
        """
        records: Any = event.get("Records")
        if records.__class__ is not list or not all(one.__class__ is dict and "dynamodb" in one for one in records):
            message = (
                "this is not an event of a DynamoDB stream: it has no Records with dynamodb in them; give the function to table.on_change()"
            )
            raise ItemInvalidError(message, path="Records", value=sorted(event))
        processor = OrderedProcessor.of_stream()

        def take(record: Any) -> None:
            self._take(record.raw_event, context)

        with processor(records, take):
            processor.process()
        if not processor.fail_messages:
            return dict(processor.response())
        failed: Any = processor.exceptions[0][1]
        if not processor.success_messages:
            raise failed
        logger.error("%d of %d changes are taken; the next failed", len(processor.success_messages), len(records), exc_info=failed)
        return dict(processor.response())

    def _take(self, record: Mapping[str, Any], context: Any) -> None:
        if record.get("eventName") not in EVENTS:
            read_change(self.table, record)
        taking: list[tuple[str, Callable[[Change[Any]], Any]]] = [
            (one.name, one.call) for one in self._handlers if one.takes(record, self.table)
        ]
        if not taking and self._default is not None:
            taking = [(name_of(self._default), self._default)]
        if not taking:
            self._tell_unknown(record)
            return
        change: Change[Any] = read_change(self.table, record)
        token = _CURRENT.set((change, context))
        try:
            for name, call in taking:
                self._call(name, call, change, str(record.get("eventID") or change.sequence), context)
        finally:
            _CURRENT.reset(token)

    def _call(self, name: str, call: Callable[[Change[Any]], Any], change: Change[Any], record: str, context: Any) -> None:
        def run() -> None:
            result = call(change)
            if inspect.iscoroutine(result):
                import asyncio

                asyncio.run(result)

        if self._once is None:
            run()
        else:
            self._once.call(name, record, context, run)

    def _tell_unknown(self, record: Mapping[str, Any]) -> None:
        content = record["dynamodb"]
        kinds = {self.table.type_of(content[name]) for name in ("NewImage", "OldImage") if content.get(name)}
        if unknown := sorted(str(kind) for kind in kinds if kind not in self.table.entities):
            message = "a change of kind %s passed by: table %s has no entity for it, and the app no @app.on_default()"
            logger.warning(message, ", ".join(unknown), self.table.name)

    def _seconds_left(self) -> float | None:
        remaining = getattr(self.lambda_context, "get_remaining_time_in_millis", None)
        return None if remaining is None else remaining() / 1000

    def _current(self) -> tuple[Change[Any], Any]:
        if (current := _CURRENT.get()) is None:
            raise BindingError("no change is being taken here; ask in a handler of the resolver")
        return current


def _check(table: Any, idempotency: Any, expires: Any, store: Any) -> None:
    """What would fail at the first batch is refused at import."""
    kept = store is None
    if store is not None:
        from gateleg.store import Store  # which has been imported where one is given

        kept = isinstance(store, Store)
    rules = {
        "table": (table, isinstance(table, Table), "a Table of gateleg.model", "write StreamResolver(ORDERS)"),
        "idempotency": (idempotency, idempotency is None or isinstance(idempotency, Table), "a Table with a TTL attribute", "leave it out"),
        "expires": (
            expires,
            isinstance(expires, timedelta) and expires >= timedelta(minutes=1),
            "a timedelta of a minute or more",
            "write expires=timedelta(days=2)",
        ),
        "store": (store, kept, "a Store", "leave it out for the one of the environment"),
    }
    for name, (value, fits, wanted, advice) in rules.items():
        if not fits:
            message = f"StreamResolver({name}=...) takes {wanted}, got {value!r}; {advice}"
            raise DeclarationError(message, path=f"StreamResolver.{name}", value=value)
    if table.stream is None:
        message = f"table {table.name!r} has no stream; write Table({table.name!r}, ..., stream=StreamView.NEW_AND_OLD_IMAGES)"
        raise DeclarationError(message, path=table.name)
