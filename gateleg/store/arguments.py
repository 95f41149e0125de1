"""What operations are given, told from what only looks like it: for programs that no type checker reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gateleg.errors import ExpressionError
from gateleg.model.entity import Entity
from gateleg.model.keys.key import Key
from gateleg.model.queries.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateleg.store.unreadable import Unreadable

E = TypeVar("E", bound="Entity")


def key_given(key: Key[E]) -> Key[E]:
    """The key that was given.

    Raises:
        ExpressionError: It is something else.
    """
    if not isinstance(key, Key):  # pyright: ignore[reportUnnecessaryIsInstance] (see above)
        raise ExpressionError(f"{key!r} is not a key; write Message.key(room=..., message_id=...), or message.key", path="key", value=key)
    return key


def keys_given(keys: Iterable[Key[E]]) -> Iterator[Key[E]]:
    """The keys that were given.

    Raises:
        ExpressionError: One is something else.
    """
    given: list[Any] = [keys] if isinstance(keys, str) else list(keys)
    return (key_given(key) for key in given)


def entity_given(entity: E) -> E:
    """The entity that was given.

    Raises:
        ExpressionError: It is something else.
    """
    if not isinstance(entity, Entity):  # pyright: ignore[reportUnnecessaryIsInstance] (see above)
        raise ExpressionError(f"{entity!r} is not an entity; make one: Message(room=..., ...)", path="entity", value=entity)
    return entity


def entities_given(entities: Iterable[E]) -> Iterator[E]:
    """The entities that were given.

    Raises:
        ExpressionError: One is something else; or a single one was given.
    """
    given: Any = entities
    if isinstance(given, Entity):
        raise ExpressionError(f"several entities are written together; one was given: write [{given!r}]", path="entities", value=given)
    return (entity_given(entity) for entity in entities)


def target_given(target: Key[E] | E) -> Key[E] | E:
    """The key or the entity that was given.

    Raises:
        ExpressionError: It is something else.
    """
    given: Any = target
    return target if isinstance(given, Entity) else key_given(given)


def query_given(query: Query[E]) -> Query[E]:
    """The query that was given.

    Raises:
        ExpressionError: It is something else.
    """
    if not isinstance(query, Query):  # pyright: ignore[reportUnnecessaryIsInstance] (see above)
        message = f"{query!r} is not a query; call an access pattern: Message.in_room(room=...)"
        raise ExpressionError(message, path="query", value=query)
    return query


def limit_given(limit: int | None) -> int | None:
    """The limit that was given.

    Raises:
        ExpressionError: It is less than 1.
    """
    if limit is not None and limit < 1:
        raise ExpressionError(f"a limit is 1 or more; {limit!r} was given", path="limit", value=limit)
    return limit


def unreadable_given(unreadable: Unreadable | None) -> Unreadable | None:
    """What was given to take items that cannot be read.

    Raises:
        ExpressionError: It cannot be called.
    """
    if unreadable is not None and not callable(unreadable):  # pyright: ignore[reportUnnecessaryComparison] (see above)
        message = f"unreadable= is called with the error of each item that cannot be read; {unreadable!r} was given: write unreadable=found.append"
        raise ExpressionError(message, path="unreadable", value=unreadable)
    return unreadable
