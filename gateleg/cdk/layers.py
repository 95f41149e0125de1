"""The layer of a requirements file: what it is called in a stack, and whether it brings what handlers import."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.dependencies import Target, build_layer, distributions_in, own_layer
from gateleg.cdk.kept import kept_folder
from gateleg.cdk.requirements import Requirements
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aws_cdk import Stack
    from constructs import Construct

    from gateleg.cdk.archives import Archive

_FILE = "requirements.txt"


@cache
def name_of(platform: lambda_.Architecture | lambda_.Runtime) -> str:
    """The name of an architecture or a runtime, asked once: there are few, and each reading is a question to another process."""
    return platform.name


def target_of(scope: Construct, architecture: lambda_.Architecture, runtime: lambda_.Runtime) -> Target:
    """What assets are made for: Lambda, or under the context value `gateleg:target=local` this machine.

    Args:
        scope: A construct of the stack.
        architecture: Of the functions.
        runtime: Of the functions.

    Raises:
        PackagingError: It is not a Python runtime.
    """
    local = scope.node.try_get_context("gateleg:target") == "local"
    return Target.local() if local else Target.of_lambda(name_of(runtime), name_of(architecture))


@dataclass(frozen=True)
class Dependencies:
    """What a requirements file brings to the functions of a stack.

    Attributes:
        file: The requirements file; `None` for no dependencies.
        requirements: What it says.
        archive: The layer's archive.
        brought: The normalized names of the distributions that handlers will find; `None` where that cannot be told.
    """

    file: Path | None
    requirements: Requirements
    archive: Archive
    brought: frozenset[str] | None

    @classmethod
    def of(cls, file: Path | None, root: Path, target: Target, *, deployed: bool) -> Dependencies:
        """Read a requirements file, and build the layer.

        Args:
            file: The requirements file, if there is one.
            root: The folder that handler modules are found from.
            target: What to resolve for.
            deployed: Whether the stack may be deployed. Where CDK only lists it nothing is resolved, and the metadata of what is
                installed here say what the requirements bring.

        Raises:
            PackagingError: A file is not there, `uv` cannot resolve the requirements, or the disk is full.
        """
        requirements = Requirements() if file is None else Requirements.read(file, root)
        folder = kept_folder(root, "layers")
        if deployed:
            archive = build_layer(requirements, target, folder)
            return cls(file, requirements, archive, distributions_in(archive))
        return cls(file, requirements, own_layer(folder), requirements.brings())

    def refuse_missing(self, imported: Sequence[str], package: Path) -> None:
        """Refuse a handler that would not find what it imports.

        Args:
            imported: Normalized names of distributions.
            package: The package or module of the handler, without its suffix.

        Raises:
            PackagingError: One of them is not brought.
        """
        if self.brought is None or not (missing := sorted(set(imported) - self.brought)):
            return
        file = self.file or (package if package.is_dir() else package.parent) / _FILE
        found = "there is no requirements file" if self.file is None else f"{file} does not bring that"
        lines = "\n".join(map(_line, missing))
        message = f"the handler imports {', '.join(missing)}, and {found}; write into {file}, or into what it is compiled from,\n{lines}\nor name in HandlerCode(provided=[...]) what a layer of yours brings"
        raise PackagingError(message, path=str(file), value=tuple(missing), code="declaration.packaging.distribution")

    def layer(self, stack: Stack, architecture: lambda_.Architecture, runtime: lambda_.Runtime) -> lambda_.LayerVersion:
        """The layer, made unless the stack has it.

        Args:
            stack: Where it belongs.
            architecture: Of the functions.
            runtime: Of the functions.
        """
        source = self._source()
        name = f"Dependencies-{re.sub('[^A-Za-z0-9]+', '-', source)}-{name_of(architecture)}-{name_of(runtime)}"
        if isinstance(existing := stack.node.try_find_child(name), lambda_.LayerVersion):
            return existing
        folder, slash, _ = source.rpartition("/")
        return lambda_.LayerVersion(
            stack,
            name,
            code=lambda_.Code.from_asset(str(self.archive.path.resolve()), asset_hash=self.archive.content),
            description=f"Dependencies of {folder if slash else 'handlers'}",
            compatible_runtimes=[runtime],
            compatible_architectures=[architecture],
        )

    def _source(self) -> str:
        """What tells requirements apart in a stack: the file's path in the CDK project, or without one around it, what it says."""
        if self.file is None:
            return "gateleg"
        file = self.file.resolve()
        project = next((folder for folder in file.parents if (folder / "cdk.json").is_file()), None)
        return self.requirements.digest[:8] if project is None else file.relative_to(project).as_posix()


def _line(distribution: str) -> str:
    try:
        return f"{distribution}=={metadata.version(distribution)}"
    except metadata.PackageNotFoundError:
        return distribution
