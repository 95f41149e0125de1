"""Archives are the same for the same files, hold what was hashed, and are trusted by their content alone."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from gateleg.cdk.archives import content_hash, keep_archive, kept_archive, read_files, walk
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"svc/__init__.py": b"", "svc/rest.py": b"app = 1\n" * 50}


def test_two_archives_of_the_same_files_are_the_same_bytes_whenever_they_are_made(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    paths = {name: tmp_path / name for name in FILES}
    one = keep_archive(tmp_path, "one", read_files(paths))
    for path in paths.values():
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    two = keep_archive(tmp_path, "two", read_files(dict(reversed(paths.items()))))
    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.content == two.content == content_hash(FILES)


def test_an_edit_or_a_rename_changes_the_hash() -> None:
    assert content_hash({f"x{name}": content for name, content in FILES.items()}) != content_hash(FILES)
    assert content_hash(FILES | {"svc/rest.py": b"edited"}) != content_hash(FILES)


def test_what_is_edited_after_it_was_read_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "rest.py").write_bytes(b"hashed")
    files = read_files({"rest.py": tmp_path / "rest.py"})
    (tmp_path / "rest.py").write_bytes(b"half an edit")
    archive = keep_archive(tmp_path, "key", files)
    assert archive.content == content_hash({"rest.py": b"hashed"})
    with zipfile.ZipFile(archive.path) as opened:
        assert opened.read("rest.py") == b"hashed"


def test_an_archive_is_found_by_its_key(tmp_path: Path) -> None:
    assert kept_archive(tmp_path, "key") is None
    kept = keep_archive(tmp_path, "key", FILES)
    assert kept_archive(tmp_path, "key") == kept
    assert sorted(kept.names()) == sorted(FILES)
    assert kept_archive(tmp_path, "ke") is None


def test_a_file_of_another_name_is_no_archive(tmp_path: Path) -> None:
    kept = keep_archive(tmp_path, "key", FILES)
    (tmp_path / "key-0copy.zip").write_bytes(kept.path.read_bytes())
    assert kept_archive(tmp_path, "key") == kept


@pytest.mark.parametrize("damage", ["cut", "emptied", "exchanged", "one byte"])
def test_an_archive_that_was_spoiled_is_not_taken_and_is_made_anew(damage: str, tmp_path: Path) -> None:
    kept = keep_archive(tmp_path, "key", FILES)
    whole = kept.path.read_bytes()
    other = keep_archive(tmp_path, "other", {"other.py": b""}).path.read_bytes()
    kept.path.write_bytes({"cut": whole[:100], "emptied": b"", "exchanged": other, "one byte": whole[:60] + b"!" + whole[61:]}[damage])
    assert kept_archive(tmp_path, "key") is None
    assert list(tmp_path.glob("key-*")) == []
    assert keep_archive(tmp_path, "key", FILES) == kept
    assert kept.path.read_bytes() == whole


def test_a_package_that_lambda_would_refuse_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large.bin").open("wb") as stream:
        stream.truncate(251 * 2**20)
    with pytest.raises(PackagingError, match="251 MiB"):
        read_files({"large.bin": tmp_path / "large.bin"})


def test_programs_can_be_run(tmp_path: Path) -> None:
    archive = keep_archive(tmp_path, "k", {"svc/tool": b"#!/bin/sh"})
    with zipfile.ZipFile(archive.path) as opened:
        assert opened.getinfo("svc/tool").external_attr >> 16 == 0o755


def test_links_that_lead_back_are_not_followed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").touch()
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "a" / "other").symlink_to("../b")
    (tmp_path / "b" / "other").symlink_to("../a")
    found = [path.relative_to(tmp_path).as_posix() for path in walk(tmp_path / "a")]
    assert found == ["a/a.py", "a/other/b.py"]


def test_a_link_that_leads_nowhere_is_refused_until_it_is_removed(tmp_path: Path) -> None:
    lost = tmp_path / "lost.py"
    lost.symlink_to("nowhere.py")
    with pytest.raises(PackagingError, match=r"lost\.py cannot be packed, because it is a link that leads nowhere; remove the link"):
        read_files({path.name: path for path in walk(tmp_path)})
    lost.unlink()
    assert read_files({path.name: path for path in walk(tmp_path)}) == {}
