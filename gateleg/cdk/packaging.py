"""The code of handlers and its dependencies, as assets: without Docker, the same for the same sources."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.archives import content_hash, walk, write_archive
from gateleg.cdk.dependencies import Target, build_layer, run_time_files
from gateleg.description.handlers import module_folders, split_handler
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

_TESTS = re.compile(r"(test_.*|.*_test|conftest)\.py|requirements.*\.(txt|in)")
_TEST_FOLDERS = frozenset({"tests", "test", "node_modules"})
_WORK = ".gateleg"


@dataclass(frozen=True)
class HandlerCode:
    """Which files a handler needs and which packages it imports.

    The code and its dependencies travel apart: an edit uploads the code alone. Dependencies are resolved by `uv` for Lambda's
    platform into a layer that the functions of a stack share, with the run-time half of gateleg beside them. Under the
    context value `gateleg:target=local` they are resolved for the running interpreter instead.

    Args:
        root: The folder that handler modules are found from.
        packages: Top-level packages or modules to take along; that of the handler unless given.
        requirements: The locked requirements, best with hashes (`uv pip compile --generate-hashes`). Unless given, the
            nearest `requirements.txt` in the handler's packages, from the deepest up, then beside them. `None` with no such file
            means no dependencies.
    """

    root: Path | str = "."
    packages: Sequence[str] = ()
    requirements: Path | str | None = None

    def for_handler(self, handler: str) -> HandlerCode:
        """The same with everything that was left open found from the handler string.

        Args:
            handler: `package.module:attribute`.

        Raises:
            PackagingError: The module is not below the root.
        """
        root = Path(self.root)
        module, _ = split_handler(handler)
        location = root.joinpath(*module.split("."))
        if not location.with_suffix(".py").is_file() and not (location / "__init__.py").is_file():
            message = f"the handler {handler!r} has no file {location.with_suffix('.py')}; write code=HandlerCode(root=...) with the folder that {module.split('.')[0]!r} is in"
            raise PackagingError(message, path=handler, value=str(root))
        found = next(
            (file for folder in [*module_folders(handler), Path()] if (file := root / folder / "requirements.txt").is_file()), None
        )
        return replace(self, packages=tuple(self.packages) or (module.split(".")[0],), requirements=self.requirements or found)

    def files(self) -> dict[str, Path]:
        """The files of the code asset, by their names in it: Python and data, no tests, nothing compiled.

        Raises:
            PackagingError: A package is neither a folder nor a module below the root.
        """
        root, found = Path(self.root), dict[str, Path]()
        for package in self.packages:
            folder, module = root / package, root / f"{package}.py"
            if folder.is_dir():
                found |= {
                    path.relative_to(root).as_posix(): path for path in walk(folder, skip=_TEST_FOLDERS) if not _TESTS.fullmatch(path.name)
                }
            elif module.is_file():
                found[module.name] = module
            else:
                message = f"there is no package {package!r} in {root.resolve()}; name folders or modules that are there"
                raise PackagingError(message, path=package, value=package)
        return found

    def code(self) -> lambda_.Code:
        """The code asset.

        Raises:
            PackagingError: A package is missing or the code is too large.
        """
        files = self.files()
        digest = content_hash(files)
        archive = Path(self.root, _WORK, "code", f"{digest[:32]}.zip")
        if not archive.is_file():
            write_archive(files, archive)
        return lambda_.Code.from_asset(str(archive.resolve()), asset_hash=digest)

    def layer(self, scope: Construct, *, architecture: lambda_.Architecture, runtime: lambda_.Runtime) -> lambda_.LayerVersion:
        """The layer with the dependencies and the run-time half of gateleg: one for a stack, requirements and target.

        Args:
            scope: A construct of the stack.
            architecture: Of the functions.
            runtime: Of the functions.

        Raises:
            PackagingError: The requirements file is missing, or `uv` cannot resolve it for the target.
        """
        stack = Stack.of(scope)
        name = self._layer_id(architecture, runtime)
        if isinstance(existing := stack.node.try_find_child(name), lambda_.LayerVersion):
            return existing
        local = scope.node.try_get_context("gateleg:target") == "local"
        target = Target.local() if local else Target.of_lambda(runtime.name, architecture.name)
        archive, digest = self._build(target, whole=stack.bundling_required)
        return lambda_.LayerVersion(
            stack,
            name,
            code=lambda_.Code.from_asset(str(archive.resolve()), asset_hash=digest),
            description=f"Dependencies of {', '.join(self.packages)}",
            compatible_runtimes=[runtime],
            compatible_architectures=[architecture],
        )

    def _build(self, target: Target, *, whole: bool) -> tuple[Path, str]:
        work = Path(self.root, _WORK)
        if whole:
            return build_layer(None if self.requirements is None else Path(self.requirements), target, work / "layers")
        # CDK only lists the stacks: nothing is deployed, so nothing is resolved.
        files = run_time_files()
        digest = content_hash(files)
        archive = work / "layers" / f"unbundled-{digest[:16]}.zip"
        if not archive.is_file():
            write_archive(files, archive)
        return archive, digest

    def _layer_id(self, architecture: lambda_.Architecture, runtime: lambda_.Runtime) -> str:
        source = "gateleg" if self.requirements is None else os.path.relpath(self.requirements)
        return f"Dependencies-{re.sub('[^A-Za-z0-9]+', '-', source)}-{architecture.name}-{runtime.name}"
