"""Which resolvers are alive where a plain handler runs: it may answer with any of them, in ways that nobody can follow."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gateleg.describe.called import described, everything
from gateleg.describe.loading import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gateleg.description import App


def apps_beside(called: Iterable[Any], name: str, root: Path, files: Iterable[str]) -> tuple[App, ...]:
    """The apps that the modules of a handler hold, beside those that it is known to call.

    Modules that it imports later are imported, where one of them speaks of a resolver; where that fails, an app answers everything.

    Args:
        called: The resolvers that the handler is known to call.
        name: Its handler string.
        root: The folder that modules are found from.
        files: The files that the handler loads, or may load later, by their paths from the root.
    """
    paths = {os.path.realpath(root / file): file for file in files if file.endswith(".py")}
    failed = _import_rest(paths)
    modules = [module for path, module in _loaded().items() if path in paths]
    known = {id(resolver) for resolver in called}
    found = [resolver for resolver in _held(modules) if id(resolver) not in known]
    return (*(described(resolver, name) for resolver in found), *([everything(name, "rest")] if failed else []))


def _loaded() -> dict[str, ModuleType]:
    modules = [(getattr(module, "__file__", None), module) for _, module in sorted(sys.modules.items())]
    return {os.path.realpath(file): module for file, module in modules if isinstance(file, str)}


def _import_rest(paths: dict[str, str]) -> bool:
    """Import what only functions import; whether that fails. A class of its own may make a resolver where its word is not."""
    rest = {path: file for path, file in paths.items() if path not in _loaded()}
    if not any(_speaks_of_resolvers(path) for path in rest):
        return False
    return not all(_imported(file) for file in sorted(rest.values()))


def _speaks_of_resolvers(path: str) -> bool:
    with open(path, "rb") as file:  # noqa: PTH123 (paths are strings, as where they were found)
        return b"Resolver" in file.read()


def _imported(file: str) -> bool:
    try:
        importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    except (Exception, SystemExit):  # noqa: BLE001 (the module's own code may raise anything, and may exit)
        return False
    return True


def _held(modules: list[ModuleType]) -> list[Any]:
    """The resolvers that are reached from the names of modules, through objects, classes and closures, and not by way of other modules."""
    pending: list[Any] = [vars(module) for module in modules]
    seen = {id(vars(module)) for module in list(sys.modules.values()) if issubclass(type(module), ModuleType)}  # pyright: ignore[reportUnnecessaryIsInstance] (anything may stand in sys.modules)
    found: list[Any] = []
    while pending:
        reached = [one for one in gc.get_referents(*pending) if not issubclass(type(one), (ModuleType, str, bytes, int, float))]
        pending = []
        for one in reached:
            if id(one) not in seen:
                seen.add(id(one))
                pending.append(one)
                found += [one] if _is_resolver(one) else []
    return found


def _is_resolver(value: Any) -> bool:
    try:
        return kind_of(value) in {"rest", "http"}
    except Exception:  # noqa: BLE001 (a stand-in may raise whatever it is asked)
        return False
