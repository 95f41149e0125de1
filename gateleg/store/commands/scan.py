"""Asking for one stretch of a scan's items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from gateleg.expressions import scan_params
from gateleg.model.queries.projection import of_entity, view
from gateleg.store.commands.read import ReadItems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.entity import Entity
    from gateleg.model.table import Table
    from gateleg.model.values.wire import WireValue
    from gateleg.store.scan import Scan

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class ScanItems(ReadItems[E], Generic[E]):
    """One request of a scan.

    Attributes:
        scan: The scan.
        segment: Which part of the table is read.
        segments: In how many parts the table is read.
    """

    scan: Scan[E]
    segment: int = 0
    segments: int = 1
    operation: ClassVar[str] = "Scan"

    @property
    def table(self) -> Table:
        """The table that is scanned."""
        return self.scan.table

    @property
    def key_names(self) -> frozenset[str]:
        """The keys of the table and of what is scanned."""
        index = () if self.scan.index is None else self.table.index(self.scan.index).key_names
        return frozenset({*self.table.key_names, *index})

    def question(self) -> dict[str, Any]:
        """What is asked."""
        layouts = [entity.__gateleg__ for entity in self.scan.entities]
        params = scan_params(layouts, self.scan.index, self.scan.filter, self.scan.projection)
        if self.scan.consistent_read:
            params["ConsistentRead"] = True
        return params if self.segments == 1 else {**params, "Segment": self.segment, "TotalSegments": self.segments}

    def entity(self, item: Mapping[str, WireValue]) -> E | None:
        """The entity of an item, by its type."""
        entities = self.scan.entities
        entity = entities[0] if len(entities) == 1 else next(entity for entity in entities if entity.__gateleg__.owns(item))
        if self.scan.projection:
            return view(entity, [path for path in self.scan.projection if of_entity(entity, path)], item)
        return cast("E", entity.__gateleg__.decode(item))
