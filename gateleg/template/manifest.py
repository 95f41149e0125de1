"""A cloud assembly's manifest: the templates that one synth wrote, and what each knows of the others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.template import find
from gateleg.template.canonical import canonical, listing, mapping, qualify
from gateleg.template.stack_template import StackTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STACK = "aws:cloudformation:stack"
_NESTED = "AWS::CloudFormation::Stack"
_PASSES = 4
"""How deep references through nested stacks and exports are followed."""


@dataclass(frozen=True)
class Annotation:
    """Something that a construct says about itself: `Annotations.of(construct).add_warning(...)`.

    Attributes:
        level: `info`, `warning` or `error`.
        path: The construct's path.
        message: The text.
    """

    level: str
    path: str
    message: str


@dataclass(frozen=True)
class Written:
    """What one synth wrote.

    Attributes:
        directory: The folder of the assembly.
        templates: Every template by the construct path of its stack, parents before nested stacks.
        files: The file of each template, in the same way.
        annotations: What constructs said.
    """

    directory: Path
    templates: Mapping[str, StackTemplate]
    files: Mapping[str, str]
    annotations: tuple[Annotation, ...]

    def of_file(self, name: str) -> StackTemplate:
        """The template that a file of the assembly holds.

        Raises:
            TemplateMismatchError: No template is in such a file; the message lists the files.
        """
        __tracebackhide__ = True
        templates = {file: self.templates[path] for path, file in self.files.items()}
        return find.named("template file", name, templates, where=f"the assembly {self.directory}")


def read(directory: Path | str) -> Written:
    """Read a folder that `cdk synth` or `app.synth()` wrote.

    Raises:
        TemplateMismatchError: It is not a cloud assembly, or one without a stack.
    """
    __tracebackhide__ = True
    root = Path(directory)
    if not (root / "manifest.json").is_file():
        raise TemplateMismatchError(
            f"{root} has no manifest.json, so it is not a cloud assembly; give the folder that synth wrote", value=str(root)
        )
    stacks = list(_stacks(root))
    unbound = [template for stack in stacks for template in stack.templates()]
    if not unbound:
        message = f"the assembly {root} has no stack with resources; let the factory make one"
        raise TemplateMismatchError(message, value=[stack.path for stack in stacks], code="template.empty")
    annotations = tuple(annotation for stack in stacks for annotation in stack.annotations())
    templates = {template.path: template.bound(bindings, root) for template, bindings in _bound(unbound)}
    return Written(root, templates, {template.path: template.file.name for template in unbound}, annotations)


@dataclass(frozen=True)
class _Unbound:
    """One template that does not know the others yet."""

    path: str
    stack_name: str
    file: Path
    json: Mapping[str, Any]
    ids: Mapping[str, str]
    assets: Mapping[str, Path]

    def bound(self, bindings: Mapping[str, str], assembly: Path) -> StackTemplate:
        return StackTemplate(self.json, self.path, self.stack_name, self.ids, bindings, self.assets, assembly)


@dataclass(frozen=True)
class _Stack:
    """One stack artifact of a manifest."""

    directory: Path
    artifact_id: str
    artifact: Mapping[str, Any]
    metadata: Mapping[str, list[Mapping[str, Any]]]
    assets: Mapping[str, Path]

    @property
    def path(self) -> str:
        return str(self.artifact.get("displayName", self.artifact_id)).partition(" ")[0]

    def annotations(self) -> Iterator[Annotation]:
        for path, entries in self.metadata.items():
            for entry in entries:
                level = str(entry.get("type")).removeprefix("aws:cdk:")
                if level in {"info", "warning", "error"}:
                    yield Annotation(level, path.strip("/"), str(entry.get("data")))

    def templates(self) -> Iterator[_Unbound]:
        """The stack's own template, then those of its nested stacks, parents first."""
        properties = mapping(self.artifact.get("properties"))
        owners = {self.path: str(properties["templateFile"]), **self._owners()}
        ids: dict[str, dict[str, str]] = {path: {} for path in owners}
        for path, entries in self.metadata.items():
            owner = max((owner for owner in owners if f"{path.strip('/')}/".startswith(f"{owner}/")), key=len, default=self.path)
            ids[owner].update({str(entry["data"]): path.strip("/") for entry in entries if entry.get("type") == "aws:cdk:logicalId"})
        for path, name in sorted(owners.items(), key=lambda owner: len(owner[0])):
            file = self.directory / name
            template = mapping(json.loads(file.read_text(encoding="utf-8")))
            if mapping(template.get("Resources")):
                stack_name = str(properties.get("stackName", self.artifact_id)) if path == self.path else ""
                yield _Unbound(path, stack_name, file, template, ids[path], self.assets)

    def _owners(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, entries in self.metadata.items():
            files = [str(entry["data"]) for entry in entries if entry.get("type") == "aws:cdk:templateFile"]
            if files and path.strip("/") != self.path:
                found[path.strip("/")] = files[0]
        return found


def _stacks(directory: Path) -> Iterator[_Stack]:
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    for artifact_id, raw in mapping(mapping(manifest).get("artifacts")).items():
        artifact = mapping(raw)
        properties = mapping(artifact.get("properties"))
        if artifact.get("type") == "cdk:cloud-assembly":
            yield from _stacks(directory / str(properties["directoryName"]))
        elif artifact.get("type") == _STACK:
            extra = artifact.get("additionalMetadataFile")
            metadata = json.loads((directory / extra).read_text(encoding="utf-8")) if extra else artifact.get("metadata")
            yield _Stack(directory, artifact_id, artifact, mapping(metadata), _assets(directory, artifact))


def _assets(directory: Path, artifact: Mapping[str, Any]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name in listing(artifact.get("dependencies")):
        file = directory / f"{name}.json"
        manifest = mapping(json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None)
        files = mapping(manifest.get("files"))
        for asset in files.values():
            source = mapping(mapping(asset).get("source")).get("path")
            for destination in mapping(mapping(asset).get("destinations")).values():
                if source is not None:
                    found[str(mapping(destination).get("objectKey"))] = directory / str(source)
    return found


def _bound(templates: list[_Unbound]) -> Iterator[tuple[_Unbound, dict[str, str]]]:
    """Each template with what its references to the others stand for."""
    bindings: dict[str, dict[str, str]] = {template.path: {} for template in templates}
    for _ in range(_PASSES):
        exports = {key: text for template in templates for key, text in _exports(template, bindings[template.path])}
        for template in templates:
            bindings[template.path].update(exports)
            for child, logical_id, parameters in _children(template, templates):
                own, below = bindings[template.path], bindings[child.path]
                below.update({name: qualify(canonical(value, own), template.path) for name, value in parameters.items()})
                outputs = mapping(child.json.get("Outputs"))
                own.update(
                    {
                        f"{logical_id}.Outputs.{key}": qualify(canonical(mapping(item).get("Value"), below), child.path)
                        for key, item in outputs.items()
                    }
                )
    return ((template, bindings[template.path]) for template in templates)


def _exports(template: _Unbound, bindings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, output in mapping(template.json.get("Outputs")).items():
        text = qualify(canonical(mapping(output).get("Value"), bindings), template.path)
        yield f"Fn::GetStackOutput:{template.stack_name}:{key}", text
        name = mapping(mapping(output).get("Export")).get("Name")
        if name is not None:
            yield f"Fn::ImportValue:{canonical(name, bindings)}", text


def _children(template: _Unbound, templates: list[_Unbound]) -> Iterator[tuple[_Unbound, str, Mapping[str, Any]]]:
    by_path = {candidate.path: candidate for candidate in templates}
    for logical_id, item in mapping(template.json.get("Resources")).items():
        if mapping(item).get("Type") == _NESTED:
            # The CDK keeps the resource of the nested stack `Api` in a construct of its own, `Api.NestedStack`.
            child = by_path.get(template.ids.get(logical_id, "").partition(".NestedStack/")[0])
            if child is not None:
                yield child, logical_id, mapping(mapping(mapping(item).get("Properties")).get("Parameters"))
