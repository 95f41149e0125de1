"""What synth refuses is told with the file and line of the user's own code: of the stack, or of the handler that it speaks of."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from gateleg.errors import DeclarationError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]

HANDLERS = """
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver
    from gateleg.model import Attr, Entity, Table
    from gateleg.rest import public, uses
    from gateleg.store import Store
    from gateleg.websocket import Connections, WebSocketResolver

    NOTES = Table("notes", partition_key="pk", sort_key="sk", ttl="expires")

    class Note(Entity, table=NOTES):
        pk: Attr[str]
        sk: Attr[str]

    app = APIGatewayRestResolver()
    socket = WebSocketResolver()
"""
STACK = """
    from aws_cdk import App, Stack
    from gateleg.cdk import *

    app = App()
    stack = Stack(app, "Notes")
    guard = {"authorizers": {"iam": IamAuthorizer()}}
"""
# By what is wrong: the handlers, then the stack. The line that must be told ends with `# here`.
CASES = {
    "an argument of a construct": ("", 'RestGateway(stack, "Rest", stage_name="no name")  # here'),
    "a table's argument": ("", 'ModelTable(stack, "Table", table=3)  # here'),
    "an option": ("", 'ServiceFunction(stack, "F", handler="handlers:one", memory_size=1)  # here'),
    "an app of the gateway": ("", 'RestApp("handlers:app", public={"GET /a": ""})  # here'),
    "an authorizer": ("", "TokenAuthorizer(3)  # here"),
    "an app that is not there": ("", 'RestGateway(stack, "Rest", apps=["handlers:ap"], **guard)  # here'),
    "a module that is not there": ("", 'ServiceFunction(stack, "F", handler="handler:one")  # here'),
    "an app of another kind": ("", 'WebSocketGateway(stack, "Socket", app="handlers:app")  # here'),
    "a route that the app lacks": ("", 'RestGateway(stack, "Rest", apps=[RestApp("handlers:app", only=["GET /b"])], **guard)  # here'),
    "a route without an authorizer": (
        """
        @app.get("/a")  # here
        def one(): ...
        """,
        'RestGateway(stack, "Rest", apps=["handlers:app"])',
    ),
    "a route with an unknown authorizer": (
        """
        @app.get("/a", security=[{"no": []}])  # here
        def one(): ...
        """,
        'RestGateway(stack, "Rest", apps=["handlers:app"], **guard)',
    ),
    "a route that is there already": (
        """
        @app.get("/a")  # here
        def one(): ...
        """,
        'RestGateway(stack, "Rest", apps=["handlers:app"], routes={"GET /a": {"type": "mock"}}, **guard)',
    ),
    "a route that is added twice": (
        "",
        'RestGateway(stack, "Rest", routes={"GET /a": {"type": "mock"}}, **guard).add_route("GET /a", {"type": "mock"})  # here',
    ),
    "a use of a table that the gateway lacks": (
        """
        @app.get("/a")
        def one(): ...

        @app.get("/b")  # here
        @uses(Note.get)
        def two(): ...
        """,
        'RestGateway(stack, "Rest", apps=["handlers:app"], **guard)',
    ),
    "a handler that fails as it is imported": (
        "import nothing_of_the_kind  # here",
        'RestGateway(stack, "Rest", apps=["handlers:app"], **guard)',
    ),
    "a route that is never reached": (
        """
        @app.get("/a")
        def one(): ...

        @app.get("/a")  # here
        def two(): ...
        """,
        'RestGateway(stack, "Rest", apps=["handlers:app"], **guard)',
    ),
    "a public message": (
        """
        @socket.route("send")  # here
        @public("why")
        def one(): ...
        """,
        'WebSocketGateway(stack, "Socket", app="handlers:socket", public="for all")',
    ),
    "a requirements file that is not there": (
        "",
        'ServiceFunction(stack, "F", handler="handlers:socket", code=HandlerCode(requirements="none.txt"))  # here',
    ),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(project: Path, handlers: str, stack: str) -> str:
    """Write the two files, and give the place that is marked."""
    (project / "handlers.py").write_text(dedent(HANDLERS) + dedent(handlers), encoding="utf-8")
    (project / "app.py").write_text(f"{dedent(STACK)}{stack}\n", encoding="utf-8")
    [marked] = [
        f"{file.name}:{number}"
        for file in project.glob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.endswith("# here")
    ]
    return marked


@pytest.mark.parametrize("what", CASES)
def test_what_synth_refuses_is_told_with_its_line(project: Path, what: str) -> None:
    marked = write(project, *CASES[what])
    with pytest.raises(DeclarationError) as caught:
        runpy.run_path("app.py")
    assert str(caught.value).startswith(f"{marked}: "), str(caught.value)


def test_a_handler_below_another_root_is_told_from_where_one_is(project: Path) -> None:
    (project / "services").mkdir()
    handlers, stack = CASES["a route without an authorizer"]
    marked = write(project, handlers, stack.replace("apps=", 'function_options={"code": HandlerCode("services")}, apps='))
    (project / "handlers.py").rename(project / "services" / "handlers.py")
    with pytest.raises(DeclarationError) as caught:
        runpy.run_path("app.py")
    assert str(caught.value).startswith(f"services/{marked}: ")


def test_a_handler_that_sends_to_nowhere_is_told_with_its_line_when_the_tree_is_complete(project: Path) -> None:
    handlers = """
        connections = Connections(NOTES)

        @app.get("/a")  # here
        @uses(connections.broadcasting)
        def one(): ...
    """
    code = 'code = HandlerCode(provided=["aws-lambda-powertools", "pydantic"])'
    stack = 'table = ModelTable(stack, "Table", table="handlers:NOTES")\nRestGateway(stack, "Rest", apps=["handlers:app"], tables=[table], function_options={"code": code}, **guard)'
    marked = write(project, handlers, f"{code}\n{stack}\napp.synth()")
    with pytest.raises(RuntimeError, match=rf"{re.escape(marked)}: GET /a of handlers:one sends to WebSocket connections"):
        runpy.run_path("app.py")


def test_the_cdk_cli_shows_the_line_and_what_is_wrong_with_it_in_one(project: Path) -> None:
    marked = write(project, *CASES["a route without an authorizer"])
    (project / "cdk.json").write_text(f'{{"app": "{sys.executable} app.py"}}', encoding="utf-8")
    command = [str(ROOT / "node_modules/.bin/cdk"), "synth", "--quiet", "--no-version-reporting"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if f"{marked}: GET /a of handlers:one has no authorizer" in line]
    assert len(told) == 1, done.stderr
    assert re.search(r"mark it @public\('why'\)", told[0])
