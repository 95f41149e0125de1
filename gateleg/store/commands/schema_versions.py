"""Schema versions of stored items: what a write counts on is there once the item is up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors import ConditionFailedError
from gateleg.expressions import types_condition_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateleg.errors import StoreError
    from gateleg.expressions import Placeholders
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.values.wire import WireValue


class OutdatedItemError(ConditionFailedError):
    """What is stored has another schema version than its entity, so that a condition or an update would be of other attributes.

    Attributes:
        key: The item's key.
        layout: The layout of the very entity that it is of.
    """

    key: Key[Any]
    layout: Layout

    @property
    def stored(self) -> Mapping[str, WireValue]:
        """The item as it is stored."""
        item: Mapping[str, WireValue] = self.response["Item"]
        return item


def has_versions(layout: Layout) -> bool:
    """Whether items of an entity, or of its subclasses, may have several schema versions."""
    return any(one.options.upgrades for one in layout.family)


def current_text(layouts: Sequence[Layout], placeholders: Placeholders) -> str | None:
    """The item has the schema version of its entity; `None` where there never was another one."""
    versions = {len(layout.options.upgrades) for layout in layouts}
    if versions <= {0}:
        return None
    name = placeholders.name(layouts[0].table.schema_attribute)
    texts = {version: f"{name} = {placeholders.value({'N': str(version)})}" if version else "" for version in sorted(versions)}
    if len(texts) == 1:
        return next(iter(texts.values()))
    kinds = {version: [layout for layout in layouts if len(layout.options.upgrades) == version] for version in texts}
    each = [" AND ".join(filter(None, (types_condition_text(kinds[version], placeholders), text))) for version, text in texts.items()]
    return f"({' OR '.join(f'({text})' for text in each)})"


def outdated(error: StoreError, key: Key[Any], item: Mapping[str, WireValue]) -> OutdatedItemError | None:
    """What a false condition means if the item has another schema version; `None` if it has that of its entity.

    Args:
        error: The refusal as DynamoDB gave it.
        key: The item's key.
        item: The item as it is stored.
    """
    table = key.entity.__gateleg__.table
    entity = table.entities.get(str(table.type_of(item)))
    if entity is None:
        return None
    layout: Layout = entity.__gateleg__
    known, found = len(layout.options.upgrades), int(item.get(table.schema_attribute, {"N": "0"}).get("N", "0"))
    if not known or found == known:
        return None
    message = f"{key!r} is stored with schema version {found}, and {layout.entity.__name__} has {known}; nothing was written: " + (
        "deploy the later declaration" if found > known else "put it as it is read, or run gateleg backfill"
    )
    told = OutdatedItemError(message, path=repr(key), aws_code=error.aws_code, response=error.response)
    told.key, told.layout = key, layout
    return told
