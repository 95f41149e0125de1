"""The one function of several apps: a request goes to the app that has its route, as it came."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import BindingError
from gateleg.rest.dispatcher import Dispatcher, route_key_of

if TYPE_CHECKING:
    from pathlib import Path


def rest(method: str, resource: str, **more: Any) -> dict[str, Any]:
    return {
        "resource": resource,
        "httpMethod": method,
        "path": resource,
        "requestContext": {"httpMethod": method, "resourcePath": resource},
    } | more


def http(key: str) -> dict[str, Any]:
    return {"version": "2.0", "routeKey": key, "requestContext": {"routeKey": key, "http": {"method": key.partition(" ")[0]}}}


@pytest.fixture
def dispatcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    for name in ("orders_app", "people_app"):
        (tmp_path / f"{name}.py").write_text(f"def app(event, context): return {{'from': '{name}', 'event': event, 'context': context}}\n")
    told = {"handlers": ["orders_app:app", "people_app:app"], "routes": {"GET /orders/{}": 0, "GET /people": 1, "GET /{+}": 1}}
    (tmp_path / "gateleg_routes.json").write_text(json.dumps(told))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return Dispatcher.of_asset(tmp_path)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (rest("GET", "/orders/{id}"), "orders_app"),
        (rest("GET", "/orders/{order-id}"), "orders_app"),
        (rest("GET", "/people"), "people_app"),
        (rest("GET", "/{proxy+}"), "people_app"),
        (rest("GET", "/people", version="1.0"), "people_app"),
        (http("GET /orders/{id}"), "orders_app"),
        (http("GET /{rest+}"), "people_app"),
    ],
)
def test_the_app_of_the_route_answers_the_event_as_it_came(event: dict[str, Any], name: str, dispatcher: Dispatcher) -> None:
    context = object()
    assert dispatcher(event, context) == {"from": name, "event": event, "context": context}


@pytest.mark.parametrize("event", [rest("POST", "/people"), http("$default"), {"Records": []}, {"requestContext": {}, "version": "2.0"}])
def test_what_no_app_answers_is_said(event: dict[str, Any], dispatcher: Dispatcher) -> None:
    with pytest.raises(BindingError, match="no app of this function has the route") as caught:
        dispatcher(event, None)
    assert caught.value.code == "binding.route"


def test_the_key_is_that_of_the_api_and_never_of_the_path() -> None:
    assert route_key_of(rest("GET", "/orders/{id}", path="/people")) == "GET /orders/{id}"
    assert route_key_of(http("POST /a")) == "POST /a"
    assert route_key_of({}) is None


def test_an_app_that_cannot_be_imported_stops_the_function_as_it_starts(tmp_path: Path) -> None:
    (tmp_path / "broken_app.py").write_text("raise ValueError('no settings')\n")
    (tmp_path / "gateleg_routes.json").write_text(json.dumps({"handlers": ["broken_app:app"], "routes": {"GET /": 0}}))
    program = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import gateleg.rest.dispatcher"]
    done = subprocess.run(program, env={"LAMBDA_TASK_ROOT": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "broken_app.py" in done.stderr
    assert "no settings" in done.stderr
