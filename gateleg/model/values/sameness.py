"""Whether two values are the same in all their parts, where Python's `==` takes 1 for 1.0 and `True`, and a name for the text that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from gateleg.errors import ItemInvalidError
from gateleg.model.values.annotations import class_of
from gateleg.model.values.hidden import HIDDEN
from gateleg.model.values.wire import in_utc


def refused_as(label: str, path: str, value: Any, back: Any) -> ItemInvalidError:
    """What is raised for a value, as errors show it, that would come back as another."""
    # Of what an annotation does not say, a secret within comes back as plain text.
    shown = HIDDEN if repr(HIDDEN) in repr(value) else back
    write = "declare the type that it has, or turn it into what is stored and back with save= and load="
    return ItemInvalidError(f"{label} cannot be {value!r}, which would come back as {shown!r}; {write}", path=path, value=value)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of one type in all their parts."""
    kind = class_of(one)
    if kind is not class_of(other):
        return False
    if issubclass(kind, BaseModel) or (is_dataclass(kind) and hasattr(one, "__dict__")):
        return _same_entries(_parts(one), _parts(other))
    if issubclass(kind, Mapping):
        return _same_entries(one, other)
    if issubclass(kind, AbstractSet):
        return bool(one == other) and {(part, class_of(part)) for part in one} == {(part, class_of(part)) for part in other}
    if issubclass(kind, Sequence) and not issubclass(kind, (str, bytes, bytearray)):
        return len(one) == len(other) and all(map(same, one, other))
    return equal(one, other)


def equal(one: Any, other: Any) -> bool:
    """Whether Python takes two values for equal, or they are one moment: of the hour that a zone has twice, it takes none for one of another zone."""
    if one == other:
        return True
    moments = issubclass(class_of(one), datetime) and issubclass(class_of(other), datetime)
    return moments and None not in {one.tzinfo, other.tzinfo} and in_utc(one) == in_utc(other)


def _parts(value: Any) -> dict[str, Any]:
    return {**vars(value), **(getattr(value, "model_extra", None) or {})}


def _same_entries(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    names = {name: name for name in other}
    return len(one) == len(other) and all(name in names and same(name, names[name]) and same(one[name], other[name]) for name in one)
