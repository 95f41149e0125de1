"""Functions are described by processes of their own, and their failures are the same errors here."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk import describing
from gateleg.cdk.describer import Describer
from gateleg.cdk.describing import Describing, describe_ahead
from gateleg.description import App
from gateleg.description.source import FunctionSource
from gateleg.errors import AppImportError, AppNotFoundError, DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

GATELEG = Path(__file__).parents[3]
REST = """
print("noise while importing")
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
app = APIGatewayRestResolver(enable_validation=True)

@app.get("/rooms/<room>")
def get_room(room: str) -> dict[str, str]:
    return {"room": room}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Writes a module of the package `svcdesc` below a root, and returns its app string."""

    def write(name: str, text: str = REST, *, root: Path = tmp_path) -> str:
        package = root / "svcdesc"
        package.mkdir(parents=True, exist_ok=True)
        (package / f"{name}.py").write_text(dedent(text))
        return f"svcdesc.{name}:app"

    return write


def described(app: str | None, root: Path, *, handler: str = "", environment: dict[str, str] | None = None) -> App:
    [found] = Describing([FunctionSource(app, handler, root, environment or {})]).result()
    return found


def keys(app: App) -> list[str]:
    return [route.key for route in app.routes]


def answer_of(text: str, root: Path, write: Callable[..., str], **given: Any) -> Any:
    """What an expression is worth while a module is imported, told by a route of its."""
    head = (
        "import base64, json, os\nfrom aws_lambda_powertools.event_handler import APIGatewayRestResolver\napp = APIGatewayRestResolver()\n"
    )
    tail = "app.get('/' + base64.b16encode(json.dumps(value).encode()).decode())(lambda: '')\n"
    app = write("told", f"{head}{text}\n{tail}", root=root)
    [key] = keys(described(app, root, **given))
    return json.loads(bytes.fromhex(key.removeprefix("GET /")))


def test_an_app_is_described_without_being_imported_here(write: Callable[..., str], tmp_path: Path) -> None:
    assert keys(described(write("rest"), tmp_path)) == ["GET /rooms/{room}"]
    assert "svcdesc.rest" not in sys.modules


def test_several_functions_and_ready_descriptions_come_back_in_order(write: Callable[..., str], tmp_path: Path) -> None:
    ready = App("x:app", "rest", ())
    one, other = (FunctionSource(write(name), root=tmp_path) for name in ("rest", "other"))
    found = Describing([one, ready, other, one]).result()
    assert [app.name for app in found] == ["svcdesc.rest:app", "x:app", "svcdesc.other:app", "svcdesc.rest:app"]


def test_a_plain_handler_is_described_by_what_it_needs(write: Callable[..., str], tmp_path: Path) -> None:
    write("helper", "VALUE = 1\n")
    write("plain", "from svcdesc.helper import VALUE\ndef handler(event, context): ...\n")
    found = described(None, tmp_path, handler="svcdesc.plain:handler")
    assert (found.name, found.kind, found.routes) == ("svcdesc.plain:handler", "function", ())
    assert found.needs.files == ("svcdesc/helper.py", "svcdesc/plain.py")


def test_apps_that_share_a_resolver_have_what_their_own_module_registers(write: Callable[..., str], tmp_path: Path) -> None:
    write("resolver", "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\napp = APIGatewayRestResolver()\n")
    names = [write(name, f"from svcdesc.resolver import app\n@app.get('/{name}')\ndef {name}() -> str: ...\n") for name in ("a", "b")]
    assert [keys(app) for app in Describing([FunctionSource(name, root=tmp_path) for name in names]).result()] == [["GET /a"], ["GET /b"]]


def test_the_module_of_the_handler_is_imported_first(write: Callable[..., str], tmp_path: Path) -> None:
    app = write("rest")
    write(
        "entry",
        "from svcdesc.rest import app\napp.get('/more')(lambda: '')\ndef handler(event, context):\n    return app(event, context)\n",
    )
    assert keys(described(app, tmp_path, handler="svcdesc.entry:handler")) == ["GET /rooms/{room}", "GET /more"]


def test_modules_of_one_name_below_two_roots_stay_apart(write: Callable[..., str], tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("orders", "billing")]
    sources = [FunctionSource(write("rest", REST.replace("rooms", root.name), root=root), root=root) for root in roots]
    assert [keys(app) for app in Describing(sources).result()] == [["GET /orders/{room}"], ["GET /billing/{room}"]]


WRONG_HANDLERS = {
    "svcdesc.rest:nope": "has no nope",
    "svcdesc.rest:get_rooms": "near matches: get_room",
    "svcdesc.rest:NAME": "of type str, and Lambda calls a function",
    "svcdesc.rest:Thing": r"Thing \(a class\), and Lambda calls a function",
    "svcdesc.rset:handler": "svcdesc has rest",
}


@pytest.mark.parametrize(("handler", "hint"), WRONG_HANDLERS.items(), ids=WRONG_HANDLERS)
@pytest.mark.parametrize("app", ["svcdesc.rest:app", None], ids=["of an app", "plain"])
def test_a_handler_that_lambda_cannot_call_is_refused(
    write: Callable[..., str], tmp_path: Path, app: str | None, handler: str, hint: str
) -> None:
    write("rest", f"{REST}\nNAME = 'x'\nclass Thing: ...\n")
    with pytest.raises(AppNotFoundError, match=hint) as caught:
        described(app, tmp_path, handler=handler)
    assert caught.value.path == handler


def test_nothing_of_this_environment_is_seen(write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")
    monkeypatch.setenv("GITHUB_TOKEN", "real-token")
    monkeypatch.setattr(describing, "_running", [])
    told = answer_of(
        "value = {**os.environ}, open('/proc/self/environ').read() if os.path.exists('/proc/self/environ') else ''", tmp_path, write
    )
    assert "real" not in json.dumps(told)
    assert set(told[0]) & set(os.environ) <= {"PATH", "HOME", "LANG", "TZ", "AWS_SECRET_ACCESS_KEY", *_OF_AWS}


_OF_AWS = {name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_"))}


def test_lambdas_variables_and_the_functions_own_are_seen(write: Callable[..., str], tmp_path: Path) -> None:
    own = {"TABLE_NAME": "orders", "AWS_REGION": "reserved", "POWERTOOLS_SERVICE_NAME": "mine"}
    names = ["TABLE_NAME", "POWERTOOLS_SERVICE_NAME", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "_HANDLER"]
    told = answer_of(f"value = [os.environ[name] for name in {names}] + [os.getcwd()]", tmp_path, write, environment=own)
    assert told == ["orders", "mine", "us-east-1", "svcdesc-told", str(tmp_path), "svcdesc.told.app", str(tmp_path)]


def test_what_lambda_lets_a_function_set_is_its_own(write: Callable[..., str], tmp_path: Path) -> None:
    told = answer_of("value = [os.environ['TZ'], os.environ['LANG']]", tmp_path, write, environment={"TZ": "Europe/Zurich"})
    assert told == ["Europe/Zurich", "en_US.UTF-8"]


def test_functions_share_no_folder(write: Callable[..., str], tmp_path: Path) -> None:
    text = "import tempfile\nopen(tempfile.gettempdir() + '/' + __name__, 'w').close()\nvalue = [tempfile.gettempdir() == os.environ['TMPDIR'], os.listdir(os.path.expanduser('~'))]"
    first, second = (answer_of(text, tmp_path, write, environment={"N": n}) for n in "12")
    assert first == second == [True, ["svcdesc.told"]]


def test_no_credentials_are_found_at_home(write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home/.aws").mkdir(parents=True)
    (tmp_path / "home/.aws/credentials").write_text("[default]\naws_access_key_id = REAL\naws_secret_access_key = REAL\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(describing, "_running", [])
    told = answer_of(
        "import boto3\nfound = boto3.Session().get_credentials()\nvalue = [found.access_key, os.listdir(os.path.expanduser('~'))]",
        tmp_path,
        write,
    )
    assert told == ["made-up-while-describing", []]


def test_modules_are_found_from_the_root_and_what_is_installed(
    write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/developers_own.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(describing, "_running", [])
    find = (
        "from importlib.util import find_spec\nvalue = [bool(find_spec(name)) for name in ('developers_own', 'pydantic', 'gateleg.store')]"
    )
    assert answer_of(find, tmp_path, write) == [False, True, True]


def test_a_call_to_aws_at_import_fails_at_once_and_is_named(write: Callable[..., str], tmp_path: Path) -> None:
    app = write("caller", "from aws_lambda_powertools.utilities import parameters\nSECRET = parameters.get_parameter('/my/one')\n")
    started = time.monotonic()
    with pytest.raises(AppImportError, match="it calls AWS while it is imported"):
        described(app, tmp_path)
    assert time.monotonic() - started < 30


def test_an_edit_that_keeps_size_and_time_is_described(write: Callable[..., str], tmp_path: Path) -> None:
    app = write("rest")
    assert keys(described(app, tmp_path)) == ["GET /rooms/{room}"]
    source = tmp_path / "svcdesc/rest.py"
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(source)], check=True)
    before = source.stat()
    source.write_text(REST.replace("/rooms/", "/halls/"))
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert keys(described(app, tmp_path)) == ["GET /halls/{room}"]


def test_no_process_runs_for_descriptions_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describing, "_running", [])
    ready = App("x:app", "rest", ())
    assert Describing([ready]).result() == [ready]
    assert describing._running == []  # pyright: ignore[reportPrivateUsage] (nobody else holds the process)


def test_an_unknown_app_is_the_same_error_here(write: Callable[..., str], tmp_path: Path) -> None:
    write("rest")
    with pytest.raises(AppNotFoundError, match=r"svcdesc\.nowhere"):
        described("svcdesc.nowhere:app", tmp_path)
    with pytest.raises(AppNotFoundError, match=r"write 'svcdesc\.rest:app'"):
        described("svcdesc.rest:ap", tmp_path)


def test_what_the_description_finds_wrong_keeps_its_class(write: Callable[..., str], tmp_path: Path) -> None:
    app = write("twice", REST + "\n@app.get('/rooms/<room>')\ndef again(room: str) -> str:\n    return room\n")
    with pytest.raises(RouteError, match="svcdesc"):
        described(app, tmp_path)


ENDS = {
    "raises": ("raise RuntimeError('no database here')", "no database here"),
    "ends itself": ("print('last words'); import os, sys; sys.stdout.flush(); os._exit(3)", "ended early:\nlast words"),
    "is killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "it said nothing"),
    "exits": ("import sys; sys.exit('stop')", r"it called sys\.exit\('stop'\)"),
    "is interrupted": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
}


@pytest.mark.parametrize(("text", "hint"), ENDS.values(), ids=ENDS)
def test_an_app_that_does_not_import_is_told_and_stops_no_other(write: Callable[..., str], tmp_path: Path, text: str, hint: str) -> None:
    both = [Describing([FunctionSource(app, root=tmp_path)]) for app in (write("broken", text), write("rest"))]
    with pytest.raises(AppImportError, match=hint) as caught:
        both[0].result()
    assert "svcdesc.broken:app" in str(caught.value)
    assert keys(both[1].result()[0]) == ["GET /rooms/{room}"]


def test_noise_and_processes_of_an_app_are_in_nobodys_way(write: Callable[..., str], tmp_path: Path) -> None:
    noisy = """
        import os, subprocess, sys, threading
        for line in range(20_000):
            print('{"number": 0, "answer": "", "said": ""}')
        os.write(1, b"\\n")
        threading.Thread(target=threading.Event().wait).start()
        lasting = subprocess.Popen(["sleep", "600"])
        open("lasting.txt", "w").write(str(lasting.pid))
    """
    app = write("noisy", dedent(noisy) + REST)
    assert keys(described(app, tmp_path)) == ["GET /rooms/{room}"]
    assert _is_gone(int((tmp_path / "lasting.txt").read_text()))


def _is_gone(process: int) -> bool:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").exists() and Path(f"/proc/{process}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.05)
    return False


def _serve(patience: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", f"from gateleg.describe.server import main; main({patience})"]
    environment = {"PYTHONPATH": str(GATELEG), "PATH": os.environ["PATH"]}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def _request(number: int, app: str, root: Path) -> str:
    return json.dumps({"number": number, "source": FunctionSource(app, root=root).to_dict()}) + "\n"


def test_an_app_that_hangs_is_ended_and_told(write: Callable[..., str], tmp_path: Path) -> None:
    hanging = write("hanging", "import os, time\nopen('hanging.txt', 'w').write(str(os.getpid()))\ntime.sleep(600)\n")
    with _serve(patience=3) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(_request(1, hanging, tmp_path) + _request(2, write("rest"), tmp_path))
        server.stdin.flush()
        answers = {told["number"]: json.loads(told["answer"]) for told in map(json.loads, (server.stdout.readline() for _ in range(2)))}
        server.stdin.close()
    assert "was not described within 3 seconds" in answers[1]["error"]["message"]
    assert answers[1]["error"]["class"] == "AppImportError"
    assert "description" in answers[2]
    assert _is_gone(int((tmp_path / "hanging.txt").read_text()))


def test_all_ends_with_the_process_that_asked(write: Callable[..., str], tmp_path: Path) -> None:
    hanging = write("hanging", "import os, time\nopen('hanging.txt', 'w').write(str(os.getpid()))\ntime.sleep(600)\n")
    with _serve(patience=60) as server:
        assert server.stdin is not None
        server.stdin.write(_request(1, hanging, tmp_path))
        server.stdin.flush()
        noted = tmp_path / "hanging.txt"
        while not (noted.exists() and noted.read_text()):
            time.sleep(0.05)
        server.stdin.close()
        assert server.wait(30) == 0
    assert _is_gone(int(noted.read_text()))


def test_a_describer_that_ends_is_told_and_another_takes_its_place(
    write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describing, "_running", [])
    hanging = write("hanging", "import os, time\nopen('hanging.txt', 'w').write(str(os.getppid()))\ntime.sleep(600)\n")
    waiting = Describing([FunctionSource(hanging, root=tmp_path)])
    noted = tmp_path / "hanging.txt"
    while not (noted.exists() and noted.read_text()):
        time.sleep(0.05)
    os.kill(int(noted.read_text()), signal.SIGKILL)
    with pytest.raises(AppImportError, match=r"describing 'svcdesc\.hanging:app' ended early"):
        waiting.result()
    assert keys(described(write("rest"), tmp_path)) == ["GET /rooms/{room}"]


def test_a_describer_that_has_ended_answers_at_once(tmp_path: Path) -> None:
    ended = Describer()
    ended.close()
    with pytest.raises(AppImportError, match=r"describing 'svcdesc\.rest:app' ended early"):
        ended.ask(FunctionSource("svcdesc.rest:app", root=tmp_path)).result(30)


def test_a_string_that_is_no_app_is_refused_before_a_process_runs(tmp_path: Path) -> None:
    for source in (FunctionSource("svcdesc.rest", root=tmp_path), FunctionSource(None, "svcdesc.rest", tmp_path)):
        with pytest.raises(DeclarationError, match=r"package\.module:attribute"):
            Describing([source])
    with pytest.raises(DeclarationError, match=r"package\.module:attribute"):
        describe_ahead("svcdesc.rest", root=tmp_path)
    with pytest.raises(DeclarationError, match=r"FunctionSource\('package\.module:app'\)"):
        FunctionSource(None)


def test_a_root_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(AppNotFoundError, match="there is no folder") as caught:
        Describing([FunctionSource("svcdesc.rest:app", root=tmp_path / "nowhere")])
    assert str(tmp_path / "nowhere") in caught.value.message
    assert not (tmp_path / "nowhere").exists()


def test_what_is_prepared_ahead_is_started_once_and_only_where_it_is_needed(
    write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[object] = []
    monkeypatch.setattr(describing, "_running", running)
    app = write("rest")
    describe_ahead(app, root=tmp_path)
    [started] = running
    assert keys(described(app, tmp_path)) == ["GET /rooms/{room}"]
    assert running == [started]

    again: list[object] = []
    monkeypatch.setattr(describing, "_running", again)
    describe_ahead(app, root=tmp_path)
    assert keys(described(app, tmp_path)) == ["GET /rooms/{room}"]
    assert again == []


def test_a_connection_at_import_gets_no_secret_of_this_process(
    write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_TOKEN", "real-token")
    monkeypatch.setattr(describing, "_running", [])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        spy = f"import os, socket\nwith socket.create_connection(('127.0.0.1', {listening.getsockname()[1]})) as spy:\n    spy.sendall(repr(os.environ).encode())\n"
        described(write("spy", spy + REST), tmp_path)
        connection, _ = listening.accept()
        with connection:
            heard = connection.makefile().read()
    assert "AWS_LAMBDA_FUNCTION_NAME" in heard
    assert "real-token" not in heard


def test_data_that_the_import_reads_is_needed_where_it_lies(tmp_path: Path) -> None:
    """A module without a package reads what lies beside it, and would find nothing on AWS; what is hidden stays here."""
    (tmp_path / "config").mkdir()
    for name in ("logo.svg", "config/limits.json", ".env", "unread.txt"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "images.py").write_text(
        "from pathlib import Path\n"
        "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\n"
        "READ = [(Path(__file__).parent / name).read_text() for name in ('logo.svg', 'config/limits.json', '.env')]\n"
        "app = APIGatewayRestResolver()\n"
    )
    assert described("images:app", tmp_path).needs.files == ("config/limits.json", "images.py", "logo.svg")
