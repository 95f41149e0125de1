"""Compiled files in assets: Lambda's folders cannot be written, so that without them each cold start compiles what it imports.

docs/adr/0010-assets-are-compiled.md says what that is worth, and why these are not checked against their sources.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.cdk.archives import MAX_BYTES
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAM = Path(__file__).with_name("compile_sources.py")
_FLAGS = ("-S", "-s", "-P", "-W", "ignore")
_WHO = "import sys; v = sys.version_info; print(sys.implementation.name, v.releaselevel, f'{v.major}.{v.minor}'); print(sys.version)"
_SHOWN_LINES = 12


@dataclass(frozen=True)
class Compiler:
    """An interpreter of the version that handlers run on.

    Attributes:
        python: Where it is.
        identity: What it says of itself; with the sources it decides the compiled bytes.
    """

    python: Path
    identity: str

    def compiled(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The compiled files of the modules among files, by their names in the archive.

        Args:
            files: The contents by their names in the archive.

        Raises:
            PackagingError: The interpreter fails.
        """
        sources = {name: content for name, content in files.items() if name.endswith(".py")}
        done = subprocess.run(  # noqa: S603 (our own command)
            [self.python, *_FLAGS, _PROGRAM], input=marshal.dumps(sources, 2), env=_surroundings(), capture_output=True, check=False
        )
        if done.returncode != 0:
            said = "\n".join(done.stderr.decode(errors="replace").strip().splitlines()[-_SHOWN_LINES:])
            message = f"{self.python} cannot compile what handlers import; mend it, or remove it from the path:\n{said}"
            raise PackagingError(message, path=str(self.python), code="declaration.packaging.compiler")
        made: dict[str, bytes] = marshal.loads(done.stdout)  # noqa: S302 (from a process of our own)
        return made


def with_compiled(files: Mapping[str, bytes], compiler: Compiler | None) -> dict[str, bytes]:
    """Files with the compiled files of their modules; without them where Lambda would then refuse the archive for its size.

    Args:
        files: The contents by their names in the archive.
        compiler: Who compiles; nobody where there is none.

    Raises:
        PackagingError: The interpreter fails.
    """
    whole = {**({} if compiler is None else compiler.compiled(files)), **files}
    return whole if sum(map(len, whole.values())) <= MAX_BYTES else dict(files)


def key_with(compiler: Compiler | None, *inputs: str) -> str:
    """The key of an archive that is made from inputs, and of their compiled files where somebody compiles.

    Args:
        compiler: Who compiles; nobody where there is none.
        inputs: Hashes and names of all that goes in.
    """
    digest = hashlib.sha256(" ".join(inputs).encode())
    if compiler is not None:
        digest.update(compiler.identity.encode() + _PROGRAM.read_bytes())
    return digest.hexdigest()[:32]


@cache
def compiler_for(version: str) -> Compiler | None:
    """The running interpreter, or one that is called like the version on the path.

    Args:
        version: `3.14`.
    """
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        is_lambdas = sys.implementation.name == "cpython" and sys.version_info.releaselevel == "final"
        return Compiler(Path(sys.executable), sys.version) if is_lambdas else None
    folders = os.environ.get("PATH", "").split(os.pathsep)
    # A version manager's stand-ins are there for versions that are not chosen, and fail.
    there = (path for folder in folders if folder and os.access(path := Path(folder, f"python{version}"), os.X_OK))
    return next((found for path in there if (found := _asked(path, version)) is not None), None)


def _asked(python: Path, version: str) -> Compiler | None:
    """The interpreter, where it is a released CPython of the version, as Lambda's: those alone are sure to have the same byte code."""
    try:
        done = subprocess.run([python, *_FLAGS, "-c", _WHO], env=_surroundings(), capture_output=True, text=True, check=False)  # noqa: S603 (our own command)
    except OSError:
        return None
    kind, _, identity = done.stdout.partition("\n")
    return Compiler(python, identity.strip()) if kind == f"cpython final {version}" else None


def _surroundings() -> dict[str, str]:
    """Nothing of Python's own variables, which could change what is compiled."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"PYTHONHASHSEED": "0"}
