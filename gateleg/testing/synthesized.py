"""What a construct's app synthesizes to, when it is asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.errors import TemplateMismatchError
from gateleg.template import manifest

if TYPE_CHECKING:
    import aws_cdk

    from gateleg.template.manifest import Written


def synthesized(construct: aws_cdk.Stack | aws_cdk.App) -> Written:
    """Synthesize the whole app of a construct, again if it was synthesized before, and read what was written.

    Raises:
        TemplateMismatchError: The construct stands in no app, or the app has no stack.
    """
    __tracebackhide__ = True
    import aws_cdk

    root = construct.node.root
    if not isinstance(root, aws_cdk.Stage):
        raise TemplateMismatchError("the stack stands in no app; make it with `App()` as its scope", path=construct.node.path)
    return manifest.read(root.synth(force=True).directory)
