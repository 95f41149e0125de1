"""`Attr[T]` and the ways to declare one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, Unpack, cast, get_args, overload

from pydantic import Field

from gateleg.errors import DeclarationError
from gateleg.model.values.moments import EPOCH, EPOCH_MS
from gateleg.model.values.storage import Storage
from gateleg.model.values.strictness import strict_scalars

if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Pattern
    from typing import TypedDict

    from annotated_types import SupportsGe, SupportsGt, SupportsLe, SupportsLt
    from pydantic import AliasChoices, AliasPath, Discriminator, GetCoreSchemaHandler
    from pydantic.fields import FieldInfo
    from pydantic_core.core_schema import CoreSchema

    from gateleg.model.paths.path import Path
    from gateleg.model.values.moments import StoredAs

    class Constraints(TypedDict, total=False):
        """What `attr` passes on to `pydantic.Field`; for type checkers, which would let any keyword pass without it."""

        title: str | None
        description: str | None
        examples: list[Any] | None
        deprecated: str | bool | None
        json_schema_extra: dict[str, Any] | Callable[[dict[str, Any]], None] | None
        field_title_generator: Callable[[str, FieldInfo], str] | None
        alias_priority: int | None
        validation_alias: str | AliasPath | AliasChoices | None
        serialization_alias: str | None
        exclude: bool | None
        exclude_if: Callable[[Any], bool] | None
        discriminator: str | Discriminator | None
        frozen: bool | None
        validate_default: bool | None
        repr: bool
        strict: bool | None
        coerce_numbers_to_str: bool | None
        union_mode: Literal["smart", "left_to_right"]
        fail_fast: bool | None
        pattern: str | Pattern[str] | None
        min_length: int | None
        max_length: int | None
        gt: SupportsGt | None
        ge: SupportsGe | None
        lt: SupportsLt | None
        le: SupportsLe | None
        multiple_of: float | None
        allow_inf_nan: bool | None
        max_digits: int | None
        decimal_places: int | None


T = TypeVar("T")
F = TypeVar("F")

_UNSET: Any = object()
_TAKEN_BY_FIELD = frozenset(signature(Field).parameters) - {"extra"}


class Attr(Generic[T]):
    """The annotation of an attribute: `body: Attr[str]`. On an entity it is a `str`, on the class a `Path[str, Message]`.

    Only an annotation, never an object: pydantic sees `T`, type checkers see a descriptor.
    """

    @overload
    def __get__(self, instance: None, owner: type[F]) -> Path[T, F]: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        """The path on the class, the value on an entity; for type checkers, as pydantic keeps the values."""

    def __set__(self, instance: Any, value: T) -> None:
        """Assign the value, validated by pydantic; for type checkers too."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of `T`, strict about text, numbers and booleans.

        Raises:
            DeclarationError: It is written without a `T`.
        """
        if not get_args(source):
            raise DeclarationError("Attr does not say of what type the attribute is; write Attr[str]", path="Attr", value=source)
        return strict_scalars(handler.generate_schema(get_args(source)[0]))


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
    **constraints: Unpack[Constraints],
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
        unique: No two items of this entity, subclasses included, have one value, as it is saved; `None` does not count as a value. Writes that change
            the value are transactions that also write an item for it, in the same table: they cost more, and `create`, `put` and
            `update` raise `UniqueConflictError`. Batches refuse such entities. Items that were stored before it was declared are
            guarded once they are put again.
        force_default: Every create, put and update stores the default in place of the value: `default_factory` with what is true at
            the time of the write.
        **constraints: Everything else that `pydantic.Field` takes: `min_length`, `max_length`, `pattern`, `ge`, `gt`, `le`, `lt`,
            `multiple_of`, `max_digits`, `description`, `examples`, `json_schema_extra`, …
    """
    key: Literal["partition", "sort"] | None = "partition" if partition_key else "sort" if sort_key else None
    given: dict[str, Any] = {**constraints}
    if default is not _UNSET:
        given["default"] = default
    if default_factory is not None:
        given["default_factory"] = default_factory
    if alias is not None:
        given["alias"] = alias
    storage = Storage(stored, save, load, key, stored_as=stored_as, unique=unique, forced=force_default)
    return _field(storage, **given)


def created_at(*, stored: str | None = None, stored_as: StoredAs | None = None) -> Any:
    """An `Attr[datetime]` that holds when the entity was made; writes leave it alone."""
    return _field(Storage(stored, role="created_at", stored_as=stored_as), default_factory=_NOW.get(stored_as, _now))


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


def ulid() -> str:
    """A new ULID: 26 characters, sorted by the millisecond it was made in. For `attr(default_factory=ulid)`."""
    from ulid import ULID

    return str(ULID())


def _now() -> datetime:
    return datetime.now(UTC)


def _now_in_seconds() -> datetime:
    return _now().replace(microsecond=0)


def _now_in_milliseconds() -> datetime:
    now = _now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


_NOW: dict[StoredAs | None, Callable[[], datetime]] = {EPOCH: _now_in_seconds, EPOCH_MS: _now_in_milliseconds}
"""By the form it is stored in, the present without what is not stored, so that it may be a part of a key."""


def _field(storage: Storage, **arguments: Any) -> Any:
    for name, function in {"save": storage.save, "load": storage.load, "default_factory": arguments.get("default_factory")}.items():
        if function is not None and not callable(function):
            raise DeclarationError(f"{name}={function!r} is called with values; give a function", path=name, value=function)
    if unknown := sorted(arguments.keys() - _TAKEN_BY_FIELD):
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], _TAKEN_BY_FIELD, 1)
        message = f"attr() takes no {unknown[0]}={f'; write {near[0]}=' if near else ', and neither does pydantic.Field'}"
        raise DeclarationError(message, path=unknown[0], value=arguments[unknown[0]])
    if "default" in arguments and "default_factory" in arguments:
        raise DeclarationError("an attribute has a default= and a default_factory=; give one of them", path="default")
    field = cast("FieldInfo", Field(**arguments))
    field.metadata.append(storage)
    return field
