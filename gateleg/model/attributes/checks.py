"""What an attribute's declaration cannot say: checked as the class of the entity is made."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf

from gateleg.errors import DeclarationError
from gateleg.model.attributes.declared import Attr
from gateleg.model.values.annotations import base_types, is_optional
from gateleg.model.values.forms import first_alike

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from gateleg.model.values.storage import Storage

_NUMBERS = (int, float, Decimal)
_MEASURED = (str, bytes, bytearray, list, dict, set, frozenset, tuple)
_ROLES: dict[str, tuple[tuple[type, ...], str]] = {
    "version": ((int,), "Attr[int]"),
    "created_at": ((datetime,), "Attr[datetime]"),
    "updated_at": ((datetime,), "Attr[datetime]"),
    "ttl": ((datetime, int), "Attr[datetime | None]"),
}


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
    _check_constraints(label, kinds, field)


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


def _check_constraints(label: str, kinds: set[type], field: FieldInfo) -> None:
    lengths = [rule for rule in field.metadata if isinstance(rule, (MinLen, MaxLen))]
    bounds = [rule for rule in field.metadata if isinstance(rule, (Ge, Gt, Le, Lt, MultipleOf))]
    if lengths and kinds and all(issubclass(kind, _NUMBERS) for kind in kinds):
        message = f"{label} is declared with {lengths[0]!r}, and numbers have no length; give bounds: ge=, le=, or max_digits="
        raise DeclarationError(message, path=label, value=lengths[0])
    if bounds and kinds and all(issubclass(kind, _MEASURED) for kind in kinds):
        message = f"{label} is declared with {bounds[0]!r}, which is for numbers and moments; give a length: min_length=, max_length="
        raise DeclarationError(message, path=label, value=bounds[0])
