"""Synthesizes stacks once per session, quickly, and reads what was written."""

from __future__ import annotations

import functools
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gateleg.errors import TemplateMismatchError
from gateleg.parts import require
from gateleg.testing.assembly import Assembly
from gateleg.testing.factories import identity
from gateleg.testing.findings import Finding, findings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    import aws_cdk

    from gateleg.testing.view import TemplateView


class StackFactory(Protocol):
    """Makes stacks in an app: `lambda app: ChatStack(app, "Chat")`.

    What it returns says which template is meant: a stack, or a `Stage` or `None` where there is only one.
    """

    def __call__(self, app: aws_cdk.App, /) -> object:
        """Make them."""
        ...


_NO_BUNDLING: dict[str, Any] = {"aws:cdk:bundling-stacks": []}
# What plugins and annotations report is read from files and raised as one error, so the CDK need not print and raise its own.
_QUIET = {"@aws-cdk/core:failSynthOnValidationErrors": False}
_DEFAULT_RULES = {"@aws-cdk/core:validateAgainstDefaultRules": True}


@dataclass(frozen=True)
class SynthSettings:
    """How `Synth` synthesizes.

    Attributes:
        project: The folder with `cdk.json`, whose context (feature flags) every app gets, and `cdk.context.json`; `None` for neither.
        context: More context; it wins over the project's.
        bundling: Whether assets are bundled (dependencies resolved). Off, layers are not what would be deployed.
        output: Where assemblies are written; a temporary folder of the process without it.
    """

    project: Path | None = None
    context: Mapping[str, Any] = field(default_factory=dict[str, Any])
    bundling: bool = False
    output: Path | None = None

    def app_context(self, more: Mapping[str, Any], *, bundling: bool | None) -> dict[str, Any]:
        """The context of one app."""
        bundles = self.bundling if bundling is None else bundling
        return {**self._project_context(), **({} if bundles else _NO_BUNDLING), **self.context, **more, **_QUIET}

    def _project_context(self) -> dict[str, Any]:
        if self.project is None:
            return {}
        settings, lookups = _read_json(self.project / "cdk.json"), _read_json(self.project / "cdk.context.json")
        return {**settings.get("context", {}), **lookups}


@dataclass(frozen=True)
class _Result:
    assembly: Assembly
    meant: str | None
    kept: object
    """The factory, so that no other object can take its identity while the result is kept."""


class Synth:
    """Synthesizes what a factory makes, and keeps it: the same factory with the same options is synthesized once.

    The CDK's template validator is off, for it takes most of the time of a synth: call with `validated=True` in one test of each stack.

    A factory is the same as another if it is the same code over the same values. Values that can change in place (lists, dicts) are never
    taken as the same. What it reads from global variables is not looked at.

    Raises:
        PartMissingError: The CDK is not installed.
    """

    def __init__(self, settings: SynthSettings | None = None) -> None:
        require("testing", "gateleg.testing.Synth", "aws_cdk", "constructs")
        self.settings: SynthSettings = settings or SynthSettings()
        self._results: dict[Hashable, _Result] = {}
        self._output: Path | None = None

    def __call__(
        self,
        factory: StackFactory,
        *,
        validated: bool = False,
        context: Mapping[str, Any] | None = None,
        bundling: bool | None = None,
    ) -> TemplateView:
        """The template of the stack that the factory returns.

        Args:
            factory: Makes the stack: `lambda app: ChatStack(app, "Chat")`.
            validated: Run CloudFormation's template validator, with its default rules as errors.
            context: More context for the app.
            bundling: Whether to bundle assets; the settings' choice without it.

        Raises:
            TemplateMismatchError: The factory returned no stack and made several, a construct reported an error, or the validator did.
        """
        __tracebackhide__ = True
        result = self._result(factory, validated=validated, context=context or {}, bundling=bundling)
        return result.assembly.only() if result.meant is None else result.assembly.stack(result.meant)

    def assembly(
        self,
        factory: StackFactory,
        *,
        validated: bool = False,
        context: Mapping[str, Any] | None = None,
        bundling: bool | None = None,
    ) -> Assembly:
        """Everything that the factory made: several stacks, those of stages, nested ones. Arguments and errors as in a call."""
        __tracebackhide__ = True
        return self._result(factory, validated=validated, context=context or {}, bundling=bundling).assembly

    def findings(
        self,
        factory: StackFactory,
        plugins: Callable[[aws_cdk.App], Iterable[aws_cdk.IPolicyValidationPlugin]],
        *,
        context: Mapping[str, Any] | None = None,
    ) -> tuple[Finding, ...]:
        """What validation plugins find, without what the stacks acknowledge; synthesized anew on each call.

        Args:
            factory: Makes the stacks.
            plugins: Makes the plugins: `lambda app: [AwsSolutionsChecks(app), ServerlessChecks(app)]`.
            context: More context for the app.

        Raises:
            TemplateMismatchError: There is no plugin or no stack, or a plugin failed itself.
        """
        __tracebackhide__ = True
        app = self._app(context or {}, bundling=None)
        factory(app)
        return self._validate(app, list(plugins(app)))

    def _result(self, factory: StackFactory, *, validated: bool, context: Mapping[str, Any], bundling: bool | None) -> _Result:
        __tracebackhide__ = True
        options = (json.dumps(context, sort_keys=True, default=repr), self.settings.bundling if bundling is None else bundling)
        own = identity(factory)
        keys = [(own, options, checked) for checked in ((True,) if validated else (False, True))]
        found = next((self._results[key] for key in keys if own is not None and key in self._results), None)
        if found is None:
            found = self._synthesize(factory, validated=validated, context=context, bundling=bundling)
            if own is not None:
                self._results[keys[0]] = found
        return found

    def _synthesize(self, factory: StackFactory, *, validated: bool, context: Mapping[str, Any], bundling: bool | None) -> _Result:
        __tracebackhide__ = True
        import aws_cdk

        app = self._app({**context, **(_DEFAULT_RULES if validated else {})}, bundling=bundling)
        made = factory(app)
        if validated:
            found = [finding for finding in self._validate(app, [aws_cdk.CloudFormationValidatePlugin()]) if finding.is_error]
            if found:
                raise _refused("the template validator", map(str, found), found)
        assembly = Assembly.read(app.synth().directory)
        errors = [f"{note.path}: {note.message}" for note in assembly.annotations if note.level == "error"]
        if errors:
            raise _refused("constructs", errors, errors)
        meant = made.node.path if isinstance(made, aws_cdk.Stack) else None
        if isinstance(made, aws_cdk.Stage) and not isinstance(made, aws_cdk.App):
            below = [path for path in assembly.stacks if path.startswith(f"{made.node.path}/")]
            meant = below[0] if len(below) == 1 else None
        return _Result(assembly, meant, factory)

    def _app(self, context: Mapping[str, Any], *, bundling: bool | None) -> aws_cdk.App:
        import aws_cdk

        return aws_cdk.App(
            analytics_reporting=False,
            auto_synth=False,
            builtin_cloud_formation_validation=False,
            context=self.settings.app_context(context, bundling=bundling),
            outdir=str(self._directory()),
        )

    def _directory(self) -> Path:
        if self._output is None:
            self._output = self.settings.output or Path(_process_directory().name)
        return Path(tempfile.mkdtemp(prefix="cdk.out-", dir=self._output))

    @staticmethod
    def _validate(app: aws_cdk.App, plugins: list[aws_cdk.IPolicyValidationPlugin]) -> tuple[Finding, ...]:
        __tracebackhide__ = True
        import aws_cdk

        if not plugins:
            message = (
                "no validation plugin was given, so nothing would be found; return at least one, such as cdk-nag's AwsSolutionsChecks(app)"
            )
            raise TemplateMismatchError(message, code="template.no_plugin")
        aws_cdk.Validations.of(app).add_plugins(*plugins)
        directory = Path(app.synth().directory)
        # The CDK runs no plugin over an app without stacks; reading the assembly refuses one.
        Assembly.read(directory)
        return findings_of(directory)


def _refused(who: str, problems: Iterable[str], value: object) -> TemplateMismatchError:
    lines = "".join(f"\n  - {problem}" for problem in problems)
    return TemplateMismatchError(f"{who} found what deployment would refuse:{lines}\n", value=value, code="template.invalid")


@functools.cache
def _process_directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="gateleg-synth-")


def _read_json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    parsed: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return parsed
