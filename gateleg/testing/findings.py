"""What validation plugins found in an assembly, from the report that the CDK writes beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.template.canonical import listing, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_REPORT = "validation-report.json"


@dataclass(frozen=True)
class Finding:
    """One rule that one resource breaks, and that nothing acknowledges.

    Attributes:
        plugin: The plugin's name: `AwsSolutions`, `CloudFormation Validate`.
        rule: The rule's id: `AwsSolutions-L1`, `F3002`.
        severity: `fatal`, `error`, `warning`, `info` or the plugin's own word.
        path: The construct's path.
        logical_id: The resource's logical id, where the plugin tells it.
        description: What is wrong.
    """

    plugin: str
    rule: str
    severity: str
    path: str
    logical_id: str
    description: str

    @property
    def is_error(self) -> bool:
        """Whether it would fail a synth."""
        return self.severity in {"fatal", "error"}

    def __str__(self) -> str:
        return f"{self.severity} {self.rule} at {self.path or self.logical_id}: {self.description}"


def findings_of(directory: Path) -> tuple[Finding, ...]:
    """The findings in the report of a synthesized assembly.

    Raises:
        TemplateMismatchError: There is no report, so that no plugin ran, or a plugin failed itself.
    """
    __tracebackhide__ = True
    file = directory / _REPORT
    if not file.is_file():
        message = f"the CDK wrote no {_REPORT} into {directory}, so no validation plugin ran; is the app without a stack?"
        raise TemplateMismatchError(message, value=str(directory), code="template.no_report")
    reports = [mapping(report) for report in listing(mapping(json.loads(file.read_text(encoding="utf-8"))).get("pluginReports"))]
    return tuple(finding for report in reports for finding in _of_plugin(report))


def _of_plugin(report: Mapping[str, Any]) -> Iterator[Finding]:
    __tracebackhide__ = True
    plugin = str(report.get("pluginName"))
    if (failure := mapping(report.get("metadata")).get("error")) is not None:
        raise TemplateMismatchError(str(failure), path=plugin, code="template.plugin_failed")
    for raw in listing(report.get("violations")):
        violation = mapping(raw)
        severity = str(violation.get("customSeverity") or violation.get("severity"))
        for found in listing(violation.get("violatingConstructs")) or [{}]:
            construct = mapping(found)
            logical_id = str(mapping(construct.get("cloudFormationResource")).get("logicalId", ""))
            yield Finding(
                plugin,
                str(violation.get("ruleName")),
                severity,
                str(construct.get("constructPath", "")),
                logical_id,
                str(violation.get("description")),
            )
