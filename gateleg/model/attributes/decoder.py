"""The decoder of one entity: straight-line Python, written from the annotations as dataclasses write their methods.

What is written takes for granted that an item holds what the annotations say, and fails where it does not: then the item is decoded step by
step, which takes every item. It never gives another value than the steps do, only sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from gateleg.model.values.annotations import alternatives, base_types, is_optional
from gateleg.model.values.codec import decoded, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.values.wire import WireValue

Decoder: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Turns an item into values, by the names of their attributes."""

_UNLIKE = (KeyError, TypeError, ValueError, AttributeError)
"""What is raised where an item holds something else than its annotations say."""

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "BOOL"),
    ((str, date, UUID), "S"),
    (int, "int"),
    ((float, Decimal), "number"),
)
"""What values are stored as, where no `save` says otherwise; the first that fits counts."""

_TEXTS = {"BOOL": '{0}["BOOL"]', "S": '{0}["S"]', "int": 'int({0}["N"])', "number": 'number({0}["N"])'}
_SETS = {"S": 'set({0}["SS"])', "int": '{{int(part) for part in {0}["NS"]}}', "number": '{{number(part) for part in {0}["NS"]}}'}


def make_decoder(attributes: Iterable[Attribute]) -> Decoder:
    """What turns an item into the values of these attributes, by name, in their order.

    Attributes that are stored as they are (without `load`, not as a count) are read at once, the others by `Attribute.decode`.
    """
    known = tuple(attributes)
    careful = _step_by_step(known)
    quick: Decoder | None = None

    def decode(item: Mapping[str, WireValue]) -> dict[str, Any]:
        nonlocal quick
        if quick is None:
            # With the first item, as many processes import entities of which they never read one.
            quick = write_decoder(known)
        try:
            return quick(item)
        except _UNLIKE:
            return careful(item)

    return decode


def write_decoder(attributes: Iterable[Attribute]) -> Decoder:
    """The part of `make_decoder` that is written: it raises where an item holds something else than its annotations say."""
    return _Writer().decoder(tuple(attributes))


def _step_by_step(attributes: tuple[Attribute, ...]) -> Decoder:
    steps = tuple((attribute.name, attribute.stored, attribute.absent, _read_by(attribute)) for attribute in attributes)

    def decode(item: Mapping[str, WireValue]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, stored, absent, read in steps:
            found = item.get(stored)
            values.update(absent() if found is None else {name: read(found)})
        return values

    return decode


def _read_by(attribute: Attribute) -> Callable[[WireValue], Any]:
    return decoded if attribute.stored_plainly else attribute.decode


class _Writer:
    """Writes one decoder. Names come in as literals, types and functions by reference, so that no name is ever read as code."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {"decoded": decoded, "number": number}
        self._models: dict[Any, str] = {}

    def decoder(self, attributes: tuple[Attribute, ...]) -> Decoder:
        """The decoder of these attributes."""
        lines = ["values = {}", "find = item.get"]
        for attribute in attributes:
            lines += self._attribute(attribute)
        decode: Decoder = self._made("decode", "item", [*lines, "return values"])
        return decode

    def _attribute(self, attribute: Attribute) -> list[str]:
        target = f"values[{attribute.name!r}]"
        if attribute.required:
            return [f"{target} = {self._value(attribute, f'item[{attribute.stored!r}]')}"]
        lines = [f"found = find({attribute.stored!r})", f"if found is not None: {target} = {self._value(attribute, 'found')}"]
        return [*lines, f"else: values.update({self._named(attribute.absent)}())"] if attribute.absent() else lines

    def _value(self, attribute: Attribute, source: str) -> str:
        if attribute.stored_plainly:
            return self._text(attribute.annotation, source)
        return f"{self._named(attribute.decode)}({source})"

    def _text(self, annotation: Any, source: str) -> str:
        """An expression for the value of a wire form, given as an expression; it raises where the form is not that of the annotation."""
        kind = _kind(annotation)
        members = list(alternatives(annotation))
        if kind is not None:
            text = _TEXTS[kind].format(source)
        else:
            text = self._container(members[0], source) if len(members) == 1 else f"decoded({source})"
        return f'(decoded({source}) if "NULL" in {source} else {text})' if is_optional(annotation) else text

    def _container(self, annotation: Any, source: str) -> str:
        origin: Any = get_origin(annotation) or annotation
        parts = get_args(annotation)
        if not isinstance(origin, type):
            return f"decoded({source})"
        if issubclass(origin, BaseModel):
            return f"{self._model(origin)}({source})"
        if issubclass(origin, AbstractSet) and parts:
            return _SETS.get(_kind(parts[0]) or "", "decoded({0})").format(source)
        if issubclass(origin, Mapping) and len(parts) > 1:
            return f'{{name: {self._text(parts[1], "part")} for name, part in {source}["M"].items()}}'
        if issubclass(origin, Sequence) and parts and (origin is not tuple or parts[1:] == (...,)):
            return f'[{self._text(parts[0], "part")} for part in {source}["L"]]'
        return f"decoded({source})"

    def _model(self, model: type[BaseModel]) -> str:
        """The name of the function that reads a model, which may hold itself."""
        if model not in self._models:
            name = self._models[model] = f"model_{len(self._models)}"
            fields = [f"{field!r}: {self._text(info.annotation, f'found[{field!r}]')}" for field, info in model.model_fields.items()]
            # A map with other parts is as it is stored, and the model says what it makes of them.
            whole = f"{{{', '.join(fields)}}} if len(found) == {len(fields)} else decoded(wire)"
            self._made(name, "wire", ['found = wire["M"]', f"return {whole}"])
        return self._models[model]

    def _named(self, value: Any) -> str:
        name = f"given_{len(self._known)}"
        self._known[name] = value
        return name

    def _made(self, name: str, parameter: str, lines: list[str]) -> Any:
        text = "\n    ".join([f"def {name}({parameter}):", *lines])
        exec(text, self._known)  # noqa: S102 (of literals and of names that are given here)
        return self._known[name]


def _kind(annotation: Any) -> str | None:
    """How all values of an annotation but `None` are stored; `None` where it does not say, or for values with parts."""
    found = {next((kind for types, kind in _KINDS if issubclass(member, types)), None) for member in base_types(annotation)}
    return found.pop() if len(found) == 1 else None
