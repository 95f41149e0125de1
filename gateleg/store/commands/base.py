"""What every operation is: an immutable description with pure `params()`; only the sender talks to DynamoDB."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.errors import StoreError

R = TypeVar("R")

COUNTED = {"ReturnConsumedCapacity": "TOTAL"}
"""Asks for the capacity that a request takes; telling it costs nothing."""


@dataclass(frozen=True)
class Together(Generic[R]):
    """Commands that a program wants sent at the same time; it is sent the list of their results.

    Attributes:
        commands: One or more, none of which waits for another.
    """

    commands: tuple[Command[R], ...]


_READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})


class Command(ABC, Generic[R]):
    """One operation on one table.

    Attributes:
        operation: DynamoDB's name of it: `GetItem`.
    """

    operation: ClassVar[str]

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does what sending it once does, so that a lost answer leaves no doubt."""
        return True

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that a lost answer is a failure, without doubt."""
        return self.operation in _READS

    @property
    def label(self) -> str:
        """What it does, for messages: `create Message.key(room='a')`."""
        return self.operation

    @property
    def each(self) -> Callable[[dict[str, Any]], Any] | None:
        """What may be made of each of an answer's `Items` as soon as it is read, so that the item itself is let go; `None` for nothing.

        `result` is given a `transport_items.Taken` where that was done, and the items where it was not.
        """
        return None

    @abstractmethod
    def params(self, table_name: str) -> dict[str, Any]:
        """The exact request. Pure: the same description gives the same request."""

    @abstractmethod
    def result(self, response: dict[str, Any]) -> R:
        """What the answer means."""

    def failure(self, error: StoreError) -> StoreError:
        """The narrowest error for a refusal."""
        return error


def without(params: dict[str, Any], *names: str) -> dict[str, Any]:
    """The parameters without these."""
    return {name: value for name, value in params.items() if name not in names}
