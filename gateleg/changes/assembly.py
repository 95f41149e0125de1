"""What `cdk synth` wrote, read for its stacks: their templates, what their declarations say, and what they acknowledge.

Follows the manifest of https://docs.aws.amazon.com/cdk/v2/guide/deploy.html. What templates do not tell stands beside them, as metadata of constructs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateleg.changes.change import Acknowledgement
from gateleg.changes.intrinsics import Environment
from gateleg.changes.shape import read_shape
from gateleg.errors import LockError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateleg.changes.shape import StackShape
    from gateleg.changes.template import Json

FORM: Final = "gateleg:stored-form"
"""The metadata of a table: `{"template", "id", "form"}`, the last one as JSON."""

ACKNOWLEDGED: Final = "gateleg:acknowledged-change"
"""The metadata of a stack: `{"id", "reason"}`."""

_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
_ASSETS: Final = "cdk:asset-manifest"
_UNKNOWN: Final = ("unknown-account", "unknown-region")


@dataclass(frozen=True)
class AssembledStack:
    """One stack of an assembly.

    Attributes:
        id: By what the CDK CLI takes it: its id, or its path where it is of a stage.
        shape: Its shape.
        environment: Its account and region, as far as they are known.
        template: Its template.
        file: The template's file.
        acknowledged: The changes that it says are meant.
    """

    id: str
    shape: StackShape
    environment: Environment
    template: Json
    file: Path
    acknowledged: tuple[Acknowledgement, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.shape.name

    def address(self, stage: str | None = None) -> str:
        """By what a lock has it.

        Args:
            stage: The stage, where stacks of one name are deployed to several places.
        """
        known = "/".join(filter(None, (self.environment.account, self.environment.region)))
        return f"{self.name}@{stage or known}" if stage or known else self.name


def assembled_stacks(directory: Path) -> list[AssembledStack]:
    """Read the stacks of an assembly, those of nested assemblies too.

    Raises:
        LockError: The directory holds no cloud assembly.
    """
    if not (directory / "manifest.json").is_file():
        raise LockError(f"no cloud assembly in {directory}; give the directory that `cdk synth` writes", path=str(directory))
    return list(_stacks(directory))


def _stacks(directory: Path) -> Iterator[AssembledStack]:
    artifacts: Json = _read(directory / "manifest.json").get("artifacts", {})
    nested = {
        key: template for artifact in artifacts.values() if artifact["type"] == _ASSETS for key, template in _templates(directory, artifact)
    }
    for name, artifact in artifacts.items():
        if artifact["type"] == _NESTED:
            yield from _stacks(directory / artifact["properties"]["directoryName"])
        elif artifact["type"] == _STACK:
            yield _stack(name, artifact, directory, nested)


def _templates(directory: Path, artifact: Json) -> Iterator[tuple[str, tuple[str, Json]]]:
    for key, asset in _read(directory / artifact["properties"]["file"]).get("files", {}).items():
        path = str(asset["source"].get("path", ""))
        if path.endswith(".nested.template.json"):
            yield key, (path, _read(directory / path))


def _stack(artifact_id: str, artifact: Json, directory: Path, nested: dict[str, tuple[str, Json]]) -> AssembledStack:
    properties = artifact["properties"]
    name = str(properties.get("stackName", artifact_id))
    file = directory / properties["templateFile"]
    account, region = (None if part in _UNKNOWN else part for part in artifact["environment"].removeprefix("aws://").split("/", 1))
    environment = Environment(account, region)
    metadata = [entry for entries in _metadata(directory, artifact).values() for entry in entries]
    told = [entry["data"] for entry in metadata if entry["type"] == ACKNOWLEDGED]
    template = _read(file)
    given = {
        (one["template"], one["id"]): json.loads(one["form"]) for one in (entry["data"] for entry in metadata if entry["type"] == FORM)
    }
    forms = _placed(given, file.name, template, nested)
    inner = {key: one for key, (_, one) in nested.items()}
    shape = read_shape(name, template, environment, nested=inner, forms=forms)
    meant = tuple(Acknowledgement(name, one["id"], one["reason"]) for one in told)
    return AssembledStack(str(artifact.get("displayName", artifact_id)), shape, environment, template, file, meant)


def _placed(
    given: dict[tuple[str, str], Json], file: str, template: Json, nested: dict[str, tuple[str, Json]], path: str = ""
) -> dict[str, Json]:
    """Return forms by the ids that a shape has for tables, which lead through nested stacks."""
    found = {f"{path}{name}": form for (where, name), form in given.items() if where == file}
    for name, resource in template.get("Resources", {}).items():
        url = json.dumps(resource.get("Properties", {}).get("TemplateURL")) if resource.get("Type") == "AWS::CloudFormation::Stack" else ""
        for inner, one in (both for key, both in nested.items() if key in url):
            found |= _placed(given, inner, one, nested, f"{path}{name}/")
    return found


def _metadata(directory: Path, artifact: Json) -> Json:
    extra = artifact.get("additionalMetadataFile")
    found: Json = _read(directory / extra) if extra else artifact.get("metadata", {})
    return found


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
