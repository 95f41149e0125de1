"""The items of an answer, each turned into what it is for as soon as it is read, and let go.

A page of a megabyte is some fifty thousand dictionaries in wire form. Where all of them are alive at once, Python's garbage collector walks
through them again and again while more are made, which takes about as long as to make them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.store import transport_raw as raw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from json import JSONDecoder

_ITEMS = "Items"
_NEXT_ITEM = ",{"
_MARK = re.compile(r"[ \t\n\r]*([\[\]{}:,])[ \t\n\r]*")


class Taken(list[Any]):
    """What stands for the items in an answer whose items were taken one by one: what became of each."""


def read(body: bytes, headers: Mapping[str, str], each: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The answer of a body, as `transport_raw.read` gives it, with a `Taken` in place of the list of items.

    Where that fails, the answer is given with the items themselves: whoever deals with those meets the error at its own place.

    Args:
        body: The body.
        headers: The answer's headers, in lower case.
        each: What is made of an item; it may be asked twice.

    Raises:
        ChecksumError: The body is not what DynamoDB sent.
        ResponseParserError: The body is not a JSON object.
    """
    raw.check(body, headers)
    try:
        members = _members(body.decode("utf-8", "surrogatepass"), raw.decoder(body), each)
    except Exception:  # noqa: BLE001 (whatever it is, it is raised again where it belongs, or was only met here)
        return raw.read(body, headers)
    return {name: value for name, value in members.items() if value is not None}


def _members(text: str, decoder: JSONDecoder, each: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    mark, at = _past(text, 0, "{")
    while mark != "}":
        name, at = _name(text, at, decoder)
        at = _past(text, at, ":")[1]
        members[name], at = _taken(text, at, decoder, each) if name == _ITEMS else decoder.raw_decode(text, at)
        mark, at = _past(text, at, ",}")
    if at != len(text):
        raise ValueError("there is more than one value")
    return members


def _taken(text: str, at: int, decoder: JSONDecoder, each: Callable[[dict[str, Any]], Any]) -> tuple[Taken, int]:
    taken = Taken()
    mark, at = _past(text, at, "[")
    while mark != "]":
        item, at = decoder.raw_decode(text, at)
        taken.append(each(item))
        mark, at = (",", at + 1) if text.startswith(_NEXT_ITEM, at) else _past(text, at, ",]")
    return taken, at


def _name(text: str, at: int, decoder: JSONDecoder) -> tuple[str, int]:
    if not text.startswith('"', at):
        raise ValueError(f"a name is expected at {at}")
    return decoder.raw_decode(text, at)


def _past(text: str, at: int, marks: str) -> tuple[str, int]:
    """The mark that comes next, one of these, and where what follows it begins."""
    found = _MARK.match(text, at)
    if found is None or found[1] not in marks:
        raise ValueError(f"one of {marks!r} is expected at {at}")
    return found[1], found.end()
