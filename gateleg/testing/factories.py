"""When are two factories the same?"""

from __future__ import annotations

import functools
import types
from collections.abc import Hashable
from typing import cast


def identity(factory: object) -> Hashable | None:
    """A value that is equal for factories that make the same thing; `None` where that cannot be told.

    A lambda in a fixture is a new object on each call: what counts is its code and the values it closes over.
    """
    if isinstance(factory, functools.partial):
        made = cast("functools.partial[object]", factory)
        parts: list[object] = [made.func, *made.args, *made.keywords.items()]
        return _all("partial", parts)
    if isinstance(factory, types.MethodType):
        return _all("method", [factory.__func__, factory.__self__])
    if isinstance(factory, types.FunctionType):
        cells = [cell.cell_contents for cell in factory.__closure__ or ()]
        defaults = [*(factory.__defaults__ or ()), *(factory.__kwdefaults__ or {}).items()]
        return _all(factory.__code__, [*cells, *defaults])
    return factory if isinstance(factory, Hashable) else None


def _all(kind: Hashable, parts: list[object]) -> Hashable | None:
    known = [_part(part) for part in parts]
    return None if any(part is None for part in known) else (kind, *known)


def _part(value: object) -> Hashable | None:
    if isinstance(value, tuple):
        return _all("tuple", list(cast("tuple[object, ...]", value)))
    if isinstance(value, types.FunctionType | functools.partial | types.MethodType):
        return identity(cast("object", value))
    # The type tells 1 from True; a list or dict has no hash, so that it is never taken as unchanged.
    return (type(value), value) if isinstance(value, Hashable) else None
