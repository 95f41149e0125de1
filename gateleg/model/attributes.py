"""`Attr[T]` and the ways to declare one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, get_args, overload

from pydantic import Field

from gateleg.model.strictness import strict_scalars

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic.fields import FieldInfo
    from pydantic_core.core_schema import CoreSchema

    from gateleg.model.moments import StoredAs
    from gateleg.model.paths import Path

T = TypeVar("T")

Role = Literal["created_at", "updated_at", "version", "ttl"]
"""What the store does with an attribute by itself."""

_UNSET: Any = object()


class Attr(Generic[T]):
    """The annotation of an attribute: `body: Attr[str]`. On an entity it is a `str`, on the class a `Path[str]`.

    Only an annotation, never an object: pydantic sees `T`, type checkers see a descriptor.
    """

    @overload
    def __get__(self, instance: None, owner: Any) -> Path[T]: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        """The path on the class, the value on an entity; for type checkers, as pydantic keeps the values."""

    def __set__(self, instance: Any, value: T) -> None:
        """Assign the value, validated by pydantic; for type checkers too."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of `T`, strict about text, numbers and booleans."""
        return strict_scalars(handler.generate_schema(get_args(source)[0]))


def attr_of(annotation: Any) -> Any:
    """`Attr[annotation]`, for an annotation that is known at run time alone."""
    return cast("Any", Attr).__class_getitem__(annotation)


@dataclass(frozen=True)
class Storage:
    """How an attribute is stored; rides on its pydantic field as metadata.

    Attributes:
        stored: Its name in DynamoDB; `None` for the attribute's own.
        save: Turns the value into what is stored.
        load: Turns what is stored into the value.
        key: Whether it is the table's partition or sort key by itself.
        role: What the store does with it by itself.
        stored_as: How a datetime is stored; `None` for ISO text, or for epoch seconds where it is the time of expiry.
        unique: Whether no two items have one value.
        forced: Whether the default takes the place of the value with each write.
    """

    stored: str | None = None
    save: Callable[[Any], Any] | None = None
    load: Callable[[Any], Any] | None = None
    key: Literal["partition", "sort"] | None = None
    role: Role | None = None
    stored_as: StoredAs | None = None
    unique: bool = False
    forced: bool = False


def attr(
    *,
    default: Any = _UNSET,
    default_factory: Callable[[], Any] | None = None,
    alias: str | None = None,
    stored: str | None = None,
    save: Callable[[Any], Any] | None = None,
    load: Callable[[Any], Any] | None = None,
    stored_as: StoredAs | None = None,
    partition_key: bool = False,
    sort_key: bool = False,
    unique: bool = False,
    force_default: bool = False,
    **constraints: Any,
) -> Any:
    """Declare an attribute's default, constraints and stored form.

    Args:
        default: The value where none is given; without `default` and `default_factory` the attribute is required.
        default_factory: Makes the default, anew for each entity.
        alias: The name in JSON bodies and in the constructor.
        stored: The name in DynamoDB, where it differs.
        save: Turns the value into what is stored; also applied to values in keys, conditions, updates and access patterns.
        load: Turns what is stored into the value.
        stored_as: How a datetime is stored: `ISO` text (the default), `EPOCH` seconds or `EPOCH_MS`.
        partition_key: This attribute by itself is the table's partition key.
        sort_key: This attribute by itself is the table's sort key.
        unique: No two items of this entity, subclasses included, have one value, as it is saved; `None` is no value. Writes that change
            the value are transactions that also write an item for it, in the same table: they cost more, and `create`, `put` and
            `update` raise `UniqueConflictError`. Batches refuse such entities. Items that were stored before it was declared are
            guarded once they are put again.
        force_default: Every create, put and update stores the default in place of the value: `default_factory` with what is true at
            the time of the write.
        **constraints: Everything else that `pydantic.Field` takes: `min_length`, `max_length`, `pattern`, `ge`, `gt`, `le`, `lt`,
            `multiple_of`, `max_digits`, `description`, `examples`, `json_schema_extra`, …
    """
    key: Literal["partition", "sort"] | None = "partition" if partition_key else "sort" if sort_key else None
    if default is not _UNSET:
        constraints["default"] = default
    if default_factory is not None:
        constraints["default_factory"] = default_factory
    if alias is not None:
        constraints["alias"] = alias
    storage = Storage(stored, save, load, key, stored_as=stored_as, unique=unique, forced=force_default)
    return _field(storage, **constraints)


def created_at(*, stored: str | None = None, stored_as: StoredAs | None = None) -> Any:
    """An `Attr[datetime]` that holds when the entity was made; writes leave it alone."""
    return _field(Storage(stored, role="created_at", stored_as=stored_as), default_factory=_now)


def updated_at(*, stored: str | None = None, stored_as: StoredAs | None = None) -> Any:
    """An `Attr[datetime]` that every create, put and update sets to the present."""
    return _field(Storage(stored, role="updated_at", stored_as=stored_as), default_factory=_now)


def version(*, stored: str | None = None) -> Any:
    """An `Attr[int]` that counts the writes: 0 before the first. A write of a stale entity raises `VersionConflictError`."""
    return _field(Storage(stored, role="version"), default=0, ge=0)


def ttl(*, after: timedelta | None = None) -> Any:
    """The time of expiry, stored under the table's TTL attribute in epoch seconds: `Attr[datetime]`, or `Attr[datetime | None]`.

    DynamoDB deletes an item within days of its expiry and gives it until then; ask `.where(Message.expires > now)` where that matters.

    Args:
        after: How long after an entity is made it expires, unless another time is given; `None` for never.
    """
    if after is None:
        return _field(Storage(role="ttl"), default=None)
    return _field(Storage(role="ttl"), default_factory=lambda: (_now() + after).replace(microsecond=0))


def _now() -> datetime:
    return datetime.now(UTC)


def _field(storage: Storage, **arguments: Any) -> Any:
    field = cast("FieldInfo", Field(**arguments))
    field.metadata.append(storage)
    return field
