"""A handler that calls nothing never answers its app's routes; one that may call something is taken."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from gateleg.describe import describe
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APP = """
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
app = APIGatewayRestResolver()
@app.get("/secret", security=[{"admin": []}])
def secret(): ...
"""
LATE = "run = None\nFOUND = []\nLIMIT = 3"
IDLE = {
    "an answer alone": "def handler(event, context):\n    return {'statusCode': 200}",
    "an app beside it": "from idles.rest import app\ndef handler(event, context):\n    return {'statusCode': 200}",
    "the standard library": "import json\nimport os\nfrom datetime import datetime\nHEADERS = {'a': ['b']}\ndef handler(event, context):\n"
    "    print(datetime.now(), os.environ)\n    return {'body': json.dumps(event), 'headers': HEADERS}",
    "a function of its own": "import re\nPATH = re.compile('/a')\ndef _answer(code=200):\n    return {'statusCode': code, 'x': PATH.pattern}\n"
    "def handler(event, context):\n    return [_answer() for _ in event]",
    "a decorator of Powertools": "from aws_lambda_powertools import Logger\nlogger = Logger()\n@logger.inject_lambda_context\n"
    "def handler(event, context):\n    return {}",
    "an import of the standard library": "def handler(event, context):\n    import json\n    return json.dumps({})",
    "a lambda": "handler = lambda event, context: {}",
    "itself": "def handler(event, context):\n    return handler(event[0], context) if event else {}",
}
TAKEN = {
    "an import within": "def handler(event, context):\n    from idles.rest import app\n    return app(event, context)",
    "a module of its own": "from idles import late\ndef handler(event, context):\n    return late.run(event, context)",
    "what is filled in later": "app = None\ndef handler(event, context):\n    return app(event, context)",
    "a list that is filled in later": "APPS = []\ndef handler(event, context):\n    return APPS[0](event, context)",
    "a found module": "import sys\ndef handler(event, context):\n    return sys.modules['idles.rest'].app(event, context)",
    "an imported function": "import importlib\ndef handler(event, context):\n    return importlib.import_module('idles.rest').app(event, context)",
    "a function within": "from idles.rest import app\ndef handler(event, context):\n    return (lambda: app.resolve(event, context))()",
    "a default": "from idles import rest\ndef handler(event, context, run=rest.app.resolve):\n    return run(event, context)",
    "a closure": "from idles import rest\ndef made(run):\n    def inner(event, context):\n        return run(event, context)\n    return inner\n"
    "handler = made(rest.app.resolve)",
    "eval": "def handler(event, context):\n    return eval('__import__(\"idles.rest\").rest.app')(event, context)",
    "globals": "from idles.rest import app\ndef handler(event, context):\n    return globals()['a' + 'pp'](event, context)",
    "an object": "class Own:\n    def __call__(self, event, context):\n        return run(event, context)\nfrom idles.rest import app as run\nhandler = Own()",
    "a library": "from aws_lambda_powertools import Metrics\nmetrics = Metrics()\ndef handler(event, context):\n    return metrics",
    "a decorator of somebody's": "import functools\nfrom idles import rest\ndef wrapped(inner):\n    @functools.wraps(inner)\n"
    "    def outer(event, context):\n        return rest.app(event, context)\n    return outer\n@wrapped\ndef handler(event, context): ...",
    "a table of functions": "from idles.rest import app\nTABLE = {'a': app.resolve}\ndef handler(event, context):\n    return TABLE['a'](event, context)",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "idles").mkdir()
    (tmp_path / "idles/__init__.py").touch()
    (tmp_path / "idles/rest.py").write_text(APP)
    (tmp_path / "idles/late.py").write_text(LATE)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "idles"]:
        del sys.modules[name]


def answer(project: Path, text: str) -> list[str]:
    (project / "idles/handler.py").write_text(text)
    importlib.invalidate_caches()
    return [route.key for route in describe(FunctionSource("idles.rest:app", "idles.handler:handler", project)).routes]


@pytest.mark.parametrize("way", IDLE)
def test_a_handler_that_calls_nothing_is_refused(way: str, project: Path) -> None:
    told = r"'idles\.handler:handler' calls nothing, and so never 'idles\.rest:app', .*; write return app\.resolve\(event, context\) in it"
    with pytest.raises(DeclarationError, match=told) as raised:
        answer(project, IDLE[way])
    assert (raised.value.code, raised.value.path) == ("declaration.handler", "RestApp.handler")


@pytest.mark.parametrize("way", TAKEN)
def test_a_handler_that_may_call_something_is_taken(way: str, project: Path) -> None:
    assert answer(project, TAKEN[way]) == ["GET /secret"]


def test_what_is_advised_is_taken(project: Path) -> None:
    text = "from idles.rest import app\ndef handler(event, context):\n    return app.resolve(event, context)"
    assert answer(project, text) == ["GET /secret"]
