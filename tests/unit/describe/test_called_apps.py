"""Which resolvers a plain handler calls, whichever way it does: their routes are what requests to it reach."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateleg.describe import describe
from gateleg.description import App
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IMPORT = "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver"
APP = f"""
{IMPORT}

app = APIGatewayRestResolver(strip_prefixes=["/v1"])

@app.get("/secret", security=[{{"admin": []}}])
def secret(): ...
"""
HANDLERS = {
    "itself": "from calls.rest import app as handler",
    "a method": "from calls.rest import app\nhandler = app.resolve",
    "a function": "from calls.rest import app\ndef handler(event, context):\n    return app.resolve(event, context)",
    "a module": "from calls import rest\ndef handler(event, context):\n    return rest.app(event, context)",
    "a function within": "from calls.rest import app\ndef handler(event, context):\n    return (lambda: app.resolve(event, context))()",
    "a function of its own": "from calls.rest import app\ndef _answer(event, context):\n    return app(event, context)\n"
    "def handler(event, context):\n    return _answer(event, context)",
    "a decorated function": "from aws_lambda_powertools import Logger\nfrom calls.rest import app\n\n@Logger().inject_lambda_context\n"
    "def handler(event, context):\n    return app.resolve(event, context)",
    "a decorator that tells nothing": "from calls.rest import app\ndef logged(inner):\n    def outer(event, context):\n"
    "        return inner(event, context)\n    return outer\n@logged\ndef handler(event, context):\n    return app(event, context)",
    "a partial function": "import functools\nfrom calls.rest import app\ndef answer(app, event, context): ...\n"
    "handler = functools.partial(answer, app)",
    "an object": "from calls.rest import app\nclass Handler:\n    def __init__(self, app):\n        self.app = app\n"
    "    def __call__(self, event, context):\n        return self.app(event, context)\nhandler = Handler(app)",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls/__init__.py").touch()
    (tmp_path / "calls/rest.py").write_text(APP)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "calls"]:
        del sys.modules[name]


def described(project: Path, text: str) -> App:
    (project / "calls/handler.py").write_text(text)
    importlib.invalidate_caches()
    found = describe(FunctionSource(None, "calls.handler:handler", project))
    # Powertools' classes hold what other tests of this process resolved; a function has a process of its own.
    return replace(found, beside=tuple(app for app in found.beside if all("calls." in route.handler for route in app.routes)))


@pytest.mark.parametrize("way", HANDLERS)
def test_a_handler_is_said_to_answer_what_the_resolvers_answer_that_it_calls(way: str, project: Path) -> None:
    found = described(project, HANDLERS[way])
    assert (found.kind, found.routes) == ("function", ())
    [app] = found.apps
    assert [(app.kind, app.prefixes, route.key, route.security) for route in app.routes] == [
        ("rest", ("/v1",), "GET /secret", ({"admin": []},))
    ]
    assert App.from_json(found.to_json()) == found


BESIDE = {
    "another module's handler": "from calls import other\ndef handler(event, context):\n    return other.handler(event, context)",
    "a function of a helper": "from calls.other import handler as run\ndef handler(event, context):\n    return run(event, context)",
    "a table of methods": "from calls import rest\nTABLE = {'GET': rest.app.resolve}\ndef handler(event, context):\n"
    "    return TABLE['GET'](event, context)",
    "a list": "from calls import rest\nAPPS = [rest.app]\ndef handler(event, context):\n    return APPS[0].resolve(event, context)",
    "a default": "from calls import rest\ndef handler(event, context, _app=rest.app):\n    return _app.resolve(event, context)",
    "an attribute of a class": "from calls import rest\nclass Handler:\n    app = rest.app\n    def __call__(self, event, context):\n"
    "        return self.app(event, context)\nhandler = Handler()",
    "a bound method": "from calls import rest\nclass Handler:\n    def __init__(self):\n        self.fn = rest.app.resolve\n"
    "    def run(self, event, context):\n        return self.fn(event, context)\nhandler = Handler().run",
    "a closure over several": "from calls import rest\ndef first(*apps):\n    def inner(event, context):\n"
    "        return apps[0](event, context)\n    return inner\nhandler = first(rest.app)",
    "getattr": "from calls import rest\ndef handler(event, context):\n    return getattr(rest, 'a' + 'pp')(event, context)",
    "import_module": "import importlib\ndef handler(event, context):\n    return importlib.import_module('calls.rest').app(event, context)",
    "an import in a function": "def handler(event, context):\n    from calls import rest\n    return rest.app(event, context)",
    "an import in another module's function": "from calls.late import run\ndef handler(event, context):\n    return run(event, context)",
    "nothing that it calls": "from calls.rest import app\ndef handler(event, context):\n    return {}",
}
OTHERS = {
    "other": "from calls.rest import app\ndef handler(event, context):\n    return app(event, context)",
    "late": "def run(event, context):\n    from calls.rest import app\n    return app(event, context)",
    "model": "LIMIT = 3",
}


@pytest.mark.parametrize("way", BESIDE)
def test_a_resolver_that_the_modules_of_a_handler_hold_may_answer(way: str, project: Path) -> None:
    for name, text in OTHERS.items():
        (project / f"calls/{name}.py").write_text(text)
    found = described(project, BESIDE[way])
    assert [(app.kind, app.prefixes, [route.key for route in app.routes]) for app in (*found.apps, *found.beside)] == [
        ("rest", ("/v1",), ["GET /secret"])
    ]
    assert App.from_json(found.to_json()) == found


def test_a_module_that_an_app_imports_too_brings_no_app(project: Path) -> None:
    (project / "calls/model.py").write_text(OTHERS["model"])
    (project / "calls/rest.py").write_text(f"from calls.model import LIMIT\n{APP}")
    found = described(project, "from calls.model import LIMIT\ndef handler(event, context):\n    return LIMIT")
    assert (found.apps, found.beside) == ((), ())


def test_what_speaks_of_a_resolver_and_cannot_be_imported_may_answer_everything(project: Path) -> None:
    (project / "calls/rest.py").write_text(f"{APP}\nraise RuntimeError")
    [app] = described(project, BESIDE["an import in a function"]).beside
    assert [route.key for route in app.routes] == ["ANY /", "ANY /{proxy+}"]


def test_a_resolver_of_a_class_that_another_module_makes_may_answer(project: Path) -> None:
    (project / "calls/base.py").write_text(IMPORT + "\nclass Own(APIGatewayRestResolver): ...")
    (project / "calls/rest.py").write_text(APP.replace("APIGatewayRestResolver(", "Own(").replace(IMPORT, "from calls.base import Own"))
    assert len(described(project, BESIDE["an import in a function"]).beside) == 1


def test_what_raises_when_it_is_asked_is_passed_over(project: Path) -> None:
    text = (
        "from calls.rest import app\nclass Stand:\n    @property\n    def __class__(self):\n        raise RuntimeError\n"
        "    def __getattr__(self, name):\n        raise RuntimeError\n"
        "stand = Stand()\ndef handler(event, context):\n    return stand.x or app(event, context)\n"
    )
    assert [app.kind for app in described(project, text).apps] == ["rest"]


def test_a_resolver_of_which_nothing_can_be_said_may_answer_everything(project: Path) -> None:
    (project / "calls/rest.py").write_text(APP.replace("(strip", "(debug=True, strip"))
    [app] = described(project, HANDLERS["a function"]).apps
    assert [route.key for route in app.routes] == ["ANY /", "ANY /{proxy+}"]


@pytest.mark.parametrize("way", HANDLERS)
def test_a_handler_of_another_app_is_refused(way: str, project: Path) -> None:
    (project / "calls/other.py").write_text(f"{IMPORT}\napp = APIGatewayRestResolver()\n")
    (project / "calls/handler.py").write_text(HANDLERS[way])
    importlib.invalidate_caches()
    told = r"'calls\.handler:handler' answers with another app than 'calls\.other:app', whose routes it shall answer; name the app that it calls"
    with pytest.raises(DeclarationError, match=told) as raised:
        describe(FunctionSource("calls.other:app", "calls.handler:handler", project))
    assert (raised.value.code, raised.value.path) == ("declaration.handler", "RestApp.handler")
    found = describe(FunctionSource("calls.rest:app", "calls.handler:handler", project))
    assert [route.key for route in found.routes] == ["GET /secret"]


@pytest.mark.parametrize(
    "text",
    [
        "from calls import other, rest\ndef handler(event, context):\n    return (rest.app if event else other.app)(event, context)",
        "def handler(event, context):\n    import calls.other\n    return calls.other.app(event, context)",
    ],
)
def test_a_handler_that_may_call_its_app_is_taken(text: str, project: Path) -> None:
    (project / "calls/other.py").write_text(f"{IMPORT}\napp = APIGatewayRestResolver()\n")
    (project / "calls/handler.py").write_text(text)
    importlib.invalidate_caches()
    assert describe(FunctionSource("calls.other:app", "calls.handler:handler", project)).name == "calls.other:app"


def test_the_app_of_another_kind_is_no_handler_of_a_socket(project: Path) -> None:
    """A handler of its own may serve both."""
    (project / "calls/socket.py").write_text("from gateleg.websocket import WebSocketResolver\napp = WebSocketResolver()\n")
    importlib.invalidate_caches()
    with pytest.raises(DeclarationError, match=r"'calls\.rest:app' answers with another app than 'calls\.socket:app'"):
        describe(FunctionSource("calls.socket:app", "calls.rest:app", project))
    both = (
        "from calls import rest, socket\ndef handler(event, context):\n    return (rest if 'path' in event else socket).app(event, context)"
    )
    (project / "calls/handler.py").write_text(both)
    importlib.invalidate_caches()
    assert describe(FunctionSource("calls.socket:app", "calls.handler:handler", project)).kind == "websocket"
