"""Templates for snapshots: what changes when only code changes is masked, everything else is kept.

Masked are the hashes of assets (in object keys, URLs, parameters), inline code, and the hash at the end of the logical ids of Lambda
versions, layer versions and API deployments, wherever such an id is written: as a key, in `Ref`, `Fn::GetAtt`, `DependsOn`, inside
`Fn::Sub` texts and export names. Left out are `CDKMetadata` with its condition, the check of the bootstrap version, and the `aws:cdk:` and
`aws:asset:` metadata, which the CDK CLI writes and a synth in a test does not. Keys are sorted; lists keep their order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from gateleg.template.canonical import is_list, is_object, mapping
from gateleg.template.stack_template import StackTemplate, json_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.template.stack_template import AnyTemplate

_HASHED_TYPES = frozenset(
    {"AWS::Lambda::Version", "AWS::Lambda::LayerVersion", "AWS::ApiGateway::Deployment", "AWS::ApiGatewayV2::Deployment"}
)
_ID_HASH = re.compile(r"[0-9a-f]{32}$")
_ASSET_HASH = re.compile(r"[0-9a-f]{64}")
_NOISE = {
    "Resources": frozenset({"CDKMetadata"}),
    "Conditions": frozenset({"CDKMetadataAvailable"}),
    "Parameters": frozenset({"BootstrapVersion"}),
    "Rules": frozenset({"CheckBootstrapVersion"}),
}
_NOISY_METADATA = ("aws:cdk:", "aws:asset:")


def normalized(template: AnyTemplate, *, paths: bool = False) -> dict[str, Any]:
    """The template as a snapshot should hold it.

    Args:
        template: A `TemplateView`, an `aws_cdk.assertions.Template`, or a template's JSON; it is not changed.
        paths: Keep the `aws:cdk:path` metadata, where there is any.

    Raises:
        TemplateMismatchError: It is not one of the three, or has no resources.
    """
    __tracebackhide__ = True
    template = StackTemplate(json_of(template)).json  # refuses one without resources
    kept = {section: _without_noise(section, value) for section, value in template.items()}
    cleaned = {section: value for section, value in kept.items() if value != {} or template[section] == {}}
    masked = _Mask(_hashed_ids(template)).apply(_without_metadata(cleaned, paths=paths))
    return cast("dict[str, Any]", masked)


def logical_ids(template: AnyTemplate) -> dict[str, str]:
    """Logical id to type, sorted, hashes masked. Kept as a snapshot, it fails on each rename, which would replace what it names.

    Args:
        template: A `TemplateView`, an `aws_cdk.assertions.Template`, or a template's JSON.

    Raises:
        TemplateMismatchError: It is not one of the three, or has no resources.
    """
    __tracebackhide__ = True
    return {key: str(item["Type"]) for key, item in normalized(template)["Resources"].items()}


class _Mask:
    """Puts placeholders for hashes into every text of a template."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids = ids
        # An export's name ends with a hash of the id that it speaks of, so that one goes as well.
        self._pattern = re.compile(rf"({'|'.join(map(re.escape, sorted(ids, key=len, reverse=True)))})([0-9A-F]{{8}}\b)?") if ids else None

    def apply(self, value: object) -> object:
        if isinstance(value, str):
            return self._text(value)
        if is_list(value):
            return [self.apply(item) for item in value]
        if is_object(value):
            return {self._text(key): self._inline_code(key) or self.apply(item) for key, item in sorted(value.items())}
        return value

    def _text(self, text: str) -> str:
        if self._pattern is not None:
            text = self._pattern.sub(lambda found: self._ids[found[1]], text)
        return _ASSET_HASH.sub("<asset>", text)

    @staticmethod
    def _inline_code(key: str) -> str | None:
        return "<code>" if key == "ZipFile" else None


def _hashed_ids(template: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for logical_id, item in mapping(template.get("Resources")).items():
        if mapping(item).get("Type") in _HASHED_TYPES and _ID_HASH.search(logical_id):
            stem = _ID_HASH.sub("", logical_id)
            others = sum(1 for placeholder in found.values() if placeholder.startswith(f"{stem}<hash"))
            found[logical_id] = f"{stem}<hash{f'-{others + 1}' if others else ''}>"
    return found


def _without_noise(section: str, value: object) -> object:
    noise = _NOISE.get(section, frozenset())
    return {key: item for key, item in mapping(value).items() if key not in noise} if noise else value


def _without_metadata(template: Mapping[str, Any], *, paths: bool) -> dict[str, Any]:
    resources = {key: _resource_without_metadata(mapping(item), paths=paths) for key, item in mapping(template.get("Resources")).items()}
    return {**template, "Resources": resources}


def _resource_without_metadata(resource: Mapping[str, Any], *, paths: bool) -> dict[str, Any]:
    noisy = tuple(
        key for key in mapping(resource.get("Metadata")) if key.startswith(_NOISY_METADATA) and not (paths and key == "aws:cdk:path")
    )
    metadata = {key: item for key, item in mapping(resource.get("Metadata")).items() if key not in noisy}
    kept = {key: item for key, item in resource.items() if key != "Metadata"}
    return {**kept, "Metadata": metadata} if metadata else kept
