"""The names that the attributes and methods of an entity cannot have."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

from gateleg.description.uses import ACTIONS
from gateleg.errors import DeclarationError
from gateleg.model.queries.access import AccessPattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATIONS = frozenset({"key", *ACTIONS} - {"query"})


def check_names(entity: type[Any], root: type[Any]) -> None:
    """Check that no attribute has the name of something else, which would be there in place of its path, and no method that of an operation.

    Args:
        entity: The entity's class, whose pydantic fields need not be known.
        root: What all entities are derived from.

    Raises:
        DeclarationError: One has.
    """
    _check_methods(entity)
    own = {name: text for name, annotation in _annotations(entity).items() if "ClassVar" not in (text := str(annotation))}
    for name, text in own.items():
        if name.startswith("_") and "Attr[" in text:
            message = (
                f"{entity.__name__}.{name} begins with an underscore, as what pydantic keeps to itself; name it {name.strip('_') or 'name'}"
            )
            raise _refused(entity, name, f"{message}, and write attr(stored={name!r})")
    others = [field for base in entity.__mro__[1:] if not issubclass(base, root) for field in getattr(base, "__pydantic_fields__", ())]
    for name in (*own, *others):
        if not name.startswith("_") and (owner := _owner(entity, name, root)) is not None:
            message = f"{entity.__name__}.{name} has the name of something that {owner.__name__} has for each of its subclasses"
            raise _refused(
                entity, name, f"{message}; name the attribute otherwise, such as {name}_, and write attr(alias={name!r}, stored={name!r})"
            )


def _check_methods(entity: type[Any]) -> None:
    for name, value in vars(entity).items():
        if name in _OPERATIONS and isinstance(value, (FunctionType, classmethod, staticmethod, property, AccessPattern)):
            message = f"{entity.__name__}.{name} is what a handler declares or calls; name the method otherwise"
            raise _refused(entity, name, message)


def _owner(entity: type[Any], name: str, root: type[Any]) -> type[Any] | None:
    """The class that has something of this name which is not an attribute of entities."""
    found = next((base for base in entity.__mro__[1:] if name in vars(base)), None)
    return root if found is None and hasattr(type(entity), name) else found


def _annotations(entity: type[Any]) -> Mapping[str, Any]:
    """The annotations of a class itself, as they are written."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        return get_annotations(entity, format=Format.FORWARDREF)
    found: dict[str, Any] = vars(entity).get("__annotations__", {})
    return found


def _refused(entity: type[Any], name: str, message: str) -> DeclarationError:
    return DeclarationError(message, path=f"{entity.__name__}.{name}", value=name)
