"""What is not shown: secrets, and what is given for models that say `hide_input_in_errors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from gateleg.model.values.annotations import alternatives
from gateleg.model.values.parts import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel


class Hidden:
    """Stands in an error for a value that is not shown."""

    def __repr__(self) -> str:
        return "**********"


HIDDEN: Any = Hidden()
_MARK = repr(HIDDEN)


class SecretWire(dict[str, Any]):
    """A wire value that shows its type alone, wherever it is printed; it is sent as any other."""

    def __repr__(self) -> str:
        return repr(dict.fromkeys(self, HIDDEN))


def holds_secrets(annotation: Any) -> bool:
    """Whether a value of the annotation, or a part of it at any depth, may be one of pydantic's secrets."""
    return _any(annotation, _is_secret, set())


def hides_input(annotation: Any) -> bool:
    """Whether a value of the annotation is not to be shown: a secret, or a model that says so, at any depth."""
    return _any(annotation, lambda kind: _is_secret(kind) or says_so(kind), set())


@dataclass(frozen=True)
class Names:
    """The steps to parts of hidden values that may be shown: they are declared, and not given.

    Attributes:
        declared: The names and aliases of fields, at any depth.
        positions: Whether numbers are positions only, as there are no keys of maps, nor what nobody knows.
    """

    declared: frozenset[str]
    positions: bool

    @staticmethod
    def of(annotation: Any) -> Names:
        """The names in the values of an annotation."""
        declared: set[str] = set()
        keyed: list[Any] = []

        def collect(kind: Any) -> bool:
            fields = fields_of(kind) or {}
            declared.update(fields)
            declared.update(alias for field in fields.values() if isinstance(alias := getattr(field, "validation_alias", None), str))
            if kind is object or issubclass(kind, Mapping):
                keyed.append(kind)
            return False

        _any(annotation, collect, set())
        return Names(frozenset(declared), not keyed and annotation is not Any)

    def shown(self, steps: tuple[Any, ...], mark: Any = _MARK) -> tuple[Any, ...]:
        """The steps, of which those that were given are hidden."""
        return tuple(step if (self.positions if isinstance(step, int) else step in self.declared) else mark for step in steps)


@lru_cache(maxsize=512)
def shown_names(model: type[BaseModel]) -> frozenset[str] | None:
    """The names and aliases of the fields of a model whose input may be shown; `None` where all of it may."""
    if says_so(model):
        return frozenset()
    fields = model.__pydantic_fields__.items()
    shown = {name: field for name, field in fields if not hides_input(field.annotation)}
    if len(shown) == len(fields):
        return None
    return frozenset({*shown, *(field.validation_alias for field in shown.values() if isinstance(field.validation_alias, str))})


def says_so(model: Any) -> bool:
    """Whether a model says `hide_input_in_errors` itself."""
    config: dict[str, Any] = getattr(model, "model_config", None) or getattr(model, "__pydantic_config__", None) or {}
    return bool(config.get("hide_input_in_errors"))


def cause(error: Exception, *, hidden: bool) -> Exception | None:
    """What to raise another error from: pydantic's own tells what was given, in tracebacks too."""
    return None if hidden else error


def _is_secret(kind: Any) -> bool:
    return hasattr(kind, "get_secret_value")


def _any(annotation: Any, test: Callable[[Any], bool], seen: set[Any]) -> bool:
    for member in alternatives(annotation):
        kind: Any = get_origin(member) or member
        if not isinstance(kind, type) or hasattr(kind, "__gateleg_refers__"):
            continue
        parts = [part for part in get_args(member) if part is not ...]
        if kind not in seen and (fields := fields_of(kind)):
            seen.add(kind)
            parts += [field.annotation if isinstance(field, FieldInfo) else field for field in fields.values()]
        if test(kind) or any(_any(part, test, seen) for part in parts):
            return True
    return False
