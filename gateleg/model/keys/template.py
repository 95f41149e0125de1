"""Key templates: `"ROOM#{room}"` and the text that it makes of values.

Two different sets of values never make one text: within a value, `%`, `#` and the characters that begin the template's later separators
are written as `%` and the two hexadecimal digits of each UTF-8 byte. Numbers sort as text only when padded: `{n:010d}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from string import Formatter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gateleg.errors import ItemInvalidError, KeyTemplateError
from gateleg.model.values.wire import datetime_text, in_utc, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.attributes.attribute import Attribute

_TEXTUAL = (str, int, Decimal, date, time, UUID)
_FIXED_WIDTH = (date, UUID)


@dataclass(frozen=True)
class Field:
    """One placeholder: the literal text before it, the attribute that it names, and its format."""

    before: str
    name: str
    spec: str


class Template:
    """A key template, parsed and checked by itself; `bind` checks it against an entity's attributes.

    Args:
        text: The template.

    Raises:
        KeyTemplateError: Not a template, or one from which two different sets of values make one key.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.fields: tuple[Field, ...]
        self.tail: str
        self.fields, self.tail = _parse(text)
        separators = {field.before[:1] for field in self.fields[1:]} | {self.tail[:1] if self.fields else ""}
        self._reserved = frozenset({"%", "#", *separators} - {""})

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that it names, in order."""
        return tuple(field.name for field in self.fields)

    def bind(self, entity: str, attributes: Mapping[str, Attribute]) -> None:
        """Check that every placeholder names an attribute whose values have a text form.

        Raises:
            KeyTemplateError: One does not.
        """
        for field in self.fields:
            if field.name not in attributes:
                message = f"key template {self.text!r} of {entity} names {field.name!r}, which is not an attribute of it; declared: {', '.join(attributes)}"
                raise KeyTemplateError(message, path=f"{entity}.{field.name}", value=self.text)
            _check_type(entity, self.text, field, attributes[field.name])

    def render(self, values: Mapping[str, Any], attributes: Mapping[str, Attribute]) -> str:
        """The key of these values, which are valid and not yet saved.

        Raises:
            ItemInvalidError: A value has no text form, or is wider than its format.
        """
        return self.prefix(values, attributes, len(self.fields)) + self.tail

    def prefix(self, values: Mapping[str, Any], attributes: Mapping[str, Attribute], count: int) -> str:
        """What the keys that share the first `count` values begin with, up to the end of the last of those values."""
        return "".join(field.before + self.value_text(field, values[field.name], attributes[field.name]) for field in self.fields[:count])

    def following(self, count: int) -> str:
        """The literal text after the first `count` placeholders."""
        return self.fields[count].before if count < len(self.fields) else self.tail

    def value_text(self, field: Field, value: Any, attribute: Attribute) -> str:
        """One value as it stands in the key: saved, formatted and escaped."""
        text = _formatted(field, attribute.stored_value(value), attribute)
        return escaped(text, self._reserved)

    def fixed_width(self, field: Field, attribute: Attribute) -> bool:
        """Whether all texts of a placeholder have one width and sort as the values do."""
        kinds = attribute.stored_types
        if field.spec:
            return field.spec.startswith("0") and bool(kinds) and all(issubclass(kind, int) for kind in kinds)
        return bool(kinds) and attribute.storage.save is None and all(issubclass(kind, _FIXED_WIDTH) for kind in kinds)


def _parse(text: str) -> tuple[tuple[Field, ...], str]:
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
        raise KeyTemplateError(f'a key template is text; {text!r} was given: write key("ROOM#{{room}}", ...)', value=text)
    fields: list[Field] = []
    literal = ""
    for before, name, spec, conversion in _parts(text):
        literal += before
        if name is None:
            continue
        if not name.isidentifier() or conversion:
            raise KeyTemplateError(f"key template {text!r} has {{{name}}}; a placeholder is the name of an attribute: {{room}}", value=text)
        if fields and not literal:
            message = f"key template {text!r} puts {{{name}}} directly after {{{fields[-1].name}}}; write text between them, such as `#`"
            raise KeyTemplateError(message, path=name, value=text)
        fields.append(Field(literal, name, spec or ""))
        literal = ""
    if not text:
        raise KeyTemplateError("a key template is empty; write text, placeholders or both: ROOM#{room}", value=text)
    return tuple(fields), literal


def _parts(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(text))
    except ValueError as error:
        message = f"key template {text!r} cannot be read: {error}; write {{name}}, and {{{{ or }}}} for a brace itself"
        raise KeyTemplateError(message, value=text) from error


def _check_type(entity: str, template: str, field: Field, attribute: Attribute) -> None:
    kinds = attribute.stored_types
    if attribute.storage.save is None and not all(issubclass(kind, _TEXTUAL) for kind in kinds):
        message = f"key template {template!r} of {entity} names {field.name!r}, whose values do not have one text form; give it a save= that makes text"
        raise KeyTemplateError(message, path=f"{entity}.{field.name}", value=template)
    if field.spec and not any(issubclass(kind, (str, UUID)) for kind in kinds):
        _check_spec(entity, template, field, kinds)
    if field.spec and any(issubclass(kind, (str, UUID)) for kind in kinds):
        message = (
            f"key template {template!r} of {entity} formats the text {field.name!r} with {field.spec!r}; formats are for numbers and dates"
        )
        raise KeyTemplateError(message, path=f"{entity}.{field.name}", value=template)


def _check_spec(entity: str, template: str, field: Field, kinds: set[type]) -> None:
    moments = all(issubclass(kind, (date, time)) for kind in kinds)
    try:
        wrong = "%" not in field.spec if moments else not format(0, field.spec)
    except ValueError:
        wrong = "." not in field.spec
    if wrong:
        write = "{at:%Y-%m-%d}" if moments else "{n:010d}"
        message = f"key template {template!r} of {entity} formats {field.name!r} with {field.spec!r}, which is not a format of its values; write one such as {write}"
        raise KeyTemplateError(message, path=f"{entity}.{field.name}", value=template)


def _formatted(field: Field, value: Any, attribute: Attribute) -> str:
    if isinstance(value, Enum):
        value = value.value
    if value is None or not isinstance(value, _TEXTUAL):
        message = f"{attribute!r} is part of a key and cannot be {value!r}"
        raise ItemInvalidError(message, path=attribute.name, value=value)
    # An entity that was read has its datetimes in UTC and its decimals without closing zeros; its key must still be the one that was written.
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = in_utc(value)
    if field.spec:
        return _with_spec(field, value, attribute)
    if isinstance(value, Decimal):
        return format(Decimal(number(value)), "f")
    if isinstance(value, datetime):
        return datetime_text(value)
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _with_spec(field: Field, value: Any, attribute: Attribute) -> str:
    try:
        text = format(value, field.spec)
    except (ValueError, TypeError) as error:
        message = f"{attribute!r} cannot be formatted with {field.spec!r} in a key: {error}"
        raise ItemInvalidError(message, path=attribute.name, value=value) from error
    if field.spec.startswith("0") and (len(text) > len(format(0, field.spec)) or text.startswith("-")):
        message = f"{attribute!r} is {value!r}, which the key's format {field.spec!r} cannot hold in order; widen the format"
        raise ItemInvalidError(message, path=attribute.name, value=value)
    return text


def escaped(text: str, reserved: frozenset[str]) -> str:
    """A text in which these characters are written as `%` and the two hexadecimal digits of each of their bytes."""
    if reserved.isdisjoint(text):
        return text
    return "".join(_hexadecimal(character) if character in reserved else character for character in text)


def _hexadecimal(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
