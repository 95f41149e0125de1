"""Which members the JSON object has that a mapping template makes, as far as its text says."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REFERENCE = re.compile(r"\$!?\{?[A-Za-z_]\w*")
_PROPERTY = re.compile(r"\.[A-Za-z_]\w*")
_DIRECTIVE = re.compile(r"#\{?([a-z]+)\}?[ \t]*")
_COMMENT = re.compile(r"##[^\n]*|#\*.*?\*#", re.DOTALL)
_ELSEWHERE = frozenset({"parse", "include", "evaluate", "define", "macro"})
_VALUE = "\0"
"""What stands for a reference, whose value nobody knows."""


@dataclass(frozen=True)
class Members:
    """The members of an object.

    Attributes:
        names: Those that the template writes, some of them under a condition.
        are_all: Whether there are no others: no reference stands for the whole, a name or a member.
    """

    names: tuple[str, ...]
    are_all: bool


def members(template: str) -> Members:
    """Read the members at the top of what a template makes.

    Args:
        template: In Velocity's language: `{"Data": "$util.base64Encode($input.body)"}`.
    """
    text, are_all = _without_velocity(template)
    found: list[str] = []
    depth, place, before = 0, 0, ""
    while place < len(text):
        here = text[place]
        if here == '"':
            end = _end_of_text(text, place)
            if depth == 1 and text[end:].lstrip()[:1] == ":":
                found.append(text[place + 1 : end - 1])
            place, before = end, here
            continue
        depth += (here in "{[") - (here in "}]")
        if here == _VALUE and depth <= 1 and before not in {":", _VALUE}:
            are_all = False
        before = before if here.isspace() else here
        place += 1
    known = [name for name in found if _VALUE not in name]
    return Members(tuple(dict.fromkeys(known)), are_all and len(known) == len(found))


def _without_velocity(template: str) -> tuple[str, bool]:
    """The template without directives, a mark in place of references; and whether nothing is put in from elsewhere."""
    text, made, place, are_all = _COMMENT.sub("", template), list[str](), 0, True
    while place < len(text):
        if (found := _REFERENCE.match(text, place)) is not None:
            place = _end_of_reference(text, found.end(), is_formal="{" in found[0])
            made.append(_VALUE)
        elif (found := _DIRECTIVE.match(text, place)) is not None:
            are_all = are_all and found[1] not in _ELSEWHERE
            place = _end_of_group(text, found.end()) if text[found.end() : found.end() + 1] == "(" else found.end()
        else:
            made.append(text[place])
            place += 1
    return "".join(made), are_all


def _end_of_reference(text: str, place: int, *, is_formal: bool) -> int:
    while place < len(text):
        if text[place] in "([":
            place = _end_of_group(text, place)
        elif (found := _PROPERTY.match(text, place)) is not None:
            place = found.end()
        else:
            break
    return place + 1 if is_formal and text[place : place + 1] == "}" else place


def _end_of_group(text: str, place: int) -> int:
    """Where what stands in brackets ends; the texts in it may hold brackets."""
    depth, quoted = 0, ""
    for at in range(place, len(text)):
        here = text[at]
        if quoted:
            quoted = "" if here == quoted else quoted
        elif here in "\"'":
            quoted = here
        else:
            depth += (here in "([") - (here in ")]")
            if depth == 0:
                return at + 1
    return len(text)


def _end_of_text(text: str, place: int) -> int:
    """Where a text of JSON ends."""
    at = place + 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1
