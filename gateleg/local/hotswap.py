"""Serving an edited handler without a deploy: its function gets the changed code at once."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from gateleg.local.clients import client
from gateleg.local.template import references, resources
from gateleg.local.watched_files import project_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.local.assembly import Assembly, Stack
    from gateleg.local.template import Json, Target

_MAX_FILES: Final = 5_000
"""Code with more files than this goes the long way: to pack it would take longer than to deploy."""


@dataclass
class Code:
    """The code of one asset as it is live.

    Attributes:
        members: The content of each file, by its path in the archive.
        sources: The file of the project that each was copied from.
    """

    members: dict[str, bytes]
    sources: dict[str, Path] = field(default_factory=dict[str, Path])

    def member_of(self, path: Path) -> str | None:
        """Return where in the archive a file of the project goes; `None` if its directory has no file in this code."""
        for member, source in self.sources.items():
            if source == path:
                return member
        for member, source in self.sources.items():
            if path.parent == source.parent:
                return str(PurePosixPath(member).parent / path.name)
        return None

    def archive(self) -> bytes:
        """Return the code as a zip file, not compressed: it travels over loopback."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for member in sorted(self.members):
                archive.writestr(zipfile.ZipInfo(member), self.members[member])
        return packed.getvalue()


@dataclass(frozen=True)
class Swapped:
    """A function that was given new code.

    Attributes:
        name: Its logical id.
        function: Its physical name.
    """

    name: str
    function: str


class Hotswap:
    """The functions of a deployed assembly whose code can be exchanged in place.

    Args:
        assembly: The assembly as it was synthesized.
        project: The directory that holds the handlers' sources.
        target: The embedded AWS.
        made_at: When the synth of the assembly began, in seconds since the epoch.
    """

    def __init__(self, assembly: Assembly, project: Path, target: Target, *, made_at: float) -> None:
        self._lambda = client("lambda", target)
        self._formation = client("cloudformation", target)
        self._codes: dict[Path, Code] = {}
        self._functions: dict[tuple[str, str], Path] = {}
        self._given: set[Path] = set()
        self._made_at = made_at
        assets = {asset.key: asset.path for asset in assembly.file_assets()}
        for stack in assembly.stacks():
            for name, key in _swappable(stack):
                if key in assets and self._load(assets[key], project):
                    self._functions[stack.name, name] = assets[key]

    def apply(self, changed: Iterable[Path]) -> list[Swapped]:
        """Give every function that holds one of the files its new content; return those that took it."""
        touched = [path for path in changed if path.suffix != ".pyc"]
        edited = {asset for asset, code in self._codes.items() if sum(_take(code, path) for path in touched)}
        self._given |= edited
        return self._give((place, asset) for place, asset in self._functions.items() if asset in edited)

    def put_right(self, before: Hotswap) -> list[Swapped]:
        """Give functions their code as it was synthesized where they were given other code before: no deploy sees that it is live."""
        given = {place: before._codes[asset].members for place, asset in before._functions.items() if asset in before._given}
        wrong = [
            (place, asset)
            for place, asset in self._functions.items()
            if given.get(place, self._codes[asset].members) != self._codes[asset].members
        ]
        return self._give(wrong)

    def changed_since(self, before: Hotswap) -> list[Swapped]:
        """Return the functions that have other code here than there, or were not there."""
        changed = [
            (stack, name)
            for (stack, name), asset in self._functions.items()
            if (old := before._functions.get((stack, name))) is None or before._codes[old].members != self._codes[asset].members
        ]
        return [one for one in (self._named(stack, name) for stack, name in changed) if one is not None]

    def _give(self, codes: Iterable[tuple[tuple[str, str], Path]]) -> list[Swapped]:
        listed = list(codes)
        archives = {asset: self._codes[asset].archive() for _, asset in listed}
        updated = [self._update(stack, name, archives[asset]) for (stack, name), asset in listed]
        return [one for one in updated if one is not None]

    def _update(self, stack: str, name: str, archive: bytes) -> Swapped | None:
        """Give a function its code; `None` if it is gone since the last deploy, and then the next deploy brings it."""
        from botocore.exceptions import ClientError

        found = self._named(stack, name)
        with contextlib.suppress(ClientError):
            if found is not None:
                self._lambda.update_function_code(FunctionName=found.function, ZipFile=archive)
                return found
        return None

    def _named(self, stack: str, name: str) -> Swapped | None:
        """Return a function as it is deployed; `None` if it is not."""
        from botocore.exceptions import ClientError

        try:
            detail = self._formation.describe_stack_resource(StackName=stack, LogicalResourceId=name)["StackResourceDetail"]
        except ClientError:
            return None
        return Swapped(name, str(detail["PhysicalResourceId"]))

    def shared_with(self, other: Hotswap, stack: str) -> list[str]:
        """Return the logical ids of a stack's functions that have the same code here as there."""
        return [
            name
            for (owner, name), asset in self._functions.items()
            if owner == stack and (twin := other._functions.get((owner, name))) and self._codes[asset].members == other._codes[twin].members
        ]

    def _load(self, asset: Path, project: Path) -> bool:
        if asset not in self._codes:
            members = _members(asset)
            if members is None:
                return False
            self._codes[asset] = Code(members, sources_of(members, project, self._made_at))
        return True


def _take(code: Code, path: Path) -> bool:
    """Bring one file of the project into the code; return whether that changed it."""
    member = code.member_of(path)
    if member is None:
        return False
    before = code.members.get(member)
    if path.is_file():
        code.members[member] = path.read_bytes()
        code.sources[member] = path
    else:
        code.members.pop(member, None)
    return code.members.get(member) != before


def _swappable(stack: Stack) -> list[tuple[str, str]]:
    """Return logical id and asset key of each function that callers reach as its latest version."""
    template: Json = stack.template
    pinned = {name for _, version in resources(template, "AWS::Lambda::Version", "AWS::Lambda::Alias") for name in references(version)}
    found = [
        (name, function.get("Properties", {}).get("Code", {}).get("S3Key"))
        for name, function in resources(template, "AWS::Lambda::Function")
        if name not in pinned
    ]
    return [(name, key) for name, key in found if isinstance(key, str)]


def _members(asset: Path) -> dict[str, bytes] | None:
    if asset.is_dir():
        files = [path for path in asset.rglob("*") if path.is_file()]
        return None if len(files) > _MAX_FILES else {path.relative_to(asset).as_posix(): path.read_bytes() for path in files}
    if not zipfile.is_zipfile(asset):
        return None
    with zipfile.ZipFile(asset) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        return None if len(names) > _MAX_FILES else {name: archive.read(name) for name in names}


def sources_of(members: Mapping[str, bytes], project: Path, made_at: float) -> dict[str, Path]:
    """Return the file of the project that each member was copied from: it ends like it, and holds the same or was edited since.

    Of several, the one whose directory holds most of the code counts: many functions have an `index.py`. Where two hold as much, the code
    may be of either, and is left to the deploy.

    Args:
        members: The content of each file of an asset, by its path there.
        project: The project's directory.
        made_at: When the asset was made, in seconds since the epoch.
    """
    by_name: dict[str, list[Path]] = {}
    for path in project_files(project):
        by_name.setdefault(path.name, []).append(path)
    copies: Counter[Path] = Counter()
    found: dict[str, dict[Path, Path]] = {}
    for member, content in members.items():
        parts = PurePosixPath(member).parts
        for path in by_name.get(parts[-1], ()):
            same = path.parts[-len(parts) :] == parts and path.read_bytes() == content
            if same or (path.parts[-len(parts) :] == parts and path.stat().st_mtime > made_at):
                root = path.parents[len(parts) - 1]
                found.setdefault(member, {})[root] = path
                copies[root] += same
    best = {member: _only_best(roots, copies) for member, roots in found.items()}
    return {member: path for member, path in best.items() if path is not None}


def _only_best(roots: Mapping[Path, Path], copies: Counter[Path]) -> Path | None:
    best = max(copies[root] for root in roots)
    paths = [path for root, path in roots.items() if copies[root] == best]
    return paths[0] if len(paths) == 1 else None


def same_but_code(before: Json, after: Json, live: Iterable[str]) -> bool:
    """Return whether two templates differ in nothing but where the code of some functions lies.

    Args:
        before: The deployed template.
        after: The new one.
        live: Logical ids of the functions whose new code is live already.
    """
    return _masked(before, frozenset(live)) == _masked(after, frozenset(live))


def _masked(template: Json, live: frozenset[str]) -> Json:
    def mask(name: str, resource: Json) -> Json:
        if name not in live:
            return resource
        code = {**resource["Properties"]["Code"], "S3Key": ""}
        return {**resource, "Metadata": {}, "Properties": {**resource["Properties"], "Code": code}}

    return {**template, "Resources": {name: mask(name, resource) for name, resource in resources(template)}}
