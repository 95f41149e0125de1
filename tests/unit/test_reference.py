"""docs/errors.md says which codes there are now, and every exported name says what it is."""

from __future__ import annotations

import importlib

import pytest

from tools.reference import PACKAGES, PAGE, REFERENCE, ROOT, exported, listed, page


@pytest.mark.slow
def test_the_page_is_what_make_docs_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_page_of_a_package_lists_its_names_as_make_docs_writes_them(package: str) -> None:
    text = (REFERENCE / f"{package}.md").read_text(encoding="utf-8")

    assert text == listed(package), "run: make docs"
    assert [name for name in exported(f"gateleg.{package}") if f"| `{name}` | " not in text] == []


def test_a_page_of_the_reference_tells_what_a_result_has() -> None:
    told = listed("websocket")

    assert "| `BroadcastResult` | What became of a broadcast.<br>Attributes: `sent`, `gone`, `failed`" in told
    assert told.startswith("# gateleg.websocket\n\nWebSocket handlers: ")
    assert "\n::: gateleg.websocket\n" in told


@pytest.mark.parametrize("package", [f"gateleg.{package}" for package in PACKAGES])
def test_every_exported_name_is_there_and_says_what_it_is(package: str) -> None:
    told = exported(package)
    module = importlib.import_module(package)

    assert [name for name, line in told.items() if not line] == []
    assert set(told) >= set(getattr(module, "__all__", ()))


def test_no_package_is_forgotten() -> None:
    packages = {path.parent.name for path in ROOT.glob("gateleg/*/__init__.py") if "__all__" in path.read_text(encoding="utf-8")}

    assert packages <= set(PACKAGES)
