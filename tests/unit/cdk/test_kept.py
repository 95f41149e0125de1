"""Files below `.gateleg/` are written whole, are ignored by version control, and a full disk is one clear line."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from gateleg.cdk.kept import kept_folder, write_whole, writing
from gateleg.errors import PackagingError

_LIMITED = """
import resource, signal, sys
from pathlib import Path
from gateleg.cdk.kept import kept_folder, write_whole
from gateleg.errors import PackagingError
folder = kept_folder(Path(sys.argv[1]), "code")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(folder / "large", b"x" * 100_000)
except PackagingError as error:
    print(error)
"""


def test_the_folder_is_ignored_by_version_control(tmp_path: Path) -> None:
    assert kept_folder(tmp_path, "code", "small") == tmp_path / ".gateleg/code/small"
    assert (tmp_path / ".gateleg/code/small").is_dir()
    assert (tmp_path / ".gateleg/.gitignore").read_text() == "*\n"


def test_an_ignore_file_of_the_user_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".gateleg").mkdir()
    (tmp_path / ".gateleg/.gitignore").write_text("own\n")
    kept_folder(tmp_path)
    assert (tmp_path / ".gateleg/.gitignore").read_text() == "own\n"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"first")
    write_whole(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_write_that_the_disk_refuses_halfway_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _LIMITED, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    [line] = done.stdout.splitlines()
    assert str(tmp_path / ".gateleg/code") in line
    assert "File too large" in line
    assert list((tmp_path / ".gateleg/code").iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    expected = r"No space left on device.*free some space"
    with pytest.raises(PackagingError, match=expected) as raised, writing(tmp_path), Path("/dev/full").open("wb", buffering=0) as stream:
        stream.write(b"x")
    assert raised.value.value == errno.ENOSPC
    assert raised.value.__suppress_context__


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".gateleg").write_text("a file where the folder belongs")
    with pytest.raises(PackagingError, match=r"\.gateleg .*remove"):
        kept_folder(tmp_path, "code")
    (tmp_path / ".gateleg").unlink()
    assert kept_folder(tmp_path, "code").is_dir()
