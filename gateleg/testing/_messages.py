"""What a failed question says: what was asked, and what there is instead."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from gateleg.errors import TemplateMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_LISTED = 40


def missing(kind: str, asked: str, there: Iterable[str], *, where: str) -> TemplateMismatchError:
    """The error for something that the template does not hold."""
    names = sorted(set(there))
    near = difflib.get_close_matches(asked, [name.partition(" (")[0] for name in names], n=1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    return TemplateMismatchError(f"{where} has no {kind} {asked!r}{hint}; there is: {_listed(names)}", path=asked, code="template.missing")


def ambiguous(kind: str, asked: str, there: Iterable[str], *, where: str) -> TemplateMismatchError:
    """The error for a name that fits several things."""
    return TemplateMismatchError(
        f"{where} has several {kind}s {asked!r}; name one by its logical id or its whole construct path: {_listed(sorted(there))}",
        path=asked,
        code="template.ambiguous",
    )


def _listed(names: list[str]) -> str:
    if not names:
        return "nothing"
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more
