"""The documentation as a site: it builds without a warning, each page is in its menu, links and anchors lead somewhere, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlsplit

import pytest

from tests.unit.docs.pages import ROOT
from tools.reference import PACKAGES, exported

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = (ROOT / "zensical.toml").read_text(encoding="utf-8")
LOADS = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src")}
KEPT = {"icon", "manifest", "stylesheet", "preload", "modulepreload", "preconnect"}


class Page(HTMLParser):
    """What a page of the site links to, loads, and may be linked to by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"id", "name"} and value:
                self.anchors.add(value)
            elif (tag, name) in LOADS and value:
                self.loads.add(value)
            elif name == "href" and value:
                (self.loads if tag == "link" and (dict(attrs).get("rel") or "") in KEPT else self.links).add(value)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The site, and what was said while it was built; in a folder of its own, so that no cache answers."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    (folder / "gateleg").symlink_to(ROOT / "gateleg")
    (folder / "zensical.toml").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site", done.stdout + done.stderr


@pytest.fixture(scope="module")
def pages(built: tuple[Path, str]) -> dict[str, Page]:
    site = built[0]
    return {path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


Menu: TypeAlias = "str | list[Menu] | dict[str, Menu]"


def named(menu: Menu) -> set[str]:
    """The pages of a menu."""
    if isinstance(menu, str):
        return {menu}
    return {page for part in (menu.values() if isinstance(menu, dict) else menu) for page in named(part)}


def test_each_page_is_in_the_menu_and_each_public_package_has_one() -> None:
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    packages = {f"reference/{package}.md" for package in PACKAGES}

    assert named(tomllib.loads(SETTINGS)["project"]["nav"]) == there, "name it in the nav of zensical.toml"
    assert packages == {page for page in there if page.startswith("reference/")}


@pytest.mark.slow
def test_nothing_is_warned_of(built: tuple[Path, str]) -> None:
    said = re.sub(r"\x1b\[[0-9;]*m", "", built[1])

    assert "No issues found" in said
    assert [line for line in said.splitlines() if re.match(r"griffe|warning|error", line, re.IGNORECASE)] == []


@pytest.mark.slow
def test_links_and_anchors_of_the_site_lead_somewhere(pages: dict[str, Page], built: tuple[Path, str]) -> None:
    lost: list[str] = []
    for name, page in pages.items():
        for link in page.links if name != "404.html" else ():
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (built[0] / name).parent / unquote(parts.path) if parts.path else built[0] / name
            found = target.resolve() / "index.html" if target.is_dir() else target.resolve()
            inside = pages.get(found.relative_to(built[0].resolve()).as_posix())
            if not found.exists() or (parts.fragment and inside and unquote(parts.fragment) not in inside.anchors):
                lost.append(f"{name}: {link}")
    assert lost == []


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Page], built: tuple[Path, str]) -> None:
    assert len(pages) > 50
    assert {load for page in pages.values() for load in page.loads if urlsplit(load).netloc} == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in built[0].rglob("*.css"))
    assert re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)\"']+", styles) == []


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(pages: dict[str, Page]) -> None:
    for package in PACKAGES:
        anchors = pages[f"reference/{package}.html"].anchors
        told = {anchor.rpartition(".")[2] for anchor in anchors}
        assert [name for name in exported(f"gateleg.{package}") if name not in told] == []
