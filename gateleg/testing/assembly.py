"""A cloud assembly: what one synth wrote, with all its stacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateleg.errors import TemplateMismatchError
from gateleg.template import find, manifest
from gateleg.testing.synthesized import synthesized
from gateleg.testing.view import TemplateView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import aws_cdk

    from gateleg.template.manifest import Annotation, Written


@dataclass(frozen=True)
class Assembly:
    """A synthesized cloud assembly.

    Attributes:
        directory: The folder of the assembly (`cdk.out`).
        views: Every template by the construct path of its stack, those of `Stage`s (`Prod/Chat`) and nested stacks (`Chat/Nested`) too.
        annotations: What constructs said.
    """

    directory: Path
    views: Mapping[str, TemplateView] = field(repr=False)
    annotations: tuple[Annotation, ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, directory: Path | str) -> Assembly:
        """Read a folder that `cdk synth` or `app.synth()` wrote.

        Raises:
            TemplateMismatchError: It is not a cloud assembly, or one without a stack.
        """
        __tracebackhide__ = True
        return cls._of_written(manifest.read(directory))

    @classmethod
    def of(cls, construct: aws_cdk.Stack | aws_cdk.App) -> Assembly:
        """Synthesize the whole app of a construct, again if it was synthesized before, and read what was written.

        Raises:
            TemplateMismatchError: The construct stands in no app, or the app has no stack.
        """
        __tracebackhide__ = True
        return cls._of_written(synthesized(construct))

    @property
    def stacks(self) -> tuple[str, ...]:
        """The construct paths of all stacks, nested ones too."""
        return tuple(self.views)

    def stack(self, name: str) -> TemplateView:
        """The template of a stack, by its construct path, the end of it, or its stack name.

        Raises:
            TemplateMismatchError: There is none, or there are several; the message lists the stacks there are.
        """
        __tracebackhide__ = True
        for fitting in (
            [path for path in self.views if path == name],
            [path for path, view in self.views.items() if view.stack_name == name],
            [path for path in self.views if path.endswith(f"/{name}")],
        ):
            if len(fitting) > 1:
                raise find.ambiguous("stack", name, fitting, where="the assembly")
            if fitting:
                return self.views[fitting[0]]
        raise find.missing("stack", name, self.stacks, where="the assembly")

    def only(self) -> TemplateView:
        """The one stack of the assembly, nested stacks apart.

        Raises:
            TemplateMismatchError: There are several; the message lists them.
        """
        __tracebackhide__ = True
        top = [path for path in self.views if not any(path.startswith(f"{other}/") for other in self.views)]
        if len(top) > 1:
            message = f"the assembly has several stacks: {', '.join(top)}; take one with `synth.assembly(...).stack(name)`"
            raise TemplateMismatchError(message, code="template.ambiguous")
        return self.views[top[0]]

    @classmethod
    def _of_written(cls, written: Written) -> Assembly:
        views = {path: TemplateView.of(template) for path, template in written.templates.items()}
        return cls(written.directory, views, written.annotations)
