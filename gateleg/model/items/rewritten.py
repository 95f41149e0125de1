"""Items as the present declaration stores them: what is written of items that an earlier declaration, or another program, wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ItemInvalidError
from gateleg.model.items.evolution import run_hook
from gateleg.model.values.hidden import HIDDEN
from gateleg.model.values.sameness import same
from gateleg.model.values.stored import same_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.items.layout import Layout
    from gateleg.model.kinds import Kind
    from gateleg.model.values.storage import Role
    from gateleg.model.values.wire import WireValue

_OF_ITS_LIFE: tuple[Role, ...] = ("version", "created_at", "updated_at", "ttl")
"""What an item that lacks it does not get from a default: it would be a version that nobody wrote, a time that never was, an end that nobody wanted."""


def rewritten(layout: Layout, item: Mapping[str, WireValue], change: Callable[[Any], Any] | None = None) -> dict[str, WireValue]:
    """The item of the same entity as the present declaration stores it: its keys and those of its indexes, defaults, stored forms, schema version.

    Its version and its times stay, and so does what nobody declares, but for what upgrades take away. What is saved differently each time,
    as encrypted values are, stays as it is where its value does. So the item of a rewritten item is the same again.

    Args:
        layout: The layout of the entity that the item is of.
        item: The item.
        change: Makes the entity to store of the one that was read; the same of the same, and nothing more of what it made.

    Raises:
        ItemInvalidError: The item is not valid, or what would be stored is not, or `change` gives what it must not.
    """
    read = layout.read(item)
    entity = read if change is None else _changed(layout, read, change)
    upgraded = layout.upgraded(item)
    made = layout.encode(entity)
    back = layout.read_again(made, entity)
    if change is not None:
        _check_settled(layout, back, change)
    _check_key(layout, item, made)
    for name in _unsettled(layout, entity, made):
        if name in item and _is_same(layout, name, read, entity):
            made[name] = item[name]
    for attribute in filter(None, map(layout.role, _OF_ITS_LIFE)):
        if attribute.stored not in upgraded and _is_same(layout, attribute.stored, read, entity):
            made.pop(attribute.stored, None)
    return {**layout.undeclared(upgraded), **made}


def _check_key(layout: Layout, item: Mapping[str, WireValue], made: Mapping[str, WireValue]) -> None:
    for name in layout.table.key_names:
        if name in item and not same_stored({"": item[name]}, {"": made[name]}):
            stored, own = (layout.masked({name: wire})[name] for wire in (item[name], made[name]))
            message = (
                f"{name!r} of the item is {stored!r}, and its attributes make {own!r}; create it under its own key, and delete this one"
            )
            raise ItemInvalidError(message, path=f"{layout.entity.__name__}.{name}")


def _unsettled(layout: Layout, entity: Kind, made: Mapping[str, WireValue]) -> list[str]:
    """The stored names of what is saved differently each time."""
    again = layout.encode(entity)
    return [name for name, wire in made.items() if again.get(name) != wire]


def _is_same(layout: Layout, stored: str, one: Kind, other: Kind) -> bool:
    """Whether two entities have one value of an attribute; of what is made of several, all."""
    names = [attribute.name for attribute in layout.attributes.values() if attribute.stored == stored] or list(layout.attributes)
    return all(same(getattr(one, name), getattr(other, name)) for name in names)


def _changed(layout: Layout, entity: Kind, change: Callable[[Any], Any]) -> Any:
    made = _run(layout, entity, change)
    if layout.key_of(made).wire != layout.key_of(entity).wire:
        label = _label(layout)
        raise ItemInvalidError(f"{label} gave one of another key; keys do not change: create another item and delete this one", path=label)
    return made


def _check_settled(layout: Layout, back: Kind, change: Callable[[Any], Any]) -> None:
    """Check that what was made and stored stays as it is."""
    if not same(_run(layout, back, change), back):
        label = _label(layout)
        message = f"{label} changes once more what it made, and an item may be met twice; let it leave alone what it has done"
        raise ItemInvalidError(message, path=label)


def _label(layout: Layout) -> str:
    return f"the change of a {layout.entity.__name__}"


def _run(layout: Layout, entity: Kind, change: Callable[[Any], Any]) -> Any:
    label = _label(layout)
    made = run_hook(label, lambda _: change(entity.model_copy(deep=True)), vars(entity), hidden=layout.hidden)
    if type(made) is not type(entity):
        shown = HIDDEN if layout.hidden else made
        raise ItemInvalidError(f"{label} gave {shown!r}; return a {type(entity).__name__}", path=label, value=shown)
    return made
