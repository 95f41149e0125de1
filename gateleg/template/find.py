"""Finds one thing by the names that people give it; where it does not, it says what was asked and what there is instead."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeVar

from gateleg.errors import TemplateMismatchError
from gateleg.template.canonical import canonical
from gateleg.template.stack_template import without_resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.template.stack_template import Resource

R = TypeVar("R", bound="Resource")
T = TypeVar("T")

_MOST_LISTED = 40


def one(
    kind: str, name: str, candidates: Iterable[R], tests: Iterable[Callable[[R, str], bool]], describe: Callable[[R], str], *, where: str
) -> R:
    """The one candidate that the first test to fit any of them fits.

    Raises:
        TemplateMismatchError: No test fits, or the first that does fits several candidates.
    """
    __tracebackhide__ = True
    everything = tuple(candidates)
    for test in tests if _is_text(name) else ():
        fitting = [candidate for candidate in everything if test(candidate, name)]
        if len(fitting) > 1:
            raise ambiguous(kind, name, map(describe, fitting), where=where)
        if fitting:
            return fitting[0]
    raise missing(kind, name, map(describe, everything), where=where)


def named(kind: str, name: str, there: Mapping[str, T], *, where: str) -> T:
    """The thing with a name.

    Raises:
        TemplateMismatchError: There is none.
    """
    __tracebackhide__ = True
    if not _is_text(name) or name not in there:
        raise missing(kind, name, there, where=where)
    return there[name]


def missing(kind: str, asked: str, there: Iterable[str], *, where: str) -> TemplateMismatchError:
    """The error for something that is not there."""
    names = sorted(set(there))
    near = difflib.get_close_matches(asked, [name.partition(" (")[0] for name in names], n=1) if _is_text(asked) else []
    hint = f", did you mean {near[0]!r}?" if near else ""
    return TemplateMismatchError(f"{where} has no {kind} {asked!r}{hint}; there is: {_listed(names)}", path=asked, code="template.missing")


def ambiguous(kind: str, asked: str, there: Iterable[str], *, where: str) -> TemplateMismatchError:
    """The error for a name that fits several things."""
    return TemplateMismatchError(
        f"{where} has several {kind}s {asked!r}; name one by its logical id or its whole construct path: {_listed(sorted(there))}",
        path=asked,
        code="template.ambiguous",
    )


def by_logical_id(resource: Resource, name: str) -> bool:
    """The logical id itself."""
    return resource.logical_id == name


def by_prefix(resource: Resource, name: str) -> bool:
    """The beginning of the logical id."""
    return resource.logical_id.startswith(name)


def by_path(resource: Resource, name: str) -> bool:
    """The construct path, or its end: `Chat/Rest/Handler`, `Rest/Handler` and `Handler`."""
    return f"/{resource.path}".endswith(f"/{without_resource(name)}")


def by_folder(resource: Resource, name: str) -> bool:
    """The path of a construct that holds the resource: `Rest` for `Chat/Rest/Api`."""
    return f"/{without_resource(name)}/" in f"/{resource.path}"


def by_property(key: str) -> Callable[[Resource, str], bool]:
    """A property of the resource."""
    return lambda resource, name: key in resource.properties and canonical(resource.properties[key]) == name


def _is_text(name: object) -> bool:
    """What a test asks with may be anything, whatever the annotations say."""
    return isinstance(name, str)


def _listed(names: list[str]) -> str:
    if not names:
        return "nothing"
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more
