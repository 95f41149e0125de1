"""The key of one item, and how a caller makes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from gateleg.errors import AttributeUnknownError, ItemInvalidError, KeyTemplateError
from gateleg.model.values.hidden import HIDDEN, says_so

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.keys.schema import KeySchema
    from gateleg.model.kinds import Kind
    from gateleg.model.values.wire import WireValue

P = ParamSpec("P")
E = TypeVar("E", bound="Kind")
E_co = TypeVar("E_co", bound="Kind", covariant=True)


@dataclass(frozen=True)
class Key(Generic[E_co]):
    """The key of one item of one entity.

    Attributes:
        entity: The entity's class.
        wire: The key attributes in wire form, by stored name.
        values: The attribute values that it was made of.
    """

    entity: type[E_co]
    wire: Mapping[str, WireValue]
    values: Mapping[str, Any] = field(compare=False)

    def __hash__(self) -> int:
        return hash((self.entity, _told_apart(self.wire)))

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells items apart, whichever entity they are read as: their table, and the key's wire form."""
        return id(self.entity.__gateleg__.table), *_told_apart(self.wire)

    def __repr__(self) -> str:
        attributes = self.entity.__gateleg__.attributes
        shown = {name: attributes[name].given(value) if name in attributes else value for name, value in self.values.items()}
        told = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        # What is stored under a key that its attributes do not make is told by where it is: nobody could call `key` with that.
        return f"{self.entity.__name__}.key({told})" if shown.keys() <= attributes.keys() else f"{self.entity.__name__} under {told}"


def _told_apart(wire: Mapping[str, WireValue]) -> tuple[object, ...]:
    """A wire form to compare and hash, secrets included, which print alike."""
    return tuple((name, *wire[name].items()) for name in sorted(wire))


class KeyMaker(Generic[P, E]):
    """`Message.key`: call it with the attributes that the key is made of."""

    def __init__(self, entity: type[E]) -> None:
        self._entity = entity

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Key[E]:
        """The key of these values.

        Raises:
            AttributeUnknownError: A name that is not a part of the key.
            KeyTemplateError: A part of the key is missing.
            ItemInvalidError: A value of the wrong type.
        """
        schema: KeySchema = self._entity.__gateleg__.primary
        wanted = schema.attributes
        label = f"{self._entity.__name__}.key({', '.join(f'{name}=' for name in wanted)})"
        if args:
            raise KeyTemplateError(f"{label} takes keywords only; {len(args)} values were given without names", value=len(args))
        for name in kwargs:
            if name not in wanted:
                shown: Any = HIDDEN if says_so(self._entity) else name
                raise AttributeUnknownError(f"{shown!r} is not a part of the key; write {label}", path=str(shown), value=shown)
        if missing := [name for name in wanted if name not in kwargs]:
            raise KeyTemplateError(f"the key lacks {', '.join(missing)}; write {label}", path=missing[0], value=list(kwargs))
        values = {name: attribute.check(kwargs[name]) for name, attribute in wanted.items()}
        return make_key(self._entity, schema, values)


def make_key(entity: type[E], schema: KeySchema, values: Mapping[str, Any]) -> Key[E]:
    """The key of valid values.

    Raises:
        ItemInvalidError: A value that is part of the key is `None`.
    """
    wire = schema.wire(values)
    if len(wire) != len(schema.parts):
        absent = next(name for name in schema.attributes if values.get(name) is None)
        raise ItemInvalidError(f"{entity.__name__}.{absent} is part of the key and cannot be None", path=absent)
    return Key(entity, wire, {name: values[name] for name in schema.attributes})
