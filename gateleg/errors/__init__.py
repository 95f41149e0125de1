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

from gateleg.errors.base import (
    GatelegError,
)
from gateleg.errors.commands import (
    ChangeRefusedError,
    DataError,
    DeployError,
    LocalError,
    LockError,
    PartMissingError,
    PortTakenError,
    ProjectError,
    TemplateError,
    TemplateMismatchError,
    ToolMissingError,
)
from gateleg.errors.declarations import (
    AccessPatternError,
    AppImportError,
    AppNotFoundError,
    AttributeUnknownError,
    AuthorizerError,
    ContractError,
    DeclarationError,
    ExpressionError,
    KeyTemplateError,
    PackagingError,
    RouteError,
    SchemaError,
    UsesError,
)
from gateleg.errors.handlers import (
    AnswerInvalidError,
    BindingError,
    ConnectionGoneError,
    ConnectRefusedError,
    NotSentError,
    PayloadError,
    TooOftenError,
)
from gateleg.errors.items import (
    AccessDeniedError,
    AttributeNotReadError,
    ConditionFailedError,
    ConstraintFailedError,
    CursorError,
    ItemExistsError,
    ItemInvalidError,
    ItemNotFoundError,
    KindMismatchError,
    OutcomeUnknownError,
    PathAbsentError,
    StoredItemInvalidError,
    StoreError,
    TableNotFoundError,
    ThrottledError,
    TransactionCanceledError,
    TransactionConflictError,
    UniqueConflictError,
    VersionConflictError,
    WriteDoneError,
)

__all__ = [
    "AccessDeniedError",
    "AccessPatternError",
    "AnswerInvalidError",
    "AppImportError",
    "AppNotFoundError",
    "AttributeNotReadError",
    "AttributeUnknownError",
    "AuthorizerError",
    "BindingError",
    "ChangeRefusedError",
    "ConditionFailedError",
    "ConnectRefusedError",
    "ConnectionGoneError",
    "ConstraintFailedError",
    "ContractError",
    "CursorError",
    "DataError",
    "DeclarationError",
    "DeployError",
    "ExpressionError",
    "GatelegError",
    "ItemExistsError",
    "ItemInvalidError",
    "ItemNotFoundError",
    "KeyTemplateError",
    "KindMismatchError",
    "LocalError",
    "LockError",
    "NotSentError",
    "OutcomeUnknownError",
    "PackagingError",
    "PartMissingError",
    "PathAbsentError",
    "PayloadError",
    "PortTakenError",
    "ProjectError",
    "RouteError",
    "SchemaError",
    "StoreError",
    "StoredItemInvalidError",
    "TableNotFoundError",
    "TemplateError",
    "TemplateMismatchError",
    "ThrottledError",
    "TooOftenError",
    "ToolMissingError",
    "TransactionCanceledError",
    "TransactionConflictError",
    "UniqueConflictError",
    "UsesError",
    "VersionConflictError",
    "WriteDoneError",
]
