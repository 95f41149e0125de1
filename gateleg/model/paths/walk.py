"""The way that a function goes into a value, written down as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gateleg.errors import ExpressionError
from gateleg.model.values.annotations import base_types, is_root_model

if TYPE_CHECKING:
    from collections.abc import Callable

_place: Any = object.__getattribute__


class Steppable(Protocol):
    """A path, as far as steps lead on from it."""

    def __getitem__(self, step: Any, /) -> Any: ...

    def annotation(self) -> Any:
        """The type of what is there."""
        ...

    def given(self, value: Any, /) -> Any:
        """A value that was given for it, as errors show it."""
        ...


P = TypeVar("P", bound=Steppable)


class _Walk:
    """What stands for the value: each attribute and each position of it is another one. It has no methods, as fields may have any name."""

    __slots__ = ("_at",)
    __iter__ = None
    __contains__ = None

    def __init__(self, at: Steppable) -> None:
        self._at = at

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        at: Steppable = _place(self, "_at")
        # A root model is stored as its root.
        is_root = name == "root" and any(is_root_model(kind) for kind in base_types(at.annotation()))
        return self if is_root else _Walk(at[name])

    def __getitem__(self, step: Any) -> _Walk:
        return _Walk(_place(self, "_at")[step])

    def __bool__(self) -> bool:
        raise TypeError("it has no value yet")


def walked(path: P, function: Callable[[Any], Any]) -> P:
    """The path to the part that a function gives of a value.

    Raises:
        AttributeUnknownError: The function asks for a part that there is not.
        ExpressionError: It does something else than to ask for parts.
    """
    message = f"{path!r}.at() takes a function that leads to a part and does nothing else: {path!r}.at(lambda value: value.part)"
    if not callable(function):  # pyright: ignore[reportUnnecessaryComparison] (it is for whom no checker reads)
        raise ExpressionError(f"{message}; {function!r} was given", path=repr(path), value=function)
    try:
        found = function(_Walk(path))
    except (TypeError, AttributeError) as error:
        raise ExpressionError(f"{message}; it failed: {error}", path=repr(path), value=function) from error
    if not isinstance(found, _Walk):
        shown = path.given(found)
        raise ExpressionError(f"{message}; it gave {shown!r}", path=repr(path), value=shown)
    there: P = _place(found, "_at")
    return there
