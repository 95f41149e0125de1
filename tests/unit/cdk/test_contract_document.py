"""OpenAPI documents as people write them: each is read, or refused by a typed error that names the place."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateleg.cdk import Contract
from gateleg.cdk.access import Access
from gateleg.cdk.contract_differences import differences
from gateleg.cdk.contract_document import read_document
from gateleg.cdk.contract_schemas import modern
from gateleg.cdk.plan import PlannedRoute
from gateleg.cdk.schemas import Models
from gateleg.cdk.told import Telling
from gateleg.cdk.validation import Checks
from gateleg.description import App, Route
from gateleg.errors import ContractError, DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = {"$ref": "#/components/schemas/Room"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Rooms", "version": "2.1", "description": "All rooms."},
    "security": [{"iam": []}],
    "paths": {
        "/rooms/{room}": {
            "parameters": [{"$ref": "#/components/parameters/Limit"}],
            "put": {
                "operationId": "put",
                "summary": "Open a room",
                "tags": ["rooms"],
                "deprecated": True,
                "security": [{"iam": ["open"]}],
                "parameters": [{"name": "room", "in": "path", "required": True, "schema": {"type": "string"}}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": REFERENCE}}},
                "responses": {
                    "200": {
                        "description": "Open.",
                        "headers": {"X-Size": {"schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"type": "array", "items": REFERENCE}}},
                    }
                },
            },
        }
    },
    "components": {
        "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}},
        "schemas": {
            "Room": {
                "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"inner": REFERENCE}}],
                "required": ["name"],
            },
            "Base": {
                "type": "object",
                "properties": {"name": {"type": "string", "enum": ["a"], "pattern": "a", "nullable": True}, "size": {"maximum": 3}},
                "additionalProperties": False,
            },
        },
    },
}
TAKEN = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ours"}}}}
PUT = Route(
    "PUT /rooms/{room}",
    "svc:put",
    operation={"operationId": "put", "parameters": [{"name": "limit", "in": "query", "schema": {"type": "string"}}], "requestBody": TAKEN},
)
OURS = {"Ours": {"type": "object", "properties": {"name": {"type": "string", "enum": ["b"]}, "inner": {"$ref": "#/x/Ours"}}}}
APP = App("svc:app", "rest", (PUT,), schemas=OURS)


def places(whole: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where anything stands in a document."""
    members: Any = ()
    if whole.__class__ in {dict, list}:
        members = whole.items() if whole.__class__ is dict else enumerate(whole)
    return [place, *(found for name, one in members for found in places(one, (*place, name)))][0 if place else 1 :]


def changed(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The document with something else in a place of it."""
    document: Any = copy.deepcopy(DOCUMENT)
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    return document  # type: ignore[no-any-return]


def used(document: Any) -> None:
    """Read it, compare it with a handler, and tell of it."""
    contract = Contract(document)
    entry: Any = None
    with suppress(ContractError):
        contract.bound([(entry, APP, [PUT])], ())
    for operation in contract.read.operations:
        told = Route(operation.key, "h", operation=operation.told)
        app = App("svc:app", "rest", (told,), schemas=contract.read.schemas)
        Telling([app], Models()).of(PlannedRoute(told.key, app.name, Access(), (told,), Checks()))


WORDS = sorted({str(name) for place in places(DOCUMENT) for name in place})
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(WORDS)
    | st.just("#/components/schemas/Room"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*WORDS, "$ref", "anyOf", "oneOf", "not", "trace", "const"]) | st.text(max_size=3), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(places(DOCUMENT)), VALUES)
@example(("components",), None)
@example(("paths", "/rooms/{room}"), None)
@example(("components", "schemas", "Room"), REFERENCE)
def test_anything_anywhere_is_read_or_refused_by_a_typed_error(place: tuple[Any, ...], value: Any) -> None:
    try:
        used(changed(place, value))
    except DeclarationError as error:
        assert error.code.startswith("declaration.contract")  # noqa: PT017 (whether it is raised is what varies)


OPERATION = ("paths", "/rooms/{room}", "put")
SIZE = ("components", "schemas", "Base", "properties", "size")


@pytest.mark.parametrize("value", [None, 5, "x", ["x"]])
@pytest.mark.parametrize("place", places(DOCUMENT))
def test_each_place_takes_other_types_or_names_itself(place: tuple[Any, ...], value: Any) -> None:
    try:
        used(changed(place, value))
    except DeclarationError as error:
        assert error.code.startswith("declaration.contract")  # noqa: PT017 (as above)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("components",), None, "has None at #/components, which must be an object; write that, or leave it out"),
        (("info",), None, "None at #/info, which must be an object"),
        (OPERATION, None, "None at #/paths/~1rooms~1{room}/put, which must be an object"),
        (OPERATION[:2], None, "None at #/paths/~1rooms~1{room}, which must be an object"),
        ((*OPERATION, "parameters"), None, "put/parameters, which must be a list"),
        ((*OPERATION, "parameters"), ["x"], "'x' at #/paths/~1rooms~1{room}/put/parameters/0, which must be an object"),
        ((*OPERATION, "parameters"), [{"name": "x"}], "a parameter without 'in' at #/paths/~1rooms~1{room}/put/parameters/0"),
        (("components", "parameters", "Limit"), {"in": "query"}, "a parameter without 'name' at #/components/parameters/Limit"),
        ((*OPERATION, "responses"), None, "put/responses, which must be an object"),
        ((*OPERATION, "requestBody"), {"content": None}, "put/requestBody/content, which must be an object"),
        ((*OPERATION, "security"), "x", "'x' at #/paths/~1rooms~1{room}/put/security, which must be a list"),
        ((*SIZE, "type"), 5, "5 at #/components/schemas/Base/properties/size/type, which must be a text or a list"),
        ((*SIZE, "required"), 5, "size/required, which must be a list"),
        (SIZE, {"$ref": "#/components/schemas/Nope"}, "refers to '#/components/schemas/Nope', which is not in it"),
        (SIZE, {"$ref": "other.json#/X"}, "refers to 'other.json#/X', which is not in it"),
        (SIZE, {"$ref": 5}, "size/$ref, which must be a text"),
        (("paths", "rooms"), {}, "has the path 'rooms'; begin it with /"),
    ],
)
def test_a_wrong_part_is_named_with_its_place(place: tuple[Any, ...], value: Any, said: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Contract(changed(place, value))
    assert said in str(caught.value)


def test_a_document_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"items": deep}
    with pytest.raises(DeclarationError, match="nested deeper"):
        Contract(changed(SIZE, deep))
    itself = changed(SIZE, {})
    itself["info"]["x"] = itself
    with pytest.raises(DeclarationError, match="holds itself"):
        Contract(itself)


def test_references_are_followed_to_where_they_point() -> None:
    pointers = {
        "#/components/schemas/Base/properties/name": {"type": ["string", "null"], "enum": ["a"], "pattern": "a"},
        "#/components/schemas/Room/allOf/1": {"properties": {"inner": REFERENCE}},
        "#/paths/~1rooms~1%7Broom%7D/put/parameters/0/schema": {"type": "string"},
    }
    for pointer, meant in pointers.items():
        schemas = read_document(changed(SIZE, {"$ref": pointer})).schemas
        name = schemas["Base"]["properties"]["size"]["$ref"].removeprefix("#/components/schemas/")
        assert "/" not in name
        assert schemas[name] == meant


def test_a_reference_into_what_holds_it_ends() -> None:
    schemas = read_document(changed(SIZE, {"properties": {"a": {"$ref": "#/components/schemas/Base/properties/size"}}})).schemas
    reference = schemas["Base"]["properties"]["size"]["properties"]["a"]
    assert schemas[reference["$ref"].rpartition("/")[2]] == {"properties": {"a": reference}}


def test_extensions_are_passed_over() -> None:
    for place in [("paths", "x-a"), (*OPERATION, "responses", "x-a"), (*OPERATION[:2], "x-a")]:
        used_document = read_document(changed(place, "x"))
        assert [operation.id for operation in used_document.operations] == ["put"]
        assert used_document.refused == []


def test_properties_may_be_called_as_keywords_are() -> None:
    schema = {"properties": {"nullable": {"type": "string"}, "example": {"type": "string", "nullable": True}, "$ref": {"type": "string"}}}
    assert modern(schema) == {
        "properties": {"nullable": {"type": "string"}, "example": {"type": ["string", "null"]}, "$ref": {"type": "string"}}
    }
    assert modern({"properties": {"any": True, "none": False}}) == {"properties": {"any": {}, "none": {"not": {}}}}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"openapi: 3.0.0\npaths: &a\n  x: *a\n", "api.yaml holds itself, or is nested too deep"),
        (b"openapi: \xe9", "api.yaml is no text in UTF-8"),
        (b"openapi: 2020-99-99", "api.yaml is not YAML"),
    ],
)
def test_what_is_wrong_with_a_yaml_file_is_said(written: bytes, said: str, tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    (tmp_path / "api.yaml").write_bytes(written)
    with pytest.raises(DeclarationError) as caught:
        Contract(tmp_path / "api.yaml")
    assert said in str(caught.value)
    assert "JSON" not in str(caught.value)


TWICE = {
    "api.json": b'{"openapi": "3.0.3", "paths": {"/a": {"get": {"operationId": "a"}}, "/a": {"put": {"operationId": "b"}}}}',
    "api.yaml": b"openapi: 3.0.3\npaths:\n  /a:\n    get: {operationId: a}\n  /a:\n    put: {operationId: b}\n",
}
ONCE = {
    "api.json": b'{"openapi": "3.0.3", "paths": {"/a": {"get": {"operationId": "a"}, "put": {"operationId": "b"}}}}',
    "api.yaml": b"openapi: 3.0.3\npaths:\n  /a:\n    get: {operationId: a}\n    put: {operationId: b}\n",
}


@pytest.mark.parametrize("name", TWICE)
def test_what_stands_twice_is_refused_and_not_dropped(name: str, tmp_path: Path) -> None:
    if name == "api.yaml":
        pytest.importorskip("yaml")
    (tmp_path / name).write_bytes(TWICE[name])
    with pytest.raises(DeclarationError, match=f"{name} has '/a' twice in one object; leave one of them out, or make one of both"):
        Contract(tmp_path / name)
    (tmp_path / name).write_bytes(ONCE[name])
    assert [operation.id for operation in Contract(tmp_path / name).read.operations] == ["a", "b"]


def test_members_that_yaml_merges_stand_once(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    merged = b"openapi: 3.0.3\nx-a: &a {tags: [a], summary: s}\npaths:\n  /a:\n    get: {<<: *a, operationId: a, summary: t}\n"
    (tmp_path / "api.yaml").write_bytes(merged)
    [operation] = Contract(tmp_path / "api.yaml").read.operations
    assert (operation.told["tags"], operation.told["summary"]) == (["a"], "t")


def test_a_mark_of_the_byte_order_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_bytes(b"\xef\xbb\xbf" + ONCE["api.json"])
    assert len(Contract(tmp_path / "api.json").read.operations) == 2


@pytest.mark.parametrize("version", ["3.2.0", "3.9", "3", "3.10.0", "2.0"])
def test_versions_that_nobody_knows_are_refused(version: str) -> None:
    with pytest.raises(DeclarationError, match=r"convert it to 3\.0 or 3\.1"):
        Contract({"openapi": version, "paths": {}})


def beside(version: str, **members: Any) -> Any:
    """A document whose references have something beside them."""
    room = {"type": "object", "properties": {"name": {"$ref": "#/components/schemas/Name", "maxLength": 3, "description": "ours"}}}
    return {
        "openapi": version,
        "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"$ref": "#/components/parameters/Page", **members}]}}},
        "components": {
            "schemas": {"Name": {"type": "string"}, "Room": room},
            "parameters": {"Page": {"in": "query", "name": "page", "description": "theirs", "schema": {"type": "integer"}}},
        },
    }


def test_what_stands_beside_a_reference_holds_in_3_1_and_is_nothing_in_3_0() -> None:
    """https://spec.openapis.org/oas/v3.1.0#reference-object and https://spec.openapis.org/oas/v3.0.3#reference-object."""
    new, old = (read_document(beside(version, description="ours", summary="s")) for version in ("3.1.0", "3.0.3"))
    assert new.schemas["Room"]["properties"]["name"] == {"$ref": "#/components/schemas/Name", "maxLength": 3, "description": "ours"}
    assert old.schemas["Room"]["properties"]["name"] == {"$ref": "#/components/schemas/Name"}
    assert [each.operations[0].told["parameters"][0]["description"] for each in (new, old)] == ["ours", "theirs"]
    assert new.refused == old.refused == []


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_what_is_dropped_beside_a_reference_is_told_and_what_is_referred_to_may_say_it(version: str) -> None:
    document = beside(version, required=True)
    [told] = read_document(document).refused
    assert (
        told
        == "required beside the reference '#/components/parameters/Page' is dropped; write it into what is referred to, or leave it out"
    )
    del document["paths"]["/a"]["get"]["parameters"][0]["required"]
    document["components"]["parameters"]["Page"]["required"] = True
    assert read_document(document).refused == []
    paths = {"/a": {"$ref": "#/components/pathItems/A", "get": {"operationId": "b"}}}
    items = {"A": {"post": {"operationId": "c"}}}
    assert "get beside the reference" in read_document({"openapi": version, "paths": paths, "components": {"pathItems": items}}).refused[0]


def test_what_stands_beside_a_reference_is_compared_too() -> None:
    theirs, ours = (
        {"K": {"type": "string"}, "R": {"type": "object", "properties": {"k": {"$ref": "#/x/K"} | more}}}
        for more in ({"enum": ["a"]}, {"enum": ["b"]})
    )
    operation = read_document(
        {
            "openapi": "3.1.0",
            "paths": {
                "/a": {"post": {"operationId": "a", "requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/R"}}}}}}
            },
            "components": {"schemas": {"R": {}}},
        }
    ).operations[0]
    route = Route("POST /a", "h", operation={"requestBody": {"content": {"a/b": {"schema": {"$ref": "#/x/R"}}}}})
    assert "is one of ['a'] in the document and of ['b'] in the handler" in "".join(differences(operation, route, theirs, ours))
