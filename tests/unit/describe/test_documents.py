"""The documents that the command line writes of apps for their callers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from gateleg.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VALIDATING = "from gateleg.rest import public\nfrom aws_lambda_powertools.event_handler import {0}\napp = {0}(enable_validation=True)\n"
REST, HTTP = VALIDATING.format("APIGatewayRestResolver"), VALIDATING.format("APIGatewayHttpResolver")
NOTES = """
@app.get("/notes/<note>")
def note(note: str) -> int:
    "One note."
@app.get("/health")
@public("it is for everyone")
def health() -> str: ...
"""
ORDERS = '@app.put("/orders", security=[{"staff": ["write"]}])\ndef order() -> str: ...\n'


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What `gateleg openapi` prints."""
    assert main(["openapi", *arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    validate(found, cls=OpenAPIV31SpecValidator)
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["openapi", *arguments]) == 1
    return capsys.readouterr().err


def test_all_apps_of_an_api_are_one_document_with_what_a_caller_has_to_send(
    write_app: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    notes, orders = write_app(NOTES, head=REST), write_app(ORDERS, name="orders", head=HTTP)
    given = ["--authorizer", "person=bearer", "--authorizer", "staff=header.X-Staff", "--url", "https://api.example.com"]
    found = told(capsys, notes, orders, *given, "--title", "Shop", "--api-version", "2.1")

    assert found["info"] == {"title": "Shop", "version": "2.1"}
    assert found["servers"] == [{"url": "https://api.example.com"}]
    assert {path: item[method]["security"] for path, item in found["paths"].items() for method in item} == {
        "/notes/{note}": [{"person": []}],
        "/health": [],
        "/orders": [{"staff": ["write"]}],
    }
    assert {name: one["type"] for name, one in found["components"]["securitySchemes"].items()} == {"person": "http", "staff": "apiKey"}
    assert found["paths"]["/notes/{note}"]["get"]["tags"] == ["sample"]


@pytest.mark.parametrize(
    ("way", "sent"),
    [
        ("bearer", ("http", None, None)),
        ("iam", ("apiKey", "header", "Authorization")),
        ("api-key", ("apiKey", "header", "x-api-key")),
        ("header.X.Y", ("apiKey", "header", "X.Y")),
        ("query.token", ("apiKey", "query", "token")),
    ],
)
def test_each_way_of_an_authorizer_is_told_as_openapi_has_it(
    way: str, sent: tuple[str, ...], write_app: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, write_app(NOTES, head=REST), "--authorizer", f"person={way}")
    scheme = found["components"]["securitySchemes"]["person"]
    assert (scheme["type"], scheme.get("in"), scheme.get("name")) == sent
    assert found["info"]["version"] == "1.0.0"
    assert "servers" not in found


def test_an_authorizer_of_which_nothing_is_said_is_asked_for(write_app: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    notes, orders = write_app(NOTES, head=REST), write_app(ORDERS, name="orders", head=HTTP)

    assert "GET /notes/{note} of sample:app does not say who may call it; add --authorizer NAME=WAY" in refused(capsys, notes)
    message = refused(capsys, orders, "--authorizer", "person=bearer")
    assert "PUT /orders of orders:app asks for the authorizer 'staff'; add --authorizer staff=WAY, where WAY is bearer, iam" in message
    assert told(capsys, orders, "--authorizer", "staff=iam")["components"]["securitySchemes"]


@pytest.mark.parametrize("given", ["bearer", "person=", "person=jwt", "=bearer", "person=header", "person=header.", "person=cookie.x"])
def test_what_is_not_a_way_of_an_authorizer_is_refused(
    given: str, write_app: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, write_app(NOTES, head=REST), "--authorizer", given)
    assert f"where WAY is bearer, iam, api-key, header.NAME or query.NAME; got {given!r}, write person=bearer" in message


def test_one_route_of_two_apps_is_refused(write_app: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    apps = [write_app(ORDERS, name=name, head=REST) for name in ("orders", "others")]
    assert "PUT /orders is answered by orders:app and by others:app" in refused(capsys, *apps, "--authorizer", "staff=iam")


def test_an_app_of_another_kind_is_sent_to_its_own_command(write_app: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    head = "from gateleg.websocket import WebSocketResolver\napp = WebSocketResolver()\n"
    socket = write_app("@app.route('say')\ndef say() -> None: ...\n", head=head)
    assert "write gateleg asyncapi" in refused(capsys, socket)
    assert main(["asyncapi", socket]) == 0
    assert list(json.loads(capsys.readouterr().out)["operations"]) == ["say"]


def test_a_document_goes_to_a_file_and_a_file_that_cannot_be_is_told(
    write_app: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = write_app(NOTES, head=REST)
    assert main(["openapi", app, "--authorizer", "person=iam", "-o", "api.json"]) == 0
    assert json.loads((tmp_path / "api.json").read_text(encoding="utf-8"))["openapi"] == "3.1.0"
    message = refused(capsys, app, "--authorizer", "person=iam", "-o", "nowhere/api.json")
    assert "nowhere/api.json cannot be written (No such file or directory); give a file in a folder that is there" in message
