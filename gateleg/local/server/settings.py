"""What the embedded AWS is told when it is started."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SECRET: Final = "GATELEG_LOCAL_SECRET"  # noqa: S105 - a variable's name
"""The variable that holds the secret of the run: in the environment, since a command line can be read by everybody."""


@dataclass(frozen=True)
class Settings:
    """One run of the embedded AWS.

    Attributes:
        directory: The state directory of the project.
        port: The port on 127.0.0.1.
        secret: Signs requests of the account's root and opens the owner's paths; another in each run.
        auth: Whether IAM is enforced.
    """

    directory: Path
    port: int
    secret: str = field(repr=False)
    auth: bool

    @classmethod
    def of_environment(cls, directory: str, port: int) -> Settings:
        """Return the settings that the environment of this process holds."""
        return cls(Path(directory), port, os.environ[SECRET], os.environ["AUTH"] == "true")

    @property
    def temporary(self) -> Path:
        """Where functions' code lies while they run."""
        return self.directory / "tmp"
