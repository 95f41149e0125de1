"""How text is written in keys, so that no value can imitate a separator.

Where a placeholder is only ever asked for whole, characters that would mislead are written as `%` and hexadecimal digits. The text that ends
a sort key is written so that keys sort as the texts do: `"` becomes `"!` and `#` becomes `""`. What begins with `"` then sorts after all
that is smaller and before all that is greater than `#`, and of the two the second character decides.
"""

from __future__ import annotations

LAST = "\U0010ffff"
"""The code point after all others, a noncharacter. No key holds it, so that text and this one are after all keys that begin with the text."""

ALWAYS_RESERVED = frozenset({"%", "#", LAST})

_HIDDEN = ("#", LAST)
_IN_ORDER = {
    # `%` keeps its order without, but so written it stays as it is where the text does not end a sort key.
    ord("%"): "%25",
    **{ord(hidden): chr(ord(hidden) - 1) + '"' for hidden in _HIDDEN},
    **{ord(hidden) - 1: chr(ord(hidden) - 1) + "!" for hidden in _HIDDEN},
}
_CHANGED_IN_ORDER = frozenset(map(chr, _IN_ORDER))


def escaped(text: str, reserved: frozenset[str]) -> str:
    """A text in which these characters are written as `%` and the two hexadecimal digits of each of their bytes."""
    if reserved.isdisjoint(text):
        return text
    return "".join(_hexadecimal(character) if character in reserved else character for character in text)


def escaped_in_order(text: str) -> str:
    """A text without `#`, so that of two texts the smaller one stays the smaller, and a beginning stays a beginning."""
    return text if _CHANGED_IN_ORDER.isdisjoint(text) else text.translate(_IN_ORDER)


def _hexadecimal(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
