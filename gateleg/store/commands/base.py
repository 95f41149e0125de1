"""What every operation is: an immutable description with pure `params()`; only the sender talks to DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from gateleg.errors import StoreError

R_co = TypeVar("R_co", covariant=True)


class Command(Protocol[R_co]):
    """One operation on one table."""

    @property
    def operation(self) -> str:
        """DynamoDB's name of it: `GetItem`."""
        ...

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does what sending it once does, so that a lost answer is no reason for doubt."""
        ...

    def params(self, table_name: str) -> dict[str, Any]:
        """The exact request. Pure: the same description gives the same request."""
        ...

    def result(self, response: dict[str, Any]) -> R_co:
        """What the answer means."""
        ...

    def failure(self, error: StoreError) -> StoreError:
        """The narrowest error for a refusal."""
        ...


class WriteCommand(Command[R_co], Protocol[R_co]):
    """A write, which may also be a part of a transaction."""

    def part(self, table_name: str) -> dict[str, Any]:
        """The write as one of a transaction's `TransactItems`."""
        ...

    @property
    def label(self) -> str:
        """What is written, for messages: `create Message.key(room='a')`."""
        ...


def without(params: dict[str, Any], *names: str) -> dict[str, Any]:
    """The parameters without these."""
    return {name: value for name, value in params.items() if name not in names}
