"""A cloud assembly on disk: what it holds, and an adapted copy of it for the embedded AWS.

Follows https://docs.aws.amazon.com/cdk/v2/guide/deploy.html (cloud assembly) and the asset manifest that `cdk synth` writes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gateleg.errors import LocalError
from gateleg.local.passes import adapt
from gateleg.local.passes.api_ids import pin_api_ids
from gateleg.local.passes.unknown_types import UNNEEDED, unknown_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gateleg.local.template import Json, Target

_CACHE = ".cache"
_STACK = "aws:cloudformation:stack"
_ROLES = ("assumeRoleArn", "cloudFormationExecutionRoleArn", "lookupRole", "assumeRoleExternalId", "assumeRoleAdditionalOptions")
_BOOTSTRAP = ("requiresBootstrapStackVersion", "bootstrapStackVersionSsmParameter", "validateOnSynth")


@dataclass(frozen=True)
class Stack:
    """One stack of an assembly.

    Attributes:
        name: The CloudFormation stack's name.
        directory: The (possibly nested) assembly that holds it.
        properties: The artifact's properties.
        id: By what the CDK CLI takes it.
    """

    name: str
    directory: Path
    properties: Json
    id: str = ""

    @property
    def template(self) -> Json:
        """The stack's template."""
        found: Json = _read(self.directory / str(self.properties["templateFile"]))
        return found


@dataclass(frozen=True)
class FileAsset:
    """One file asset that is uploaded before a deploy.

    Attributes:
        key: Its object key in the asset bucket.
        path: The file or directory that is uploaded.
        directory: Whether it is zipped first.
        buckets: The buckets that it goes to.
    """

    key: str
    path: Path
    directory: bool
    buckets: frozenset[str]


@dataclass(frozen=True)
class Assembly:
    """The output of `cdk synth`.

    Args:
        path: The directory that holds `manifest.json`.

    Raises:
        LocalError: The directory holds no cloud assembly.
    """

    path: Path

    def __post_init__(self) -> None:
        if not (self.path / "manifest.json").is_file():
            raise LocalError(f"no cloud assembly in {self.path}; give the directory that `cdk synth` writes", value=str(self.path))

    def stacks(self, chosen: Sequence[str] = ()) -> list[Stack]:
        """Return the stacks, those of nested assemblies too.

        Args:
            chosen: Names or patterns; the stacks are then those that the CDK CLI deploys for them, with what they depend on.
        """
        found: list[Stack] = []
        for directory, manifest in _manifests(self.path):
            artifacts = manifest.get("artifacts", {})
            deployed = _with_dependencies(artifacts, chosen)
            for artifact_id, artifact in artifacts.items():
                if artifact["type"] == _STACK and artifact_id in deployed:
                    properties = artifact["properties"]
                    found.append(
                        Stack(properties.get("stackName", artifact_id), directory, properties, artifact.get("displayName", artifact_id))
                    )
        return found

    def warnings(self) -> list[str]:
        """Return what constructs warn of, each after the path of its construct."""
        found: list[str] = []
        for directory, _, artifact in self._stack_artifacts():
            extra = artifact.get("additionalMetadataFile")
            metadata = _read(directory / extra) if extra else artifact.get("metadata", {})
            found += [
                f"{path}: {entry['data']}" for path, entries in metadata.items() for entry in entries if entry["type"] == "aws:cdk:warning"
            ]
        return list(dict.fromkeys(found))

    def templates(self) -> dict[str, Json]:
        """Return the template of each stack, by the stack's name."""
        return {stack.name: stack.template for stack in self.stacks()}

    def file_assets(self) -> Iterator[FileAsset]:
        """Yield every file asset."""
        for directory, manifest in _manifests(self.path):
            for _, listing in _asset_manifests(directory, manifest):
                for asset in listing.get("files", {}).values():
                    destinations = list(asset["destinations"].values())
                    yield FileAsset(
                        key=destinations[0]["objectKey"],
                        path=directory / asset["source"]["path"],
                        directory=asset["source"].get("packaging") == "zip",
                        buckets=frozenset(destination["bucketName"] for destination in destinations),
                    )

    def environment(self, chosen: Sequence[str] = ()) -> tuple[str | None, str | None]:
        """Return the account and region that the stacks name; `None` where they leave it open.

        Args:
            chosen: Names or patterns of the stacks that count; all if there are none.

        Raises:
            LocalError: The stacks name more than one account or region.
        """
        named = [
            artifact["environment"].removeprefix("aws://").split("/", 1)
            for _, artifact_id, artifact in self._stack_artifacts()
            if _is_chosen(artifact_id, artifact, chosen)
        ]
        accounts = {account for account, _ in named} - {"unknown-account"}
        regions = {region for _, region in named} - {"unknown-region"}
        if len(accounts) > 1 or len(regions) > 1:
            places = ", ".join(sorted({"/".join(pair) for pair in named}))
            raise LocalError(f"the stacks go to several environments ({places}); name those of one with --stack", value=places)
        return next(iter(accounts), None), next(iter(regions), None)

    def left_out(self) -> list[str]:
        """Return one `Type (LogicalId)` for each resource that the embedded AWS cannot hold and that a caller could miss."""
        return sorted(
            f"{kind} ({name})" for stack in self.stacks() for name, kind in unknown_types(stack.template).items() if kind not in UNNEEDED
        )

    def _stack_artifacts(self) -> Iterator[tuple[Path, str, Json]]:
        for directory, manifest in _manifests(self.path):
            for artifact_id, artifact in manifest.get("artifacts", {}).items():
                if artifact["type"] == _STACK:
                    yield directory, artifact_id, artifact


def adapted_copy(source: Assembly, directory: Path, target: Target) -> Assembly:
    """Write a copy of an assembly that the embedded AWS can deploy.

    Assets are symbolic links, and the CLI's zipped ones are kept. Templates go through `gateleg.local.passes`; every role and bootstrap demand is taken
    out of the manifests, and each adapted template gets an asset key of its own content.

    Args:
        source: The assembly, which stays as it is.
        directory: Where to write; what was there is replaced.
        target: The embedded AWS.
    """
    _copy(source.path, directory)
    for folder, manifest in list(_manifests(directory)):
        _adapt_manifest(folder, manifest, target)
        _rewrite_templates(folder, manifest, lambda path, template: pin_api_ids(adapt(template, target), path.name))
    return Assembly(directory)


def swapped_copy(source: Assembly, directory: Path, templates: Mapping[str, Json]) -> Assembly:
    """Write a copy of an assembly in which some stacks have other templates.

    Args:
        source: The assembly, which stays as it is.
        directory: Where to write; what was there is replaced.
        templates: The templates by the stacks' names.
    """
    _copy(source.path, directory)
    made = Assembly(directory)
    files = {
        stack.directory / str(stack.properties["templateFile"]): templates[stack.name] for stack in made.stacks() if stack.name in templates
    }
    for folder, manifest in list(_manifests(directory)):
        _rewrite_templates(folder, manifest, files.get)
    return made


def _is_chosen(artifact_id: str, artifact: Json, chosen: Sequence[str]) -> bool:
    names = (artifact_id, artifact.get("displayName", ""), artifact["properties"].get("stackName", ""))
    return not chosen or any(fnmatchcase(name, pattern) for name in names for pattern in chosen)


def _with_dependencies(artifacts: Json, chosen: Sequence[str]) -> set[str]:
    found: set[str] = set()
    left = [name for name, artifact in artifacts.items() if artifact["type"] == _STACK and _is_chosen(name, artifact, chosen)]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += artifacts.get(name, {}).get("dependencies", ())
    return found


def _adapt_manifest(folder: Path, manifest: Json, target: Target) -> None:
    for artifact in manifest.get("artifacts", {}).values():
        properties = artifact.get("properties", {})
        for name in (*_BOOTSTRAP, *(_ROLES if artifact["type"] == _STACK else ())):
            properties.pop(name, None)
        if artifact["type"] == _STACK:
            artifact["environment"] = f"aws://{target.account}/{target.region}"
    artifacts = {name: artifact for name, artifact in manifest.get("artifacts", {}).items() if artifact["type"] != "cdk:tree"}
    _write(folder / "manifest.json", {**manifest, "artifacts": artifacts})
    for path, listing in _asset_manifests(folder, manifest):
        for destination in _destinations(listing):
            for name in _ROLES:
                destination.pop(name, None)
        _write(path, listing)


def _rewrite_templates(folder: Path, manifest: Json, change: Callable[[Path, Json], Json]) -> None:
    """Change the templates of one assembly, whose keys are the hashes of their texts."""
    renamed: dict[str, str] = {}
    keys = {path: _template_key(folder, manifest, path.name) for path in sorted(folder.glob("*.template.json"))}
    for path in _inside_out(keys):
        text = _renamed(json.dumps(change(path, _read(path))), renamed)
        path.unlink()
        path.write_text(text, encoding="utf-8")
        if key := keys[path]:
            renamed[key] = sha256(text.encode()).hexdigest()
    for path in (folder / "manifest.json", *(path for path, _ in _asset_manifests(folder, manifest))):
        path.write_text(_renamed(path.read_text(encoding="utf-8"), renamed), encoding="utf-8")


def _inside_out(keys: Mapping[Path, str | None]) -> Iterator[Path]:
    """Yield templates so that a nested stack's comes before the one that names its key."""
    left = {path: path.read_text(encoding="utf-8") for path in keys}
    while left:
        free = [path for path, text in left.items() if not any((key := keys[other]) and key in text for other in left if other != path)]
        for path in free or list(left):
            del left[path]
            yield path


def _template_key(folder: Path, manifest: Json, name: str) -> str | None:
    for _, listing in _asset_manifests(folder, manifest):
        for key, asset in listing.get("files", {}).items():
            if asset["source"].get("path") == name:
                return str(key)
    return None


def _renamed(text: str, renamed: dict[str, str]) -> str:
    for old, new in renamed.items():
        text = text.replace(old, new)
    return text


def _destinations(listing: Json) -> Iterator[Json]:
    for kind in ("files", "dockerImages"):
        for asset in listing.get(kind, {}).values():
            yield from asset["destinations"].values()


def _manifests(path: Path) -> Iterator[tuple[Path, Json]]:
    manifest = _read(path / "manifest.json")
    yield path, manifest
    for artifact in manifest.get("artifacts", {}).values():
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _manifests(path / artifact["properties"]["directoryName"])


def _asset_manifests(folder: Path, manifest: Json) -> Iterator[tuple[Path, Json]]:
    for artifact in manifest.get("artifacts", {}).values():
        if artifact["type"] == "cdk:asset-manifest":
            path = folder / artifact["properties"]["file"]
            yield path, _read(path)


def _copy(source: Path, directory: Path) -> None:
    nested = {
        artifact["properties"]["directoryName"]
        for artifact in _read(source / "manifest.json").get("artifacts", {}).values()
        if artifact["type"] == "cdk:cloud-assembly"
    }
    directory.mkdir(parents=True, exist_ok=True)
    for entry in directory.iterdir():
        if entry.name != _CACHE and entry.name not in nested:
            _remove(entry)
    for entry in source.iterdir():
        if entry.name in nested:
            _copy(entry, directory / entry.name)
        elif entry.suffix in {".json", ".out"} and entry.is_file():
            shutil.copyfile(entry, directory / entry.name)
        elif entry.name != _CACHE:
            (directory / entry.name).symlink_to(entry.resolve(), target_is_directory=entry.is_dir())
    for archive in (directory / _CACHE).glob("*.zip"):
        if not (directory / f"asset.{archive.stem}").exists():
            archive.unlink()


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, content: Json) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
