"""Whoever does what the message about an OpenAPI document says has a document that is read, without a word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk import Contract
from gateleg.errors import DeclarationError
from tests.unit.cdk.test_contract_document import DOCUMENT, OPERATION, SIZE, beside, changed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def deep(levels: int) -> dict[str, Any]:
    """Lists within lists."""
    return {"type": "array", "items": deep(levels - 1)} if levels else {"type": "string"}


def with_schemas(**schemas: Any) -> Any:
    """The document with schemas beside its own."""
    return changed(("components", "schemas"), {**DOCUMENT["components"]["schemas"], **schemas})


def in_itself() -> Any:
    document = changed(SIZE, {})
    document["components"]["schemas"]["Base"]["properties"]["size"] = document
    return document


PARAMETER, PATH = ("components", "parameters", "Limit"), OPERATION[:2]
DOORS = ("paths", "/doors")
LAYERS = {f"Layer{number}": deep(40) for number in range(3)} | {
    "Base": {"properties": {"size": {"items": {"$ref": "#/components/schemas/Layer0"}}}}
}
DOCUMENTS: dict[str, tuple[Any, str, list[Any]]] = {
    "version": ({"swagger": "2.0"}, "convert it to 3.0 or 3.1", [changed(("openapi",), "3.0.0"), changed(("openapi",), "3.1.1")]),
    "one id": (changed(DOORS, {"get": {"operationId": "put"}}), "give each its own", [changed(DOORS, {"get": {"operationId": "doors"}})]),
    "path": (changed(("paths", "doors"), {}), "begin it with /", [changed(DOORS, {})]),
    "no id": (changed((*OPERATION, "operationId"), ""), "write one", [changed((*OPERATION, "operationId"), "open")]),
    "its own reference": (changed(PARAMETER, {"$ref": "#/components/parameters/Limit"}), "end it", [DOCUMENT]),
    "nowhere": (
        changed(SIZE, {"$ref": "#/components/schemas/Size"}),
        "put it there, under components",
        [with_schemas(Base={"properties": {"size": {"$ref": "#/components/schemas/Size"}}}, Size={"type": "integer"})],
    ),
    "extension": (changed((*OPERATION, "x-amazon-apigateway-auth"), {}), "leave it out", [DOCUMENT]),
    "another method": (changed((*PATH, "query"), {}), "leave it out: its operations are", [DOCUMENT]),
    "beside": (beside("3.0.3", required=True), "write it into what is referred to, or leave it out", [beside("3.0.3")]),
    "incomplete": (changed(PARAMETER, {"in": "query"}), "write it", [changed(PARAMETER, {"in": "query", "name": "limit"})]),
    "misshapen": (
        changed((*OPERATION, "tags"), "rooms"),
        "must be a list; write that, or leave it out",
        [changed((*OPERATION, "tags"), ["rooms"]), changed((*OPERATION, "summary"), "Open")],
    ),
    "in itself": (in_itself(), "end it", [DOCUMENT]),
    "deep": (changed(SIZE, deep(200)), "refer to schemas of its components instead", [with_schemas(**LAYERS)]),
    "no plain data": (
        changed(("info", "x-owners"), {("a", "b"): 1}),
        "pass what json.load or yaml.safe_load gives",
        [json.loads(json.dumps(DOCUMENT))],
    ),
}


def told(given: Any) -> str:
    """All that is said against a document, at once or when it is used."""
    try:
        return "\n".join(Contract(given).read.refused)
    except DeclarationError as error:
        return error.message


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_mended_document_is_read(name: str) -> None:
    wrong, said, mended = DOCUMENTS[name]
    assert said in told(wrong)
    assert [told(each) for each in mended] == [""] * len(mended)


GOOD = json.dumps(DOCUMENT).encode()
FILES: dict[str, tuple[str, bytes, str, list[Callable[[Path], Any]]]] = {
    "absent": (
        "other.json",
        GOOD,
        "name the file, or pass what was read from it",
        [lambda folder: folder / "other.json", lambda _: DOCUMENT],
    ),
    "latin": ("api.json", GOOD.replace(b"All rooms.", b"All\xe9"), "save it as that", [lambda folder: folder / "api.json"]),
    "YAML by the name of JSON": (
        "api.json",
        b"openapi: 3.0.3\n",
        "write JSON, or call a YAML file .yaml",
        [lambda folder: folder / "api.json"],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_the_mended_file_is_read(name: str, tmp_path: Path) -> None:
    file, written, said, mended = FILES[name]
    if name != "absent":
        (tmp_path / file).write_bytes(written)
    assert said in told(tmp_path / file)
    (tmp_path / file).write_bytes(GOOD)
    assert [told(make(tmp_path)) for make in mended] == [""] * len(mended)


def test_a_yaml_file_is_read_by_its_name(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    (tmp_path / "api.yaml").write_bytes(GOOD)
    assert told(tmp_path / "api.yaml") == ""
