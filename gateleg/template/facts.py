"""A resource as a flat list of facts, in which names stand where lists have positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.template.canonical import canonical, intrinsic, is_list, is_object, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = ("IndexName", "Region", "Key", "AttributeName", "RuleName")
"""What tells the entries of a list apart, whose order then says nothing."""

_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


def facts_of(definition: Mapping[str, Any], bindings: Mapping[str, str]) -> dict[str, str]:
    """Each fact of a resource, by its path.

    Args:
        definition: The resource's JSON.
        bindings: What tokens stand for.
    """
    found = {name: str(definition[name]) for name in _POLICIES if name in definition}
    return {**found, **dict(_flat("", definition.get("Properties"), bindings))}


def _flat(path: str, value: Any, bindings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if is_object(value) and value and intrinsic(value) is None:
        for name, part in value.items():
            yield from _flat(f"{path}.{name}" if path else name, part, bindings)
    elif is_list(value) and value and all(map(is_object, value)) and not any(map(intrinsic, value)):
        if all("KeyType" in entry for entry in value):
            yield path, ", ".join(f"{entry['KeyType']} {entry.get('AttributeName')}" for entry in value)
            return
        for place, entry in _entries(value, bindings):
            yield from _flat(f"{path}.{place}", entry, bindings)
    else:
        yield path, canonical(value, bindings)


def _entries(value: list[Any], bindings: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The entries of a list by name where each has one of its own, else by position."""
    for name in _NAMES:
        places = [canonical(entry[name], bindings) for entry in value if name in entry]
        if len(set(places)) == len(value):
            for place, entry in zip(places, value, strict=True):
                rest = {key: part for key, part in mapping(entry).items() if key != name}
                yield place, rest or {name: entry[name]}
            return
    yield from ((str(number), entry) for number, entry in enumerate(value))
