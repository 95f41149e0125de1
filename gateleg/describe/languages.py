"""Sets of paths that can be compared: is there a path that these have and those have not.

A language is a set of globs, a glob a row of atoms, an atom a set of characters, once or any number of times.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PATH_CHARACTERS = frozenset(string.ascii_letters + string.digits + string.punctuation) - set("?#")
"""What a path may hold when it reaches a function. API Gateway gives a REST API's function the path percent-encoded, as it was sent."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One place of a glob.

    Attributes:
        chars: The characters that may stand there.
        many: Any number of them, and none; else exactly one.
        variable: The name of the group around it, in Powertools `<name>`.
        dot: A dot that stands bare, without a quantifier: written for a dot, and matching any character.
    """

    chars: frozenset[str]
    many: bool = False
    variable: str | None = None
    dot: bool = False


Glob = tuple[Atom, ...]
_Places = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Language:
    """What an expression matches.

    Attributes:
        globs: Each matches a part of it.
        exact: Whether they match nothing else.
    """

    globs: tuple[Glob, ...]
    exact: bool


def some_path(within: Iterable[Language], outside: Iterable[Language]) -> bool:
    """Whether there is a path that all of `within` match and none of `outside`.

    Steps through all of them at once, a character at a time. Languages that are not exact match more than they should: a yes may
    then be wrong, a no is not, as long as those of `outside` are exact.
    """
    inner, outer = [language.globs for language in within], [language.globs for language in outside]
    alphabet = _representatives(inner + outer)
    start = (_started(inner), _started(outer))
    seen, pending = {start}, [start]
    while pending:
        inside, out = pending.pop()
        if all(map(_ended, inner, inside)) and not any(map(_ended, outer, out)):
            return True
        for character in alphabet:
            still_inside = tuple(_stepped(globs, places, character) for globs, places in zip(inner, inside, strict=True))
            if all(still_inside):
                after = (still_inside, tuple(_stepped(globs, places, character) for globs, places in zip(outer, out, strict=True)))
                if after not in seen:
                    seen.add(after)
                    pending.append(after)
    return False


def _started(languages: list[tuple[Glob, ...]]) -> tuple[_Places, ...]:
    return tuple(_settled(globs, {(number, 0) for number in range(len(globs))}) for globs in languages)


def _ended(globs: tuple[Glob, ...], places: _Places) -> bool:
    return any(place == len(globs[number]) for number, place in places)


def _settled(globs: tuple[Glob, ...], places: set[tuple[int, int]]) -> _Places:
    """The places, and those behind atoms that may be left out."""
    pending = list(places)
    while pending:
        number, place = pending.pop()
        glob = globs[number]
        if place < len(glob) and glob[place].many and (number, place + 1) not in places:
            places.add((number, place + 1))
            pending.append((number, place + 1))
    return frozenset(places)


def _stepped(globs: tuple[Glob, ...], places: _Places, character: str) -> _Places:
    moved = {
        (number, place if globs[number][place].many else place + 1)
        for number, place in places
        if place < len(globs[number]) and character in globs[number][place].chars
    }
    return _settled(globs, moved)


def _representatives(languages: list[tuple[Glob, ...]]) -> list[str]:
    """One character for all that no atom tells apart."""
    sets = {atom.chars for globs in languages for glob in globs for atom in glob}
    classes = {tuple(character in chars for chars in sets): character for character in sorted(PATH_CHARACTERS)}
    return list(classes.values())
