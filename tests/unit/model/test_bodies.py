"""What a function does is told of one that does another thing, by its code and what that reads; layout, comments and the version of Python do not count."""

from __future__ import annotations

import importlib.util
from functools import partial
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.model.items.bodies import body_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLAIN = "def up(v): return {**v, 'cents': v['euros'] * 100}"


def function(folder: Path, source: str, name: str = "up", module: str = "service") -> Any:
    """A function of a module that is written so."""
    file = folder / f"{len(list(folder.iterdir()))}.py"
    file.write_text(dedent(source), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(module, file)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return getattr(made, name)


SAME = {
    "layout": "def up(v):\n    # In cents.\n    return {\n        **v,\n        'cents': (v['euros'] * 100),\n    }",
    "docstring": "def up(v):\n    'Euros as cents.'\n    return {**v, 'cents': v['euros'] * 100}",
    "annotations": "def up(v: dict[str, object]) -> dict[str, object]: return {**v, 'cents': v['euros'] * 100}",
    "quotation marks": PLAIN.replace("'", '"'),
    "what else is in the module": f"import json\nOTHER = 3\n{PLAIN}",
}
OTHER = {
    "another number": PLAIN.replace("100", "1000"),
    "another name": PLAIN.replace("'cents'", "'pence'"),
    "another argument": PLAIN.replace("(v)", "(v, w=1)"),
    "one statement more": "def up(v):\n    v.pop('x', None)\n    return {**v, 'cents': v['euros'] * 100}",
}


@pytest.mark.parametrize("name", SAME)
def test_what_does_the_same_has_the_same_digest(tmp_path: Path, name: str) -> None:
    assert body_digest(function(tmp_path, SAME[name])) == body_digest(function(tmp_path, PLAIN)) != ""


@pytest.mark.parametrize("name", OTHER)
def test_what_does_another_thing_has_another_one(tmp_path: Path, name: str) -> None:
    assert body_digest(function(tmp_path, OTHER[name])) != body_digest(function(tmp_path, PLAIN))


READ = {
    "a number": ("RATE = 100", "RATE = 1000", "RATE"),
    "a table of words": ("WORDS = {'a': ['b'], 'c': {1, 2}}", "WORDS = {'a': ['b'], 'c': {1, 3}}", "WORDS"),
    "a function": ("def rate(): return 100", "def rate(): return 1000", "rate"),
    "a function that a function reads": (
        "RATE = 100\ndef rate(): return RATE",
        "RATE = 1000\ndef rate(): return RATE",
        "rate",
    ),
}


@pytest.mark.parametrize("what", READ)
def test_what_it_reads_counts(tmp_path: Path, what: str) -> None:
    one, other, name = READ[what]
    up = f"\ndef up(v): return [v, {name}]"
    found = [body_digest(function(tmp_path, f"{text}{up}")) for text in (one, one, other)]
    assert found[0] == found[1] != found[2]


def test_what_it_closes_over_counts(tmp_path: Path) -> None:
    source = "def times(factor):\n    def up(v): return v * factor\n    return up"
    times = function(tmp_path, source, "times")
    assert body_digest(times(100)) == body_digest(times(100)) != body_digest(times(1000))


def test_of_a_function_of_a_library_its_name_counts(tmp_path: Path) -> None:
    up = function(tmp_path, "def up(v): return tool(v)")

    def with_tool(source: str, name: str = "tool") -> str:
        up.__globals__["tool"] = function(tmp_path, source, name, "library")
        return body_digest(up)

    assert with_tool("def tool(v): return 1") == with_tool("def tool(v): return 2") != with_tool("def other(v): return 1", "other")


def holder(made: Callable[[Any], Any] = lambda values: values) -> Callable[[Any], Any]:
    """Holds a function of which `inspect` gives this very statement."""
    return made


def test_one_that_calls_itself_has_one(tmp_path: Path) -> None:
    assert body_digest(function(tmp_path, "def up(v): return up(v[1:]) if v else v"))


ANONYMOUS: Callable[[Any], Any] = lambda values: values  # noqa: E731 (it is one)
GIVEN: list[Any] = [dict, str.upper, partial(print, 1), ANONYMOUS, holder(), 3, None]


@pytest.mark.parametrize("given", GIVEN)
def test_of_what_nothing_tells_there_is_none(given: Any) -> None:
    assert body_digest(given) == ""


def test_it_is_the_same_under_every_python(tmp_path: Path) -> None:
    source = """
        RATES = {"gbp": 2}
        def up(values, *, more=None):
            match values.get("kind"):
                case {"a": [first, *_]} if (n := len(first)) > 1:
                    return {**values, "text": f"{n!r:>{n}} and {values['b']}", "more": lambda x, /: x}
            try:
                return [x for x in values] if RATES else not None
            except (KeyError, ValueError) as error:
                raise TypeError from error
    """
    assert body_digest(function(tmp_path, source)) == "e4ce2674b1e0"
