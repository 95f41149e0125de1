"""What is wrong with items, and what DynamoDB answers."""

from __future__ import annotations

from typing import Any

from gateleg.errors.base import GatelegError


class ItemInvalidError(GatelegError, ValueError):
    """Values that the entity refuses. `problems` lists them all; nothing was sent."""

    default_code = "item.invalid"

    def __init__(self, message: str, *, path: str | None = None, value: Any = None, problems: tuple[dict[str, Any], ...] = ()) -> None:
        super().__init__(message, path=path, value=value)
        self.problems = problems


class StoredItemInvalidError(GatelegError, ValueError):
    """A stored item that its entity refuses: written by another program, or by another declaration. What was asked is not at fault.

    Attributes:
        problems: Everything that was wrong.
        key: The item's key attributes in wire form, by stored name.
        item: The item as it is stored, in wire form.
    """

    default_code = "item.stored_invalid"

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        value: Any = None,
        problems: tuple[dict[str, Any], ...] = (),
        key: dict[str, Any] | None = None,
        item: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, path=path, value=value)
        self.problems = problems
        self.key: dict[str, Any] = key or {}
        self.item: dict[str, Any] = item or {}


class WriteDoneError(GatelegError, RuntimeError):
    """The write is done, and what came after it failed: reading what DynamoDB gave back, or a hook. Do not write again; `__cause__` says what failed.

    Attributes:
        item: The item that DynamoDB gave back, in wire form: as it is after an update, as it was before a deletion; `None` where it gave none.
    """

    default_code = "store.write_done"
    item: dict[str, Any] | None = None


class AttributeNotReadError(GatelegError, AttributeError):
    """An attribute of an entity that was read in part, and without it."""

    default_code = "item.attribute_not_read"


class CursorError(GatelegError, ValueError):
    """A cursor that was altered, belongs to another query, or was signed with no known key."""

    default_code = "cursor.invalid"


class StoreError(GatelegError, RuntimeError):
    """DynamoDB answered with an error. `aws_code` is the service's code and `response` its whole answer."""

    default_code = "store.error"

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        value: Any = None,
        aws_code: str | None = None,
        response: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, path=path, value=value)
        self.aws_code = aws_code
        self.response: dict[str, Any] = response or {}


class ConditionFailedError(StoreError):
    """The condition of a write was false; nothing was written. `item` is the stored entity, when it was asked for."""

    default_code = "store.condition_failed"
    item: Any = None


class ConstraintFailedError(ConditionFailedError):
    """The update would make of the stored value one that the entity refuses; nothing was written. `path` names the attribute."""

    default_code = "store.constraint_failed"


class PathAbsentError(ConditionFailedError):
    """The update is of a part of a map, model or list that is not there; nothing was written. `path` names what is to be set first."""

    default_code = "store.path_absent"


class ItemExistsError(ConditionFailedError):
    """`create` found an item under the key; nothing was written."""

    default_code = "store.item_exists"


class KindMismatchError(ConditionFailedError):
    """What is stored under the key is of another kind than the key; nothing was written. `item` is the stored entity, where it is of one.

    Attributes:
        kind: The name of the entity whose key was given.
        stored_kind: What the stored item carries under the table's type attribute; `None` where it carries nothing.
    """

    default_code = "store.kind_mismatch"
    kind: str = ""
    stored_kind: str | None = None


class UniqueConflictError(ConditionFailedError):
    """Another item has the value of a unique attribute; nothing was written. `path` names the attribute, `value` is the value."""

    default_code = "store.unique_conflict"


class VersionConflictError(ConditionFailedError):
    """The item was written by somebody else since it was read; nothing was written. Read it again."""

    default_code = "store.version_conflict"


class ItemNotFoundError(StoreError, LookupError):
    """There is no item under the key."""

    default_code = "store.item_not_found"


class TransactionCanceledError(StoreError):
    """A transaction was canceled; nothing was written. `reasons` has one entry for each part, `None` where it was fine."""

    default_code = "store.transaction_canceled"
    reasons: tuple[GatelegError | None, ...] = ()


class TransactionConflictError(StoreError):
    """Another transaction was at work on the item, after all retries; nothing was written. Try again."""

    default_code = "store.transaction_conflict"


class ThrottledError(StoreError):
    """Capacity was exceeded, after all retries; nothing was written."""

    default_code = "store.throttled"


class AccessDeniedError(StoreError, PermissionError):
    """The role may not do this: a use is missing from the handler's declaration."""

    default_code = "store.access_denied"


class TableNotFoundError(StoreError, LookupError):
    """No such table. That a table lacks an index DynamoDB calls a request that is not valid: a plain `StoreError`."""

    default_code = "store.table_not_found"


class OutcomeUnknownError(StoreError):
    """The write may or may not have happened: the answer was lost. Read the item before writing again."""

    default_code = "store.outcome_unknown"
