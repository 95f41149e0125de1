"""Questions about annotations: what a `T` may hold, and what its parts are."""

from __future__ import annotations

import types
import typing
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, Union, cast, get_args, get_origin

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WrapValidator
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALIASES = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))
"""The statement `type A = ...` and the class of typing_extensions make objects of two classes."""

_VALIDATORS: dict[str, Any] = {"before": BeforeValidator, "after": AfterValidator, "wrap": WrapValidator, "plain": PlainValidator}

_HOLD_NONE: tuple[Any, ...] = (None, type(None), Any, object)


def class_of(value: Any) -> type[Any]:
    """The class of a value; asked about that, type checkers go on to know nothing of the value itself."""
    found: type[Any] = value.__class__
    return found


def is_root_model(kind: type[Any]) -> bool:
    """Whether a class is a `RootModel`; to import that one would build it, which most processes have no use for."""
    return bool(getattr(kind, "__pydantic_root_model__", False))


def alternatives(annotation: Any) -> Iterator[Any]:
    """The members of a union, or the annotation itself; without `None` and without `Annotated`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from alternatives(get_args(annotation)[0])
    elif (meant := meaning(annotation)) is not annotation:
        yield from alternatives(meant)
    elif origin in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from alternatives(member)
    elif annotation is not type(None) and annotation is not None:
        yield annotation


def meaning(annotation: Any) -> Any:
    """What a name for a type stands for: an alias (`type A = ...`), with its parameters filled in, or a `NewType`."""
    alias = get_origin(annotation) or annotation
    if isinstance(alias, _ALIASES):
        value: Any = alias.__value__
        return value if alias is annotation else value[get_args(annotation)]
    if isinstance(alias, NewType):
        return cast("Any", alias).__supertype__
    return annotation


def base_types(annotation: Any) -> set[type]:
    """The plain classes of an annotation: `{str}` for `Literal["a"] | None`; an enum stands for the types of its values."""
    found: set[type] = set()
    for member in alternatives(annotation):
        if get_origin(member) is Literal:
            found |= {type(choice.value if isinstance(choice, Enum) else choice) for choice in get_args(member)}
        elif isinstance(member, type) and issubclass(member, Enum):
            found |= {type(choice.value) for choice in member}
        else:
            found |= _plain_classes(member)
    return found


def _plain_classes(annotation: Any) -> set[type]:
    plain: object = get_origin(annotation)
    if plain is None:
        plain = annotation
    return {plain} if isinstance(plain, type) else set()


def contains_type(annotation: Any, kind: type) -> bool:
    """Whether a value of the annotation may be a `kind`."""
    return any(issubclass(member, kind) for member in base_types(annotation))


def is_set_type(annotation: Any) -> bool:
    """Whether every value but `None` is a set, and `None` is not one of them."""
    members = base_types(annotation)
    return bool(members) and all(issubclass(member, AbstractSet) for member in members) and not is_optional(annotation)


def is_optional(annotation: Any) -> bool:
    """Whether `None` is a value of the annotation."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return is_optional(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return any(is_optional(member) for member in get_args(annotation))
    if origin is Literal:
        return None in get_args(annotation)
    meant = meaning(annotation)
    return any(annotation is kind for kind in _HOLD_NONE) if meant is annotation else is_optional(meant)


def has_validators(annotation: Any) -> bool:
    """Whether validators make something of the values of an annotation, or of their parts; models say so themselves."""
    return _has_validators(annotation, set())


def is_validator(rule: Any) -> bool:
    """Whether a rule beside an annotation is a validator, which may make another value of what it is given."""
    return isinstance(rule, tuple(_VALIDATORS.values()))


def _has_validators(annotation: Any, seen: set[int]) -> bool:
    if (meant := meaning(annotation)) is not annotation:
        # An alias may stand for what holds it, as `JsonValue` does.
        if id(get_origin(annotation) or annotation) in seen:
            return False
        seen.add(id(get_origin(annotation) or annotation))
        return _has_validators(meant, seen)
    if get_origin(annotation) is Annotated and any(map(is_validator, annotation.__metadata__)):
        return True
    return any(_has_validators(part, seen) for part in get_args(annotation))


def validates_whole(model: Any) -> bool:
    """Whether a model makes something of its values together: by validators of its own, or once it is made."""
    if model.__pydantic_decorators__.model_validators:
        return True
    # Pydantic writes one for private attributes, which changes no value.
    return getattr(model.model_post_init, "__module__", "").partition(".")[0] != "pydantic"


def rules_of(model: Any, field: str) -> tuple[Any, ...]:
    """The constraints and validators of a model's field, as pydantic applies them to its type, in order."""
    declared: Any = getattr(model, "__pydantic_fields__", {}).get(field)
    return (*(() if declared is None else declared.metadata), *validators_of(model, field))


def validators_of(model: Any, field: str) -> tuple[Any, ...]:
    """The field validators of a model that concern a field, in order."""
    declared: Any = getattr(model, "__pydantic_decorators__", None)
    found = () if declared is None else declared.field_validators.values()
    return tuple(_VALIDATORS[one.info.mode](one.func) for one in found if field in one.info.fields or "*" in one.info.fields)
