"""Execution environments: real processes that run a real handler."""

from __future__ import annotations

import io
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.local.server.environments import Environment, Function, Invocation
from gateleg.local.server.unpacked import link_runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

HANDLER = """
import logging, os, sys, time
print("imported")
def handler(event, context):
    print("called", event)
    if event == "raise":
        raise KeyError("x")
    if event == "exit":
        os._exit(7)
    if event == "leave":
        sys.exit(2)
    if event == "kill":
        os.kill(os.getpid(), 9)
    if event == "sleep":
        time.sleep(600)
    if event == "marshal":
        return {1, 2}
    if event == "noise":
        os.system("echo from a child"); sys.stderr.write("no end"); return 1
    if event == "log":
        logging.getLogger("app").warning("watch out %s", 3); return 1
    if event == "many":
        print("x" * 3_000_000); return 1
    if event == "write":
        open("here", "w").close()
    return {"event": event, "id": context.aws_request_id, "left": context.get_remaining_time_in_millis(), "file": __file__,
            "memory": context.memory_limit_in_mb, "name": context.function_name, "trace": os.environ.get("_X_AMZN_TRACE_ID")}
"""
VARIABLES = {
    "AWS_LAMBDA_FUNCTION_NAME": "rooms",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/rooms",
    "AWS_LAMBDA_LOG_STREAM_NAME": "s",
    "_HANDLER": "app.handler",
    "PATH": os.environ["PATH"],
}


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".py", text)
    return packed.getvalue()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Environment]]:
    made: list[Environment] = []
    runtime = link_runtime(tmp_path / "runtime")

    def environment(*, timeout: float = 5, handler: str = "app.handler", layers: tuple[Path, ...] = (), **files: str) -> Environment:
        function = Function(zipped(**(files or {"app": HANDLER})), layers, {**VARIABLES, "_HANDLER": handler}, timeout)
        made.append(Environment(tmp_path / f"e{len(made)}", function, runtime))
        return made[-1]

    yield environment
    for one in made:
        one.close()


def called(environment: Environment, event: Any, **variables: str | None) -> Any:
    return environment.invoke(Invocation(event, "id-1", "arn:x", variables))


def test_a_handler_is_imported_once_and_called_for_each_event(make: Callable[..., Environment]) -> None:
    environment = make()
    assert environment.initialize().log == "imported\n"
    first, second = called(environment, {"a": "é"}), called(environment, [1, None])
    assert (first.result["event"], first.log) == ({"a": "é"}, "called {'a': 'é'}\n")
    assert (second.result["event"], second.result["id"], second.result["memory"], second.result["name"]) == (
        [1, None],
        "id-1",
        "256",
        "rooms",
    )
    assert 0 < second.result["left"] <= 5_000


def test_variables_of_one_call_end_with_it(make: Callable[..., Environment]) -> None:
    environment = make()
    environment.initialize()
    assert called(environment, 1, _X_AMZN_TRACE_ID="Root=1").result["trace"] == "Root=1"
    assert called(environment, 1, _X_AMZN_TRACE_ID=None).result["trace"] is None


def test_an_exception_is_answered_and_logged_as_lambda_does_and_the_environment_lives_on(make: Callable[..., Environment]) -> None:
    environment = make()
    environment.initialize()
    failed = called(environment, "raise")
    assert (failed.error["errorType"], failed.error["errorMessage"]) == ("KeyError", "'x'")
    assert "[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n" in failed.log
    assert 'File "/var/task/app.py", line 7, in handler' in failed.log
    assert "bootstrap" not in failed.log
    assert 'File "/var/task/app.py", line 7, in handler' in failed.error["stackTrace"][-1]
    assert called(environment, 1).result["event"] == 1


@pytest.mark.parametrize(
    ("event", "kind", "said"),
    [
        ("exit", "Runtime.ExitError", "exit status 7"),
        ("kill", "Runtime.ExitError", "signal: 9"),
        ("sleep", "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    ],
)
def test_a_process_that_ends_or_takes_too_long_is_told(make: Callable[..., Environment], event: str, kind: str, said: str) -> None:
    environment = make(timeout=1 if event == "sleep" else 60)
    environment.initialize()
    ended = called(environment, event)
    assert ended.error["errorType"] == kind
    assert said in ended.error["errorMessage"]
    assert (f"called {event}\n" in ended.log, said in ended.log) == (True, True)
    assert not environment.usable


def test_what_cannot_be_sent_back_is_an_error_of_the_runtime(make: Callable[..., Environment]) -> None:
    environment = make()
    environment.initialize()
    assert called(environment, "marshal").error["errorType"] == "Runtime.MarshalError"
    assert called(environment, "leave").error["errorType"] == "Runtime.ExitError"


def test_logs_are_whole_whoever_writes_them(make: Callable[..., Environment]) -> None:
    environment = make()
    environment.initialize()
    assert called(environment, "noise").log == "called noise\nfrom a child\nno end\n"
    assert called(environment, 1).log == "called 1\n"
    assert len(called(environment, "many").log) == len("called many\n") + 3_000_001
    log = called(environment, "log").log
    assert log.startswith("called log\n[WARNING]\t20")
    assert log.endswith("Z\tid-1\twatch out 3\n")


@pytest.mark.parametrize(
    ("files", "handler", "kind", "said"),
    [
        ({"app": "import gone"}, "app.handler", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'gone'"),
        ({"app": "def handler(:"}, "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ({"app": "raise ValueError('early')"}, "app.handler", "ValueError", "early"),
        ({"app": "import sys; sys.exit(3)"}, "app.handler", "SystemExit", "3"),
        ({"app": "x = 1"}, "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ({"app": "x = 1"}, "other.handler", "Runtime.ImportModuleError", "Unable to import module 'other'"),
    ],
)
def test_a_handler_that_cannot_be_imported_says_why(
    make: Callable[..., Environment], files: dict[str, str], handler: str, kind: str, said: str
) -> None:
    outcome = make(handler=handler, **files).initialize()
    assert outcome.error is not None
    assert (outcome.error["errorType"], said in outcome.error["errorMessage"]) == (kind, True)
    assert f"[ERROR] {kind}: " in outcome.log


def test_an_import_that_hangs_is_ended(make: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateleg.local.server.environments._INIT_SECONDS", 0.5)
    outcome = make(timeout=0.5, app="import time; time.sleep(60)").initialize()
    assert outcome.error is not None
    assert outcome.error["errorType"] == "Sandbox.Timedout"


def test_code_comes_before_layers_and_the_later_layer_before_the_earlier(make: Callable[..., Environment], tmp_path: Path) -> None:
    for name, text in (("one", "WHO = 'one'"), ("two", "WHO = 'two'")):
        (tmp_path / name / "python").mkdir(parents=True)
        (tmp_path / name / "python" / "who.py").write_text(text)
        (tmp_path / name / "python" / "app.py").write_text("raise RuntimeError")
    code = "import who, boto3\ndef handler(event, context): return [who.WHO, boto3.__name__]"
    environment = make(app=code, layers=(tmp_path / "one", tmp_path / "two"))
    assert environment.initialize().error is None
    assert called(environment, 1).result == ["two", "boto3"]


def test_nested_modules_are_found_by_dots_or_slashes(make: Callable[..., Environment]) -> None:
    for handler in ("lambdas.app.handler", "lambdas/app.handler"):
        environment = make(handler=handler, lambdas__app="def handler(event, context): return __name__")
        assert environment.initialize().error is None
        assert called(environment, 1).result == "lambdas.app"


def test_closing_leaves_no_process_and_no_file(make: Callable[..., Environment], tmp_path: Path) -> None:
    environment = make()
    environment.initialize()
    environment.close()
    assert not (tmp_path / "e0").exists()
    assert not environment.usable
