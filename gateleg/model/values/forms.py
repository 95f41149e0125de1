"""The stored form of an annotation, and when pydantic tells two members of a union apart by what is stored.

Of a union, pydantic takes the member that reads a value best: exactly, strictly, or by turning it into another type; of members that read it
alike, the first. What is stored has lost its type, so that a member comes back only where no other reads its stored form as well. The order
of the members is left out of it, as `typing` takes two unions that differ in it alone for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import combinations, permutations, product
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, PlainValidator, SecretBytes, SecretStr, WrapValidator
from typing_extensions import is_typeddict

from gateleg.model.values.annotations import class_of, is_root_model, meaning, validators_of
from gateleg.model.values.parts import fields_of, is_a, is_part_required, places

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAX, _STRICT, _EXACT = range(3)

_Shapes = frozenset[str]
_TEXTS = frozenset({"text", "word", "uuid", "date", "datetime", "time", "duration", "url", "address4", "address6"})
_LISTS = frozenset({"list", "set"})
_CONVERTS = (BeforeValidator, PlainValidator, WrapValidator)


@dataclass(frozen=True)
class _Form:
    """What the values of one type are stored as, and what pydantic reads them from.

    Attributes:
        own: The shapes in which they are stored.
        others: The shapes of others that it turns into its own.
        rank: How well it reads its own.
        loose: The shapes that it reads besides where nothing is strict: within models.
        choices: All its values as they are stored, where there are so many and no more.
    """

    own: _Shapes
    others: _Shapes = frozenset()
    rank: int = _LAX
    loose: _Shapes = frozenset()
    choices: frozenset[Any] | None = None

    def reads(self, shape: str, *, strict: bool) -> int:
        """How well it reads a shape; -1 for not at all."""
        if shape in self.own or (shape in self.others and self.choices is not None):
            return self.rank
        return _LAX if shape in self.others or (not strict and shape in self.loose) else -1


def _form(own: str, others: _Shapes | str = "", rank: int = _LAX, loose: _Shapes | str = "") -> _Form:
    read, more = (frozenset(shapes.split()) if isinstance(shapes, str) else shapes for shapes in (others, loose))
    return _Form(frozenset(own.split()), read, rank, more)


_SCALARS: tuple[tuple[type, _Form], ...] = (
    (bool, _form("truth", rank=_EXACT, loose="text number")),
    (str, _form("text", _TEXTS, _EXACT, loose="bytes")),
    (bytes, _form("bytes", _TEXTS, _EXACT)),
    (int, _form("number", rank=_EXACT, loose="text truth")),
    (float, _form("number", rank=_STRICT, loose="text truth")),
    (Decimal, _form("number", "text")),
    (datetime, _form("datetime", "text date number")),
    (date, _form("date", "text datetime number")),
    (time, _form("time", "text number")),
    (timedelta, _form("duration", "text time number")),
    (UUID, _form("uuid", "text bytes")),
    (SecretStr, _form("text", _TEXTS, _EXACT)),
    (SecretBytes, _form("bytes", _TEXTS, _EXACT)),
)
"""The first that fits counts."""

_BY_NAME = {
    "pathlib.PurePath": _form("text", _TEXTS),
    "pathlib._local.PurePath": _form("text", _TEXTS),  # where Python 3.13 has it
    "pydantic.networks._BaseUrl": _form("url", "text"),
    "pydantic.networks._BaseMultiHostUrl": _form("url", "text"),
    "ipaddress._BaseV4": _form("address4", "text number bytes"),
    "ipaddress._BaseV6": _form("address6", "text number bytes"),
}
"""Of classes and their subclasses that are not worth an import here: whoever declares them has imported them."""

_WORDS: dict[type, str] = {str: "word", int: "number", float: "number", bool: "truth", bytes: "bytes"}


@dataclass(frozen=True)
class Alike:
    """Two members of a union of whose stored values nobody can tell which they were.

    Attributes:
        place: The field of a nested model that holds them, as in `Address.since`; empty where the annotation does so itself.
        told: The two, for messages.
        named: Whether both have named parts, so that a discriminator could tell them apart.
    """

    place: str
    told: str
    named: bool


def first_alike(annotation: Any) -> Alike | None:
    """The first two members of a union, at any depth, whose stored forms are alike; `None` where each comes back as what it was.

    What a type does not say (`Any`, a class with a schema of its own, validators that convert) is left to the write, which looks at the values.
    """
    return next(_alikes(annotation, "", set(), strict=True), None)


def comes_back(annotation: Any) -> bool:
    """Whether each value of an annotation is known to come back as it was, by its type alone."""
    members = list(_members(annotation))
    if len(members) != 1:
        return not members
    member = members[0]
    kind = _kind(member)
    if kind in {list, set, frozenset, dict, tuple}:
        return bool(get_args(member)) and all(part is ... or comes_back(part) for part in get_args(member))
    return kind in {one for one, _ in _SCALARS} or kind is Literal or (_is_class(kind) and issubclass(kind, Enum))


# The parts of annotations --------------------------------------------------------------------------------------------------------


def _members(annotation: Any) -> Iterator[Any]:
    """The members of a union but `None`, or the annotation itself; `Any` for what a validator makes of something else.

    A `Literal` counts as one of each type of its choices.
    """
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *notes = get_args(annotation)
        yield from [Any] if any(isinstance(note, _CONVERTS) or _has_own_schema(note) for note in notes) else _members(inner)
    elif (meant := meaning(annotation)) is not annotation:
        yield from _members(meant)
    elif origin in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _members(member)
    elif origin is Literal:
        for kind in {class_of(choice): None for choice in get_args(annotation) if choice is not None}:
            yield Literal[tuple(choice for choice in get_args(annotation) if type(choice) is kind)]
    elif annotation is not type(None) and annotation is not None:
        yield annotation


def _kind(member: Any) -> Any:
    return get_origin(member) or member


def _is_class(kind: Any) -> bool:
    # Asked in place, `isinstance` makes type checkers narrow what is not known to a class of which nothing is known.
    return isinstance(kind, type)


def _has_own_schema(note: Any) -> bool:
    return not isinstance(note, AfterValidator) and hasattr(note, "__get_pydantic_core_schema__")


def _alikes(annotation: Any, where: str, seen: set[Any], *, strict: bool) -> Iterator[Alike]:
    members = list(_members(annotation))
    for one, other in combinations(members, 2):
        if _alike(one, other, strict=strict):
            yield Alike(where, f"{_name(one)} and {_name(other)}", _fields(one) is not None and _fields(other) is not None)
    for member in members:
        if get_origin(member) is not Literal:
            for part in get_args(member):
                yield from _alikes(part, where, seen, strict=strict)
        yield from _alike_fields(_kind(member), seen)


def _alike_fields(kind: Any, seen: set[Any]) -> Iterator[Alike]:
    fields = _fields(kind)
    if fields is None or kind in seen:
        return
    seen.add(kind)
    for name, field in fields.items():
        if not any(isinstance(rule, _CONVERTS) for rule in (*getattr(field, "metadata", ()), *validators_of(kind, name))):
            annotation = getattr(field, "annotation", field)
            yield from _alikes(annotation, f"{kind.__name__}.{name}", seen, strict=False)


def _fields(kind: Any) -> Mapping[str, Any] | None:
    """The fields of what is stored as a map of them; `None` for all else, and for what reads its map by rules of its own."""
    if not _is_class(kind) or (is_a(kind, Mapping, tuple) and not is_typeddict(kind)):
        return None
    rules: Any = getattr(kind, "__pydantic_decorators__", None)
    if rules is not None and any(rule.info.mode != "after" for rule in rules.model_validators.values()):
        return None
    return None if is_root_model(kind) else fields_of(kind)


def _name(member: Any) -> str:
    return member.__name__ if isinstance(member, type) and not get_args(member) else str(member).replace("typing.", "")


# Two members ---------------------------------------------------------------------------------------------------------------------


def _alike(one: Any, other: Any, *, strict: bool) -> bool:
    first, second = _form_of(one), _form_of(other)
    if first is None or second is None or one == other or (_plain(one) is not None and _plain(one) is _plain(other)):
        return False
    if first.choices is not None and second.choices is not None:
        return not first.choices.isdisjoint(second.choices)
    taken = any(_is_taken_for(*pair, strict=strict) for pair in permutations((first, second)))
    return taken and not _differ_in_parts(one, other, strict=strict)


def _is_taken_for(one: _Form, other: _Form, *, strict: bool) -> bool:
    """Whether the other reads what is stored of the one as well as the one itself."""
    return any(other.reads(shape, strict=strict) >= one.reads(shape, strict=strict) for shape in one.own)


def _plain(member: Any) -> type | None:
    """The one type of the values of `str` or `Literal["a"]`, which come back alike, so that nothing is lost."""
    types: set[Any] = {type(choice) for choice in get_args(member)} if get_origin(member) is Literal else {member}
    return next((kind for kind in _WORDS if types == {kind}), None)


def _form_of(member: Any) -> _Form | None:
    """The form of a member; `None` where its type does not say it."""
    kind = _kind(member)
    if kind is Literal:
        return _finite(get_args(member), _EXACT)
    if not _is_class(kind) or kind in {Any, object}:
        return None
    if issubclass(kind, Enum):
        return _finite(tuple(kind), _LAX)
    for one, form in _SCALARS:
        if issubclass(kind, one):
            return form
    bases = (f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__)
    return _form_of_parts(kind) or next((_BY_NAME[base] for base in bases if base in _BY_NAME), None)


def _form_of_parts(kind: type) -> _Form | None:
    if is_typeddict(kind) or _fields(kind) is not None:
        return _form("map")
    if kind is dict:
        return _form("map", rank=_EXACT)
    if kind in {set, frozenset}:
        return _form("set list", rank=_EXACT)
    return _form("list", "set", _EXACT) if kind is list or issubclass(kind, tuple) else None


def _finite(choices: tuple[Any, ...], rank: int) -> _Form | None:
    values = frozenset(choice.value if isinstance(choice, Enum) else choice for choice in choices)
    if not all(type(value) in _WORDS for value in values):
        return None
    shapes = frozenset(_WORDS[type(value)] for value in values)
    # Python's `True` equals 1, and so it does for pydantic.
    others = {"word": "text", "number": "truth", "truth": "number"}
    return _Form(shapes, frozenset(others[shape] for shape in shapes & others.keys()), rank, choices=values)


# Two that have parts -------------------------------------------------------------------------------------------------------------


def _differ_in_parts(one: Any, other: Any, *, strict: bool) -> bool:
    """Whether two types that are stored in one shape are told apart by what is in it."""
    if _fields(one) is not None and _fields(other) is not None:
        return _differ_in_fields(one, other)
    kind = _kind(one)
    if kind is not _kind(other):
        return False
    fixed = [found for member in (one, other) if (found := places(member, kind)) is not None]
    if len(fixed) > 1:
        first, second = fixed
        return len(first) != len(second) or any(_exclude(*pair, strict=strict) for pair in zip(first, second, strict=True))
    values = [get_args(member)[-1 if kind is dict else 0] for member in (one, other) if get_args(member)]
    return len(values) > 1 and not any(_alike(left, right, strict=strict) for left, right in product(*map(_members, values)))


def _differ_in_fields(one: Any, other: Any) -> bool:
    """Whether two models are told apart by their fields: one is missing, is one too many, or is of another type."""
    first, second = _fields(one) or {}, _fields(other) or {}
    shared = [tuple(getattr(fields[name], "annotation", fields[name]) for fields in (first, second)) for name in first.keys() & second]
    if any(_exclude(*pair, strict=False) for pair in shared):
        return True
    return all(_gives_way(*pair) for pair in permutations((one, other)))


def _gives_way(reader: Any, written: Any) -> bool:
    """Whether a model refuses the map of another, or makes less of it: of models, pydantic takes the one that fills more fields."""
    wanted, given = _fields(reader) or {}, _fields(written) or {}
    if any(is_part_required(reader, name) for name in wanted if name not in given):
        return True
    always = (name for name in given if not is_typeddict(written) or is_part_required(written, name))
    return getattr(reader, "model_config", {}).get("extra") != "allow" and any(name not in wanted for name in always)


def _exclude(one: Any, other: Any, *, strict: bool) -> bool:
    """Whether no stored value of the one is a value of the other."""
    first, second = list(_members(one)), list(_members(other))
    forms = [(_form_of(left), _form_of(right)) for left in first for right in second]
    return bool(forms) and all(
        left is not None and right is not None and _forms_exclude(left, right, strict=strict) for left, right in forms
    )


def _forms_exclude(one: _Form, other: _Form, *, strict: bool) -> bool:
    if one.choices is not None and other.choices is not None:
        return one.choices.isdisjoint(other.choices)
    return not any(right.reads(shape, strict=strict) >= 0 for left, right in permutations((one, other)) for shape in left.own)
