"""The code of handlers and its dependencies, as assets: without Docker, the same for the same sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.archives import content_hash, keep_archive, kept_archive, read_files, walk
from gateleg.cdk.compiling import key_with, with_compiled
from gateleg.cdk.kept import kept_folder
from gateleg.cdk.layers import Dependencies, target_of
from gateleg.cdk.requirements import normalized
from gateleg.description.app import Needs
from gateleg.description.handlers import module_folders, split_handler
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs import Construct

    from gateleg.cdk.compiling import Compiler

_ASIDE = re.compile(r"tests?|node_modules|(test_.*|.*_test|conftest)\.py|requirements.*\.(txt|in)")
_MODULES = (".py", ".so")
NOTHING = Needs()
_EXAMPLES = {"root": "'services/orders'", "packages": "['shared']", "requirements": "'lambdas/requirements.txt'", "provided": "['numpy']"}


@dataclass(frozen=True)
class HandlerCode:
    """Which files a handler needs and which packages it imports.

    The code and its dependencies travel apart: an edit uploads the code alone. The code is every top-level package or module
    that the handler imports from below the root, whole, with the data beside the modules; what is hidden, compiled or called
    like a test goes along only where the handler imports it. Dependencies are resolved by `uv` for Lambda's platform into a
    layer that the functions of a stack share, with the run-time half of gateleg beside them. Under the context value
    `gateleg:target=local` they are resolved for the running interpreter instead.

    Args:
        root: The folder that handler modules are found from.
        packages: What to take along beside what handlers import, by its path or dotted name below the root: a package, a
            module, a folder or a file with data, `tests/smoke`.
        requirements: The locked requirements, best with hashes (`uv pip compile --generate-hashes`). Unless given, the
            nearest `requirements.txt` in the handler's packages, from the deepest up, then beside them. `None` with no such file
            means no dependencies.
        provided: Distributions that handlers import and that layers of yours bring: `numpy`.
    """

    root: Path | str = "."
    packages: Sequence[str] = ()
    requirements: Path | str | None = None
    provided: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what is of another type, a string for a list above all."""
        right = {
            "root": _is_path(self.root),
            "packages": _are_names(self.packages),
            "requirements": self.requirements is None or _is_path(self.requirements),
            "provided": _are_names(self.provided),
        }
        for name in (name for name, is_right in right.items() if not is_right):
            kind = "a list of names" if name in {"packages", "provided"} else "a path"
            message = f"HandlerCode({name}=...) takes {kind}, got {getattr(self, name)!r}; write {name}={_EXAMPLES[name]}"
            raise PackagingError(message, path=name, value=getattr(self, name))

    def for_handler(self, handler: str) -> HandlerCode:
        """The same with the handler's own package taken along, and with requirements that were left open found.

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
        packages = dict.fromkeys((module.split(".")[0], *self.packages))
        return replace(self, packages=tuple(packages), requirements=self.requirements or found)

    def files(self, needs: Needs = NOTHING) -> dict[str, Path]:
        """The files of the code asset, by their names in it.

        Args:
            needs: What the handler's description says that it needs.

        Raises:
            PackagingError: A package is neither a folder nor a file below the root, or a needed file is not there.
        """
        needed = {name: self._needed(name) for name in needs.files}
        on_the_way = {folder for path in needed.values() for folder in path.parents}
        # Of packages all is taken, of folders that only hold data what is read.
        modules = [name for name in needed if name.endswith(_MODULES)]
        tops = [self._named(package) for package in self.packages] + [Path(self.root, name.split("/")[0]) for name in modules]
        taken = (path for top in dict.fromkeys(tops) for path in _below(top, on_the_way))
        return {path.relative_to(self.root).as_posix(): path for path in taken} | needed

    def code(self, needs: Needs = NOTHING, *, compiler: Compiler | None = None) -> lambda_.Code:
        """The code asset.

        Args:
            needs: What the handler's description says that it needs.
            compiler: Who compiles its modules for the target; nobody unless given.

        Raises:
            PackagingError: A file is missing, the code is too large or cannot be compiled, or the disk is full.
        """
        files = self._read(needs)
        folder, key = kept_folder(Path(self.root), "code"), key_with(compiler, content_hash(files))
        archive = kept_archive(folder, key) or keep_archive(folder, key, with_compiled(files, compiler))
        return lambda_.Code.from_asset(str(archive.path.resolve()), asset_hash=archive.content)

    def layer(
        self, scope: Construct, needs: Needs = NOTHING, *, architecture: lambda_.Architecture, runtime: lambda_.Runtime
    ) -> lambda_.LayerVersion:
        """The layer with the dependencies and the run-time half of gateleg: one for a stack, requirements and target.

        Args:
            scope: A construct of the stack.
            needs: What the handler's description says that it needs.
            architecture: Of the functions.
            runtime: Of the functions.

        Raises:
            PackagingError: The handler imports a distribution that the requirements do not bring, the requirements file is
                missing, `uv` cannot resolve it for the target, or the disk is full.
        """
        root, target = Path(self.root), target_of(scope, architecture, runtime)
        file, stack = None if self.requirements is None else Path(self.requirements), Stack.of(scope)
        dependencies = Dependencies.of(file, root, target, deployed=stack.bundling_required)
        provided = {normalized(name) for name in self.provided}
        dependencies.refuse_missing([name for name in needs.distributions if name not in provided], root.joinpath(*self.packages[:1]))
        return dependencies.layer(stack, architecture, runtime)

    def _read(self, needs: Needs) -> dict[str, bytes]:
        """The contents of the asset, by their names in it."""
        return read_files(self.files(needs))

    def _named(self, package: str) -> Path:
        """The folder or file that `packages` names."""
        inside = "/".join(filter(None, package.split(".")))
        found = next((path for name in (package, inside, f"{inside}.py") if (path := Path(self.root, name)).exists()), None)
        if found is None or ".." in found.parts[len(Path(self.root).parts) :] or Path(package).is_absolute():
            message = f"there is no package {package!r} in {Path(self.root).resolve()}; name folders or modules that are there"
            raise PackagingError(message, path=package, value=package)
        return found

    def _needed(self, name: str) -> Path:
        """A file that the handler imports."""
        path, root = Path(self.root, name), Path(self.root).resolve()
        if name.startswith("../"):
            message = f"the handler imports {name}, which is outside of {root} and of no installed distribution; move it below that root, or make it a package that is installed here and named in the requirements"
            raise PackagingError(message, path=name, value=str(root))
        if not path.is_file():
            message = f"the description says that the handler imports {name}, and there is no such file in {root}; describe the app anew, with HandlerCode(root=...) as it is here"
            raise PackagingError(message, path=name, value=str(root))
        return path


def _is_path(value: object) -> bool:
    return isinstance(value, (str, Path))


def _are_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(name, str) and name for name in cast("list[object]", value))


def _below(top: Path, on_the_way: set[Path]) -> Iterator[Path]:
    """A file, or what a folder holds without what looks like tests, except in folders that lead to needed files."""
    if top.is_file():
        return iter([top])
    return walk(top, skip=lambda path: path not in on_the_way and _ASIDE.fullmatch(path.name) is not None)
