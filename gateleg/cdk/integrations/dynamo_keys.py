"""Keys of items in templates: of the same values the same key as the data layer makes, or none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import count
from string import digits
from typing import TYPE_CHECKING

from gateleg.cdk.integrations.dynamo_values import INTEGER, UnsaidError, check_plain, scalar_of
from gateleg.cdk.integrations.vtl import formal, in_json, literal, literal_in_json
from gateleg.model.keys.schema import CLAIM_MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.keys.schema import KeyPart
    from gateleg.model.keys.template import Placeholder

_HEX = frozenset("0123456789ABCDEF")
_PADDED = re.compile(r"0([1-9][0-9]?)d?")
_FAR = "%F4%8F%B"
"""How `urlEncode` begins the last thousand code points, among which are those that end ranges of keys, and nothing else."""
_FAR_FROM = "\U0010fc00"
LAST = r"\uDBFF\uDFFF"
"""After all keys that begin alike, as JSON writes it."""


@dataclass
class Values:
    """The values of a request that a template reads, each checked once.

    Attributes:
        refer: The reference to the value of an attribute's name.
        setup: Directives that set a variable for each value, and `$valid` to false where one is not what it must be.
        numbers: Numbers the variables.
    """

    refer: Callable[[str], str]
    setup: str = "#set($valid = true)"
    numbers: Iterator[int] = field(default_factory=count)
    _taken: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, attribute: Attribute, name: str | None = None) -> str:
        """The variable of an attribute's value in keys.

        Args:
            attribute: The attribute.
            name: What the request calls it; as the entity does unless given.

        Raises:
            UnsaidError: Templates cannot tell whether it is valid.
        """
        check_plain(attribute)
        scalar = scalar_of(attribute.annotation)
        if scalar is None or not scalar.written or scalar.kind == "BOOL":
            raise UnsaidError(
                f"{attribute!r} is of {attribute.annotation!r}, and keys of templates are made of texts, whole numbers, choices and UUIDs"
            )
        if scalar.kind == "N" and scalar.pattern != INTEGER:
            raise UnsaidError(f"{attribute!r} is a fraction, whose text in a key no template makes")
        name = name or attribute.name
        if name not in self._taken:
            variable = f"$v{next(self.numbers)}"
            self._taken[name] = variable
            far = f"#if($util.urlEncode({variable}).contains('{_FAR}'))#set($valid = false)#end" if scalar.kind == "S" else ""
            self.setup += f"#set({variable} = {self.refer(name)})" + self.valid_if(f"{variable}.matches('{scalar.pattern}')") + far
        return self._taken[name]

    def beside(self) -> Values:
        """Other values of the same request, whose setup may stand in a condition."""
        return Values(self.refer, "", self.numbers)

    @staticmethod
    def valid_if(test: str) -> str:
        """A directive that sets `$valid` to false unless the test is fulfilled; what is asked of nothing gives nothing, which is not `true`."""
        return f"#if({test} == true)#else#set($valid = false)#end"

    def part(self, part: KeyPart) -> str:
        """The wire form of a key attribute.

        Raises:
            UnsaidError: No template makes it.
        """
        if part.template is None:
            variable = self.take(part.plain)
            self._never_a_claim(variable)
            if part.type() == "N":
                return f'{{"N":"{formal(variable)}"}}'
            return f'{{"S":"{in_json(variable)}"}}'
        text = self.text(part.template.placeholders) + literal_in_json(part.template.tail)
        return f'{{"S":"{text}"}}'

    def text(self, placeholders: Iterable[Placeholder]) -> str:
        """The text of placeholders, each with what stands before it, between the quotes of JSON."""
        return "".join(literal_in_json(one.before) + self.placeholder(one) for one in placeholders)

    def placeholder(self, placeholder: Placeholder, name: str | None = None) -> str:
        """The text of one placeholder, between the quotes of JSON.

        Args:
            placeholder: The placeholder.
            name: What the request calls its value.

        Raises:
            UnsaidError: No template makes it.
        """
        variable = self.take(placeholder.attribute, name)
        if scalar_of(placeholder.attribute.annotation).kind == "N":  # type: ignore[union-attr]  # it was taken
            if wrong := sorted(placeholder.reserved & frozenset(digits)):
                raise _unescaped(placeholder, wrong[0])
            if placeholder.spec:
                return self._padded(placeholder, variable)
            return formal(f"{variable}.replace('-','%2D')" if "-" in placeholder.reserved else variable)
        if placeholder.spec:
            return self._padded(placeholder, variable)
        return in_json(escaped(variable, placeholder))

    def _padded(self, placeholder: Placeholder, variable: str) -> str:
        padded = _PADDED.fullmatch(placeholder.spec)
        if padded is None:
            raise UnsaidError(
                f"{placeholder.attribute!r} has the format {placeholder.spec!r} in its key, and templates pad whole numbers alone: 010d"
            )
        width = int(padded[1])
        self.setup += self.valid_if(f"{variable}.matches('0|[1-9][0-9]{{0,{width - 1}}}')")
        zeros = f"$z{width}"
        self.setup += f"#set({zeros} = '{'0' * width}')"
        return formal(f"{zeros}.substring({variable}.length())") + formal(variable)

    def _never_a_claim(self, variable: str) -> None:
        self.setup += f"#if({variable}.startsWith('{CLAIM_MARK}'))#set($valid = false)#end"


def escaped(variable: str, placeholder: Placeholder) -> str:
    """The reference to a text as it stands in a key."""
    return variable + "".join(f".replace('{character}','{text}')" for character, text in _replacements(placeholder))


def _replacements(placeholder: Placeholder) -> list[tuple[str, str]]:
    """What is replaced, in this order: a character, and the text in its place. Of the last code points, which are refused, nothing is."""
    if placeholder.in_order:
        return [("%", "%25"), ('"', '"!'), ("#", '""')]
    reserved = {character for character in placeholder.reserved if character < _FAR_FROM} - {"%"}
    if wrong := sorted(reserved & (_HEX | {"'", "\\"})):
        raise _unescaped(placeholder, wrong[0])
    return [("%", "%25"), *((one, "".join(f"%{byte:02X}" for byte in one.encode())) for one in sorted(reserved))]


def _unescaped(placeholder: Placeholder, character: str) -> UnsaidError:
    return UnsaidError(
        f"the text after {placeholder.attribute!r} in its key begins with {character!r}, which no template escapes; begin it with another, `#`, say"
    )


def wire_object(parts: dict[str, str]) -> str:
    """A map of attributes whose wire forms are templates."""
    return "{" + ",".join(f"{literal(json.dumps(name))}:{wire}" for name, wire in parts.items()) + "}"
