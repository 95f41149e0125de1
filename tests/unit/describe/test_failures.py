"""Apps that are not there, or do not import."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateleg.describe import describe
from gateleg.errors import AppImportError, AppNotFoundError


def message_of(error: type[AppImportError | AppNotFoundError], app: str) -> str:
    with pytest.raises(error) as caught:
        describe(app)
    assert caught.value.path == app
    return caught.value.message


def test_a_missing_module_lists_near_matches(write_app: Callable[..., str]) -> None:
    write_app("", name="services.chat.rest")
    assert "services.chat has rest" in message_of(AppNotFoundError, "services.chat.rst:app")
    assert "the current directory has services" in message_of(AppNotFoundError, "service.chat.rest:app")


def test_a_missing_attribute_names_the_resolver_that_is_there(write_app: Callable[..., str]) -> None:
    write_app("api = app\ndel app\n")
    assert "sample has no app; write 'sample:api'" in message_of(AppNotFoundError, "sample:app")


def test_a_missing_attribute_lists_near_matches(write_app: Callable[..., str]) -> None:
    write_app("apps = 3\n", head="")
    assert "near matches: apps" in message_of(AppNotFoundError, "sample:app")


@pytest.mark.parametrize(
    ("name", "given"),
    [("handler", "handler (a function)"), ("Thing", "Thing (a class)"), ("number", "of type int"), ("router", "of type Router")],
)
def test_something_else_than_a_resolver_says_what_it_is(write_app: Callable[..., str], name: str, given: str) -> None:
    write_app(
        "from aws_lambda_powertools.event_handler.api_gateway import Router\n"
        "def handler(event, context): ...\nclass Thing: ...\nnumber = 3\nrouter = Router()\n"
    )
    message = message_of(AppNotFoundError, f"sample:{name}")
    assert given in message
    assert "write 'sample:app'" in message


def test_a_resolver_for_another_service_is_refused(write_app: Callable[..., str]) -> None:
    write_app("from aws_lambda_powertools.event_handler import ALBResolver\napp = ALBResolver()\n", head="")
    assert "ALBResolver; name an APIGatewayRestResolver, an APIGatewayHttpResolver" in message_of(AppNotFoundError, "sample:app")


def test_a_resolver_may_be_an_attribute_of_an_object(write_app: Callable[..., str]) -> None:
    write_app("class Service:\n    api = app\n")
    assert describe("sample:Service.api").name == "sample:Service.api"


@pytest.mark.parametrize("app", ["sample", "sample.py:app", "lambdas/chat/rest.py:app", ":app", "sample:", "a:b:c", "", "./x.py:app"])
def test_something_else_than_an_app_string_says_what_to_write(app: str) -> None:
    assert "write package.module:attribute, such as '" in message_of(AppNotFoundError, app)


def test_a_path_is_answered_with_the_module() -> None:
    assert "such as 'lambdas.chat.rest:api'" in message_of(AppNotFoundError, "lambdas/chat/rest.py:api")


def test_an_import_error_shows_the_authors_own_lines(write_app: Callable[..., str]) -> None:
    write_app("def load():\n    return 1 / 0\n", name="broken", head="")
    message = message_of(AppImportError, write_app("import broken\nvalue = broken.load()\n"))
    assert message.startswith("'sample:app' failed to import: ZeroDivisionError: division by zero")
    assert "value = broken.load()" in message
    assert "return 1 / 0" in message
    assert str(Path("gateleg") / "describe") not in message
    assert "importlib" not in message


def test_lines_of_libraries_do_not_push_out_the_authors(write_app: Callable[..., str]) -> None:
    app = write_app("import functools, json\nfor _ in [1]:\n    json.loads('{', object_hook=functools.partial(int))\n")
    message = message_of(AppImportError, app)
    assert "JSONDecodeError" in message
    assert "json.loads('{'" in message
    assert len(message.splitlines()) < 10


def test_a_missing_variable_is_named(write_app: Callable[..., str]) -> None:
    message = message_of(AppImportError, write_app("import os\nTABLE = os.environ['ORDERS_TABLE']\n"))
    assert "KeyError: 'ORDERS_TABLE'; the variable ORDERS_TABLE is not set: give it to the function" in message
    assert "os.environ['ORDERS_TABLE']" in message


def test_an_ordinary_key_error_is_not_taken_for_a_variable(write_app: Callable[..., str]) -> None:
    assert "is not set here" not in message_of(AppImportError, write_app("{}['ORDERS_TABLE']\n"))


def test_a_missing_dependency_is_an_import_error_that_names_it(write_app: Callable[..., str]) -> None:
    message = message_of(AppImportError, write_app("import no_such_library\n"))
    assert (
        "No module named 'no_such_library'; name what brings it in the requirements file of the handlers, and install it here, too"
        in message
    )


def test_a_syntax_error_shows_its_line(write_app: Callable[..., str]) -> None:
    message = message_of(AppImportError, write_app("def f(:\n    pass\n"))
    assert "SyntaxError" in message
    assert "def f(:" in message


@pytest.mark.parametrize("statement", ["import sys; sys.exit('stop')", "raise SystemExit('stop')", "exit('stop')"])
def test_an_exit_at_import_is_an_import_error(write_app: Callable[..., str], statement: str) -> None:
    assert "it called sys.exit('stop')" in message_of(AppImportError, write_app(f"{statement}\n"))


def test_an_aws_call_at_import_is_named_as_such(write_app: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(Path.cwd()))
    app = write_app("import boto3\nboto3.client('dynamodb').list_tables()\n")
    assert "it calls AWS while it is imported" in message_of(AppImportError, app)


def test_a_pattern_that_powertools_cannot_compile_says_what_routes_are(write_app: Callable[..., str]) -> None:
    message = message_of(AppImportError, write_app("@app.get('/files/(?P<path>.+)')\ndef f(path: str) -> str: ...\n"))
    assert "such as /files/.+" in message


def test_the_environment_is_put_back(write_app: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    app = write_app("import os\nos.environ['LEAK'] = '1'\nREGION = os.environ['AWS_REGION']\n")
    before = dict(os.environ)
    describe(app)
    assert dict(os.environ) == before
