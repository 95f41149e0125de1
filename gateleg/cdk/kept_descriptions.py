"""Descriptions that are kept from one synth to the next, for as long as everything they were read from stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.description import App
from gateleg.description.app import FORMAT
from gateleg.errors import DeclarationError
from gateleg.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class KeptDescriptions:
    """The place of one set of apps, below `.gateleg/` of their root; a file that cannot be read counts as none.

    Attributes:
        file: Where they are kept.
    """

    file: Path

    @classmethod
    def of(cls, apps: Sequence[str], root: Path, environment: Mapping[str, str]) -> KeptDescriptions:
        """The place for these apps, described by this interpreter.

        Args:
            apps: The app strings.
            root: The folder that they are found from.
            environment: The variables that the describing process gets.
        """
        told = json.dumps([FORMAT, sys.executable, sys.version, environment.get("PYTHONPATH"), *apps])
        return cls(root / ".gateleg" / "descriptions" / f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.json")

    def read(self, environment: Mapping[str, str]) -> list[App] | None:
        """The descriptions; `None` if there are none, or if something that they were read from has changed.

        Args:
            environment: The variables that a describing process would get.
        """
        try:
            kept: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
            if not Provenance.from_dict(kept["provenance"]).holds(environment):
                return None
            return [App.from_dict(described) for described in kept["descriptions"]]
        except (OSError, ValueError, KeyError, TypeError, DeclarationError):
            return None

    def write(self, descriptions: Sequence[App], provenance: str) -> None:
        """Keep descriptions, unless something in their making cannot be repeated; a folder that cannot be written keeps none.

        Args:
            descriptions: In the order of the apps.
            provenance: What `gateleg.describe --provenance` wrote.
        """
        try:
            told = json.loads(provenance)
            if Provenance.from_dict(told).doubts:
                return
            self.file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"provenance": told, "descriptions": [one.to_dict() for one in descriptions]})
            with tempfile.NamedTemporaryFile("w", dir=self.file.parent, suffix=".tmp", delete=False, encoding="utf-8") as made:
                made.write(text)
            os.replace(made.name, self.file)  # noqa: PTH105 (a name, not a Path)
        except (OSError, ValueError, KeyError, TypeError):
            return
