"""What pydantic makes no schema of, told as the declaration that cannot work."""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING, Any

from pydantic import create_model
from pydantic.errors import PydanticUserError

from gateleg.errors import DeclarationError
from gateleg.model.attributes.checks import UNBUILT

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_LITERAL = "give each member of the union a field such as kind: Literal['a']"
_ADVICE: dict[str | None, str] = {
    "schema-for-unknown-type": "write a pydantic model or a dataclass in its place, or Attr[InstanceOf[...]] with save= and load=",
    "typed-dict-version": "typing_extensions.TypedDict is read on every Python",
    "discriminator-no-field": _LITERAL,
    "discriminator-needs-literal": _LITERAL,
    "decorator-missing-field": "name an attribute that it has",
}
_RECURSIVE = "name a type that holds itself by typing_extensions.TypeAliasType, or make it a pydantic model"
_LOOKING_AROUND = "write the pattern without it, or model_config = ConfigDict(regex_engine='python-re')"


def unbuilt(entity: type[Any], error: Exception, name: str | None = None) -> DeclarationError:
    """The error of an entity of which pydantic makes no schema.

    Args:
        entity: Its class, as far as it was made.
        error: One of `UNBUILT`.
        name: The attribute that is at fault, where it is known.
    """
    name = name or _attribute(entity)
    path = entity.__name__ if name is None else f"{entity.__name__}.{name}"
    told, advice = _told(error)
    return DeclarationError(f"{path} is declared in a way that pydantic refuses: {told}; {advice}", path=path).at(entity)


def _attribute(entity: type[Any]) -> str | None:
    """The attribute that is at fault: the first that cannot be built by itself."""
    fields = vars(entity).get("__pydantic_fields__", {})
    return next((name for name, field in fields.items() if not _builds(entity, name, field)), None)


def _builds(entity: type[Any], name: str, field: FieldInfo) -> bool:
    given: dict[str, Any] = {name: (field.annotation, copy(field))}
    try:
        create_model(entity.__name__, __config__=entity.model_config, __module__=entity.__module__, **given)
    except UNBUILT:
        return False
    return True


def _told(error: Exception) -> tuple[str, str]:
    """What pydantic says of it, in one line, and what to write instead."""
    if isinstance(error, RecursionError):
        return "its type holds itself", _RECURSIVE
    if isinstance(error, PydanticUserError):
        told = error.message.splitlines()[0].partition(". Set `arbitrary_types_allowed")[0].rstrip(".")
        # It names a class by its address too.
        return re.sub(r":\d+\.", ".", told), _ADVICE.get(error.code, "write it as pydantic takes it")
    # Around what is wrong stand the schemas that it is a part of, a line each; a pattern's own lines come after it.
    inner = str(error).rpartition(" validator:\n  ")[2] or str(error)
    told = " ".join(line.strip() for line in inner.removeprefix("SchemaError: ").splitlines())
    return told, _LOOKING_AROUND if "look-around" in told else "write a type, a constraint or a setting that it takes"
