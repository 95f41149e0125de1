"""Several writes as one: all are done or none is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from gateleg.errors import ExpressionError, StoreError, TransactionCanceledError
from gateleg.store.commands.base import COUNTED, Command
from gateleg.store.outcomes import from_aws

if TYPE_CHECKING:
    from gateleg.errors import GatelegError
    from gateleg.model.keys import Key

_MAX_PARTS = 100
_MAX_TOKEN = 36
_CANCELED = "TransactionCanceledException"
_CHECK_FAILED = "ConditionalCheckFailed"


class Part(Protocol):
    """One write, or one demand, of a transaction."""

    @property
    def key(self) -> Key[Any]:
        """The key of the item that it is about."""
        ...

    @property
    def label(self) -> str:
        """What it does, for messages."""
        ...

    def part(self, table_name: str) -> dict[str, Any]:
        """Itself in wire form."""
        ...

    def failure(self, error: StoreError) -> StoreError:
        """The narrowest error for a refusal."""
        ...


@dataclass(frozen=True)
class TransactWriteItems(Command[None]):
    """A transaction.

    Attributes:
        parts: The writes and demands.
        token: The idempotency token: within ten minutes DynamoDB does what a token says once, however often it is sent.
    """

    parts: tuple[Part, ...]
    token: str
    operation: ClassVar[str] = "TransactWriteItems"

    def __post_init__(self) -> None:
        if not 1 <= len(self.parts) <= _MAX_PARTS:
            raise ExpressionError(f"a transaction has 1 to {_MAX_PARTS} parts; {len(self.parts)} were given", value=len(self.parts))
        if not 1 <= len(self.token) <= _MAX_TOKEN:
            message = f"an idempotency token has 1 to {_MAX_TOKEN} characters; {self.token!r} has {len(self.token)}"
            raise ExpressionError(message, value=self.token)
        seen: set[str] = set()
        for part in self.parts:
            identity = repr(sorted(part.key.wire.items()))
            if identity in seen:
                message = f"two parts of a transaction are about {part.key!r}; DynamoDB takes one part for each item"
                raise ExpressionError(message, path=repr(part.key))
            seen.add(identity)

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        return {"TransactItems": [part.part(table_name) for part in self.parts], "ClientRequestToken": self.token, **COUNTED}

    def result(self, response: dict[str, Any]) -> None:
        """Nothing: all parts are done."""

    def failure(self, error: StoreError) -> StoreError:
        """Why the transaction was canceled, part by part."""
        if error.aws_code != _CANCELED:
            return error
        given = error.response.get("CancellationReasons", [])
        reasons = tuple(_reason(part, reason) for part, reason in zip(self.parts, given, strict=False))
        why = "; ".join(
            f"{part.label}: {reason.message}" for part, reason in zip(self.parts, reasons, strict=False) if isinstance(reason, StoreError)
        )
        message = f"the transaction was canceled, nothing was written: {why or error.message}"
        canceled = TransactionCanceledError(message, aws_code=error.aws_code, response=error.response)
        canceled.reasons = reasons
        return canceled


def _reason(part: Part, reason: dict[str, Any]) -> GatelegError | None:
    code = reason.get("Code", "None")
    if code == "None":
        return None
    wire_code = "ConditionalCheckFailedException" if code == _CHECK_FAILED else code
    return part.failure(from_aws(wire_code, reason.get("Message") or code, reason))
