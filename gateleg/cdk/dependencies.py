"""Builds the layer that handlers import from: locked dependencies and the run-time half of gateleg.

Layers are kept under a key of all that goes in. A build happens beside its final place and is moved there in one step, so an
interrupted one leaves nothing that looks finished.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import gateleg
from gateleg.cdk.archives import content_hash, walk, write_archive
from gateleg.errors import PackagingError

_SYNTH_HALF = frozenset({"cdk", "local", "testing", "describe"})
_UNSTABLE = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"})
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_NEW_LINUX = (3, 12)
_SHOWN_LINES = 12


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
            PackagingError: It is no Python runtime.
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

    def arguments(self) -> list[str]:
        """The arguments that say it to `uv pip install`."""
        if self.platform is None:
            return ["--python", sys.executable]
        return ["--python-version", self.python, "--python-platform", self.platform, "--only-binary", ":all:"]


def build_layer(requirements: Path | None, target: Target, store: Path) -> tuple[Path, str]:
    """The layer's archive and the hash of its content, built unless it is there already.

    Args:
        requirements: The locked requirements; `None` for none.
        target: What to resolve for.
        store: The folder that keeps built layers.

    Raises:
        PackagingError: The file is missing, or `uv` cannot resolve it for the target.
    """
    if requirements is not None and not requirements.is_file():
        message = f"there is no requirements file {requirements}; name one that is there, or leave `requirements` out to have it found"
        raise PackagingError(message, path=str(requirements), value=str(requirements))
    locked = b"" if requirements is None else requirements.read_bytes()
    key = hashlib.sha256(b"\0".join([locked, target.label.encode(), content_hash(run_time_files()).encode()])).hexdigest()[:32]
    kept = store / key
    if not (kept / "content").is_file():
        _build(requirements, target, kept)
    return kept / "layer.zip", (kept / "content").read_text(encoding="utf-8")


def run_time_files() -> dict[str, Path]:
    """The run-time half of the installed gateleg, by its names in a layer."""
    package = Path(gateleg.__file__).parent
    files = (path for path in walk(package, skip=frozenset()) if path.relative_to(package).parts[0] not in _SYNTH_HALF | {"cli.py"})
    return {f"python/gateleg/{path.relative_to(package).as_posix()}": path for path in files}


def _build(requirements: Path | None, target: Target, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".new-") as name:
        installed, finished = Path(name, "installed"), Path(name, "finished")
        installed.mkdir()
        if requirements is not None:
            _install(requirements, target, installed)
        files = {f"python/{path.relative_to(installed).as_posix()}": path for path in _stable_files(installed)} | run_time_files()
        write_archive(files, finished / "layer.zip")
        (finished / "content").write_text(content_hash(files), encoding="utf-8")
        try:
            finished.rename(kept)
        except OSError:
            # Another synth finished the same layer first, or one of an older release left half of it.
            if not (kept / "content").is_file():
                shutil.rmtree(kept)
                finished.rename(kept)


def _stable_files(installed: Path) -> list[Path]:
    """What handlers import, without scripts and without what an installer writes anew each time."""
    files = walk(installed, skip=frozenset())
    return [path for path in files if path.relative_to(installed).parts[0] != "bin" and not _is_unstable(path)]


def _is_unstable(path: Path) -> bool:
    return path.name in _UNSTABLE and path.parent.name.endswith(".dist-info")


def _install(requirements: Path, target: Target, folder: Path) -> None:
    hashed = ["--require-hashes"] if "--hash=" in requirements.read_text(encoding="utf-8") else []
    arguments = ["pip", "install", "--quiet", "--target", str(folder), *target.arguments(), *hashed, "--requirement", str(requirements)]
    done = subprocess.run([_uv(), *arguments], capture_output=True, text=True, check=False)  # noqa: S603 (our own command)
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-_SHOWN_LINES:])
        message = f"uv cannot install {requirements} for {target.label}:\n{said}"
        raise PackagingError(message, path=str(requirements), value=target.label)


def _uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        message = "uv is not installed, and it resolves the handlers' dependencies; install gateleg[cdk]"
        raise PackagingError(message, path="uv", code="declaration.packaging.uv")
    return found
