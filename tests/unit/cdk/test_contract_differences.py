"""What a document and a handler say of a parameter or a body, compared schema by schema."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.cdk.contract_differences import differences
from gateleg.cdk.contract_document import read_document
from gateleg.description import Route
from gateleg.errors import DeclarationError

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
MANY_OF_ITSELF: dict[str, Any] = {
    "Node": {"type": "object", "properties": {f"child{number}": {"$ref": "#/components/schemas/Node"} for number in range(8)}}
}


def content(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def of_bodies(theirs: Any, ours: Any, schemas: Any = None, our_schemas: Any = None, version: str = "3.1.0") -> list[str]:
    """The differences of a document's body and a handler's."""
    schemas = schemas or {}
    paths = {"/a": {"post": {"operationId": "a", **content(theirs)}}}
    read = read_document({"openapi": version, "paths": paths, "components": {"schemas": schemas}})
    route = Route("POST /a", "svc:a", operation=content(ours))
    found = differences(read.operations[0], route, read.schemas, our_schemas or schemas)
    return [difference.removeprefix("POST /a (a): ") for difference in found]


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_schemas_that_refer_to_themselves_many_times_are_compared_once() -> None:
    node = {"$ref": "#/components/schemas/Node"}
    other = {"Node": thing(**MANY_OF_ITSELF["Node"]["properties"] | {"child7": TEXT})}
    assert of_bodies(node, node, MANY_OF_ITSELF) == []
    assert of_bodies(node, node, MANY_OF_ITSELF, other) == ["child7 of the body is object in the document and string in the handler"]


def test_parts_that_lead_to_themselves_do_not_grow() -> None:
    node, base = ({"$ref": f"#/components/schemas/{name}"} for name in ("Node", "Base"))
    schemas = {"Node": {"allOf": [base, thing(next=base)]}, "Base": thing(next=node)}
    assert of_bodies(node, node, schemas) == []


def test_a_difference_is_told_however_deep_it_is() -> None:
    theirs, ours = NUMBER, TEXT
    for _ in range(20):
        theirs, ours = thing(a=theirs), thing(a=ours)
    [told] = of_bodies(theirs, ours)
    assert told.endswith("of the body is integer in the document and string in the handler")


def test_a_long_chain_of_references_is_followed() -> None:
    schemas: dict[str, Any] = {f"S{number}": thing(a={"$ref": f"#/components/schemas/S{number + 1}"}) for number in range(1500)}
    first = {"$ref": "#/components/schemas/S0"}
    assert of_bodies(first, first, schemas | {"S1500": TEXT}) == []


@pytest.mark.parametrize(
    ("theirs", "ours", "said"),
    [
        (TEXT, TEXT | {"enum": ["a"]}, "is any string in the document and one of ['a'] in the handler"),
        (TEXT | {"enum": ["a"]}, TEXT, "is one of ['a'] in the document and any string in the handler"),
        ({"const": "a"}, {"const": "b"}, "is one of ['a'] in the document and of ['b'] in the handler"),
        (TEXT | {"enum": ["a"]}, TEXT | {"const": "b"}, "is one of ['a'] in the document and of ['b'] in the handler"),
    ],
)
def test_values_that_differ_are_told(theirs: Any, ours: Any, said: str) -> None:
    assert of_bodies(thing(a=theirs), thing(a=ours)) == [f"a of the body {said}"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (TEXT | {"enum": ["a", "b", None], "nullable": True}, {"anyOf": [TEXT | {"enum": ["a", "b"]}, {"type": "null"}]}),
        (TEXT | {"enum": ["a"]}, TEXT | {"const": "a"}),
        ({"const": None}, TEXT),
        (TEXT | {"enum": ["a"]}, {}),
    ],
)
def test_values_that_are_the_same_or_not_told_are_no_difference(theirs: Any, ours: Any) -> None:
    assert of_bodies(thing(a=theirs), thing(a=ours)) == []


def test_values_of_a_mapping_are_compared() -> None:
    theirs, ours = ({"type": "object", "additionalProperties": each} for each in (NUMBER, TEXT))
    assert of_bodies(theirs, ours) == ["each value of the body is integer in the document and string in the handler"]
    assert of_bodies(theirs, {"type": "object", "additionalProperties": True}) == []


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_what_is_only_answered_is_no_part_of_a_body(version: str) -> None:
    """https://spec.openapis.org/oas/v3.0.3#fixed-fields-20."""
    theirs = thing(id=NUMBER | {"readOnly": True}, name=TEXT) | {"required": ["id", "name"]}
    ours = thing(name=TEXT) | {"required": ["name"]}
    assert of_bodies(theirs, ours, version=version) == []
    needed = thing(id=NUMBER, name=TEXT) | {"required": ["id", "name"]}
    assert of_bodies(theirs, needed, version=version) == ["id of the body is readOnly in the document and required in the handler"]
    assert of_bodies(theirs, needed | {"required": ["name"]}, version=version) == []


MANY = {"type": "array", "items": TEXT}


def of_parameters(key: str, theirs: list[Any], ours: list[Any], our_key: str | None = None) -> list[str]:
    method, path = key.split()
    item: Any = {method.lower(): {"operationId": "a", "parameters": theirs}}
    document: Any = {"openapi": "3.0.3", "paths": {path: item}, "components": {"schemas": {"Many": MANY}}}
    read = read_document(document)
    return differences(read.operations[0], Route(our_key or key, "svc:a", operation={"parameters": ours}), read.schemas, {})


def parameter(name: str, where: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": schema, **({"required": True} if where == "path" else {}), **more}


def test_path_variables_are_compared_by_their_places() -> None:
    theirs = [parameter("room", "path", NUMBER), parameter("rest", "path", TEXT)]
    same = [parameter("b", "path", TEXT), parameter("a", "path", NUMBER)]
    keys = "GET /rooms/{room}/{rest+}", "GET /rooms/{a}/{b+}"
    assert of_parameters(keys[0], theirs, same, keys[1]) == []
    other = [parameter("b", "path", TEXT), parameter("a", "path", TEXT)]
    told = of_parameters(keys[0], theirs, other, keys[1])
    assert told == ["GET /rooms/{room}/{rest+} (a): the path variable room is integer in the document and string in the handler"]
    assert of_parameters(keys[0], [], other, keys[1]) == []


@pytest.mark.parametrize("schema", [MANY, {"$ref": "#/components/schemas/Many"}])
@pytest.mark.parametrize(
    ("written", "how"),
    [
        ({"explode": False}, "form, explode: false"),
        ({"style": "pipeDelimited", "explode": False}, "pipeDelimited, explode: false"),
        ({"style": "deepObject"}, "deepObject"),
    ],
)
def test_a_list_that_is_written_otherwise_than_the_handler_reads_it_is_a_difference(schema: Any, written: Any, how: str) -> None:
    told = of_parameters("GET /a", [parameter("x", "query", schema, **written)], [parameter("x", "query", MANY)])
    assert told == [
        f"GET /a (a): the query parameter x is written in style {how} in the document, and the handler reads style form, explode: true"
    ]


@pytest.mark.parametrize("written", [{}, {"explode": True}, {"style": "form"}])
def test_a_list_that_is_written_as_the_handler_reads_it_is_no_difference(written: Any) -> None:
    assert of_parameters("GET /a", [parameter("x", "query", MANY, **written)], [parameter("x", "query", MANY)]) == []
    assert of_parameters("GET /a", [parameter("x", "query", TEXT, explode=False)], [parameter("x", "query", TEXT)]) == []


@pytest.mark.parametrize(
    ("parameters", "said", "mended"),
    [
        ([parameter("x", "query", TEXT), parameter("x", "query", NUMBER)], "the query parameter 'x' twice; leave one", slice(1)),
        ([parameter("X-A", "header", TEXT), parameter("x-a", "header", TEXT)], "the header parameter 'x-a' twice; leave one", slice(1)),
        ([parameter("room", "path", TEXT)], "the path parameter 'room', which its path has not; write {room} there", slice(0)),
    ],
)
def test_parameters_that_cannot_be_are_refused(parameters: list[Any], said: str, mended: slice) -> None:
    with pytest.raises(DeclarationError) as caught:
        of_parameters("GET /a", parameters, [])
    assert said in caught.value.message
    kept = parameters[mended]
    assert of_parameters("GET /a", kept, kept) == []
    assert of_parameters("GET /a/{room}", [parameter("room", "path", TEXT)], [parameter("room", "path", TEXT)]) == []
