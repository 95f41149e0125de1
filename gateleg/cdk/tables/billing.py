"""How a table is billed, and what it may take: by request or by capacity, for the table and for each index."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from gateleg.cdk.arguments import a, check, either, mapping, number, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description import TableShape

_UNITS = number(1, 10_000_000, int)
_WARM_FROM = {"reads": 12_000, "writes": 4_000}
"""What a new table on demand takes at once; warm throughput is never below it."""


@dataclass(frozen=True)
class WarmThroughput:
    """What a table or index takes at once, without the time it would need to scale; AWS never takes it down again.

    Args:
        reads: Read units per second; 12,000 and more.
        writes: Write units per second; 4,000 and more.

    Raises:
        DeclarationError: Less than what a new table on demand takes anyway, which DynamoDB refuses. Follows
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html.
    """

    reads: int = _WARM_FROM["reads"]
    writes: int = _WARM_FROM["writes"]

    def __post_init__(self) -> None:
        check(
            "WarmThroughput",
            reads=(self.reads, number(_WARM_FROM["reads"], 1_000_000_000, int)),
            writes=(self.writes, number(_WARM_FROM["writes"], 1_000_000_000, int)),
        )


@dataclass(frozen=True)
class Autoscaled:
    """Capacity that follows the load.

    Args:
        least: The least units.
        most: The most units.
        target: How much of the capacity should be used, in percent, 20 to 90.
        seed: The units to begin with when the table changes from on demand; the least unless given.

    Raises:
        DeclarationError: Bounds that hold nothing, or a target that Application Auto Scaling refuses. Follows
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html.
    """

    least: int
    most: int
    target: int = 70
    seed: int | None = None

    def __post_init__(self) -> None:
        check(
            "Autoscaled",
            least=(self.least, _UNITS),
            most=(self.most, _UNITS),
            target=(self.target, number(20, 90, int)),
            seed=(self.seed, optional(_UNITS)),
        )
        if not self.least <= self.begin <= self.most:
            message = (
                f"Autoscaled({self.least}, {self.most}, seed={self.seed}) holds nothing; write the least first, and a seed between the two"
            )
            raise DeclarationError(message, path="Autoscaled", value=(self.least, self.most, self.seed))

    @property
    def begin(self) -> int:
        """The units to begin with."""
        return self.least if self.seed is None else self.seed


@dataclass(frozen=True)
class OnDemand:
    """Billed by request.

    Args:
        max_reads: The most read units per second; requests beyond are throttled. No limit of its own unless given.
        max_writes: The most write units per second, as for reads.
        warm: What is taken at once.
        indexes: What differs for global indexes, by name: `{"by_author": OnDemand(max_reads=500)}`. An index has the table's maximum unless given.

    Raises:
        DeclarationError: A number that DynamoDB refuses, or something else for an index. Follows
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html.
    """

    max_reads: int | None = None
    max_writes: int | None = None
    warm: WarmThroughput | None = None
    indexes: Mapping[str, OnDemand] = field(default_factory=dict[str, "OnDemand"])

    def __post_init__(self) -> None:
        check(
            "OnDemand",
            max_reads=(self.max_reads, optional(_UNITS)),
            max_writes=(self.max_writes, optional(_UNITS)),
            warm=(self.warm, optional(a("a WarmThroughput", WarmThroughput))),
            indexes=(self.indexes, mapping(a("an OnDemand", OnDemand))),
        )
        _check_flat(self.indexes)

    def of(self, index: str) -> OnDemand:
        """What holds for a global index."""
        return self.indexes.get(index, OnDemand())


@dataclass(frozen=True)
class Provisioned:
    """Billed by capacity.

    Args:
        reads: Read units: a number, or `Autoscaled(5, 500)`.
        writes: Write units; of an `AWS::DynamoDB::GlobalTable`, as a table is unless said otherwise, only `Autoscaled(...)`.
        warm: What is taken at once.
        indexes: What differs for global indexes, by name. An index has the table's numbers unless given.

    Raises:
        DeclarationError: A number that DynamoDB refuses, or something else for an index. Follows
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html.
    """

    reads: int | Autoscaled
    writes: int | Autoscaled
    warm: WarmThroughput | None = None
    indexes: Mapping[str, Provisioned] = field(default_factory=dict[str, "Provisioned"])

    def __post_init__(self) -> None:
        units = either(_UNITS, a("Autoscaled(least, most)", Autoscaled))
        check(
            "Provisioned",
            reads=(self.reads, units),
            writes=(self.writes, units),
            warm=(self.warm, optional(a("a WarmThroughput", WarmThroughput))),
            indexes=(self.indexes, mapping(a("a Provisioned", Provisioned))),
        )
        _check_flat(self.indexes)
        for role in ("reads", "writes"):
            units_of = begin_of(getattr(self, role))
            if self.warm is not None and units_of > getattr(self.warm, role):
                message = f"Provisioned(warm=...) has {role} of {getattr(self.warm, role)}, less than the {units_of} that are provisioned; raise it, or leave it out"
                raise DeclarationError(message, path=f"Provisioned.warm.{role}", value=getattr(self.warm, role))

    def of(self, index: str) -> Provisioned:
        """What holds for a global index."""
        return self.indexes.get(index, Provisioned(self.reads, self.writes))


Billing = OnDemand | Provisioned


def begin_of(units: int | Autoscaled) -> int:
    """The units to begin with."""
    return units.begin if isinstance(units, Autoscaled) else units


def check_billing(billing: Billing, shape: TableShape, *, fixed_writes: bool) -> None:
    """Check billing against a declaration.

    Args:
        billing: The billing.
        shape: The declaration.
        fixed_writes: Whether the resource can hold writes that do not scale.

    Raises:
        DeclarationError: An index that the table does not have as a global one, or writes that the resource cannot hold.
    """
    known = [index.name for index in shape.indexes]
    for name in billing.indexes:
        if name not in known:
            local = name in {index.name for index in shape.local_indexes}
            reason = "is a local index, which shares the table's capacity" if local else f"is no index of the table {shape.name!r}"
            message = f"billing names {name!r}, which {reason}; its global indexes: {', '.join(known) or 'none'}"
            raise DeclarationError(message, path="ModelTable.billing", value=name)
    if isinstance(billing, Provisioned) and not fixed_writes:
        for where, one in {shape.name: billing, **billing.indexes}.items():
            if not isinstance(one.writes, Autoscaled):
                message = (
                    f"{where!r} has writes={one.writes}, and an AWS::DynamoDB::GlobalTable holds only writes that scale, so that its replicas take "
                    f"them all; write Autoscaled({one.writes}, {one.writes * 10}), or resource_type='AWS::DynamoDB::Table'"
                )
                raise DeclarationError(message, path="ModelTable.billing", value=one.writes)


def _check_flat(indexes: Any) -> None:
    for name, one in cast("Mapping[str, Billing]", indexes).items():
        if one.indexes:
            message = f"the billing of index {name!r} has indexes itself; name every index in that of the table"
            raise DeclarationError(message, path=f"indexes.{name}", value=one)
