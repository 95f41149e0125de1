"""Descriptions that are kept from one synth to the next, for as long as everything they were read from stays as it was."""

from __future__ import annotations

import hmac
import json
import secrets
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.kept import kept_folder, kept_place, write_whole
from gateleg.description import App, service_name
from gateleg.description.app import FORMAT
from gateleg.description.provenance import Provenance
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

    from gateleg.description.source import FunctionSource

_FOLDER = "descriptions"
_SALT_BYTES = 32


@dataclass(frozen=True)
class KeptDescription:
    """The place of one function's description, below `.gateleg/` of its root.

    Its name is a keyed hash of the function, its variables, and the interpreter; its first line is one of its content. The key is
    the project's own, so that neither tells a variable's value, and a file that was cut, emptied, exchanged or written by somebody
    else is not taken.

    Attributes:
        file: Where it is kept.
        salt: The key.
    """

    file: Path
    salt: bytes

    @classmethod
    def of(cls, source: FunctionSource) -> KeptDescription:
        """The place for a function, described by this interpreter.

        Raises:
            PackagingError: The disk is full or cannot be written.
        """
        folder = kept_folder(source.root, _FOLDER)
        salt = _salt(folder / "salt")
        told = json.dumps([FORMAT, sys.executable, sys.version, source.to_dict()], sort_keys=True)
        return cls(folder / f"{_prefix(source.name)}{_keyed(salt, told.encode())}.json", salt)

    def read(self) -> App | None:
        """The description; `None` if there is none, or if something that it was read from has changed."""
        try:
            code, _, content = self.file.read_bytes().partition(b"\n")
            if not hmac.compare_digest(code, self._code(content)):
                return None
            kept: dict[str, Any] = json.loads(content)
            return App.from_dict(kept["description"]) if Provenance.from_dict(kept["provenance"]).holds() else None
        except (OSError, ValueError, KeyError, TypeError, DeclarationError):
            return None

    def write(self, answer: dict[str, Any]) -> None:
        """Keep a description, unless something in its making cannot be repeated.

        Args:
            answer: The description and its provenance, as plain data.

        Raises:
            PackagingError: The disk is full or cannot be written.
        """
        if not Provenance.from_dict(answer["provenance"]).doubts:
            content = json.dumps(answer).encode()
            write_whole(self.file, self._code(content) + b"\n" + content)

    def _code(self, content: bytes) -> bytes:
        return _keyed(self.salt, self.file.name.encode() + b"\n" + content).encode()


def are_kept(names: tuple[str, ...], root: Path) -> bool:
    """Whether descriptions of all these apps are kept, for whatever variables and whether they still hold or not."""
    folder = kept_place(root, _FOLDER)
    return all(any(folder.glob(f"{_prefix(name)}*.json")) for name in names)


def _prefix(name: str) -> str:
    return f"{service_name(name)}-"


def _salt(file: Path) -> bytes:
    """The project's own key, made the first time."""
    try:
        if len(salt := file.read_bytes()) == _SALT_BYTES:
            return salt
    except OSError:
        pass
    salt = secrets.token_bytes(_SALT_BYTES)
    write_whole(file, salt, 0o600)
    return salt


def _keyed(salt: bytes, content: bytes) -> str:
    return hmac.digest(salt, content, "sha256").hex()[:32]
