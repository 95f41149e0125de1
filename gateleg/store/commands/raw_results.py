"""Whether the result of an expression in DynamoDB's own words can be read, as far as it can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel

from gateleg.errors import ItemInvalidError
from gateleg.model.paths.conditions import Operand, Raw
from gateleg.model.paths.operands import kinds_of
from gateleg.model.values.annotations import is_optional
from gateleg.store.commands.constraints import rules_of

if TYPE_CHECKING:
    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.place import Place

_FRACTIONAL = frozenset({float, Decimal})
_FORMS: tuple[tuple[tuple[type, ...], frozenset[str]], ...] = (
    ((bool,), frozenset({"BOOL"})),
    ((str, date, time, timedelta, UUID), frozenset({"S"})),
    ((int, float, Decimal), frozenset({"N"})),
    ((bytes, bytearray), frozenset({"B"})),
    ((Mapping, BaseModel), frozenset({"M"})),
    ((AbstractSet,), frozenset({"SS", "NS", "BS", "L"})),
    ((Sequence,), frozenset({"L"})),
)


def may_be(layout: Layout, place: Place, raw: Raw) -> bool:
    """Whether a place may hold what an expression gives; a type that is not known may be any, and values are read as stored ones are."""
    text = "".join(raw.texts).strip().lower()
    if text.startswith("list_append"):
        of_any_length = not rules_of(layout, place).any
        return _takes(place, {"L"}) and (not of_any_length or all(_is_valid(layout, place, gap) for gap in raw.gaps))
    if "+" in text or "-" in text:
        return _takes(place, {"N"}) and all(_is_whole(gap) for gap in raw.gaps if kinds_of(place) == {int} and _forms(place))
    return all(_may_hold(place, gap) and _is_valid(layout, place, gap) for gap in raw.gaps)


def _is_valid(layout: Layout, place: Place, gap: Any) -> bool:
    """Whether a value of an expression can be read; of a part of an attribute its type alone is known."""
    if isinstance(gap, Operand) or place.steps:
        return True
    try:
        layout.attributes[place.attribute.name].loaded(gap)
    except ItemInvalidError:
        return False
    return True


def _may_hold(place: Place, gap: Any) -> bool:
    if not isinstance(gap, Operand):
        return _takes(place, set(gap)) and (kinds_of(place) != {int} or "N" not in gap or _is_whole(gap))
    if gap.size:
        return _takes(place, {"N"})
    kinds, given = kinds_of(place), kinds_of(gap.path)
    if not (kinds and given and _forms(place) and _forms(gap.path)):
        return True
    return given <= (kinds | {int, float, Decimal} if kinds & _FRACTIONAL else kinds)


def _is_whole(gap: Any) -> bool:
    if isinstance(gap, Operand):
        return gap.size or not kinds_of(gap.path) & _FRACTIONAL
    return not Decimal(gap.get("N", "0")) % 1


def _takes(place: Place, forms: set[str]) -> bool:
    known = _forms(place)
    return not known or bool(known & forms) or ("NULL" in forms and is_optional(place.annotation()))


def _forms(place: Place) -> set[str]:
    """The types in which the values of a place are stored; empty where they are not known."""
    attribute = place.attribute
    if attribute.storage.save is not None or attribute.storage.load is not None:
        return set()
    if attribute.count is not None:
        return {"N"}
    found = [next((forms for kinds, forms in _FORMS if issubclass(kind, kinds)), None) for kind in kinds_of(place)]
    return set[str]().union(*(forms for forms in found if forms is not None)) if None not in found else set()
