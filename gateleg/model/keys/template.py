"""Key templates: `"ROOM#{room}"` and the text that it makes of values.

Two different sets of values never make one text: within a value, `%`, `#` and the characters that begin the template's later separators
are escaped (see `escapes`). Numbers sort as text only when padded: `{n:010d}`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from string import Formatter
from typing import TYPE_CHECKING, Any

from gateleg.errors import ItemInvalidError, KeyTemplateError
from gateleg.model.keys.escapes import ALWAYS_RESERVED, LAST, escaped, escaped_in_order
from gateleg.model.keys.formats import check_placeholder, formatted, loses, sorts, stored_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.values.moments import Rounding


@dataclass(frozen=True)
class Field:
    """One placeholder: the literal text before it, the attribute that it names, and its format."""

    before: str
    name: str
    spec: str


class Template:
    """A key template, parsed and checked by itself; `bind` makes it one of an entity's attributes.

    Args:
        text: The template.
        in_order: Whether text at its end is written so that keys sort as the texts do.

    Raises:
        KeyTemplateError: Not a template, or one from which two different sets of values make one key.
    """

    def __init__(self, text: str, *, in_order: bool = False) -> None:
        self.text = text
        self.in_order = in_order
        self.fields: tuple[Field, ...]
        self.tail: str
        self.fields, self.tail = _parse(text)
        separators = {field.before[:1] for field in self.fields[1:]} | {self.tail[:1] if self.fields else ""}
        if "%" in separators:
            message = f"key template {text!r} has text after a placeholder that begins with '%', as escapes do; begin it with another, such as `#`"
            raise KeyTemplateError(message, value=text)
        if LAST in text:
            raise KeyTemplateError(
                f"key template {text!r} holds U+10FFFF, with which ranges of keys end; write another, such as `#`", value=text
            )
        self._reserved = (ALWAYS_RESERVED | separators) - {""}

    def bind(self, entity: str, attributes: Mapping[str, Attribute]) -> BoundTemplate:
        """The template with the attributes that it names.

        Raises:
            KeyTemplateError: A placeholder names none, or one whose values it does not tell apart.
        """
        for field in self.fields:
            if field.name not in attributes:
                message = f"key template {self.text!r} of {entity} names {field.name!r}, which is not an attribute of it; declared: {', '.join(attributes)}"
                raise KeyTemplateError(message, path=f"{entity}.{field.name}", value=self.text)
            check_placeholder(f"key template {self.text!r} of {entity}", attributes[field.name], field.spec)
        bound = [Placeholder(field.before, attributes[field.name], field.spec, self._reserved) for field in self.fields]
        if bound and not self.tail and self.in_order and _is_text(bound[-1].attribute):
            bound[-1] = replace(bound[-1], in_order=True)
        return BoundTemplate(self.text, tuple(bound), self.tail)


@dataclass(frozen=True)
class Placeholder:
    """One placeholder of an entity's template.

    Attributes:
        before: The literal text before it.
        attribute: The attribute that it names.
        spec: Its format; empty for none.
        reserved: The characters that are escaped in its text.
        in_order: Whether it is text that ends the key, escaped so that it sorts as the value does.
    """

    before: str
    attribute: Attribute
    spec: str
    reserved: frozenset[str]
    in_order: bool = False

    def text(self, value: Any, rounding: Rounding = "down") -> str:
        """A valid value, not yet saved, as it stands in the key: saved, formatted and escaped.

        Raises:
            ItemInvalidError: It has no text form, or its format cannot hold it.
        """
        stored = self.attribute.stored_value(value, rounding)
        text = formatted(stored, self.spec, self.attribute)
        if not self.in_order:
            return escaped(text, self.reserved)
        if stored.__class__ is not str and self.attribute.storage.save is not None and not isinstance(stored, str):
            message = f"{self.attribute!r} is text in a key, and its save= made {self.attribute.given(stored)!r}; annotate what save= returns: -> int"
            raise ItemInvalidError(message, path=self.attribute.name, value=self.attribute.given(stored))
        return escaped_in_order(text)

    @property
    def sorts(self) -> bool:
        """Whether its texts sort as its values do, whatever follows them."""
        return self.in_order or sorts(self.attribute, self.spec, self.reserved)

    @property
    def loses(self) -> bool:
        """Whether its format makes one text of several values."""
        return bool(self.spec) and loses(self.attribute, self.spec)


@dataclass(frozen=True, repr=False)
class BoundTemplate:
    """A template of an entity: its text, its placeholders, and the literal text after them."""

    text: str
    placeholders: tuple[Placeholder, ...]
    tail: str

    def __repr__(self) -> str:
        return f"BoundTemplate({self.text!r}, in_order={any(one.in_order for one in self.placeholders)})"

    @property
    def percent_encoded(self) -> bool:
        """Whether it ends with text that is written as all other is, and does not sort as its values do."""
        last = None if self.tail or not self.placeholders else self.placeholders[-1]
        return last is not None and not last.in_order and _is_text(last.attribute)

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that it names, in order."""
        return tuple(one.attribute.name for one in self.placeholders)

    def render(self, values: Mapping[str, Any]) -> str:
        """The key of these values, which are valid and not yet saved.

        Raises:
            ItemInvalidError: A value has no text form, or is wider than its format.
        """
        return self.prefix(values, len(self.placeholders)) + self.tail

    def prefix(self, values: Mapping[str, Any], count: int) -> str:
        """What the keys that share the first `count` values begin with, up to the end of the last of those values."""
        return "".join([one.before + one.text(values[one.attribute.name]) for one in self.placeholders[:count]])

    def following(self, count: int) -> str:
        """The literal text after the first `count` placeholders."""
        return self.placeholders[count].before if count < len(self.placeholders) else self.tail

    def leading(self, names: Mapping[str, Any]) -> int:
        """How many placeholders from the first on name one of these attributes."""
        return next((count for count, name in enumerate(self.names) if name not in names), len(self.placeholders))


def _is_text(attribute: Attribute) -> bool:
    kinds = stored_kinds(attribute)
    return bool(kinds) and all(issubclass(kind, str) for kind in kinds)


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
