# pyright: reportUnusedClass=false, reportUnusedFunction=false
"""What is wrong with a declaration is told with the file and line where it was made, whatever noticed it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.describe import describe
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError
from gateleg.model import Attr, Entity, Index, Table, access, attr, created_at, index_key, key
from gateleg.places import calling, of_function, shown
from gateleg.rest import public, uses
from gateleg.websocket import WebSocketResolver
from tests.unit.model import test_declarations

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

ANY: Any = None
TABLE = Table("noted", partition_key="pk", indexes=[Index("by_day", partition_key="day")])


class Note(Entity, table=TABLE):
    pk: Attr[str]


def a_table() -> None:
    Table(
        "no name",
        partition_key="pk",
    )


a_table.line = 1  # type: ignore[attr-defined]


def an_attribute() -> None:
    class Wrong(Entity, table=TABLE):
        pk: Attr[str]
        made: Attr[str] = created_at()  # here


def an_attribute_of_a_class_with_decorators() -> None:
    @str
    class Wrong(Entity, table=TABLE):
        pk: Attr[str]
        made: Attr[str] = created_at()  # here


def a_constraint() -> None:
    wrong: Any = {"colour": "red"}
    attr(**wrong)  # here


def a_key() -> None:
    class Wrong(Entity, table=TABLE):
        name: Attr[str]
        key = key("N#{name}", "SORT#{name}")  # here


def an_index_key() -> None:
    class Wrong(Entity, table=TABLE):
        pk: Attr[str]
        day: Attr[str]
        by_day = index_key("by_day", "D#{day}", "S#{day}")  # here


def an_access_pattern() -> None:
    class Wrong(Entity, table=TABLE):
        pk: Attr[str]

        @access
        def of(*, pk: str | None = None) -> None:  # here
            """Somebody's."""


def a_question() -> None:
    wrong: Any = {"of": "a"}
    Note.key(**wrong)  # here


def types_that_differ() -> None:
    table = Table("two", partition_key="pk")

    class One(Entity, table=table):
        pk: Attr[str]

    class Two(Entity, table=table):
        pk: Attr[int]  # here

    table.key_types()


def a_key_that_no_table_has() -> None:
    table = Table("one", partition_key="names")

    class One(Entity, table=table):
        names: Attr[list[str]]  # here

    table.key_types()


def a_type_that_comes_later() -> None:
    class Late(Entity, table=TABLE):
        pk: Attr[str]
        made: Attr[Moment] = created_at()  # here

    Late.model_rebuild(_types_namespace={"Moment": str, "Attr": Attr})


def a_mark() -> None:
    @uses(ANY)  # here
    def handler() -> None: ...


def a_reason() -> None:
    @public("")  # here
    def handler() -> None: ...


def a_route_key() -> None:
    app = WebSocketResolver()

    @app.route("")  # here
    def handler() -> None: ...


def a_route_declared_twice() -> None:
    app = WebSocketResolver()
    app.route("send")(a_mark)
    app.route("send")(a_mark)  # here


CASES = [value for name, value in list(globals().items()) if name.startswith(("a_", "an_", "types_")) and name != "a_table"]


@pytest.mark.parametrize("declare", CASES)
def test_a_mistake_is_told_with_its_line(declare: Callable[[], None]) -> None:
    lines, first = inspect.getsourcelines(declare)
    [offset] = [number for number, line in enumerate(lines) if line.rstrip().endswith("# here")]
    with pytest.raises(DeclarationError) as caught:
        declare()
    assert caught.value.place == f"{__file__}:{first + offset}"
    assert str(caught.value) == f"{shown(caught.value.place or '')}: {caught.value.message} [{caught.value.code}]"


def test_of_a_call_over_several_lines_the_first_is_told() -> None:
    with pytest.raises(DeclarationError) as caught:
        a_table()
    assert caught.value.place == f"{__file__}:{inspect.getsourcelines(a_table)[1] + 1}"


def is_mistake(value: object) -> bool:
    """Whether it is one of the functions of another test that declare what cannot work."""
    return inspect.isfunction(value) and value.__module__ == test_declarations.__name__ and not inspect.signature(value).parameters


@pytest.mark.parametrize("declare", [value for name, value in vars(test_declarations).items() if is_mistake(value) and "test_" not in name])
def test_every_mistake_in_a_model_is_told_within_its_declaration(declare: Callable[[], None]) -> None:
    lines, first = inspect.getsourcelines(declare)
    with pytest.raises(DeclarationError) as caught:
        declare()
    file, _, line = str(caught.value.place).rpartition(":")
    assert file == test_declarations.__file__
    assert first < int(line) < first + len(lines)


def test_code_that_is_installed_or_made_up_is_nobody_s_mistake() -> None:
    made_up: dict[str, Any] = {"calling": calling}
    exec("def ask(): return calling()", made_up)  # noqa: S102 (a file without a name)
    line = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]
    assert made_up["ask"]() == f"{__file__}:{line}"
    alone = "import gateleg.errors; print(gateleg.errors.DeclarationError('wrong'))"
    done = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True)
    assert done.stdout == "wrong [declaration.invalid]\n"


def test_a_place_is_shown_from_where_one_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(f"{tmp_path}/stacks/shop.py:3") == "stacks/shop.py:3"
    assert shown("/elsewhere/shop.py:3") == "/elsewhere/shop.py:3"


def test_a_wrapped_function_is_where_its_author_wrote_it() -> None:
    line = inspect.getsourcelines(a_mark)[1]
    assert of_function(public("why")(a_mark)) == f"{__file__}:{line}"
    assert of_function(a_mark.__get__(self_ := object())) == f"{__file__}:{line}", self_


# Descriptions ----------------------------------------------------------------------------------------------------------------------

HEAD = """
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver
    from gateleg.rest import public, uses
    from gateleg.websocket import WebSocketResolver
    app = APIGatewayRestResolver()
    socket = WebSocketResolver()
"""
APPS = {
    "a pattern that API Gateway lacks": """
        @app.get("a")  # here
        def wrong(): ...
    """,
    "a route that is never reached": """
        @app.get("/a")
        def first(): ...
        @app.get("/a")  # here
        def second(): ...
    """,
    "a method that API Gateway lacks": """
        @app.route("/a", method="BREW")  # here
        def wrong(): ...
    """,
    "a mark above the registration": """
        @public("why")  # here
        @app.get("/a")
        def wrong(): ...
    """,
    "an app that shows its insides": """
        app = APIGatewayRestResolver(debug=True)  # here
    """,
    "an import that fails": """
        import nothing_of_the_kind  # here
    """,
    "a line that raises": """
        def ask():
            raise OSError("no")  # here
        ask()
    """,
    "a mark of nothing": """
        @app.get("/a")
        @uses(3)  # here
        def wrong(): ...
    """,
    "a syntax error": """
        def wrong(:  # here
    """,
}


def app_of(folder: Path, text: str) -> FunctionSource:
    """An app in a module of its own, for what one has imported all have."""
    name = f"handlers_{abs(hash(folder))}"
    (folder / f"{name}.py").write_text(dedent(HEAD) + dedent(text), encoding="utf-8")
    return FunctionSource(f"{name}:app", root=folder)


@pytest.mark.parametrize("what", APPS)
def test_a_mistake_in_an_app_is_told_with_its_line(tmp_path: Path, what: str) -> None:
    source = app_of(tmp_path, APPS[what])
    [file] = tmp_path.glob("*.py")
    [line] = [number for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if text.endswith("# here")]
    with pytest.raises(DeclarationError) as caught:
        describe(source)
    assert caught.value.place == f"{file}:{line}"


def test_every_route_says_where_its_handler_is(tmp_path: Path) -> None:
    text = '@app.get("/a")\ndef one(): ...\n\n@public("why")\ndef two(): ...\napp.get("/b")(two)\n'
    first = len(dedent(HEAD).splitlines()) + 1
    source = app_of(tmp_path, text)
    [file] = tmp_path.glob("*.py")
    assert [route.place for route in describe(source).routes] == [f"{file.name}:{first}", f"{file.name}:{first + 3}"]


if TYPE_CHECKING:
    Moment = datetime
