"""Whether what one JSON schema admits, another admits too: what is stored of an attribute, and what a new declaration reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.changes.template import Json

_WIDER: Final = {("integer", "number")}
_BYTES: Final = ("base64url", "base64", "binary")
_ANYTHING: Final[Json] = {"anyOf": [{}]}
_UNIONS: Final = ("anyOf", "oneOf")
"""`oneOf` is a union whose schemas a field tells apart."""

_LEAST: Final = ("minLength", "minItems", "minProperties")
_MOST: Final = ("maxLength", "maxItems", "maxProperties", "maxDigits", "decimalPlaces")
_SAME: Final = ("pattern", "multipleOf")
_NUMBER: Final = ("maxDigits", "decimalPlaces", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LIMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("minLength", "maxLength", "pattern"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "number": _NUMBER,
    "integer": _NUMBER,
}
"""What limits the values of each type, and says nothing of those of another."""


def admits(now: Json, was: Json) -> bool:
    """Whether a schema admits all that another does; yes where one of them says nothing. `{"anyOf": [{}]}` says that it may be anything.

    Args:
        now: What is declared now.
        was: What was declared, as pydantic writes it, references resolved.
    """
    return not now or not was or _admits(now, was)


def _admits(now: Any, was: Any) -> bool:
    """The same of a part, of which `{}` and `True` say that it may be anything, and `False` that there is none."""
    if _is_open(now) or was is False:
        return True
    if now is False or _is_open(was):
        return False
    if (given := _members(was)) is not None:
        return all(_admits(now, one) for one in given)
    if (taken := _members(now)) is not None:
        return any(_admits(one, was) for one in taken)
    return _one_admits(now, was)


def _is_open(schema: Any) -> bool:
    return schema is True or schema in ({}, _ANYTHING)


def _members(schema: Json) -> list[Json] | None:
    """The schemas of a union, each with what is said of all of them."""
    said = {name: part for name, part in schema.items() if name not in _UNIONS}
    return next(([said | one for one in schema[name]] for name in _UNIONS if name in schema), None)


def _one_admits(now: Json, was: Json) -> bool:
    choices, given = _choices(now), _choices(was)
    if choices is not None:
        return given is not None and all(one in choices for one in given)
    limited = [was] if given is None else [was | _measured(one) for one in given]
    return _kind_fits(now, was) and all(_limits_fit(now, one) for one in limited) and _parts_fit(now, was) and _elements_fit(now, was)


def _choices(schema: Json) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _measured(choice: Any) -> Json:
    """The limits of which one value is both ends."""
    names = ("minLength", "maxLength") if isinstance(choice, str) else ("minimum", "maximum")
    return dict.fromkeys(names, len(choice) if isinstance(choice, str) else choice)


def _kind_fits(now: Json, was: Json) -> bool:
    """Whether it is read, and compared, as it is stored: the text of a date is not that of a moment, bytes are no text, nor sets lists."""
    kinds, formats, sets = ((was.get(name), now.get(name)) for name in ("type", "format", "uniqueItems"))
    typed = None in kinds or kinds[0] == kinds[1] or kinds in _WIDER
    return typed and sets[0] == sets[1] and (formats[0] == formats[1] or (formats[1] is None and formats[0] not in _BYTES))


def _limits_fit(now: Json, was: Json) -> bool:
    kind = str(was.get("type", now.get("type")))
    told: Json = {name: now[name] for name in _LIMITS.get(kind, ()) if name in now}
    kept = all(was.get(name) == told[name] for name in _SAME if name in told)
    low = all(was.get(name) is not None and was[name] >= told[name] for name in _LEAST if name in told)
    high = all(was.get(name) is not None and was[name] <= told[name] for name in _MOST if name in told)
    between = _end(was, "inimum", 1) >= _end(told, "inimum", 1) and _end(was, "aximum", -1) <= _end(told, "aximum", -1)
    return kept and low and high and between


def _end(schema: Json, name: str, inward: int) -> tuple[float, int]:
    """The bound on one side, and whether it lies within the values itself: a whole number above 3 is one from 4 on."""
    closed, opened = ((schema.get(f"{word}{name}")) for word in ("m", "exclusiveM"))
    ends = [] if closed is None else [(closed, 0)]
    if opened is not None:
        whole = schema.get("type") == "integer" and opened == int(opened)
        ends.append((opened + inward, 0) if whole else (opened, inward))
    if not ends:
        return (-inward * float("inf"), 0)
    return max(ends) if inward > 0 else min(ends)


def _parts_fit(now: Json, was: Json) -> bool:
    old, new = was.get("properties", {}), now.get("properties", {})
    if not set(now.get("required", ())) <= set(was.get("required", ())):
        return False
    # A model stores what it declares alone, and leaves out what it reads beside that.
    (names, others), (fitting, taken) = _others(was, open_="properties" not in was), _others(now, open_=True)
    named = all(_admits(new.get(name, taken), schema) for name, schema in old.items())
    unnamed = others is False or all(_admits(schema, others) for schema in (*(new[name] for name in new if name not in old), taken))
    return named and unnamed and (old != {} or _admits(fitting, names))


def _others(schema: Json, *, open_: bool) -> tuple[Any, Any]:
    """The names that no field has, and what stands under them."""
    for pattern, part in schema.get("patternProperties", {}).items():
        return {"type": "string", "pattern": pattern}, part
    names = {"type": "string"} | schema["propertyNames"] if "propertyNames" in schema else True
    return names, schema.get("additionalProperties", open_)


def _elements_fit(now: Json, was: Json) -> bool:
    if was.get("type") != "array":
        return True
    old, new = was.get("prefixItems", ()), now.get("prefixItems", ())
    taken = now.get("items", True)
    # What stands at no place of its own: none, where the places are all that there is.
    rest = False if old else was.get("items", True)
    return all(_admits(new[at] if at < len(new) else taken, one) for at, one in enumerate(old)) and (
        rest is False or all(_admits(one, rest) for one in (*new, taken))
    )
