"""Writes tests/unit/api.txt: what the packages of gateleg exported at the last release, a line for each name and each of its public members.

Read from the sources by griffe, without importing them. `tests/unit/test_api.py` compares it with what they export now: whatever came, went or has
another signature since is named in the changelog below *Unreleased*.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import griffe

from tools.reference import PACKAGES, ROOT, exported

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

FILE = ROOT / "tests" / "unit" / "api.txt"


def api() -> list[str]:
    """The lines of the file: `gateleg.store.Store.create(entity: E) -> E`."""
    loader = griffe.GriffeLoader(search_paths=[ROOT])
    gateleg = loader.load("gateleg")
    loader.resolve_aliases(implicit=False, external=False)
    paths = [f"{package}.{name}" for package in PACKAGES for name in exported(f"gateleg.{package}")]
    found = {f"gateleg.{path}": _found(gateleg[path]) for path in paths}
    homes = {target.canonical_path for target in found.values()}
    return sorted({line for path, target in found.items() for line in _lines(path, target, homes)})


def undocumented(before: list[str], now: list[str], changelog: str) -> list[str]:
    """Which lines differ that the changelog does not tell of: no `code` below *Unreleased* names `Class.member`, or the class or function."""
    unreleased = changelog.partition("\n## Unreleased\n")[2].partition("\n## ")[0]
    told = [set(re.findall(r"\w+", code)) for code in re.findall(r"`([^`]+)`", unreleased)]
    changed = set(before) ^ set(now)
    whole = {_path(line) for line in changed if re.fullmatch(r"[\w.]+\.[A-Z]\w*\(.*\)", line)}
    return sorted(line for line in changed if not any(_words(_path(line), whole) <= code for code in told))


def _path(line: str) -> str:
    """What a line is of; calling a class is of the class."""
    return re.split("[(:]", line)[0].removesuffix(".__init__")


def _words(path: str, whole: Collection[str]) -> set[str]:
    """What a code must hold to tell of a path: the name, beside a class whose member it is, and the class alone where it came or went as a whole."""
    owner, _, name = path.rpartition(".")
    owners = owner.rpartition(".")[2]
    return {owners} if owner in whole else {owners, name} if owners[:1].isupper() else {name}


def _found(named: Any) -> Any:
    """What a name leads to; a function that is named like its module, and not the module."""
    target = named.final_target if named.is_alias else named
    return target[target.name] if target.is_module else target


def _lines(path: str, target: Any, homes: Collection[str]) -> Iterator[str]:
    if target.is_class:
        yield f"{path}({', '.join(str(base) for base in target.bases)})"
        for name, member in sorted(target.all_members.items()):
            if _is_ours(name, member) and not _stands_elsewhere(target, member, homes):
                yield from _lines(f"{path}.{name}", _found(member), homes)
    elif target.is_function:
        yield from (f"{path}{_signature(function)}" for function in target.overloads or [target])
    else:
        yield f"{path}: {target.annotation}" if target.annotation else path


def _is_ours(name: str, member: Any) -> bool:
    return (name == "__init__" or not name.startswith("_")) and member.canonical_path.startswith("gateleg.")


def _stands_elsewhere(owner: Any, member: Any, homes: Collection[str]) -> bool:
    """Whether it is inherited from a class that is exported too."""
    home = member.canonical_path.rpartition(".")[0]
    return home != owner.canonical_path and home in homes


def _signature(function: Any) -> str:
    return str(function.signature()).removeprefix(function.name)


if __name__ == "__main__":
    FILE.write_text("\n".join(api()) + "\n", encoding="utf-8")
