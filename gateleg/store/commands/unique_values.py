"""Taking unique values and giving them back: parts of the transaction that writes the entity which has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic.fields import FieldInfo

from gateleg.errors import ExpressionError, UniqueConflictError
from gateleg.expressions import Placeholders
from gateleg.model.attributes.attribute import Attribute
from gateleg.model.items.claims import OWNER, Claim
from gateleg.model.paths.conditions import Comparison, FunctionCall, Operand
from gateleg.model.paths.path import Path
from gateleg.store.commands.conditions import REFUSED, guarded, or_expired
from gateleg.store.commands.transact import TransactWriteItems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateleg.errors import StoreError
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.paths.conditions import Condition
    from gateleg.model.values.wire import WireValue
    from gateleg.store.commands.transact import Part


class ForeignClaimError(UniqueConflictError):
    """A value was to be given back whose claim is another item's: both had the value before it was declared unique."""

    claim: Claim


@dataclass(frozen=True)
class TakeValue:
    """Claim a value for an entity, on condition that nobody else has it.

    Attributes:
        claim: The claim.
        owner: The key of the entity.
        expiry: The entity's time of expiry, in wire form.
        giver: The key of the entity that gives the value back in the same transaction.
        alive_at: The time, in epoch seconds, at which a claim that has expired is nobody's; `None` where it is still its owner's.
    """

    claim: Claim
    owner: Key[Any]
    expiry: WireValue | None = None
    giver: Key[Any] | None = None
    alive_at: int | None = None

    @property
    def key(self) -> Key[Any]:
        """The key of the claim's item."""
        return self.claim.key

    @property
    def label(self) -> str:
        """What is done, for messages."""
        return f"take {self.key!r}"

    def part(self, table_name: str) -> dict[str, Any]:
        """The claim as a part of a transaction."""
        owners = [self.owner] if self.giver is None else [self.owner, self.giver]
        terms = _unless_anothers(self.key, owners, self.alive_at)
        return {"Put": {"TableName": table_name, "Item": self.claim.item(self.owner, self.expiry), **terms}}

    def failure(self, error: StoreError) -> StoreError:
        """That somebody else has the value."""
        if error.aws_code != REFUSED:
            return error
        attribute = self.claim.attribute
        value = attribute.given(next(iter(self.claim.value.values())))
        message = f"{attribute!r} is unique, and another item has {value!r}; nothing was written: give {self.owner!r} another value"
        return UniqueConflictError(message, path=repr(attribute), value=value, aws_code=error.aws_code, response=error.response)


@dataclass(frozen=True)
class GiveValueBack:
    """Delete the claim of a value, on condition that it belongs to nobody else.

    Attributes:
        claim: The claim.
        owner: The key of the entity that had the value.
    """

    claim: Claim
    owner: Key[Any]

    @property
    def key(self) -> Key[Any]:
        """The key of the claim's item."""
        return self.claim.key

    @property
    def label(self) -> str:
        """What is done, for messages."""
        return f"give back {self.key!r}"

    def part(self, table_name: str) -> dict[str, Any]:
        """The deletion as a part of a transaction."""
        return {"Delete": {"TableName": table_name, "Key": dict(self.key.wire), **_unless_anothers(self.key, [self.owner])}}

    def failure(self, error: StoreError) -> StoreError:
        """That the claim is somebody else's."""
        if error.aws_code != REFUSED:
            return error
        attribute = self.claim.attribute
        message = f"{attribute!r} is unique, and the value that {self.owner!r} had is counted as another item's; put that one again"
        foreign = ForeignClaimError(message, path=repr(attribute), aws_code=error.aws_code, response=error.response)
        foreign.claim = self.claim
        return foreign


@dataclass(frozen=True)
class WriteClaimed(TransactWriteItems):
    """The write of one entity and of its claims, which is refused as the write alone would be: with the error of one part."""

    def failure(self, error: StoreError) -> StoreError:
        """The error of the first part that was refused; why the transaction was canceled, where no condition was false."""
        canceled = super().failure(error)
        reasons: Iterable[Any] = getattr(canceled, "reasons", ())
        return next((reason for reason in reasons if getattr(reason, "aws_code", None) == REFUSED), canceled)


def claim_parts(
    owner: Key[Any], old: Mapping[str, Claim], new: Mapping[str, Claim], expiry: WireValue | None, alive_at: int | None = None
) -> list[Part]:
    """What takes an entity's new values, all of them, and gives back those of the old that it has no longer.

    Args:
        owner: The entity's key.
        old: The claims of its values so far, by attribute name.
        new: The claims of its values from now on.
        expiry: Its time of expiry from now on, in wire form.
        alive_at: The time, in epoch seconds, at which claims that have expired are nobody's; `None` where they are.
    """
    kept = {claim.key.identity for claim in new.values()}
    back = [GiveValueBack(claim, owner) for claim in old.values() if claim.key.identity not in kept]
    return [*(TakeValue(claim, owner, expiry, alive_at=alive_at) for claim in new.values()), *back]


def as_stored(key: Key[Any], item: Mapping[str, WireValue]) -> tuple[Condition, ...]:
    """The conditions that an item is still what it was when it was read, as far as claims hang on it: absent, or of its kind and values.

    Its version does not say that: an item that was deleted and made anew may have the same one.

    Args:
        key: The item's key.
        item: The item as it was read, whichever entity it is of; empty where there was none.
    """
    layout, table = layout_of(key, item), key.entity.__gateleg__.table
    if not item:
        return (FunctionCall("attribute_not_exists", _operand(key, table.partition_key)),)
    kind = _still(_operand(key, table.type_attribute), item.get(table.type_attribute))
    unique = () if layout is None else layout.claims.attributes
    held = {attribute: item.get(attribute.stored) for attribute in unique}
    return (kind, *(_still(Operand(Path[Any](one)), None if wire is None else one.masked(wire)) for one, wire in held.items()))


def layout_of(key: Key[Any], item: Mapping[str, WireValue]) -> Layout | None:
    """The layout of a stored item, whichever entity it is of; `None` where it is of none."""
    table = key.entity.__gateleg__.table
    entity = table.entities.get(str(table.type_of(item)))
    return None if entity is None else entity.__gateleg__


def _still(operand: Operand, wire: WireValue | None) -> Condition:
    if wire is not None and "NULL" not in wire:
        return Comparison("=", operand, wire)
    return FunctionCall("attribute_not_exists", operand) | FunctionCall("attribute_type", operand, ({"S": "NULL"},))


def _operand(key: Key[Any], stored: str) -> Operand:
    """An attribute that no entity declares, by its stored name."""
    return Operand(Path[Any](Attribute(key.entity.__name__, stored, FieldInfo(annotation=str), key.entity.__gateleg__.table)))


def merged(parts: Iterable[Part]) -> list[Part]:
    """The parts with one for each claim, as DynamoDB demands: who takes what another gives back needs no more than that.

    Raises:
        ExpressionError: Two of them take one value.
    """
    by_claim: dict[object, Part] = {}
    for part in parts:
        other = by_claim.get(part.key.identity)
        by_claim[part.key.identity] = part if other is None else _one_of(other, part)
    return list(by_claim.values())


def _one_of(first: Part, second: Part) -> Part:
    if isinstance(first, TakeValue) and isinstance(second, TakeValue):
        attribute = first.claim.attribute
        message = f"{first.owner!r} and {second.owner!r} of one transaction have the same {attribute!r}, which is unique; give one of them another"
        raise ExpressionError(message, path=repr(attribute))
    taking, giving = (first, second) if isinstance(first, TakeValue) else (second, first)
    return replace(taking, giver=giving.owner) if isinstance(taking, TakeValue) and isinstance(giving, GiveValueBack) else second


def _unless_anothers(claim: Key[Any], owners: Sequence[Key[Any]], alive_at: int | None = None) -> dict[str, Any]:
    placeholders = Placeholders()
    owner = placeholders.name(OWNER)
    texts = [f"{owner} = {placeholders.value({'M': dict(key.wire)})}" for key in owners]
    absent = f"attribute_not_exists({placeholders.name(claim.entity.__gateleg__.table.partition_key)})"
    return guarded(placeholders, or_expired(" OR ".join([absent, *texts]), claim.entity.__gateleg__, alive_at, placeholders))
