"""Which entities of a table may have one key: `BatchWriteItem` takes no conditions, so that whoever writes by it must know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.schema import KeyPart


def rivals(layout: Layout) -> list[Layout]:
    """The other declared entities of the table, subclasses among them, of which items may be under keys of this one, as far as templates tell.

    What other programs store knows no templates: an item that says no type is of the table's `default_type`, under whatever key it is.
    """
    others = [entity.__gateleg__ for entity in layout.table.entities.values()]
    return [other for other in others if other.name != layout.name and _may_meet(layout, other)]


def foreign_rivals(layout: Layout) -> list[Layout]:
    """Those of the rivals that a read of this entity does not find."""
    family = {member.name for member in layout.family}
    return [other for other in rivals(layout) if other.name not in family]


def _may_meet(layout: Layout, other: Layout) -> bool:
    if other.name == layout.table.default_type:
        return True
    parts = zip(layout.primary.parts, other.primary.parts, strict=True)
    return not any(_apart(one, another) for one, another in parts)


def _apart(one: KeyPart, another: KeyPart) -> bool:
    """Whether the literal beginnings or ends of two templates differ, so that no text is made by both."""
    (head, tail), (other_head, other_tail) = _ends(one), _ends(another)
    heads = head.startswith(other_head) or other_head.startswith(head)
    tails = tail.endswith(other_tail) or other_tail.endswith(tail)
    return not (heads and tails)


def _ends(part: KeyPart) -> tuple[str, str]:
    if part.template is None:
        return "", ""
    placeholders = part.template.placeholders
    return (placeholders[0].before if placeholders else part.template.tail), part.template.tail
