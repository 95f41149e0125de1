"""Attribute values in wire form, as hypothesis makes them."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import strategies as st

Wire: TypeAlias = st.SearchStrategy[dict[str, Any]]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
BLOBS = st.binary(min_size=1, max_size=8)
NAMES = st.sampled_from(["B", "BS", "S", "N", "M", "L", "Item", "a", "é", '"B":"'])
"""Names of attributes, most of which look like tags of types."""


def tagged(tag: str, values: st.SearchStrategy[Any]) -> Wire:
    """Values under the tag of their type."""
    return st.fixed_dictionaries({tag: values})


def nested(scalars: Wire, names: st.SearchStrategy[str] = NAMES) -> Wire:
    """Scalars, and maps and lists of them."""

    def hold(inner: Wire) -> Wire:
        return tagged("M", st.dictionaries(names, inner, max_size=3)) | tagged("L", st.lists(inner, max_size=3))

    return st.recursive(scalars, hold, max_leaves=8)


def sets_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """What a set holds on the wire."""
    return st.lists(values, min_size=1, max_size=3, unique=True)
