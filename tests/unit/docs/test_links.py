"""Every link leads somewhere, and the README's do so on PyPI too, which has no files beside it."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.unit.docs.pages import DECISIONS, DOCS, README, ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOME = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Homepage"]
RAW = HOME.replace("github.com", "raw.githubusercontent.com")
OURS = re.compile(rf"(?:{HOME}/(?:blob|tree)|{RAW})/main/(?P<path>[^#]*)(?P<anchor>.*)")
PAGES = [*DOCS, *DECISIONS, *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"))]


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def leads(path: Path, anchor: str) -> bool:
    return path.exists() and (not anchor or anchor in anchors(path))


def test_the_readme_has_links() -> None:
    assert len(links(README)) > 10


@pytest.mark.parametrize("link", links(README))
def test_the_readme_s_links_are_absolute_and_ours_name_files(link: str) -> None:
    assert link.startswith("https://")
    if link.startswith((HOME, RAW)):
        ours = OURS.fullmatch(link)
        assert ours, "name a file of the main branch"
        assert leads(ROOT / ours["path"], ours["anchor"])


@pytest.mark.parametrize(
    ("page", "link"), [(page, link) for page in PAGES for link in links(page)], ids=lambda value: getattr(value, "name", value)
)
def test_every_other_link_leads_somewhere(page: Path, link: str) -> None:
    if "://" in link:
        ours = OURS.fullmatch(link)
        assert not link.startswith((HOME + "/blob", HOME + "/tree", RAW)) or (ours and leads(ROOT / ours["path"], ours["anchor"]))
    else:
        path, hash_, anchor = link.partition("#")
        assert leads(page.parent / path if path else page, hash_ + anchor)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_whoever_has_the_package_alone_is_told_where_the_rest_is(page: Path) -> None:
    """A wheel has neither tests nor examples, and a project no such targets: pages link files, or say that it takes a clone."""
    text = page.read_text(encoding="utf-8")
    without_links = re.sub(r"\[`[^`]*`\]\(https://[^)]*\)", "", text)
    needs = re.findall(r"(?<![\w/])(?:tests|examples|benchmarks)/\w+(?:/\w+)*\.\w+|make (?:run SERVICE|bench|docs)", without_links)

    assert not needs or re.search(r"\bclone of (?:it|\[the source repository\])", text), "link it, or say that it takes a clone"
