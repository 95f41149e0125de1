"""Whether what one JSON schema admits, another admits too: what is stored of an attribute, and what a new declaration reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from gateleg.changes.template import Json

_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_WIDER: Final = {("integer", "number")}
_FORMATS: Final = {("date", "date-time")}
"""What is read as the other too."""


def admits(now: Json, was: Json) -> bool:
    """Whether a schema admits all that another does; yes where one of them says nothing.

    Args:
        now: What is declared now.
        was: What was declared, as pydantic writes it, references resolved.
    """
    if not now or not was:
        return True
    if (given := _members(was)) is not None:
        return all(admits(now, one) for one in given)
    if (taken := _members(now)) is not None:
        return any(admits(one, was) for one in taken)
    choices, stored = _choices(now), _choices(was)
    if choices is not None:
        return stored is not None and all(one in choices for one in stored)
    return _kind_fits(now, was) and _bounds_fit(now, was) and _parts_fit(now, was)


def _members(schema: Json) -> list[Json] | None:
    """The schemas of a union; `oneOf` is one that a field tells apart."""
    return schema.get("anyOf", schema.get("oneOf"))


def _choices(schema: Json) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _kind_fits(now: Json, was: Json) -> bool:
    kinds, formats = ((was.get(name), now.get(name)) for name in ("type", "format"))
    typed = None in kinds or kinds[0] == kinds[1] or kinds in _WIDER
    formed = formats[1] is None or formats[0] == formats[1] or formats in _FORMATS
    return typed and formed


def _bounds_fit(now: Json, was: Json) -> bool:
    if _choices(was) is not None:
        return True
    low = all(was.get(name) is not None and was[name] >= now[name] for name in _LEAST if name in now)
    high = all(was.get(name) is not None and was[name] <= now[name] for name in _MOST if name in now)
    return low and high and all(was.get(name) == now[name] for name in ("pattern", "multipleOf") if name in now)


def _parts_fit(now: Json, was: Json) -> bool:
    old, new = was.get("properties", {}), now.get("properties", {})
    required = set(now.get("required", ())) <= set(was.get("required", ()))
    inner = [(_schema(now.get(name)), _schema(was.get(name))) for name in ("items", "additionalProperties", "propertyNames")]
    inner += [(schema, old[name]) for name, schema in new.items() if name in old]
    inner += zip(now.get("prefixItems", ()), was.get("prefixItems", ()), strict=False)
    # What forbids other fields cannot read what a model that has more, or takes any, has stored.
    fits = now.get("additionalProperties") is not False or (old.keys() <= new.keys() and not was.get("additionalProperties"))
    return required and fits and all(admits(one, other) for one, other in inner)


def _schema(given: Any) -> Json:
    """A schema; one that says nothing in the place of `True`, `False` and nothing."""
    return cast("Json", given) if isinstance(given, dict) else {}
