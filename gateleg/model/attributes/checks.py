"""What an attribute's declaration cannot say: checked as the class of the entity is made."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_origin
from uuid import UUID

from annotated_types import BaseMetadata
from pydantic import AllowInfNan
from pydantic_core import CoreConfig, SchemaError, SchemaValidator

from gateleg.errors import DeclarationError
from gateleg.model.attributes.declared import Attr
from gateleg.model.values.annotations import base_types, is_optional
from gateleg.model.values.forms import first_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ConfigDict
    from pydantic.fields import FieldInfo

    from gateleg.model.values.storage import Storage

UNBUILT = (SchemaError, RuntimeError, TypeError)
"""What pydantic raises as it makes the schema of a class, but for names that are not known yet, which it waits for."""

_NUMBERS = (int, float, Decimal)
_COLLECTIONS = (list, dict, set, frozenset, tuple)
_MEASURED = (str, bytes, bytearray, *_COLLECTIONS)
_MOMENTS = (date, time)
_LENGTH = (
    (*_NUMBERS, *_MOMENTS, timedelta, UUID),
    "numbers have no length, and neither have moments; leave it out, or give bounds: ge=, le=",
)
_BOUND = ((*_MEASURED, UUID), "bounds are for numbers and moments; leave it out, or give a length: min_length=, max_length=")
_DIGITS = ((int, float, *_MEASURED, *_MOMENTS, timedelta, UUID), "digits are counted of a Decimal; leave it out, or write Attr[Decimal]")
_MISFITS: dict[str, tuple[tuple[type, ...], str]] = {
    "min_length": _LENGTH,
    "max_length": _LENGTH,
    "ge": _BOUND,
    "gt": _BOUND,
    "le": _BOUND,
    "lt": _BOUND,
    "multiple_of": ((*_MEASURED, *_MOMENTS, UUID), "multiples are of numbers; leave it out, or give a length: min_length=, max_length="),
    "max_digits": _DIGITS,
    "decimal_places": _DIGITS,
    "pattern": ((*_NUMBERS, *_COLLECTIONS, *_MOMENTS, timedelta, UUID), "patterns are of text; leave it out, or write Attr[str]"),
    "allow_inf_nan": ((*_MEASURED, *_MOMENTS, timedelta, UUID), "it is for float and Decimal; leave it out"),
}
"""By the name of a constraint, the types that have no such thing, and what to say of it."""

_ROLES: dict[str, tuple[tuple[type, ...], str]] = {
    "version": ((int,), "Attr[int]"),
    "created_at": ((datetime,), "Attr[datetime]"),
    "updated_at": ((datetime,), "Attr[datetime]"),
    "ttl": ((datetime, int), "Attr[datetime | None]"),
}
_PLAIN = ("type", "strict", "regex_engine", *_MISFITS)


def check_declaration(label: str, annotation: Any, storage: Storage, field: FieldInfo) -> None:
    """Check that an attribute's type, role and constraints go together.

    Raises:
        DeclarationError: They do not.
    """
    if any(get_origin(member) is Attr or member is Attr for member in get_args(annotation)):
        message = f"{label} has the annotation {annotation!r}; Attr stands around the whole of it: Attr[str | None]"
        raise DeclarationError(message, path=label, value=annotation)
    kinds = base_types(annotation)
    if storage.role is not None:
        _check_role(label, storage.role, kinds, annotation)
    if storage.role == "ttl" and field.default is None and field.default_factory is None and not is_optional(annotation):
        message = f"{label} is a time of expiry that is None by default; write Attr[datetime | None], or ttl(after=timedelta(...))"
        raise DeclarationError(message, path=label, value=annotation)
    if storage.load is None:
        _check_alike(label, annotation)
    _check_constraints(label, kinds, _rules(annotation, field))


def _check_alike(label: str, annotation: Any) -> None:
    alike = first_alike(annotation)
    if alike is None:
        return
    write = "keep to one of them"
    if alike.named:
        write += ", or give each a field such as kind: Literal[...] that the other refuses"
    write += ", or have another field for each" if alike.place else ", or tell them apart with save= and load="
    where = f", in {alike.place}," if alike.place else ""
    message = f"{label} holds{where} {alike.told}, whose stored forms are alike, so that the one would come back as the other"
    raise DeclarationError(f"{message}; {write}", path=label, value=annotation)


def _check_role(label: str, role: str, kinds: set[type], annotation: Any) -> None:
    wanted, write = _ROLES[role]
    if kinds and not all(issubclass(kind, wanted) and kind is not bool for kind in kinds):
        message = f"{label} is declared as {role}(), and its type is {annotation!r}; write {write}"
        raise DeclarationError(message, path=label, value=annotation)


def _check_constraints(label: str, kinds: set[type], rules: Iterable[Any]) -> None:
    """Refuse what pydantic would only stumble over with the first value."""
    given = [(name, getattr(rule, name, None)) for rule in rules if isinstance(rule, (BaseMetadata, AllowInfNan)) for name in _MISFITS]
    for name, value in given:
        apart, told = _MISFITS[name]
        misfits = sorted(kind.__name__ for kind in kinds if issubclass(kind, apart))
        if value is None or not misfits:
            continue
        if len(misfits) < len(kinds):
            told = f"{told.partition(';')[0]}; write it at the member that it is for: Attr[int | Annotated[str, Field(min_length=1)]]"
        message = f"{label} is declared with {name}={value!r}, and its type is {misfits[0]}: {told}"
        raise DeclarationError(message, path=label, value=value)


def _rules(annotation: Any, field: FieldInfo) -> list[Any]:
    own = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return [*field.metadata, *chain.from_iterable(getattr(rule, "metadata", [rule]) for rule in own)]


def first_unbuilt(schema: Any, config: ConfigDict) -> tuple[str, Exception] | None:
    """The first field that has a constraint with a value that its type does not take, and what pydantic says of it.

    Pydantic itself tells once the class is made, too late to be told well.

    Args:
        schema: The core schema of the class.
        config: The configuration of the class.
    """
    core = CoreConfig(regex_engine=config.get("regex_engine", "rust-regex"))
    for name, field in _inside(schema).get("fields", {}).items():
        for leaf in _leaves(field):
            try:
                SchemaValidator(cast("Any", leaf), core)
            except UNBUILT as error:
                return name, error
    return None


def _inside(schema: Any) -> dict[str, Any]:
    """The fields of a model, around which validators of the whole stand."""
    found: dict[str, Any] = schema
    while "fields" not in found and "schema" in found:
        found = found["schema"]
    return found


def _leaves(node: Any) -> Iterator[dict[str, Any]]:
    """The parts of a schema that have constraints, without their own parts."""
    if isinstance(node, (list, tuple)):
        for part in cast("Iterable[Any]", node):
            yield from _leaves(part)
    elif isinstance(node, dict):
        found = cast("dict[str, Any]", node)
        if not found.keys().isdisjoint(_MISFITS) and isinstance(found.get("type"), str):
            yield {name: found[name] for name in _PLAIN if name in found}
        for name, part in found.items():
            if name not in {"metadata", "serialization", "default"}:
                yield from _leaves(part)
