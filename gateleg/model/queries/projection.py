"""Entities read in part: which attributes may be asked for alone, and the views that come out."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel
from typing_extensions import is_typeddict

from gateleg.errors import ExpressionError
from gateleg.model.items.evolution import UNREADABLE, unreadable
from gateleg.model.keys.key import Key
from gateleg.model.values.annotations import alternatives, base_types
from gateleg.model.values.hidden import cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateleg.model.items.layout import Layout
    from gateleg.model.kinds import Kind, TableBase
    from gateleg.model.paths.path import Path
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Kind")


def check_projection(entity: type[Kind], paths: Sequence[Path[Any]]) -> None:
    """Check that an entity can be read in part, by these paths.

    Raises:
        ExpressionError: No path is named, one belongs to another entity, or what it leads into is only understood whole.
    """
    layout: Layout = entity.__gateleg__
    if not paths:
        raise ExpressionError(f"only() names no attribute; write only({entity.__name__}.{next(iter(layout.attributes))})")
    if layout.options.upgrades or layout.options.after_load is not None:
        message = f"{entity.__name__} is read by functions on whole items (upgrades, or a hook after loading); read it whole"
        raise ExpressionError(message, path=entity.__name__)
    for path in paths:
        layout.check_path(path)
        if path.steps and _holds_objects(path.attribute.annotation):
            message = f"{path!r} is a part of an object that is only valid whole; ask for {path.attribute!r}"
            raise ExpressionError(message, path=repr(path))


def distinct(paths: Iterable[Path[Any]]) -> tuple[Path[Any], ...]:
    """The paths, each once; paths that are compared give conditions, so that a set of them would not tell."""
    return tuple({(path.attribute.stored, path.steps): path for path in paths}.values())


def view(entity: type[E], paths: Iterable[Path[Any]], item: Mapping[str, WireValue]) -> E:
    """The entity of an item that was read in part: the attributes that were asked for, those of its key, and its key.

    Raises:
        StoredItemInvalidError: A stored value is not valid.
    """
    try:
        return _view(entity, paths, item)
    except UNREADABLE as error:
        layout: Layout = entity.__gateleg__
        raise unreadable(layout.table, layout.masked(item), error, hidden=layout.hidden) from cause(error, hidden=layout.hidden)


def _view(entity: type[E], paths: Iterable[Path[Any]], item: Mapping[str, WireValue]) -> E:
    layout: Layout = entity.__gateleg__
    values: dict[str, Any] = {}
    asked = [path.attribute.name for path in paths]
    for name in dict.fromkeys([*asked, *layout.primary.attributes]):
        attribute = layout.attributes[name]
        # An index may hold the key that a template made and not the attributes that it was made of.
        if name in asked or attribute.stored in item:
            values[name] = attribute.loaded(item.get(attribute.stored))
    made = entity.__new__(entity)
    for name, value in {"fields_set": set(values), "extra": None, "private": None}.items():
        object.__setattr__(made, f"__pydantic_{name}__", value)
    known = {name: values[name] for name in layout.primary.attributes if name in values}
    key = Key(entity, {name: item[name] for name in layout.table.key_names}, known)
    vars(made).update(values, key=key)
    return made


def of_entity(entity: type[Kind], path: Path[Any]) -> bool:
    """Whether a path begins at an attribute of the entity."""
    try:
        entity.__gateleg__.check_path(path)
    except ExpressionError:
        return False
    return True


def held_names(table: TableBase, index: str | None) -> frozenset[str] | None:
    """The stored names of the attributes that an index holds; `None` where it holds all, as the table does."""
    if index is None:
        return None
    declared = table.index(index)
    if declared.projection.type == "ALL":
        return None
    return frozenset({*declared.projection.attributes, *table.key_names, *declared.key_names})


def _holds_objects(annotation: Any) -> bool:
    """Whether a part of a value may be an object, or a tuple, whose parts only make sense together."""
    for member in alternatives(annotation):
        origin: Any = get_origin(member) or member
        if is_dataclass(origin) or is_typeddict(origin) or any(issubclass(kind, (BaseModel, tuple)) for kind in base_types(member)):
            return True
        if any(_holds_objects(argument) for argument in get_args(member) if argument is not ...):
            return True
    return False
