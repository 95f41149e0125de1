"""Programs: what several requests do together, without saying how they are sent.

A program is a generator. It yields commands, and is given the result of each; it yields a `Pause` where it wants to wait; what it returns
is the outcome. A store that waits and one that awaits run the same programs.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from gateleg.errors import KindMismatchError, ThrottledError
from gateleg.model.queries.page import Page
from gateleg.store.commands.base import Command, Together
from gateleg.store.patience import Pause
from gateleg.store.portions import Portions
from gateleg.store.unreadable import report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.keys.key import Key
    from gateleg.model.keys.reference import Ref
    from gateleg.model.values.wire import WireValue
    from gateleg.store.commands.batch import BatchGetItem
    from gateleg.store.commands.delete import DeleteItem
    from gateleg.store.commands.put import PutItem
    from gateleg.store.commands.read import ReadItems, Stretch
    from gateleg.store.commands.statement import ExecuteStatement
    from gateleg.store.patience import Patience
    from gateleg.store.unreadable import Broken, Unreadable

R = TypeVar("R")
E = TypeVar("E", bound="Entity")


Program: TypeAlias = Generator[Command[Any] | Together[Any] | Pause, Any, R]
"""Yields commands, several at once among them, and pauses, is sent the commands' results, has their `StoreError`s thrown in, returns the outcome."""


def once(command: Command[R]) -> Program[R]:
    """One command."""
    result: R = yield command
    return result


def writing(entity: E, command: PutItem[E]) -> Program[E]:
    """Write an entity, which learns its new version and time."""
    stored: E = yield command
    return learned(entity, stored)


def learned(entity: E, stored: E) -> E:
    """What was stored; the entity that was given learns what the store wrote into it."""
    layout = entity.__gateleg__
    for attribute in (layout.role("version"), layout.role("updated_at"), *layout.forced):
        if attribute is not None:
            # Past validation, so that frozen entities learn it too.
            vars(entity)[attribute.name] = getattr(stored, attribute.name)
    return stored


def paging(
    first: ReadItems[E],
    *,
    limit: int,
    requests: int,
    start: Mapping[str, WireValue] | None,
    sign: Callable[[Mapping[str, WireValue]], str],
    unreadable: Unreadable | None,
) -> Program[Page[E]]:
    """Fill one page, or as much of it as the requests find.

    Args:
        first: What is read, from its beginning.
        limit: How many items the page holds at most.
        requests: How many requests are sent at most.
        start: Where the page before ended.
        sign: Makes the cursor of a place.
        unreadable: What takes items that cannot be read; `None` to raise.
    """
    first = replace(first, placed=True, tolerant=unreadable is not None)
    found: list[E] = []
    broken: list[Broken] = []
    places: list[dict[str, WireValue]] = []
    # One more than wanted tells whether there is a next page, so that the cursor of a full one leads to something.
    portions = Portions(limit + 1)
    for _ in range(requests):
        stretch: Stretch[E] = yield first.onward(start, portions.next)
        portions.take(len(stretch.found), stretch.scanned)
        broken.extend(one._replace(before=len(found) + one.before) for one in stretch.broken)
        found.extend(stretch.found)
        places.extend(stretch.places)
        start = stretch.end
        if start is None or not portions.left:
            break
    goes_on_within = len(found) > limit
    report(broken, unreadable, limit if goes_on_within else None)
    end = places[limit - 1] if goes_on_within else start
    items: list[Any] = found[:limit]
    return Page[Any](items=items, cursor=None if end is None else sign(end))


def counting(first: ReadItems[Any], maximum: int | None) -> Program[int]:
    """Count the items, up to a maximum, without reading them out."""
    count = 0
    portions = Portions(maximum)
    start: Mapping[str, WireValue] | None = None
    while True:
        stretch: Stretch[Any] = yield first.onward(start, portions.next)
        portions.take(stretch.count, stretch.scanned)
        count += stretch.count
        start = stretch.end
        if start is None or (maximum is not None and count >= maximum):
            return count if maximum is None else min(count, maximum)


def batch_reading(wanted: list[Key[E]], patience: Patience, command: Callable[[tuple[Key[E], ...]], BatchGetItem[E]]) -> Program[list[E]]:
    """Read many items by their keys, 100 in a request; what DynamoDB did not get to is asked for again after a pause."""
    from gateleg.store.commands.batch import READS_AT_ONCE

    found: dict[Key[E], E] = {}
    items: dict[object, list[Key[E]]] = {}
    for key in wanted:
        items.setdefault(key.identity, []).append(key)
    keys_of = list(items.values())
    for begin in range(0, len(keys_of), READS_AT_ONCE):
        left = tuple(key for keys in keys_of[begin : begin + READS_AT_ONCE] for key in keys)
        for attempt in range(patience.attempts):
            more, left = yield command(left)
            found.update(more)
            if not left:
                break
            yield Pause(patience.pause(attempt))
        if left:
            raise ThrottledError(f"{len(left)} of {len(wanted)} items were not read, after all attempts", value=left)
    return [found[key] for key in wanted if key in found]


def resolving(refs: list[Ref[E]], reading: Program[list[E]]) -> Program[dict[Ref[E], E]]:
    """Read what references lead to, and give it by them."""
    from gateleg.model.keys.reference import Ref

    entities = yield from reading
    found = {Ref.to(entity): entity for entity in entities}
    return {ref: found[ref] for ref in refs if ref in found}


def batch_writing(requests: list[dict[str, Any]], guarded: list[PutItem[Any] | DeleteItem[Any]], patience: Patience) -> Program[None]:
    """Write and delete many items, 25 in a request; what DynamoDB did not get to is sent again after a pause.

    Args:
        requests: The writes that may go together.
        guarded: Those that go one by one, as items of other kinds may be under their keys.
        patience: How slowly they are repeated.
    """
    from gateleg.store.commands.batch import WRITES_AT_ONCE, BatchWriteItem

    for begin in range(0, len(requests), WRITES_AT_ONCE):
        left = tuple(requests[begin : begin + WRITES_AT_ONCE])
        for attempt in range(patience.attempts):
            left = yield BatchWriteItem(left)
            if not left:
                break
            yield Pause(patience.pause(attempt))
        if left:
            remaining = [*left, *requests[begin + WRITES_AT_ONCE :], *(command.request() for command in guarded)]
            raise _left(remaining, len(requests) + len(guarded))
    refused: list[KindMismatchError] = []
    for place, command in enumerate(guarded):
        try:
            yield command
        except KindMismatchError as error:
            refused.append(error)
        except ThrottledError as error:
            raise _left([command.request() for command in guarded[place:]], len(requests) + len(guarded)) from error
    if refused:
        raise _partly_refused(refused, len(requests) + len(guarded))


def _left(requests: list[dict[str, Any]], count: int) -> ThrottledError:
    return ThrottledError(f"{len(requests)} of {count} items were not written, after all attempts", value=requests)


def _partly_refused(refused: list[KindMismatchError], count: int) -> KindMismatchError:
    """The first of the refusals, which says how many there are, and that the others are done."""
    first = refused[0]
    message = f"{len(refused)} of {count} items were not written, the others were: {first.message}"
    told = KindMismatchError(
        message, path=first.path, value=[error.path for error in refused], aws_code=first.aws_code, response=first.response
    )
    told.kind, told.stored_kind, told.item = first.kind, first.stored_kind, first.item
    return told


def executing(first: ExecuteStatement) -> Program[list[Any]]:
    """Execute a statement, on to its end."""
    found: list[Any] = []
    command: ExecuteStatement | None = first
    while command is not None:
        items, token = yield command
        found.extend(items)
        command = None if token is None else replace(command, token=token)
    return found
