"""What a description was read from is judged by its content."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gateleg.description.provenance import Provenance, stamp, state
from gateleg.places import is_installed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    file = tmp_path / "module.py"
    file.write_text("A = 1")
    return file


def of(file: Path) -> Provenance:
    """As of a file that is told from others by its state."""
    state.cache_clear()
    return Provenance({str(file): stamp(str(file))}, {str(file): state(str(file))})


def edited(file: Path) -> None:
    before = file.stat()
    file.write_text("A = 2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchanged(file: Path) -> None:
    before = file.stat()
    other = file.with_name("other.py")
    other.write_text("A = 2")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)


CHANGES: dict[str, tuple[Callable[[Path], object], bool]] = {
    "nothing": (lambda _: None, True),
    "a link elsewhere": (lambda file: os.link(file, file.with_name("link.py")), True),
    "another date": (lambda file: os.utime(file, (1, 1)), True),
    "an edit that keeps size and time": (edited, False),
    "another file of that size and time": (exchanged, False),
    "deleted": (lambda file: file.unlink(), False),
}


@pytest.mark.parametrize(("change", "holds"), CHANGES.values(), ids=CHANGES)
def test_only_another_content_counts(installed: Path, change: Callable[[Path], object], holds: bool) -> None:  # noqa: FBT001 (a value to compare)
    provenance = of(installed)
    change(installed)
    state.cache_clear()
    assert provenance.holds() is holds


def test_a_new_name_in_a_folder_counts_and_byte_code_does_not(tmp_path: Path) -> None:
    provenance = Provenance({str(tmp_path): stamp(str(tmp_path))}, {})
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / ".hidden").touch()
    assert provenance.holds()
    (tmp_path / "module.py").touch()
    assert not provenance.holds()


def test_with_a_doubt_nothing_holds() -> None:
    assert not Provenance({}, {}, ("socket.connect",)).holds()


def test_what_is_installed_is_told_from_what_people_edit(tmp_path: Path) -> None:
    assert is_installed(os.__file__)
    assert is_installed(pytest.__file__)
    assert not is_installed(str(tmp_path / "module.py"))
    assert not is_installed(__file__)
