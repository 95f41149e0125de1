"""What an operation of a document and a route of a handler say differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gateleg.description.paths import shape_of_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.contract_document import ContractOperation
    from gateleg.description import Route

Json = dict[str, Any]
_ELSEWHERE = frozenset({"accept", "authorization", "content-type"})
"""Headers that OpenAPI tells elsewhere."""
_DEEPEST = 12
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
    found = [*_security(operation, route)]
    if route.operation is None:
        found.append(f"{route.handler} tells nothing of its parameters and bodies{f' ({route.problem})' if route.problem else ''}")
    else:
        compared = _Schemas(theirs, ours)
        found += [*_parameters(operation.told, route.operation, compared), *_bodies(operation.told, route.operation, compared)]
    return [f"{name}: {problem}" for problem in found]


def _security(operation: ContractOperation, route: Route) -> Iterator[str]:
    asked = operation.security
    if asked is None:
        return
    is_open = not asked or {} in asked
    if is_open and route.public is None:
        yield f"the document lets anyone call it, and {route.handler} does not say why: write @public('why')"
    elif not is_open and route.public is not None:
        yield f"the document asks for {_named(asked)}, and {route.handler} is public ({route.public!r})"
    elif not is_open and route.security is not None and _normal(asked) != _normal(list(route.security)):
        yield f"the document asks for {_named(asked)}, and {route.handler} for {_named(list(route.security))}"


def _named(requirements: list[dict[str, list[str]]]) -> str:
    each = [" and ".join(f"{name}{f' {scopes}' if scopes else ''}" for name, scopes in one.items()) or "nobody" for one in requirements]
    return " or ".join(each) or "nobody"


def _normal(requirements: list[dict[str, list[str]]]) -> list[Any]:
    return sorted(sorted((name, sorted(scopes)) for name, scopes in one.items()) for one in requirements)


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
        yield from schemas.compared(f"the {' parameter '.join(place)}", theirs[place].get("schema", {}), ours[place].get("schema", {}))


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
    """Compares schemas: types, properties, which of them must be there, and items. Members of unions are not compared with each other."""

    def __init__(self, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        self._theirs = theirs
        self._ours = ours

    def compared(self, place: str, theirs: Any, ours: Any, depth: int = 0) -> Iterator[str]:
        """The differences of two schemas."""
        wanted, given = _resolved(theirs, self._theirs), _resolved(ours, self._ours)
        if depth > _DEEPEST or wanted is None or given is None:
            return
        kinds, others = _kinds(wanted), _kinds(given)
        if kinds and others and kinds != others:
            yield f"{place} is {' or '.join(sorted(kinds))} in the document and {' or '.join(sorted(others))} in the handler"
            return
        if wanted.get("enum") and given.get("enum") and set(map(str, wanted["enum"])) != set(map(str, given["enum"])):
            yield f"{place} is one of {wanted['enum']} in the document and of {given['enum']} in the handler"
        if "items" in wanted and "items" in given:
            yield from self.compared(f"each of {place}", wanted["items"], given["items"], depth + 1)
        if "properties" in wanted or "properties" in given:
            yield from self._properties(place, wanted, given, depth)

    def _properties(self, place: str, wanted: Json, given: Json, depth: int) -> Iterator[str]:
        theirs: Json = wanted.get("properties", {})
        ours: Json = given.get("properties", {})
        for name in [name for name in {**theirs, **ours} if (name in theirs) != (name in ours)]:
            yield f"{name} of {place} is in {'the document' if name in theirs else 'the handler'} alone"
        for name in [name for name in theirs if name in ours]:
            must, does = (name in one.get("required", ()) for one in (wanted, given))
            if must != does:
                yield f"{name} of {place} is {_needed(must)} in the document and {_needed(does)} in the handler"
            yield from self.compared(f"{name} of {place}", theirs[name], ours[name], depth + 1)


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
        both["properties"] = {**ours, **theirs} | {name: {"allOf": [ours[name], theirs[name]]} for name in ours if name in theirs}
        both["required"] = list(dict.fromkeys((*one.get("required", ()), *other.get("required", ()))))
    if "items" in one and "items" in other:
        both["items"] = {"allOf": [one["items"], other["items"]]}
    if "enum" in one and "enum" in other:
        both["enum"] = [value for value in one["enum"] if value in other["enum"]]
    if narrower := _within(_kinds(one), _kinds(other)):
        both["type"] = sorted(narrower)
    return both


def _within(kinds: set[str], others: set[str]) -> set[str]:
    """The types that both allow; each integer is a number."""
    whole = {"integer"} if {"integer", "number"} <= kinds | others else set[str]()
    return kinds & others or (whole if kinds and others else set())


def _kinds(schema: Json) -> set[str]:
    given: Any = schema.get("type", ())
    kinds = {given} if isinstance(given, str) else set(given)
    # What may be null is what it is; whether it may is said by few documents.
    return {str(kind) for kind in kinds} - {"null"}
