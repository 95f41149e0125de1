"""Values of attributes in templates: what is taken from requests, what it is stored as, and what stored items say in JSON.

Templates know text and patterns, and none of the code of an entity: what a transform, a validator or a factory would make is refused as the stack
is made.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

from gateleg.cdk.integrations.vtl import formal, json_text, literal
from gateleg.model.values.annotations import alternatives, is_optional

if TYPE_CHECKING:
    from gateleg.model.attributes.attribute import Attribute

INTEGER = "0|-?[1-9][0-9]{0,37}"
_NUMBER = "-?(0|[1-9][0-9]{0,14})([.][0-9]{1,15})?"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ANY_TEXT = "(?s).*"
_CHANGING = ("strip_whitespace", "to_upper", "to_lower")


class UnsaidError(Exception):
    """A template cannot say it; the text says what, and what to do."""


@dataclass(frozen=True)
class Scalar:
    """A type of single values.

    Attributes:
        kind: DynamoDB's: `S`, `N` or `BOOL`.
        pattern: What its text matches, in Java and in Python.
        written: Whether a request may bring it: of moments and decimals templates do not know the one form.
        quoted: Whether JSON has it as a text.
    """

    kind: str
    pattern: str = _ANY_TEXT
    written: bool = True
    quoted: bool = True


_SCALARS: dict[Any, Scalar] = {
    str: Scalar("S"),
    int: Scalar("N", INTEGER, quoted=False),
    bool: Scalar("BOOL", "true|false", quoted=False),
    float: Scalar("N", _NUMBER, quoted=False),
    UUID: Scalar("S", _UUID),
    datetime: Scalar("S", written=False),
    date: Scalar("S", written=False),
    Decimal: Scalar("N", written=False),
}


def scalar_of(annotation: Any) -> Scalar | None:
    """The type of an annotation's values; `None` where they are no single ones that templates know."""
    members = list(alternatives(annotation))
    if len(members) != 1:
        return None
    member = members[0]
    if get_origin(member) is Literal:
        return _choice(get_args(member))
    if isinstance(member, type) and issubclass(member, Enum):
        return _choice([one.value for one in member])
    return _SCALARS.get(member)


def _choice(values: Any) -> Scalar | None:
    words = [value for value in values if type(value) is str and "'" not in value]
    return Scalar("S", "|".join(map(re.escape, words))) if len(words) == len(values) else None


def check_plain(attribute: Attribute) -> None:
    """Check that the declaration of an attribute leaves values as they are.

    Raises:
        UnsaidError: It does not.
    """
    if attribute.storage.save is not None or attribute.storage.load is not None:
        raise UnsaidError(f"{attribute!r} has save= or load=, which no template runs")
    if attribute.count is not None:
        raise UnsaidError(f"{attribute!r} is stored as a number of seconds or milliseconds, which no template makes a moment of")
    if attribute.secret:
        raise UnsaidError(f"{attribute!r} is secret")
    if attribute.validated or _changes(attribute):
        raise UnsaidError(f"{attribute!r} has validators, which no template runs")


def is_made_anew(attribute: Attribute) -> bool:
    """Whether the default of an attribute is another for each item."""
    return attribute.factory is not None and attribute.factory not in {list, dict, set, frozenset, tuple}


def _changes(attribute: Attribute) -> bool:
    if any(attribute.config.get(f"str_{name}") for name in _CHANGING):
        return True
    notes = [*attribute.constraints, *_notes(attribute.annotation)]
    return any(getattr(note, name, None) for note in notes for name in _CHANGING)


def _notes(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        return [*notes, *_notes(inner)]
    return [note for part in get_args(annotation) if get_origin(annotation) is not Literal for note in _notes(part)]


# Stored items in JSON ---------------------------------------------------------------------------------------------------------------


@dataclass
class Reader:
    """Makes the parts of a response template that read an item; names of variables are counted, so that loops within loops keep theirs."""

    count: int = 0

    def checks(self, attribute: Attribute, item: str) -> str:
        """Sets `$fits` to false where the stored value is missing or of another type.

        Args:
            attribute: The attribute.
            item: The reference to the item.
        """
        stored = f"{item}.get('{attribute.stored}')"
        inside = self._check(attribute.annotation, attribute, stored)
        missing = "" if self._default(attribute) is not None else "#else#set($fits = false)"
        return f"#if({item}.containsKey('{attribute.stored}')){inside}{missing}#end"

    def value(self, attribute: Attribute, item: str) -> str:
        """The stored value as JSON, or what its absence means."""
        stored = f"{item}.get('{attribute.stored}')"
        default = self._default(attribute)
        inside = self._value(attribute.annotation, attribute, stored)
        return inside if default is None else f"#if({item}.containsKey('{attribute.stored}')){inside}#{{else}}{default}#end"

    def _default(self, attribute: Attribute) -> str | None:
        """What absence means, as JSON; `None` where an item without it does not fit."""
        if attribute.required:
            return None
        if found := attribute.absent():
            return "null" if found[attribute.name] is None else "[]"
        if is_made_anew(attribute):
            return None
        from pydantic_core import to_json

        return literal(to_json(attribute.default()).decode())

    def _check(self, annotation: Any, attribute: Attribute, wire: str) -> str:
        kind = self._kind(annotation, attribute)
        inside = ""
        if kind == "L":
            [element] = get_args(next(iter(alternatives(annotation))))
            name = self._name()
            inside = f"#foreach({name} in {wire}.L){self._check(element, attribute, name)}#end"
        checked = f"#if({wire}.containsKey('{kind}')){inside}#else#set($fits = false)#end"
        return f"#if({wire}.containsKey('NULL'))#else{checked}#end" if is_optional(annotation) else checked

    def _value(self, annotation: Any, attribute: Attribute, wire: str) -> str:
        kind = self._kind(annotation, attribute)
        if kind in {"L", "SS"}:
            [element] = get_args(next(iter(alternatives(annotation))))
            name = self._name()
            one = json_text(name) if kind == "SS" else self._value(element, attribute, name)
            found = f"[#foreach({name} in {wire}.{kind}){one}#if($foreach.hasNext),#end#end]"
        elif kind == "BOOL":
            found = f"#if({wire}.BOOL)true#{{else}}false#end"
        else:
            scalar = scalar_of(annotation)
            found = json_text(f"{wire}.{kind}") if scalar is None or scalar.quoted else formal(f"{wire}.{kind}")
        return f"#if({wire}.containsKey('NULL'))null#{{else}}{found}#end" if is_optional(annotation) else found

    def _kind(self, annotation: Any, attribute: Attribute) -> str:
        scalar = scalar_of(annotation)
        if scalar is not None:
            return scalar.kind
        members = list(alternatives(annotation))
        origin = get_origin(members[0]) if len(members) == 1 else None
        if origin is list and len(get_args(members[0])) == 1:
            return "L"
        if origin in {set, frozenset} and get_args(members[0]) == (str,):
            return "SS"
        raise UnsaidError(
            f"{attribute!r} is of {annotation!r}, and templates know texts, numbers, truth values, moments, lists and sets of texts"
        )

    def _name(self) -> str:
        self.count += 1
        return f"$part{self.count}"


def literal_json(wire: Any) -> str:
    """JSON as it stands in a template that begins with `MARKS`."""
    return literal(json.dumps(wire))
