"""Whether two values in wire form are stored as one: numbers whatever their digits look like, sets whatever their order."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.values.wire import WireValue

_EXACT = Context(prec=40)


def same_stored(one: Mapping[str, WireValue], other: Mapping[str, WireValue]) -> bool:
    """Whether two items, or two maps of values by name, are stored as one."""
    return one == other or (one.keys() == other.keys() and all(_plain(wire) == _plain(other[name]) for name, wire in one.items()))


def _plain(wire: WireValue) -> Any:
    [(kind, content)] = wire.items()
    if kind == "N":
        return kind, _number(content)
    if kind == "NS":
        return kind, frozenset(map(_number, content))
    if kind in {"SS", "BS"}:
        return kind, frozenset(content)
    if kind == "L":
        return kind, [_plain(part) for part in content]
    return (kind, {name: _plain(part) for name, part in content.items()}) if kind == "M" else (kind, content)


def _number(digits: str) -> Decimal:
    return Decimal(digits).normalize(_EXACT)
