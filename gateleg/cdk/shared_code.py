"""The code of several functions: read, hashed and packed once, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.cdk.packaging import NOTHING, HandlerCode
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

    from gateleg.cdk.compiling import Compiler
    from gateleg.description.app import Needs


@dataclass(frozen=True)
class SharedCode(HandlerCode):
    """Code that several functions of a gateway share, or several apps of one function.

    Args:
        handlers: The handlers whose packages go along beside that of the function's own.
        written: What lies beside the packages, by name.
        made: What was made so far.
    """

    handlers: Sequence[str] = ()
    written: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    made: dict[Any, Any] = field(default_factory=dict[Any, Any], compare=False, repr=False)

    @classmethod
    def of(cls, code: HandlerCode, handlers: Sequence[str] = (), written: Mapping[str, bytes] | None = None) -> SharedCode:
        """The same code, shared."""
        given = {one.name: getattr(code, one.name) for one in fields(HandlerCode)}
        return cls(**given, handlers=tuple(handlers), written=written or {})

    def for_handler(self, handler: str) -> HandlerCode:
        """The same with the packages of the handler, or of the handlers that stand behind it.

        Raises:
            PackagingError: A module is not below the root, or the handlers' requirements are in different files.
        """
        if handler not in self.made:
            self.made[handler] = self._for_each() if self.handlers else super().for_handler(handler)
        found: HandlerCode = self.made[handler]
        return found

    def code(self, needs: Needs = NOTHING, *, compiler: Compiler | None = None) -> lambda_.Code:
        """The code asset, made the first time."""
        key = (needs, compiler)
        if key not in self.made:
            self.made[key] = super().code(needs, compiler=compiler)
        made: lambda_.Code = self.made[key]
        return made

    def layer(
        self, scope: Construct, needs: Needs = NOTHING, *, architecture: lambda_.Architecture, runtime: lambda_.Runtime
    ) -> lambda_.LayerVersion:
        """The layer, made the first time."""
        key = (needs, architecture, runtime)
        if key not in self.made:
            self.made[key] = super().layer(scope, needs, architecture=architecture, runtime=runtime)
        made: lambda_.LayerVersion = self.made[key]
        return made

    def _read(self, needs: Needs) -> dict[str, bytes]:
        return super()._read(needs) | dict(self.written)

    def _for_each(self) -> HandlerCode:
        each = [HandlerCode.for_handler(replace(self, handlers=()), handler) for handler in self.handlers]
        files = list(dict.fromkeys(None if code.requirements is None else Path(code.requirements) for code in each))
        if len(files) > 1:
            told = ", ".join(
                f"{file} for {handler}" for file, handler in zip((code.requirements for code in each), self.handlers, strict=True)
            )
            message = (
                f"functions='all' makes one function with one layer, and the requirements are {told}; name one file for all of them, "
                "function_options={'code': HandlerCode(requirements='requirements.txt')}"
            )
            raise PackagingError(
                message, path="HandlerCode.requirements", value=tuple(map(str, files)), code="declaration.packaging.requirements"
            )
        packages = dict.fromkeys(package for code in each for package in code.packages)
        return replace(self, handlers=(), packages=tuple(packages), requirements=files[0])
