"""What is wrong with a declaration, at import or at synth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg import places
from gateleg.errors.base import GatelegError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self


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
