"""What a description is read from: one function, its root and its own environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class FunctionSource:
    """A function that is to be described.

    Args:
        app: The app string of the resolver that it answers with; `None` for a plain handler.
        handler: What Lambda calls, `package.module:attribute`; the app itself unless given.
        root: The folder that modules are found from.
        environment: The function's own variables, as literal values.

    Raises:
        DeclarationError: There is neither an app nor a handler.
    """

    app: str | None
    handler: str = ""
    root: Path = field(default_factory=Path)
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.app is None and not self.handler:
            raise DeclarationError("a function is described by its app or its handler; write FunctionSource('package.module:app')")
        object.__setattr__(self, "handler", self.handler or self.app)
        object.__setattr__(self, "root", Path(self.root).absolute())

    @property
    def name(self) -> str:
        """The app string, or the handler string of a function without one."""
        return self.app or self.handler

    def to_dict(self) -> dict[str, Any]:
        """The source as plain data; `from_dict` reads it."""
        return {"app": self.app, "handler": self.handler, "root": str(self.root), "environment": dict(self.environment)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FunctionSource:
        """Read what `to_dict` gave."""
        return cls(data["app"], data["handler"], Path(data["root"]), data["environment"])
