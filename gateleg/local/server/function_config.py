"""A function's configuration, as the emulator keeps it and Lambda's API gives it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOLD_APART: Final = ("CodeSha256", "Environment", "Handler", "Layers", "MemorySize", "Role", "Runtime", "Timeout", "LoggingConfig")


@dataclass(frozen=True)
class FunctionConfig:
    """What Lambda's GetFunctionConfiguration says of a function.

    Attributes:
        given: All of it.
    """

    given: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its physical name."""
        return str(self.given["FunctionName"])

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.given["FunctionArn"])

    @property
    def region(self) -> str:
        """The region that it is in."""
        return self.arn.split(":")[3]

    @property
    def timeout(self) -> float:
        """How long an invocation may take, in seconds."""
        return float(self.given.get("Timeout", 3))

    @property
    def variables(self) -> dict[str, str]:
        """Its own environment variables."""
        environment: Mapping[str, Any] = self.given.get("Environment") or {}
        found: Mapping[str, Any] = environment.get("Variables") or {}
        return {name: str(value) for name, value in found.items()}

    @property
    def layers(self) -> list[Any]:
        """The layer versions that are attached, each as an ARN or an object that holds one."""
        return list(self.given.get("Layers") or ())

    @property
    def log_group(self) -> str:
        """Where it logs."""
        logging: Mapping[str, Any] = self.given.get("LoggingConfig") or {}
        return str(logging.get("LogGroup") or f"/aws/lambda/{self.name}")

    @property
    def label(self) -> str:
        """What a person calls it: its Powertools service name, or its own."""
        return self.variables.get("POWERTOOLS_SERVICE_NAME") or self.name

    @property
    def kind(self) -> str:
        """What stands for the code and settings that an execution environment is made of."""
        told = [self.given.get(name) for name in _TOLD_APART]
        return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
