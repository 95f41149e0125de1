"""What an operation of a document and a route of a handler say differently."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from gateleg.description.paths import shape_of_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.contract_document import ContractOperation
    from gateleg.description import Route

Json = dict[str, Any]
_Pair = tuple[str, Any, Any]
"""Where two schemas stand, the document's, and the handler's."""
_ELSEWHERE = frozenset({"accept", "authorization", "content-type"})
"""Headers that OpenAPI tells elsewhere."""
_BRACED = re.compile(r"\{([^}+]*)\+?\}")
_COMBINED = ("anyOf", "oneOf", "allOf", "not")


def differences(operation: ContractOperation, route: Route, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """Every difference, a sentence each.

    Args:
        operation: The document's.
        route: The handler's.
        theirs: The document's schemas.
        ours: The app's.
    """
    name = f"{operation.key} ({operation.id})"
    if shape_of_key(operation.key) != shape_of_key(route.key):
        return [f"{name} is {route.key} in {route.handler}"]
    found = [*security_differences(operation, route)]
    if route.operation is None:
        found.append(f"{route.handler} tells nothing of its parameters and bodies{f' ({route.problem})' if route.problem else ''}")
    else:
        compared = _Schemas(theirs, ours)
        found += _variables(operation, route, compared)
        found += [*_parameters(operation.told, route.operation, compared), *_bodies(operation.told, route.operation, compared)]
    return [f"{name}: {problem}" for problem in found]


def security_differences(operation: ContractOperation, route: Route) -> Iterator[str]:
    """What the two say differently of who may call.

    Args:
        operation: The document's.
        route: The handler's, or one beside the apps.
    """
    asked = operation.security
    if asked is None:
        return
    is_open = not asked or {} in asked
    if is_open and route.public is None:
        yield f"the document lets anyone call it, and {route.handler} does not say why: write @public('why'), or DirectRoute(..., public='why')"
    elif not is_open and route.public is not None:
        yield f"the document asks for {_named(asked)}, and {route.handler} is public ({route.public!r})"
    elif not is_open and route.security is not None and _normal(asked) != _normal(list(route.security)):
        yield f"the document asks for {_named(asked)}, and {route.handler} for {_named(list(route.security))}"


def _named(requirements: list[dict[str, list[str]]]) -> str:
    each = [" and ".join(f"{name}{f' {scopes}' if scopes else ''}" for name, scopes in one.items()) or "nobody" for one in requirements]
    return " or ".join(each) or "nobody"


def _normal(requirements: list[dict[str, list[str]]]) -> list[Any]:
    return sorted(sorted((name, sorted(scopes)) for name, scopes in one.items()) for one in requirements)


def _variables(operation: ContractOperation, route: Route, schemas: _Schemas) -> Iterator[str]:
    """By their places, since their names may differ."""
    theirs, ours = (
        {str(one["name"]): one.get("schema", {}) for one in told.get("parameters", ()) if one["in"] == "path"}
        for told in (operation.told, route.operation or {})
    )
    for name, mine in zip(_BRACED.findall(operation.key), _BRACED.findall(route.key), strict=True):
        yield from schemas.compared(f"the path variable {name}", theirs.get(name, {}), ours.get(mine, {}))


def _parameters(told: Json, said: Json, schemas: _Schemas) -> Iterator[str]:
    theirs, ours = _by_place(told), _by_place(said)
    for place in theirs.keys() - ours.keys():
        yield f"the document has the {' parameter '.join(place)}, which the handler does not take"
    for place in ours.keys() - theirs.keys():
        yield f"the handler takes the {' parameter '.join(place)}, which the document does not have"
    for place in theirs.keys() & ours.keys():
        wanted, given = (bool(one.get("required", False)) for one in (theirs[place], ours[place]))
        if wanted != given:
            yield f"the {' parameter '.join(place)} is {_needed(wanted)} in the document and {_needed(given)} in the handler"
        yield from _written_otherwise(f"the {' parameter '.join(place)}", theirs[place], schemas)
        yield from schemas.compared(f"the {' parameter '.join(place)}", theirs[place].get("schema", {}), ours[place].get("schema", {}))


def _written_otherwise(place: str, parameter: Json, schemas: _Schemas) -> Iterator[str]:
    """Handlers take each value of a list by a name of its own, `a=1&a=2`. https://spec.openapis.org/oas/v3.0.3#style-values."""
    style, whole = parameter.get("style", "form"), parameter.get("explode") is False
    if parameter["in"] == "query" and (style != "form" or (whole and schemas.kinds(parameter.get("schema", {})) & {"array", "object"})):
        how = f"style {style}{', explode: false' if whole else ''}"
        yield f"{place} is written in {how} in the document, and the handler reads style form, explode: true"


def _by_place(operation: Json) -> dict[tuple[str, str], Json]:
    """By where and name; path variables are compared with the path, where their names do not matter."""
    found: dict[tuple[str, str], Json] = {}
    for one in operation.get("parameters", ()):
        where, name = str(one["in"]), str(one["name"])
        name = name.lower() if where == "header" else name
        if where != "path" and not (where == "header" and name in _ELSEWHERE):
            found[where, name] = one
    return found


def _bodies(told: Json, said: Json, schemas: _Schemas) -> Iterator[str]:
    theirs, ours = told.get("requestBody"), said.get("requestBody")
    if theirs is None or ours is None:
        if theirs is not ours:
            yield (
                "the document has a body, which the handler does not take"
                if ours is None
                else "the handler takes a body, which the document does not have"
            )
        return
    wanted, given = (bool(one.get("required", False)) for one in (theirs, ours))
    if wanted != given:
        yield f"the body is {_needed(wanted)} in the document and {_needed(given)} in the handler"
    for media in theirs.get("content", {}).keys() ^ ours.get("content", {}).keys():
        yield f"the body is {media} in {'the document' if media in theirs.get('content', {}) else 'the handler'} alone"
    for media in theirs.get("content", {}).keys() & ours.get("content", {}).keys():
        yield from schemas.compared("the body", theirs["content"][media].get("schema", {}), ours["content"][media].get("schema", {}))


def _needed(required: bool) -> str:  # noqa: FBT001 (what it says is its name)
    return "required" if required else "optional"


class _Schemas:
    """Compares schemas: types, values, properties, which of them must be there, and items. Members of unions are not compared with each other."""

    def __init__(self, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        self._theirs = theirs
        self._ours = ours

    def compared(self, place: str, theirs: Any, ours: Any) -> Iterator[str]:
        """The differences of two schemas, and of what is in them: schemas that refer to each other once, since they may lead to themselves."""
        waiting: deque[_Pair] = deque([(place, theirs, ours)])
        seen: set[str] = set()
        while waiting:
            at, their, our = waiting.popleft()
            pair = repr((their, our))
            if "$ref" in pair:
                if pair in seen:
                    continue
                seen.add(pair)
            wanted, given = _resolved(their, self._theirs), _resolved(our, self._ours)
            if wanted is None or given is None:
                continue
            problems = [*_kinds_and_values(at, wanted, given)]
            yield from problems
            if not problems:
                yield from self._properties(at, wanted, given)
                waiting += self._within(at, wanted, given)

    def kinds(self, theirs: Any) -> set[str]:
        """The types of one of the document's schemas."""
        return _kinds(_resolved(theirs, self._theirs) or {})

    def _properties(self, place: str, wanted: Json, given: Json) -> Iterator[str]:
        theirs: Json = wanted.get("properties", {})
        ours: Json = given.get("properties", {})
        for name in {**theirs, **ours}:
            must, does = (name in one.get("required", ()) for one in (wanted, given))
            if name in theirs and self._is_answered(theirs[name]):
                if does:
                    yield f"{name} of {place} is readOnly in the document and required in the handler"
            elif (name in theirs) != (name in ours):
                yield f"{name} of {place} is in {'the document' if name in theirs else 'the handler'} alone"
            elif must != does:
                yield f"{name} of {place} is {_needed(must)} in the document and {_needed(does)} in the handler"

    def _is_answered(self, schema: Any) -> bool:
        """Whether a property is only answered, and no part of what is sent. https://spec.openapis.org/oas/v3.0.3#fixed-fields-20."""
        return (_resolved(schema, self._theirs) or {}).get("readOnly") is True

    def _within(self, place: str, wanted: Json, given: Json) -> Iterator[_Pair]:
        for name, each in (("items", "each of"), ("additionalProperties", "each value of")):
            if isinstance(wanted.get(name), dict) and isinstance(given.get(name), dict):
                yield f"{each} {place}", wanted[name], given[name]
        theirs, ours = wanted.get("properties", {}), given.get("properties", {})
        for name in [name for name in theirs if name in ours]:
            yield f"{name} of {place}", theirs[name], ours[name]


def _kinds_and_values(place: str, wanted: Json, given: Json) -> Iterator[str]:
    kinds, others = _kinds(wanted), _kinds(given)
    if kinds and others and kinds != others:
        yield f"{place} is {' or '.join(sorted(kinds))} in the document and {' or '.join(sorted(others))} in the handler"
        return
    values, taken = _values(wanted), _values(given)
    if values and taken:
        if set(map(str, values)) != set(map(str, taken)):
            yield f"{place} is one of {values} in the document and of {taken} in the handler"
    elif values and others:
        yield f"{place} is one of {values} in the document and any {' or '.join(sorted(others))} in the handler"
    elif taken and kinds:
        yield f"{place} is any {' or '.join(sorted(kinds))} in the document and one of {taken} in the handler"


def _values(schema: Json) -> list[Any]:
    """What it may be, but for null; nothing where it may be anything of its type."""
    given: list[Any] = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return [value for value in given if value is not None]


def _resolved(schema: Any, schemas: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> Json | None:
    """The schema that is meant, of one piece and without null beside it; `None` where a union is in it, or it says nothing that is comparable."""
    said = cast("Json", schema) if isinstance(schema, dict) else None
    if said is None or (reference := str(said.get("$ref", ""))) in seen:
        return None
    if reference:
        rest = {name: part for name, part in said.items() if name != "$ref"}
        referred, seen = schemas.get(reference.rpartition("/")[2]), seen | {reference}
        return _resolved({**rest, "allOf": [referred, *rest.get("allOf", ())]} if rest else referred, schemas, seen)
    choices = [[one for one in said.get(name, ()) if one != {"type": "null"}] for name in ("anyOf", "oneOf")]
    if any(len(choice) > 1 for choice in choices):
        return None
    parts = [_resolved(part, schemas, seen) for part in (*said.get("allOf", ()), *choices[0], *choices[1])]
    if not parts:
        return said
    whole: Json = {name: part for name, part in said.items() if name not in _COMBINED}
    for part in parts:
        if part is None:
            return None
        whole = _merged(whole, part)
    return whole


def _merged(one: Json, other: Json) -> Json:
    """What is both: properties of each, and what each demands."""
    both = one | other
    ours, theirs = one.get("properties", {}), other.get("properties", {})
    if ours or theirs:
        both["properties"] = {**ours, **theirs} | {name: _both(ours[name], theirs[name]) for name in ours if name in theirs}
        both["required"] = list(dict.fromkeys((*one.get("required", ()), *other.get("required", ()))))
    if "items" in one and "items" in other:
        both["items"] = _both(one["items"], other["items"])
    if "enum" in one and "enum" in other:
        both["enum"] = [value for value in one["enum"] if value in other["enum"]]
    if narrower := _within(_kinds(one), _kinds(other)):
        both["type"] = sorted(narrower)
    return both


def _both(one: Any, other: Any) -> Any:
    """What is both, each part once: schemas that lead to themselves would grow without end."""
    parts: list[Any] = []
    for part in (one, other):
        said = cast("Json", part) if isinstance(part, dict) else {}
        inner: list[Any] = said["allOf"] if said.keys() == {"allOf"} else [part]
        parts.extend(each for each in inner if each not in parts)
    return parts[0] if len(parts) == 1 else {"allOf": parts}


def _within(kinds: set[str], others: set[str]) -> set[str]:
    """The types that both allow; each integer is a number."""
    whole = {"integer"} if {"integer", "number"} <= kinds | others else set[str]()
    return kinds & others or (whole if kinds and others else set())


def _kinds(schema: Json) -> set[str]:
    given: Any = schema.get("type", ())
    kinds = {given} if isinstance(given, str) else set(given)
    # What may be null is what it is; whether it may is said by few documents.
    return {str(kind) for kind in kinds} - {"null"}
