"""What the store itself writes into an entity: its version, the time of the write, and forced defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gateleg.model.attributes.attribute import Attribute
from gateleg.model.items.evolution import keep_unknown, kept_unknown
from gateleg.model.paths.path import Path
from gateleg.model.paths.updates import Add, SetValue
from gateleg.model.values.hidden import cause, shown_names
from gateleg.model.values.problems import refusal
from gateleg.model.values.sameness import same

if TYPE_CHECKING:
    from datetime import datetime

    from gateleg.model.entity import Entity
    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.updates import Update

E = TypeVar("E", bound="Entity")


def next_version(entity: Entity) -> int | None:
    """The version that the stored item must still have; `None` where the entity keeps none."""
    attribute = entity.__gateleg__.role("version")
    return None if attribute is None else int(getattr(entity, attribute.name))


def as_written(entity: E, now: datetime) -> E:
    """The entity as it will be stored, checked again as a whole: a list or a nested model may have been changed in place.

    Raises:
        ItemInvalidError: The entity refuses its own values, or its validators change with each write what they made.
    """
    layout = entity.__gateleg__
    values: dict[str, Any] = {**layout.values(entity), **(entity.model_extra or {})}
    version, updated = layout.role("version"), layout.role("updated_at")
    if version is not None:
        values[version.name] += 1
    if updated is not None:
        values[updated.name] = now
    values |= {attribute.name: attribute.default() for attribute in layout.forced}
    # Validators may change in place what they are given.
    made = _valid(type(entity), {**values} if layout.validated else values)
    if layout.validated:
        _check_settled(values, made)
    keep_unknown(made, kept_unknown(entity))
    return made


def _check_settled(values: dict[str, Any], made: Entity) -> None:
    layout = made.__gateleg__
    if all(same(values[attribute.name], getattr(made, attribute.name)) for attribute in layout.validated):
        return
    # What was changed in place no validator has seen yet, so that this alone does not tell.
    again = _valid(type(made), {**layout.values(made), **(made.model_extra or {})})
    for attribute in layout.validated:
        attribute.check_settled(values[attribute.name], getattr(made, attribute.name), getattr(again, attribute.name))


def _valid(kind: type[E], values: dict[str, Any]) -> E:
    try:
        return kind.model_validate(values, by_alias=False, by_name=True)
    except ValidationError as error:
        refused: Any = kind
        raise refusal(error, refused, "cannot be stored") from cause(error, hidden=shown_names(refused) is not None)


def updates_beside(layout: Layout, updates: tuple[Update, ...], now: datetime) -> list[Update]:
    """What the store changes beside the caller's updates: the next version, the time of the write, forced defaults, a type that is absent."""
    found: list[Update] = []
    if layout.table.default_type in {member.name for member in layout.kin}:
        kind = Attribute(layout.entity.__name__, layout.table.type_attribute, FieldInfo(annotation=str), layout.table)
        found.append(SetValue(Path[Any](kind), None, {"S": str(layout.table.default_type)}, only_if_absent=True))
    version, updated = layout.role("version"), layout.role("updated_at")
    if version is not None:
        found.append(Add(Path[Any](version), {"N": "1"}))
    if updated is not None and all(update.path.attribute.stored != updated.stored for update in updates):
        found.append(Path[Any](updated).set(now))
    return [*found, *(Path[Any](attribute).set(attribute.default()) for attribute in layout.forced)]
