"""A query as plain data: which key or index, which part of it, what is kept. Stores run it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from gateleg.errors import AccessPatternError, ExpressionError
from gateleg.model.paths.conditions import as_condition
from gateleg.model.queries.projection import check_projection, distinct

if TYPE_CHECKING:
    from gateleg.description.uses import Use
    from gateleg.model.keys.schema import KeySchema
    from gateleg.model.kinds import Kind
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.paths.path import Path, PathOf
    from gateleg.model.values.wire import WireValue

E_co = TypeVar("E_co", bound="Kind", covariant=True)

SortOperator = Literal["=", "<", "<=", ">", ">=", "between", "begins_with"]
"""What a key condition can ask of a sort key."""


@dataclass(frozen=True)
class SortCondition:
    """What a query asks of the sort key: an operator and its one or two wire values."""

    operator: SortOperator
    values: tuple[WireValue, ...]


@dataclass(frozen=True)
class Query(Generic[E_co]):
    """One question put to a table's key or an index; immutable, each method gives a new one.

    Attributes:
        entity: The entity whose items it finds; items of others in the same partition are left out.
        schema: The key that answers it.
        partition: The wire values of the partition key's attributes.
        sort: What is asked of the sort key's attributes, from the first on; empty for all of the partition.
        forward: Whether the smallest sort key comes first.
        filter: What an item must fulfil to be given; DynamoDB reads, and bills, the others too.
        maximum: How many items iteration gives at most; `None` for all.
        consistent_read: Whether writes that ended before the read are surely seen.
        projection: What is read of each item; empty for all of it.
        shard: Which shard of a sharded index is asked; stores ask all of them.
    """

    entity: type[E_co]
    schema: KeySchema = field(repr=False)
    partition: tuple[WireValue, ...]
    sort: tuple[SortCondition, ...] = ()
    forward: bool = True
    filter: Condition | None = None
    maximum: int | None = None
    consistent_read: bool = False
    projection: tuple[Path[Any], ...] = ()
    shard: int = field(default=0, repr=False)

    @property
    def shards(self) -> tuple[Query[E_co], ...]:
        """The same question to each shard of the index; itself alone where there is one."""
        return (self,) if self.schema.shards == 1 else tuple(replace(self, shard=shard) for shard in range(self.schema.shards))

    @property
    def asked(self) -> dict[str, WireValue]:
        """The partition key's attributes in wire form, by stored name, as they are in the shard that is asked."""
        wires = zip(self.schema.partition, self.partition, strict=True)
        return {part.stored: part.sharded(wire, self.shard) for part, wire in wires}

    @property
    def index(self) -> str | None:
        """The index that is read; `None` for the table itself."""
        return self.schema.index

    def where(self, condition: Condition[E_co]) -> Query[E_co]:
        """Keep only items that fulfil the condition, beside those asked for before.

        Raises:
            ExpressionError: The condition names a key attribute of what is read, or an attribute of another entity.
        """
        layout = self.entity.__gateleg__
        keys = {part.stored for part in self.schema.parts}
        for path in as_condition(condition).paths():
            layout.check_path(path)
            if path.attribute.stored in keys:
                message = f"{path!r} is a key of what is read and cannot be filtered by; make it a parameter of an access pattern"
                raise ExpressionError(message, path=repr(path))
        return replace(self, filter=condition if self.filter is None else self.filter & condition)

    def limit(self, count: int) -> Query[E_co]:
        """Give at most this many items.

        Raises:
            AccessPatternError: The count is less than 1.
        """
        if count < 1:
            raise AccessPatternError(f"a limit is 1 or more; {count!r} was given", value=count)
        return replace(self, maximum=count)

    def reversed(self) -> Query[E_co]:
        """The same items in the opposite order of the sort key."""
        return replace(self, forward=not self.forward)

    def consistent(self) -> Query[E_co]:
        """Read with strong consistency, at twice the price.

        Raises:
            AccessPatternError: A global index is read, which DynamoDB keeps only eventually consistent.
        """
        if self.index is not None and not self.schema.local:
            message = f"index {self.index!r} has no consistent reads; read by the table's own key, or by a LocalIndex"
            raise AccessPatternError(message, path=self.index)
        return replace(self, consistent_read=True)

    def only(self, *paths: PathOf[E_co]) -> Query[E_co]:
        """Read these attributes of each item, and those that its key is made of, and leave the others where they are.

        The entities that come out are views: to ask one for another attribute, or to store it, raises `AttributeNotReadError`. DynamoDB
        charges as for whole items; what is saved is time on the way. Also how an index is read that does not hold all attributes.

        Raises:
            ExpressionError: No path is named, one belongs to another entity, or the entity is only understood whole.
        """
        check_projection(self.entity, paths)
        return replace(self, projection=distinct((*self.projection, *paths)))

    def declared_uses(self) -> tuple[Use, ...]:
        """The query on the table or the index."""
        return (self.entity.__gateleg__.use("query", self.index),)
