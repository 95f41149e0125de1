"""Taking unique values and giving them back: parts of the transaction that writes the entity which has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError, UniqueConflictError
from gateleg.expressions import Placeholders
from gateleg.model.claims import OWNER, Claim
from gateleg.model.conditions import Comparison, FunctionCall, Operand
from gateleg.model.paths import Path
from gateleg.store.commands.conditions import REFUSED, guarded
from gateleg.store.commands.transact import TransactWriteItems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.errors import StoreError
    from gateleg.model.attribute import Attribute
    from gateleg.model.conditions import Condition
    from gateleg.model.keys import Key
    from gateleg.model.wire import WireValue
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
    """

    claim: Claim
    owner: Key[Any]
    expiry: WireValue | None = None
    giver: Key[Any] | None = None

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
        terms = _unless_anothers(self.key, self.owner, *([] if self.giver is None else [self.giver]))
        return {"Put": {"TableName": table_name, "Item": self.claim.item(self.owner, self.expiry), **terms}}

    def failure(self, error: StoreError) -> StoreError:
        """That somebody else has the value."""
        if error.aws_code != REFUSED:
            return error
        attribute, value = self.claim.attribute, next(iter(self.claim.value.values()))
        message = f"{attribute!r} is unique, and another item has {value!r}; nothing was written: give {self.owner!r} another value"
        return UniqueConflictError(message, path=repr(attribute), value=value, aws_code=error.aws_code, response=error.response)


@dataclass(frozen=True)
class GiveValueBack:
    """Delete the claim of a value, on condition that it is nobody else's.

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
        return {"Delete": {"TableName": table_name, "Key": dict(self.key.wire), **_unless_anothers(self.key, self.owner)}}

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


def claim_parts(owner: Key[Any], old: Mapping[str, Claim], new: Mapping[str, Claim], expiry: WireValue | None) -> list[Part]:
    """What takes an entity's new values, all of them, and gives back those of the old that it has no longer.

    Args:
        owner: The entity's key.
        old: The claims of its values so far, by attribute name.
        new: The claims of its values from now on.
        expiry: Its time of expiry from now on, in wire form.
    """
    kept = {claim.key.identity for claim in new.values()}
    back = [GiveValueBack(claim, owner) for claim in old.values() if claim.key.identity not in kept]
    return [*(TakeValue(claim, owner, expiry) for claim in new.values()), *back]


def as_stored(attributes: Iterable[Attribute], claims: Mapping[str, Claim]) -> tuple[Condition, ...]:
    """The conditions that an item still has the unique values that it had when it was read.

    Args:
        attributes: The unique attributes.
        claims: The claims of the values, by attribute name; an attribute without one had none.
    """
    conditions: list[Condition] = []
    for attribute in attributes:
        operand, claim = Operand(Path[Any](attribute)), claims.get(attribute.name)
        if claim is not None:
            conditions.append(Comparison("=", operand, claim.value))
        else:
            absent = FunctionCall("attribute_not_exists", operand)
            conditions.append(absent | FunctionCall("attribute_type", operand, ({"S": "NULL"},)))
    return tuple(conditions)


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
        message = f"two items of the transaction have the value of {first.key!r}, which is unique; give one of them another"
        raise ExpressionError(message, path=repr(first.claim.attribute))
    taking, giving = (first, second) if isinstance(first, TakeValue) else (second, first)
    return replace(taking, giver=giving.owner) if isinstance(taking, TakeValue) and isinstance(giving, GiveValueBack) else second


def _unless_anothers(claim: Key[Any], *owners: Key[Any]) -> dict[str, Any]:
    placeholders = Placeholders()
    owner = placeholders.name(OWNER)
    texts = [f"{owner} = {placeholders.value({'M': dict(key.wire)})}" for key in owners]
    absent = f"attribute_not_exists({placeholders.name(claim.entity.__gateleg__.table.partition_key)})"
    return guarded(placeholders, " OR ".join([absent, *texts]))
