"""What goes wrong where people are at work: parts that are missing, commands, the local run, tests of templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.errors.base import GatelegError

if TYPE_CHECKING:
    from collections.abc import Sequence


class PartMissingError(GatelegError, ImportError):
    """A part of gateleg is not installed; the message says which extra brings it. `value` is the missing module."""

    default_code = "part.missing"


class TemplateError(GatelegError, ValueError):
    """A template or assembly, or a file that is given with one, that a command cannot read."""

    default_code = "template.unreadable"


class DataError(GatelegError, ValueError):
    """A file, a seed or an argument of an operation on data cannot be used. What was written before stays, and the same may be done again."""

    default_code = "data.unreadable"


class ProjectError(GatelegError, ValueError):
    """A new project cannot be written or locked as asked; what is not written whole is not there at all."""

    default_code = "project"


class LockError(GatelegError, ValueError):
    """The lock of what is deployed, or an assembly, cannot be read or written."""

    default_code = "changes.lock"


class ChangeRefusedError(GatelegError, RuntimeError):
    """A change of what is deployed would lose data or safety, or AWS would refuse it; nothing was deployed.

    Attributes:
        changes: A sentence for each.
    """

    default_code = "changes.refused"

    def __init__(self, message: str, *, changes: Sequence[str] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.changes: tuple[str, ...] = tuple(changes)


class LocalError(GatelegError, RuntimeError):
    """The embedded AWS cannot do what was asked."""

    default_code = "local.error"


class PortTakenError(LocalError):
    """Another program listens on the port."""

    default_code = "local.port_taken"


class ToolMissingError(LocalError):
    """A tool that the local run needs is not installed."""

    default_code = "local.tool_missing"


class DeployError(LocalError):
    """The CDK CLI failed, or the deploy was refused before it, as AWS would refuse it."""

    default_code = "local.deploy_failed"


class TemplateMismatchError(GatelegError, AssertionError):
    """A template does not hold what a test asks for; the message says what is there."""

    default_code = "template.mismatch"
