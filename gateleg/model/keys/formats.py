"""The text of one value in a key: which values and formats keep values apart, and which texts sort as their values do."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin
from uuid import UUID

from gateleg.errors import ItemInvalidError, KeyTemplateError
from gateleg.model.values.annotations import alternatives, base_types
from gateleg.model.values.wire import datetime_text, in_utc, number, to_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model.attributes.attribute import Attribute

_TEXTUAL = (str, int, Decimal, date, time, UUID)
_KEY_CLASSES = frozenset({str, int, bytes, float, Decimal})
_SORTED = (str, bytes, bytearray, int, float, Decimal, date, UUID)
_DIGITS = frozenset("0123456789abcdefABCDEF")

_INTEGER = re.compile(r"[ +-]?\d*[,_]?(?:[bdoxX]?|\.\d+f)")
_DECIMAL = re.compile(r"[ +-]?\d*[,_]?(?:\.\d+)?f")
_PADDED = re.compile(r"0\d+(?:[bdoxX]?|\.\d+f)")


def stored_kinds(attribute: Attribute) -> set[type]:
    """The classes of what an attribute gives to a key, as far as its declaration says it: of what `save=` returns, or its own."""
    return returned_kinds(attribute.storage.save) or attribute.stored_types


def returned_kinds(function: Callable[[Any], Any] | None) -> set[type]:
    """What a function is annotated to return, where that can be a key by itself; empty for all else."""
    if function is None or (isinstance(function, type) and function in _KEY_CLASSES):
        return set() if function is None else {function}
    try:
        returned = signature(function).return_annotation
    except (TypeError, ValueError):
        return set()
    names = {"str": str, "int": int, "bytes": bytes, "float": float}
    found = names.get(returned) if isinstance(returned, str) else returned
    return {found} if isinstance(found, type) and found in _KEY_CLASSES else set()


# Declarations ---------------------------------------------------------------------------------------------------------------------


def check_placeholder(label: str, attribute: Attribute, spec: str) -> None:
    """Check that an attribute's values have a text form in a key, and no two of them the same.

    Args:
        label: What names the template, for messages.
        attribute: The attribute.
        spec: Its format; empty for none.

    Raises:
        KeyTemplateError: They do not, or the format is not one of its values.
    """
    kinds = stored_kinds(attribute)
    if not kinds:
        return  # A name of a type that is defined later; the entity is laid out again once it is known.
    is_told = attribute.storage.save is None or bool(returned_kinds(attribute.storage.save))
    names = f"{label} names {attribute.name!r}, whose values"
    if is_told and not all(issubclass(kind, _TEXTUAL) for kind in kinds):
        raise _wrong(attribute, f"{names} do not have one text form; give it a save= that makes text")
    alike = _of_one_text(attribute.annotation) if attribute.storage.save is None else None
    if alike is not None:
        raise _wrong(attribute, f"{names} {alike} could make one key; keep to one of them, or tell them apart with save= and load=")
    if spec and any(issubclass(kind, (str, UUID)) for kind in kinds):
        raise _wrong(attribute, f"{label} formats the text {attribute.name!r} with {spec!r}; formats are for numbers and dates")
    if spec and not _is_format(spec, kinds if is_told else {int}):
        message = f"{label} formats {attribute.name!r} with {spec!r}, which is not known to tell all its values apart"
        raise _wrong(attribute, f"{message}; write one such as {{{attribute.name}:{_example(kinds)}}}")


def _wrong(attribute: Attribute, message: str) -> KeyTemplateError:
    return KeyTemplateError(message, path=repr(attribute), value=attribute.annotation)


def _is_format(spec: str, kinds: set[type]) -> bool:
    if all(issubclass(kind, (date, time)) for kind in kinds):
        return "%" in spec
    if bool in kinds and len(kinds) > 1:
        return False
    if all(issubclass(kind, int) for kind in kinds):
        return _INTEGER.fullmatch(spec) is not None
    return all(issubclass(kind, (int, Decimal)) for kind in kinds) and _DECIMAL.fullmatch(spec) is not None


def _example(kinds: set[type]) -> str:
    if all(issubclass(kind, (date, time)) for kind in kinds):
        return "%Y-%m-%d"
    return "012.2f" if Decimal in kinds else "010d"


def _of_one_text(annotation: Any) -> str | None:
    """Two kinds of values of an annotation that may have the same text, as messages name them."""
    choices: dict[str, Any] = {}
    kinds: list[Any] = []
    for member in alternatives(annotation):
        found = _choices(member)
        kinds += sorted(base_types(member), key=repr) if found is None else []
        for choice in found or ():
            other = choices.setdefault(_text(_plain(choice)), choice)
            if to_wire(other) != to_wire(choice):
                return f"{other!r} and {choice!r}"
    words = [choice for choice in choices.values() if isinstance(_plain(choice), str)]
    texts = [kind for kind in kinds if issubclass(kind, str)]
    others = [kind for kind in kinds if not issubclass(kind, str)]
    clashes = [(words, others)] if not texts else [(texts, others), (texts, [one for one in choices.values() if one not in words])]
    for ones, rest in clashes:
        for one in ones:
            if rest and (texts or _may_be_text_of_another(_plain(one))):
                return f"{_told(one)} and {_told(rest[0])}"
    return None


def _choices(member: Any) -> list[Any] | None:
    if get_origin(member) is Literal:
        return [choice for choice in get_args(member) if choice is not None]
    return list(member) if isinstance(member, type) and issubclass(member, Enum) else None


def _may_be_text_of_another(word: str) -> bool:
    """Whether a word may be the text of a number, a moment or a UUID, which have a digit or 36 characters, or of a truth value."""
    return any(map(str.isdigit, word)) or len(word) == len(str(UUID(int=0))) or word in {"True", "False"}


def _told(one: Any) -> str:
    return one.__name__ if isinstance(one, type) else repr(one)


# Properties of formats ------------------------------------------------------------------------------------------------------------


def loses(attribute: Attribute, spec: str) -> bool:
    """Whether a format leaves out a part of its values: all formats of moments do (fractions, zones), and those of dates that name no whole date."""
    if "%" not in spec:
        return False
    parts = set(re.findall("%(.)", spec))
    whole = parts <= set("Ymdj%") and (parts >= set("Ymd") or parts >= set("Yj"))
    return not whole or not all(issubclass(kind, date) and not issubclass(kind, datetime) for kind in stored_kinds(attribute))


def sorts(attribute: Attribute, spec: str, reserved: frozenset[str]) -> bool:
    """Whether all texts of a placeholder have one width and sort as the values do, with these characters escaped."""
    kinds = stored_kinds(attribute)
    if not kinds or not reserved.isdisjoint(_DIGITS):
        return False
    if spec:
        return _PADDED.fullmatch(spec) is not None and all(issubclass(kind, (int, Decimal)) for kind in kinds)
    return len(kinds) == 1 and attribute.storage.save is None and all(issubclass(kind, (date, UUID)) for kind in kinds)


def sorts_by_itself(attribute: Attribute) -> bool:
    """Whether what is stored of an attribute sorts as its values do; of what `save=` makes it is up to that."""
    return attribute.storage.save is not None or all(issubclass(kind, _SORTED) for kind in attribute.stored_types)


def sorting_remedy(attribute: Attribute, spec: str, reserved: frozenset[str]) -> str:
    """What to write for an attribute of which a range is asked, and which does not sort as its values do."""
    misleading = sorted(reserved & _DIGITS)
    if not misleading:
        return _sorting_form(attribute)
    begun = " or ".join(map(repr, misleading))
    other = f"begin the text after each placeholder with another character than {begun}, which is escaped where a value has it: `#`, say"
    return other if sorts(attribute, spec, frozenset()) else f"{_sorting_form(attribute)}, and {other}"


def _sorting_form(attribute: Attribute) -> str:
    kinds = stored_kinds(attribute)
    if kinds and all(issubclass(kind, (int, Decimal)) and kind is not bool for kind in kinds):
        return f"pad the number: {{{attribute.name}:{_example(kinds)}}}"
    if kinds and all(issubclass(kind, date) for kind in kinds) and attribute.storage.save is None:
        return f"leave its format out: {{{attribute.name}}}"
    if kinds and all(issubclass(kind, str) for kind in kinds):
        return "put it last in the template of a sort key, with nothing after it and without percent_encoded=True"
    return "store it with save= and load= as text that sorts, annotate the function `-> str`, and let it end the key"


# Values ---------------------------------------------------------------------------------------------------------------------------


def formatted(value: Any, spec: str, attribute: Attribute) -> str:
    """The text of a saved value.

    Raises:
        ItemInvalidError: It has none, or its format cannot hold it.
    """
    if value.__class__ is str and not spec:
        text: str = value
        return text
    value = _plain(value)
    if value is None or not isinstance(value, _TEXTUAL):
        message = f"{attribute!r} is part of a key and cannot be {attribute.given(value)!r}"
        raise ItemInvalidError(message, path=attribute.name, value=attribute.given(value))
    return _with_spec(value, spec, attribute) if spec else _text(value)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _text(value: Any) -> str:
    # An entity that was read has its datetimes in UTC and its decimals without closing zeros; its key must still be the one that was written.
    if isinstance(value, Decimal):
        return format(Decimal(number(value)), "f")
    if isinstance(value, datetime):
        return datetime_text(value)
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _with_spec(value: Any, spec: str, attribute: Attribute) -> str:
    exact = Decimal(number(value)) if isinstance(value, (int, Decimal)) and spec.endswith("f") else value
    if isinstance(value, datetime) and value.tzinfo is not None:
        exact = in_utc(value)
    try:
        text = format(exact, spec)
    except (ValueError, TypeError) as error:
        message = f"{attribute!r} cannot be formatted with {spec!r} in a key: {error}"
        raise ItemInvalidError(message, path=attribute.name, value=attribute.given(value)) from error
    width = _padded_width(spec)
    if width is not None and text.startswith("-"):
        message = f"{attribute!r} is {attribute.given(value)!r}, and the key's format {spec!r} sorts from 0 on; declare ge=0, or add with save= what keeps it positive"
        raise ItemInvalidError(message, path=attribute.name, value=attribute.given(value))
    if (width is not None and len(text) > width) or (isinstance(exact, Decimal) and Decimal(text.replace(",", "")) != exact):
        message = f"{attribute!r} is {attribute.given(value)!r}, which the key's format {spec!r} cannot hold; widen the format"
        raise ItemInvalidError(message, path=attribute.name, value=attribute.given(value))
    return text


@cache
def _padded_width(spec: str) -> int | None:
    return len(format(0, spec)) if _PADDED.fullmatch(spec) else None
