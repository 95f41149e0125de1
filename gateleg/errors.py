"""Every error that gateleg raises.

    GatelegError
    ├── DeclarationError (ValueError)        a declaration that cannot work: raised at import or at synth
    │   ├── AttributeUnknownError            names an attribute that the entity does not declare
    │   ├── KeyTemplateError                 a key template that cannot make or read a key
    │   ├── AccessPatternError               a question that no key or index answers
    │   ├── ExpressionError                  a condition, update or projection that DynamoDB would refuse or garble
    │   ├── RouteError                       a duplicate route, or one that API Gateway cannot express
    │   ├── AuthorizerError                  a route without an authorizer, or one that names an unknown authorizer
    │   ├── UsesError                        a handler uses a table, index or entity that its gateway was not given
    │   ├── AppNotFoundError (LookupError)   no such module or attribute
    │   ├── AppImportError                   the app's own import failed
    │   ├── ContractError                    an OpenAPI document and the handlers differ; `differences` names each
    │   ├── SchemaError                      a schema that API Gateway's models cannot express
    │   └── PackagingError                   the handlers' dependencies or code cannot be packaged
    ├── ItemInvalidError (ValueError)        values that the entity refuses; nothing was sent
    ├── StoredItemInvalidError (ValueError)  a stored item that its entity refuses; `key` and `item` are what is stored
    ├── WriteDoneError (RuntimeError)        a write is done, and what came after it failed; `item` is what DynamoDB gave
    ├── AttributeNotReadError (AttributeError)  an attribute of an entity that was read without it, by `only(...)`
    ├── CursorError (ValueError)             a cursor that was altered, is of another query, or was signed with no known key
    ├── StoreError (RuntimeError)            DynamoDB answered with an error; `aws_code` and `response` keep the original
    │   ├── ConditionFailedError             the condition was false; `item` is the stored item when it was asked for
    │   │   ├── ConstraintFailedError        the update would make of the stored value one that the entity refuses
    │   │   ├── PathAbsentError              the update is of a part of what is not there
    │   │   ├── ItemExistsError              create found an item under the key
    │   │   ├── KindMismatchError            what is stored under the key is of another entity, or of none
    │   │   ├── UniqueConflictError          another item has the value of a unique attribute
    │   │   └── VersionConflictError         somebody else wrote the item since it was read
    │   ├── ItemNotFoundError (LookupError)  there is no item under the key
    │   ├── TransactionCanceledError         a transaction was canceled; `reasons` says why, one for each part
    │   ├── TransactionConflictError         another transaction was at work on the item, after the retries
    │   ├── ThrottledError                   capacity was exceeded, after the retries
    │   ├── AccessDeniedError (PermissionError)  the role lacks the permission: a declared use is missing
    │   ├── TableNotFoundError (LookupError) no such table
    │   └── OutcomeUnknownError              the write may or may not have happened; read before writing again
    ├── BindingError (RuntimeError)          the environment does not say which table, secret or endpoint to use
    ├── ConnectionGoneError (ConnectionError)  the WebSocket connection is closed
    ├── NotSentError (ConnectionError)       a message was not sent to a WebSocket connection; it may be sent again
    ├── ConnectRefusedError (PermissionError)  a handler does not let a client connect
    ├── PayloadError (ValueError)            a WebSocket message that the route cannot take
    │   └── TooOftenError                    a WebSocket client sends more messages than it may
    ├── AnswerInvalidError (ValueError)      what a handler answers or sends cannot be sent to a client
    ├── PartMissingError (ImportError)       a part of gateleg is not installed: gateleg[cdk], gateleg[testing]
    ├── TemplateError (ValueError)           a template, or what is told with it, that a command cannot read
    ├── DataError (ValueError)               a file, a seed or an argument of an operation on data that cannot be used
    ├── ProjectError (ValueError)            a project that cannot be written or locked as asked
    ├── LockError (ValueError)               the lock of what is deployed, or an assembly, cannot be read
    ├── ChangeRefusedError (RuntimeError)    a change of what is deployed would lose data or safety; `changes` says which
    ├── LocalError (RuntimeError)            the embedded AWS cannot do what was asked
    │   ├── PortTakenError                   another program listens on the port
    │   ├── ToolMissingError                 node, the CDK CLI or the emulator is not installed
    │   └── DeployError                      the CDK CLI failed, or AWS would; the message says why
    └── TemplateMismatchError (AssertionError)  a template does not hold what a test asks for; the message says what is there

Each class has a dotted `code`, stable across releases; each error carries the `path` of what it speaks of and the `value`
that was given, where there are any; a `DeclarationError` the `place`, the file and line where it was made. Messages say what was
wrong, what was given and what to write instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from gateleg import places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self


class GatelegError(Exception):
    """The base of all errors of this library.

    Args:
        message: What was wrong, what was given, what to write instead.
        path: The attribute, route, app or construct that the error speaks of.
        value: What was given.
        code: A narrower code than the class's own.
    """

    default_code: ClassVar[str] = "gateleg"

    def __init__(self, message: str, *, path: str | None = None, value: Any = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.value = value
        self.code: str = code or self.default_code

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


class DeclarationError(GatelegError, ValueError):
    """A declaration cannot work; raised at import or at synth, before anything is deployed.

    Its text begins with the place, as compilers write it: `lambdas/chat/model.py:12: ...`.

    Args:
        message: What was wrong, what was given, what to write instead.
        path: The attribute, route, app or construct that the error speaks of.
        value: What was given.
        code: A narrower code than the class's own.
        place: The file and line where it was declared; that in the caller's own code which is running, unless given.
    """

    default_code = "declaration.invalid"

    def __init__(
        self, message: str, *, path: str | None = None, value: Any = None, code: str | None = None, place: str | None = None
    ) -> None:
        super().__init__(message, path=path, value=value, code=code)
        self.place: str | None = place or places.calling(_last(path))

    def at(self, kind: type) -> Self:
        """The same error, declared in a class: at the attribute or method that `path` ends with, if the class has it."""
        self.place = places.of_class(kind, _last(self.path)) or self.place
        return self

    def __str__(self) -> str:
        return super().__str__() if self.place is None else f"{places.shown(self.place)}: {super().__str__()}"


def _last(path: str | None) -> str:
    return (path or "").rpartition(".")[2]


class AttributeUnknownError(DeclarationError):
    """A name that the entity does not declare."""

    default_code = "declaration.attribute_unknown"


class KeyTemplateError(DeclarationError):
    """A key template that cannot make or read a key."""

    default_code = "declaration.key_template"


class AccessPatternError(DeclarationError):
    """A question that no key or index answers."""

    default_code = "declaration.access_pattern"


class ExpressionError(DeclarationError):
    """A condition, update or projection that DynamoDB would refuse or garble."""

    default_code = "declaration.expression"


class RouteError(DeclarationError):
    """A duplicate route, or one that API Gateway cannot express."""

    default_code = "declaration.route"


class AuthorizerError(DeclarationError):
    """A route without an authorizer, or one that names an authorizer the gateway does not have."""

    default_code = "declaration.authorizer"


class UsesError(DeclarationError):
    """A handler uses a table, index or entity that its gateway was not given."""

    default_code = "declaration.uses"


class AppNotFoundError(DeclarationError, LookupError):
    """An app string that names no module or no attribute of it."""

    default_code = "declaration.app_not_found"


class AppImportError(DeclarationError):
    """The app's module raised while it was imported; the message holds its traceback's last lines."""

    default_code = "declaration.app_import"


class SchemaError(DeclarationError):
    """A schema that API Gateway's models cannot express."""

    default_code = "declaration.schema"


class ContractError(DeclarationError):
    """An OpenAPI document and the handlers that shall answer it differ.

    Attributes:
        differences: A sentence for each.
    """

    default_code = "declaration.contract"

    def __init__(self, message: str, *, differences: Sequence[str] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.differences: tuple[str, ...] = tuple(differences)


class PackagingError(DeclarationError):
    """The handlers' dependencies or code cannot be packaged."""

    default_code = "declaration.packaging"


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


class BindingError(GatelegError, RuntimeError):
    """The environment does not say which table, secret or endpoint to use."""

    default_code = "binding.missing"


class ConnectionGoneError(GatelegError, ConnectionError):
    """The WebSocket connection is closed."""

    default_code = "websocket.gone"


class NotSentError(GatelegError, ConnectionError):
    """A message was not sent to a WebSocket connection, for want of time or of a way there; it may be sent again. `path` is the connection's id."""

    default_code = "websocket.not_sent"


class ConnectRefusedError(GatelegError, PermissionError):
    """A `$connect` handler does not let the client in; raise it there, and the client is answered with 403."""

    default_code = "websocket.refused"


class PayloadError(GatelegError, ValueError):
    """A WebSocket message that the route cannot take; `problems` lists every fault. The client reads the message and the problems."""

    default_code = "websocket.invalid_payload"

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        value: Any = None,
        problems: tuple[dict[str, Any], ...] = (),
        code: str | None = None,
    ) -> None:
        super().__init__(message, path=path, value=value, code=code)
        self.problems = problems


class TooOftenError(PayloadError):
    """A WebSocket client sends more messages than it may. `closes` says whether its connection is closed now."""

    default_code = "websocket.too_often"
    closes: bool = False


class AnswerInvalidError(GatelegError, ValueError):
    """What a handler answers, sends or broadcasts is not what it declares, no JSON, or too large: a fault of ours, never of the client."""

    default_code = "answer.invalid"


class PartMissingError(GatelegError, ImportError):
    """A part of gateleg is not installed; the message says which extra brings it. `value` is the missing module."""

    default_code = "part.missing"


class TemplateError(GatelegError, ValueError):
    """A template or assembly, or a file that is given with one, that a command cannot read."""

    default_code = "template.unreadable"


class DataError(GatelegError, ValueError):
    """A file, a seed or an argument of an operation on data cannot be used. What was written before stays, and the same may be done again."""

    default_code = "data.unreadable"


class ProjectError(GatelegError, ValueError):
    """A new project cannot be written or locked as asked; what is not written whole is not there at all."""

    default_code = "project"


class LockError(GatelegError, ValueError):
    """The lock of what is deployed, or an assembly, cannot be read or written."""

    default_code = "changes.lock"


class ChangeRefusedError(GatelegError, RuntimeError):
    """A change of what is deployed would lose data or safety, or AWS would refuse it; nothing was deployed.

    Attributes:
        changes: A sentence for each.
    """

    default_code = "changes.refused"

    def __init__(self, message: str, *, changes: Sequence[str] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.changes: tuple[str, ...] = tuple(changes)


class LocalError(GatelegError, RuntimeError):
    """The embedded AWS cannot do what was asked."""

    default_code = "local.error"


class PortTakenError(LocalError):
    """Another program listens on the port."""

    default_code = "local.port_taken"


class ToolMissingError(LocalError):
    """A tool that the local run needs is not installed."""

    default_code = "local.tool_missing"


class DeployError(LocalError):
    """The CDK CLI failed, or the deploy was refused before it, as AWS would refuse it."""

    default_code = "local.deploy_failed"


class TemplateMismatchError(GatelegError, AssertionError):
    """A template does not hold what a test asks for; the message says what is there."""

    default_code = "template.mismatch"
