"""Reads the regular expressions of Powertools as languages that can be compared.

What a language cannot say (a group that is repeated, a look-ahead) is read as more than the expression matches, never as less, and
the language is then not exact.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from gateleg.describe.languages import PATH_CHARACTERS, Atom, Glob, Language
from gateleg.errors import RouteError

_TOKEN = re.compile(
    r"\\x[0-9a-fA-F]{2}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P?<\w+>|<?[=!]|[^<])|\(|\{(?=[\d,])\d*(?:,\d*)?\}|.", re.DOTALL
)
_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_UNREAD = re.compile(r"\\[0-9aNuU]")
_BORDERS = {"^", r"\b", r"\B", r"\A", r"\Z"}
_LOOKS = {"(?=", "(?!", "(?<=", "(?<!"}
_MOST_GLOBS = 64
_MOST_COPIES = 16


_END = Atom(frozenset("$"), variable="$")
_ANYTHING = Atom(PATH_CHARACTERS, many=True)


def read_pattern(pattern: str, rule: str, handler: str) -> Language:
    """What an expression matches from the start of a path on, as `re.match` has it.

    Args:
        pattern: The expression, as Powertools compiled it.
        rule: What it was made from, for messages.
        handler: Who answers, for messages.

    Raises:
        RouteError: It asks for what cannot be compared: a back reference, a flag, a condition.
    """
    reader = _Reader(pattern, rule, handler)
    globs = reader.alternatives()
    ended = [glob[: glob.index(_END)] if _END in glob else (*glob, _ANYTHING) for glob in globs]
    exact = reader.exact and not any(_END in glob[:-1] for glob in globs)
    return Language(tuple(dict.fromkeys(ended)), exact)


class _Reader:
    def __init__(self, pattern: str, rule: str, handler: str) -> None:
        self._tokens = [match[0] for match in _TOKEN.finditer(pattern)]
        self._position = 0
        self._rule, self._handler = rule, handler
        self.exact = True

    def alternatives(self) -> list[Glob]:
        globs = self._sequence()
        while self._peek() == "|":
            self._take()
            globs += self._sequence()
        return self._bounded(globs)

    def _sequence(self) -> list[Glob]:
        globs: list[Glob] = [()]
        while self._peek() not in {"", "|", ")"}:
            piece = self._repeated(self._piece())
            globs = self._bounded([before + after for before in globs for after in piece])
        return globs

    def _piece(self) -> list[Glob]:
        at_start = self._position == 0
        part = self._take()
        if part.startswith("("):
            return self._group(part)
        if part in _BORDERS:
            self.exact &= at_start
            return [()]
        if _UNREAD.fullmatch(part):
            raise self._refuse(part)
        return [(_END if part == "$" else Atom(_characters(part), dot=part == "."),)]

    def _group(self, opening: str) -> list[Glob]:
        if opening not in {"(", "(?:", "(?>", *_LOOKS} and not opening.startswith("(?P<"):
            raise self._refuse(opening)
        globs = self.alternatives()
        self._take()
        if opening in _LOOKS:
            self.exact = False
            return [()]
        self.exact &= opening != "(?>"
        name = opening[4:-1] if opening.startswith("(?P<") else None
        return [tuple(replace(atom, variable=name) for atom in glob) for glob in globs] if name else globs

    def _repeated(self, piece: list[Glob]) -> list[Glob]:
        quantifier = _QUANTIFIER.fullmatch(self._peek())
        if quantifier is None:
            return piece
        least, most = _bounds(quantifier)
        self._take()
        if self._peek() == "?":
            self._take()
        elif self._peek() == "+":
            self.exact = False
            self._take()
        if len(piece) == 1 and len(piece[0]) == 1 and not piece[0][0].many and piece[0][0] != _END and least <= _MOST_COPIES:
            return self._copies(replace(piece[0][0], dot=False), least, most)
        if (least, most) == (0, 1):
            return self._bounded([(), *piece])
        return piece if (least, most) == (1, 1) else [self._blurred(piece)]

    def _copies(self, atom: Atom, least: int, most: int | None) -> list[Glob]:
        row = (atom,) * least
        if most is None:
            return [(*row, replace(atom, many=True))]
        if most - least <= 1:
            return list(dict.fromkeys([row, (atom,) * most]))
        self.exact = False
        return [(*row, replace(atom, many=True))]

    def _bounded(self, globs: list[Glob]) -> list[Glob]:
        globs = list(dict.fromkeys(globs))
        return globs if len(globs) <= _MOST_GLOBS else [self._blurred(globs)]

    def _blurred(self, globs: list[Glob]) -> Glob:
        """One glob for many: their characters in any number and order."""
        self.exact = False
        chars = frozenset[str]().union(*(atom.chars for glob in globs for atom in glob if atom != _END))
        return (Atom(chars, many=True),) if chars else ()

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _take(self) -> str:
        part = self._peek()
        self._position += 1
        return part

    def _refuse(self, what: str) -> RouteError:
        return RouteError(
            f"the route {self._rule!r} of {self._handler} has {what!r}, of which API Gateway's paths cannot be made; "
            "write <name> for one segment, or .+ for the rest of the path",
            path=self._rule,
            value=what,
        )


def _bounds(quantifier: re.Match[str]) -> tuple[int, int | None]:
    if not quantifier[0].startswith("{"):
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[quantifier[0]]
    least = int(quantifier[1] or 0)
    return least, (int(quantifier[3]) if quantifier[3] else None) if quantifier[2] else least


@cache
def _characters(part: str) -> frozenset[str]:
    """The characters that one part matches: itself, or what its escape or class holds of a path's characters."""
    if part == ".":
        return PATH_CHARACTERS
    if re.fullmatch(r"\\?[^a-zA-Z0-9]|\w", part, re.DOTALL):
        return frozenset(part[-1])
    return frozenset(filter(re.compile(part).fullmatch, PATH_CHARACTERS))
