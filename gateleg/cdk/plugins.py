"""What CDK asks once the templates of an app are written, and what it is answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Validations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from constructs import IConstruct


@jsii.implements(IPolicyValidationPlugin)
class _Plugin:
    def __init__(self, name: str, rules: Sequence[str], judge: Callable[[Sequence[Path]], Iterable[PolicyViolation]]) -> None:
        self._name = name
        self._rules = list(rules)
        self._judge = judge

    @property
    def name(self) -> str:
        return self._name

    @property
    def version(self) -> str:
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        return self._rules

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        violations = list(self._judge(sorted({Path(path) for path in context.template_paths})))
        failed = any(each.severity != "warning" for each in violations)
        return PolicyValidationPluginReport(success=not failed, violations=violations)


def add_plugin(root: IConstruct, name: str, rules: Sequence[str], judge: Callable[[Sequence[Path]], Iterable[PolicyViolation]]) -> None:
    """Let synth fail for what a judge finds.

    Args:
        root: The app or stage.
        name: The plugin's name in CDK's report.
        rules: The rules that it knows.
        judge: Given the templates' files, yields what is wrong with them.
    """
    plugin: Any = _Plugin(name, rules, judge)
    Validations.of(root).add_plugins(plugin)


def violation(rule: str, said: str, resource: str, template: str, severity: str = "error") -> PolicyViolation:
    """What a judge finds. Without a severity of its own it would no longer fail synth once another one is acknowledged.

    Args:
        rule: The rule.
        said: What is wrong, and what to write instead.
        resource: The logical id.
        template: The template's file.
        severity: `error`; `fatal`, which nobody acknowledges; or `warning`, which is told and lets synth succeed.
    """
    where = PolicyViolatingResource(resource_logical_id=resource, template_path=template, locations=["Properties"])
    return PolicyViolation(rule_name=rule, description=said, violating_resources=[where], severity=severity)
