"""Builds the layer that handlers import from: their dependencies and the run-time half of gateleg."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import gateleg
from gateleg.cdk.archives import content_hash, keep_archive, kept_archive, read_files, walk
from gateleg.cdk.compiling import compiler_for, key_with, with_compiled
from gateleg.cdk.kept import write_whole, writing
from gateleg.cdk.requirements import PathRequirement, Requirements, normalized
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from gateleg.cdk.archives import Archive
    from gateleg.cdk.compiling import Compiler

_RUN_TIME = frozenset(
    {"aws", "client", "description", "errors", "expressions", "idempotency", "model", "rest", "store", "stream", "websocket"}
)
_UNSTABLE = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"})
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_NEW_LINUX = (3, 12)
_SHOWN_LINES = 12
_FULL = os.strerror(errno.ENOSPC)


@dataclass(frozen=True)
class Target:
    """What dependencies are resolved for.

    Attributes:
        python: `3.14`.
        platform: As `uv --python-platform` names it; `None` for the running interpreter's own.
    """

    python: str
    platform: str | None

    @classmethod
    def of_lambda(cls, runtime: str, architecture: str) -> Target:
        """AWS Lambda's platform: Amazon Linux 2023 since Python 3.12, Amazon Linux 2 before.

        Args:
            runtime: `python3.14`.
            architecture: `arm64` or `x86_64`.

        Raises:
            PackagingError: It is not a Python runtime.
        """
        match = re.fullmatch(r"python(3)\.(\d+)", runtime)
        if match is None:
            message = f"handlers run on a Python runtime, got {runtime!r}; pass runtime=lambda_.Runtime.PYTHON_3_14 or the like"
            raise PackagingError(message, path="runtime", value=runtime)
        libc = "manylinux_2_28" if (int(match[1]), int(match[2])) >= _NEW_LINUX else "manylinux2014"
        return cls(f"{match[1]}.{match[2]}", f"{_MACHINES[architecture]}-{libc}")

    @classmethod
    def local(cls) -> Target:
        """The running interpreter, which is what the embedded AWS runs handlers with."""
        return cls(f"{sys.version_info.major}.{sys.version_info.minor}", None)

    @property
    def label(self) -> str:
        """What tells targets apart in keys."""
        return f"{self.python} {self.platform or f'{sys.platform}-{platform.machine()}'}"

    @property
    def compiler(self) -> Compiler | None:
        """Who compiles for it: nobody for a local run, which compiles what it imports and keeps it."""
        return None if self.platform is None else compiler_for(self.python)

    def arguments(self) -> list[str]:
        """The arguments that say it to `uv pip install`."""
        if self.platform is None:
            return ["--python", sys.executable]
        return ["--python-version", self.python, "--python-platform", self.platform, "--only-binary", ":all:"]


def build_layer(requirements: Requirements, target: Target, folder: Path) -> Archive:
    """The layer's archive, built unless it is kept already under a key of all that goes in.

    Args:
        requirements: What handlers import.
        target: What to resolve for.
        folder: Where built layers are kept.

    Raises:
        PackagingError: `uv` cannot resolve the requirements for the target, they cannot be compiled, or the disk is full.
    """
    (own, digest), compiler = _own(), target.compiler
    key = key_with(compiler, requirements.digest, target.label, digest)
    if (kept := kept_archive(folder, key)) is not None:
        return kept
    return keep_archive(folder, key, with_compiled(_installed(requirements, target, folder) | own, compiler))


def own_layer(folder: Path) -> Archive:
    """The archive of a layer without dependencies, for stacks that are only listed.

    Args:
        folder: Where built layers are kept.
    """
    own, digest = _own()
    key = f"unbundled{digest[:23]}"
    return kept_archive(folder, key) or keep_archive(folder, key, own)


@cache
def distributions_in(layer: Archive) -> frozenset[str]:
    """The normalized names of the distributions that a layer holds."""
    found = (re.match(r"python/([^/]+?)-[^/-]+\.dist-info/", name) for name in layer.names())
    return frozenset(normalized(match[1]) for match in found if match is not None)


def run_time_files() -> dict[str, Path]:
    """The run-time half of the installed gateleg, by its names in a layer."""
    package = Path(gateleg.__file__).parent
    names = {path.relative_to(package): path for path in walk(package)}
    return {
        f"python/gateleg/{name.as_posix()}": path
        for name, path in names.items()
        if name.parts[0] in _RUN_TIME or (len(name.parts) == 1 and name.name != "cli.py")
    }


@cache
def _own() -> tuple[dict[str, bytes], str]:
    """The run-time half of gateleg and its hash: read once, whatever the number of functions."""
    files = read_files(run_time_files())
    return files, content_hash(files)


def _installed(requirements: Requirements, target: Target, folder: Path) -> dict[str, bytes]:
    """What handlers import, installed and read, without scripts and without what an installer writes anew each time."""
    if not requirements.lines:
        return {}
    with writing(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as name:
        work = Path(name).absolute()  # a requirement names a wheel by its whole path
        place = work / "installed"
        _install(requirements, target, work, place)
        # Wheels may keep shared libraries in hidden folders, `.libs` or `.dylibs`; at the top there is only what uv left.
        files = [path for path in walk(place, hidden=True) if not _is_of_uv(path.relative_to(place).parts[0]) and not _is_unstable(path)]
        return read_files({f"python/{path.relative_to(place).as_posix()}": path for path in files})


def _is_of_uv(top: str) -> bool:
    return top == "bin" or top.startswith(".")


def _is_unstable(path: Path) -> bool:
    return path.name in _UNSTABLE and path.parent.name.endswith(".dist-info")


def _install(requirements: Requirements, target: Target, work: Path, place: Path) -> None:
    are_hashed = requirements.are_hashed
    lines = [
        line if isinstance(line, str) else _line(line, _built(line, work / str(number)), hashed=are_hashed)
        for number, line in enumerate(requirements.lines)
    ]
    write_whole(work / "requirements.txt", "\n".join(lines).encode())
    write_whole(work / "constraints.txt", "\n".join(requirements.constraints).encode())
    hashed = ["--require-hashes"] if are_hashed else []
    files = ["--requirements", str(work / "requirements.txt"), "--constraints", str(work / "constraints.txt")]
    what = f"the requirements for {target.label}"
    _run(["pip", "install", "--quiet", "--target", str(place), *target.arguments(), *hashed, *files], f"cannot install {what}")


def _line(requirement: PathRequirement, wheel: Path, *, hashed: bool) -> str:
    """The requirement of a wheel that was built here; beside hashes of others it has its own."""
    own = f" --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" if hashed and "--hash=" not in requirement.tail else ""
    return f"{wheel.name.split('-')[0]}{requirement.extras} @ {wheel.as_uri()}{requirement.tail}{own}"


def _built(requirement: PathRequirement, work: Path) -> Path:
    """The wheel, built from a copy: builds leave files beside the sources, and what is built is what was read."""
    source, wheels = work / "source", work / "wheels"
    for name, content in requirement.files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    if requirement.path.suffix == ".whl":
        wheels = source
    else:
        sources = source / requirement.path.name if requirement.path.is_file() else source
        build = ["build", "--wheel", "--python", sys.executable, "--out-dir", str(wheels), str(sources)]
        _run(build, f"cannot build {requirement.path}")
    return next(wheels.glob("*.whl"))


def _run(arguments: list[str], failure: str) -> None:
    done = subprocess.run([_uv(), *arguments], capture_output=True, text=True, check=False)  # noqa: S603 (our own command)
    if done.returncode != 0:
        raise refusal_of_uv(failure, done.stderr)


def refusal_of_uv(failure: str, said: str) -> PackagingError:
    """The error for what uv printed: its last lines, or one line where a disk is full."""
    if _FULL in said:
        message = (
            f"uv {failure}: no space is left for the layers below .gateleg or for what `uv cache dir` names; free some there, and run again"
        )
        return PackagingError(message, code="declaration.packaging.disk")
    return PackagingError(f"uv {failure}:\n" + "\n".join(said.strip().splitlines()[-_SHOWN_LINES:]))


def _uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        message = "uv is not installed, and it resolves the handlers' dependencies; run: pip install 'gateleg[cdk]'"
        raise PackagingError(message, path="uv", code="declaration.packaging.uv")
    return found
