"""Several writes as one: either all are done, or not one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from gateleg.errors import ExpressionError, StoreError, TransactionCanceledError
from gateleg.expressions.sizes import MAX_ITEM_BYTES, at_most, item_size
from gateleg.store.commands.base import COUNTED, Command
from gateleg.store.other_tables import OtherTables, name_in
from gateleg.store.outcomes import from_aws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.errors import GatelegError
    from gateleg.model.keys.key import Key
    from gateleg.model.kinds import TableBase
    from gateleg.store.other_tables import Bound

MAX_PARTS = 100
"""How many parts a transaction has at most."""
_MAX_TOKEN = 36
_MAX_BYTES = 4 * 1024 * 1024
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
        others: The stores of the other tables that parts are about.
    """

    parts: tuple[Part, ...]
    token: str
    others: OtherTables = field(default_factory=dict["TableBase", "Bound"])
    operation: ClassVar[str] = "TransactWriteItems"

    def __post_init__(self) -> None:
        if not 1 <= len(self.parts) <= MAX_PARTS:
            raise ExpressionError(f"a transaction has 1 to {MAX_PARTS} parts; {len(self.parts)} were given", value=len(self.parts))
        if not 1 <= len(self.token) <= _MAX_TOKEN:
            message = f"an idempotency token has 1 to {_MAX_TOKEN} characters; {self.token!r} has {len(self.token)}"
            raise ExpressionError(message, value=self.token)
        seen: set[object] = set()
        for part in self.parts:
            identity = part.key.identity
            if identity in seen:
                message = f"two parts of a transaction are about {part.key!r}; DynamoDB takes one part for each item"
                raise ExpressionError(message, path=repr(part.key))
            seen.add(identity)

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        parts = [part.part(name_in(self.others, part.key.entity.__gateleg__.table, table_name)) for part in self.parts]
        _check_size(parts)
        return {"TransactItems": parts, "ClientRequestToken": self.token, **COUNTED}

    def result(self, response: dict[str, Any]) -> None:
        """Nothing: all parts are done."""

    def failure(self, error: StoreError) -> StoreError:
        """Why the transaction was canceled, part by part."""
        return cancellation(error, [(part.key, part.label, part) for part in self.parts], "nothing was written")


def _check_size(parts: Sequence[dict[str, Any]]) -> None:
    """Check the items that are put; of those that are updated only DynamoDB knows the size."""
    if len(parts) * MAX_ITEM_BYTES <= _MAX_BYTES:
        return
    items = [part["Put"]["Item"] for part in parts if "Put" in part]
    if sum(map(at_most, items)) > _MAX_BYTES and (size := sum(map(item_size, items))) > _MAX_BYTES:
        message = f"the items of a transaction have {size} bytes together, and DynamoDB takes {_MAX_BYTES}; write them in several"
        raise ExpressionError(message, value=size)


def cancellation(error: StoreError, parts: Sequence[tuple[Key[Any], str, Part | None]], done: str) -> StoreError:
    """The error of a canceled transaction, with a reason for each part that says which entity and part it is about.

    Args:
        error: The refusal as DynamoDB gave it.
        parts: Each part's key and label, and what narrows its refusals.
        done: What became of the others, for the message.
    """
    if error.aws_code != _CANCELED:
        return error
    given = error.response.get("CancellationReasons", [])
    reasons = tuple(_reason(key, part, reason) for (key, _, part), reason in zip(parts, given, strict=False))
    told = [
        f"part {number}, {label}: {reason.message}"
        for number, ((_, label, _), reason) in enumerate(zip(parts, reasons, strict=False), 1)
        if reason is not None
    ]
    message = f"the transaction was canceled, {done}: {'; '.join(told) or error.message}"
    canceled = TransactionCanceledError(message, aws_code=error.aws_code, response=error.response)
    canceled.reasons = reasons
    return canceled


def _reason(key: Key[Any], part: Part | None, reason: dict[str, Any]) -> GatelegError | None:
    code = reason.get("Code", "None")
    if code == "None":
        return None
    wire_code = "ConditionalCheckFailedException" if code == _CHECK_FAILED else code
    error = from_aws(wire_code, reason.get("Message") or code, reason)
    narrowed = error if part is None else part.failure(error)
    narrowed.path = narrowed.path or repr(key)
    return narrowed
