"""The parts of annotations: what a step into a model, a map, a list or a tuple leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ForwardRef, NotRequired, Required, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic.fields import FieldInfo
from typing_extensions import is_typeddict

from gateleg.model.values.annotations import alternatives, is_root_model, rules_of

_SCALARS = (str, bytes, bytearray, int, float, Decimal, date, time, timedelta, UUID, Enum)


class NoPartError(KeyError):
    """The annotation has no such part.

    Attributes:
        known: The names of those that there are.
    """

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        super().__init__(known)
        self.known = known


def part(annotation: Any, step: str | int, *, constrained: bool = False) -> Any:
    """The annotation of one part: of an object's field, a mapping's value, a sequence's element; `Any` where it is not known.

    Args:
        annotation: The annotation of the whole; of a union, every member is asked.
        step: A name, or a position from 0 on.
        constrained: Whether the constraints and validators of a model's field come with it.

    Raises:
        NoPartError: No value of the annotation has such a part.
    """
    found: list[Any] = []
    known: tuple[str, ...] = ()
    for member in alternatives(annotation):
        try:
            found.append(_resolved(_part(member, step, constrained)))
        except NoPartError as error:
            known += error.known
    if not found:
        raise NoPartError(known)
    return found[0] if len(found) == 1 else Union[tuple(found)]  # noqa: UP007 (of members that are known at run time alone)


def is_part_required(annotation: Any, step: str | int) -> bool:
    """Whether a value of the annotation without this part would not be valid: a field without default, a place in a tuple of a fixed length."""
    answers = [_requires(member, step) for member in alternatives(annotation)]
    found = [answer for answer in answers if answer is not None]
    return bool(found) and all(found)


def element(annotation: Any) -> Any:
    """The annotation of the elements of a list or set; `Any` where it is not known."""
    for member in alternatives(annotation):
        origin = get_origin(member)
        if isinstance(origin, type) and issubclass(origin, (Sequence, AbstractSet)) and get_args(member):
            return _resolved(get_args(member)[0])
    return Any


def _resolved(annotation: Any) -> Any:
    """What a name in quotes stands for, as `JsonValue` has itself for its parts; `Any` for names of modules that nobody knows here."""
    name = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    if not isinstance(name, str):
        return annotation
    return JsonValue if name == "JsonValue" else Any


def _class_of(member: Any) -> Any:
    kind: Any = get_origin(member) or member
    return kind if isinstance(kind, type) else None


def is_a(kind: Any, *classes: type[Any]) -> bool:
    """Whether a class is one of these, or derived from one."""
    # Asked by itself, `issubclass` makes type checkers narrow a class of which nothing is known to one whose arguments are not known.
    return issubclass(kind, classes)


def _part(member: Any, step: str | int, constrained: bool) -> Any:  # noqa: FBT001 (passed on)
    kind = _class_of(member)
    if kind is None or kind in {Any, object}:
        return Any
    if is_root_model(kind):
        return part(kind.model_fields["root"].annotation, step, constrained=constrained)
    if is_a(kind, *_SCALARS, AbstractSet):
        raise NoPartError
    if is_a(kind, Mapping) and not is_typeddict(kind):
        return _entry(member, step)
    if is_a(kind, Sequence):
        return _position(member, kind, step)
    fields = fields_of(kind)
    return Any if fields is None else _field(kind, fields, step, constrained)


def _entry(member: Any, step: str | int) -> Any:
    if not isinstance(step, str):
        raise NoPartError
    arguments = get_args(member)
    names, values = arguments if len(arguments) == 2 else (Any, Any)  # noqa: PLR2004 (keys and values)
    from pydantic import TypeAdapter

    try:
        TypeAdapter(names).validate_python(step, strict=False)
    except ValidationError as error:
        raise NoPartError from error
    return values


def _position(member: Any, kind: Any, step: str | int) -> Any:
    fixed = places(member, kind)
    if isinstance(step, str) or (fixed is not None and step >= len(fixed)):
        raise NoPartError(tuple(str(place) for place in range(len(fixed or ()))))
    if fixed is not None:
        return fixed[step]
    return (get_args(member) or (Any,))[0]


def places(member: Any, kind: Any) -> tuple[Any, ...] | None:
    """The annotations of a tuple of a fixed length; `None` for what has any length."""
    if not is_a(kind, tuple):
        return None
    if hasattr(kind, "_fields"):
        return tuple(_hints(kind).values()) or None
    arguments = get_args(member)
    return None if not arguments or arguments[-1] is ... else arguments


def _field(kind: Any, fields: Mapping[str, Any], step: str | int, constrained: bool) -> Any:  # noqa: FBT001 (passed on)
    if isinstance(step, str) and step in fields:
        found = fields[step]
        annotation: Any = found.annotation if isinstance(found, FieldInfo) else found
        for rule in rules_of(kind, step) if constrained else ():
            annotation = cast("Any", Annotated[annotation, rule])
        return annotation
    if isinstance(step, str) and issubclass(kind, BaseModel) and kind.model_config.get("extra") == "allow":
        return Any
    raise NoPartError(tuple(fields))


def fields_of(kind: Any) -> Mapping[str, Any] | None:
    """The fields of a class of objects, by name; `None` where it is not known to have any."""
    declared: Mapping[str, Any] | None = getattr(kind, "__pydantic_fields__", None)
    if declared is not None:
        return declared
    return _hints(kind) if is_dataclass(kind) or is_typeddict(kind) else None


def _hints(kind: Any) -> dict[str, Any]:
    return {name: get_args(hint)[0] if get_origin(hint) in {Required, NotRequired} else hint for name, hint in _written_hints(kind).items()}


def _written_hints(kind: Any) -> dict[str, Any]:
    try:
        return get_type_hints(kind, include_extras=True)
    except NameError:
        return dict.fromkeys(kind.__annotations__, Any)


def _is_key_required(kind: Any, step: str | int) -> bool:
    # Where annotations are text, as `from __future__ import annotations` makes them, Python does not see what stands in them.
    written = get_origin(_written_hints(kind).get(str(step)))
    return written is Required or (step in kind.__required_keys__ and written is not NotRequired)


def _requires(member: Any, step: str | int) -> bool | None:
    kind = _class_of(member)
    if kind is None:
        return None
    if isinstance(step, int):
        return places(member, kind) is not None
    declared: Any = getattr(kind, "__pydantic_fields__", {}).get(step)
    if declared is not None:
        return bool(declared.is_required())
    if is_typeddict(kind):
        return _is_key_required(kind, step)
    if is_dataclass(kind):
        found = {field.name: field for field in dataclass_fields(kind)}.get(step)
        return None if found is None else found.default is MISSING and found.default_factory is MISSING
    return None
