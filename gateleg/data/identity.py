"""What tells whether a declaration, or a function, is the very same as in another run: its code, and the values that it was made with."""

from __future__ import annotations

import inspect
import json
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodDescriptorType, MethodType, WrapperDescriptorType
from typing import TYPE_CHECKING, Any, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from gateleg.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model.items.layout import Layout

_PLAIN = (type(None), bool, int, float, str, bytes, Decimal, date, time, timedelta, UUID)
_BUILT_IN = (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType)
_ADDRESS = " at 0x"


def identity(given: Any) -> Any:
    """What is the same, as JSON, for what does the same: functions by their code and what they close over, values by themselves.

    Of the global names that a function reads, those of functions and plain values count.

    Raises:
        DataError: Nothing tells it of one like it, as of an object that shows no more than its address.
    """
    return _Told().of(given)


def declared(layouts: Iterable[Layout]) -> list[Any]:
    """All that decides what is stored of some entities: types, defaults, rules, stored forms, templates, hooks and upgrades.

    Raises:
        DataError: Nothing tells a part of it of one like it.
    """
    return [identity(_declared(layout)) for layout in sorted(layouts, key=lambda layout: layout.name)]


def _declared(layout: Layout) -> list[Any]:
    schemas = (layout.primary, *layout.indexes.values())
    templates = [[schema.index, part.stored, str(part.template)] for schema in schemas for part in schema.parts]
    attributes = [
        [name, layout.attributes[name].storage, info.annotation, info.default, info.default_factory, info.metadata]
        for name, info in layout.entity.model_fields.items()
    ]
    return [layout.name, layout.entity, layout.options, templates, attributes]


class _Told:
    """Tells one object after the other, each once."""

    def __init__(self) -> None:
        self._met: list[Any] = []

    def of(self, given: Any) -> Any:
        if isinstance(given, _PLAIN):
            return [type(given).__name__, repr(given)]
        if any(given is one for one in self._met):
            return "met before"
        self._met.append(given)
        try:
            return self._of(given)
        finally:
            self._met.pop()

    def _of(self, given: Any) -> Any:
        if isinstance(given, (list, tuple, set, frozenset, dict)):
            return self._several(_any(given))
        if isinstance(given, type):
            return self._class(_any(given))
        if isinstance(given, Enum):
            return [self.of(type(given)), given.name]
        if (origin := get_origin(given)) is not None:
            return [self.of(origin), [self.of(one) for one in get_args(given)]]
        return self._called(given) or self._object(given)

    def _several(self, given: Any) -> Any:
        parts: Any = _any(given).items() if isinstance(given, dict) else given
        found = [self.of(one) for one in parts]
        return sorted(found, key=json.dumps) if isinstance(given, (set, frozenset)) else found

    def _called(self, given: Any) -> Any:
        if isinstance(given, FunctionType):
            return self._function(given)
        if isinstance(given, MethodType):
            return [self.of(given.__func__), self.of(given.__self__)]
        if isinstance(given, partial):
            made: Any = _any(given)
            return ["partial", self.of(made.func), self.of(made.args), self.of(made.keywords)]
        if isinstance(given, _BUILT_IN):
            return [str(getattr(given, "__module__", None)), given.__qualname__]
        return None

    def _object(self, given: Any) -> Any:
        if is_dataclass(given):
            return [self.of(type(given)), [[one.name, self.of(getattr(given, one.name))] for one in fields(given)]]
        if isinstance(given, BaseModel) or callable(given):
            return [self.of(type(given)), self.of(vars(given))] if hasattr(given, "__dict__") else self._shown(given)
        return self._shown(given)

    def _shown(self, given: Any) -> Any:
        shown = repr(given)
        if _ADDRESS in shown:
            message = f"no state can be kept, since nothing tells {shown} of another one in a later run; write a function of plain values, or give no state"
            raise DataError(message, path="state", value=given, code="data.state")
        return [type(given).__qualname__, shown]

    def _class(self, given: type[Any]) -> Any:
        name = f"{given.__module__}.{given.__qualname__}"
        if given.__module__.partition(".")[0] in {"builtins", "gateleg", "pydantic", "typing"}:
            return name
        try:
            return [name, inspect.getsource(given), [self.of(base) for base in given.__bases__]]
        except (OSError, TypeError):
            return name

    def _function(self, given: FunctionType) -> Any:
        cells = [self.of(cell.cell_contents) for cell in given.__closure__ or ()]
        read = {name: given.__globals__[name] for name in given.__code__.co_names if name in given.__globals__}
        used = {name: one for name, one in read.items() if isinstance(one, (FunctionType, *_PLAIN))}
        return [self._code(given.__code__), cells, self.of(given.__defaults__), self.of(given.__kwdefaults__), self.of(used)]

    def _code(self, code: CodeType) -> Any:
        constants = [self._code(one) if isinstance(one, CodeType) else self.of(one) for one in code.co_consts]
        return [code.co_code.hex(), list(code.co_names), list(code.co_varnames), constants]


def _any(given: Any) -> Any:
    """The same, of which a check of its class has left type checkers with parts that they do not know."""
    return given
