"""Who may invoke a function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateleg.template.canonical import canonical
from gateleg.template.function import function_in

if TYPE_CHECKING:
    from gateleg.template.function import FunctionView
    from gateleg.template.stack_template import Resource


@dataclass(frozen=True)
class PermissionView:
    """One permission on a function.

    Attributes:
        resource: The `AWS::Lambda::Permission`.
        function_name: The function, alias or version in canonical text.
        principal: Who may: `apigateway.amazonaws.com`, an account, a service.
        source_arn: On whose behalf, in canonical text; `None` for anyone's.
    """

    resource: Resource = field(repr=False)
    function_name: str
    principal: str
    source_arn: str | None

    @classmethod
    def of(cls, resource: Resource) -> PermissionView:
        """Read one `AWS::Lambda::Permission`."""
        given, bindings = resource.properties, resource.view.bindings
        source = given.get("SourceArn")
        return cls(
            resource,
            canonical(given.get("FunctionName"), bindings),
            canonical(given.get("Principal"), bindings),
            None if source is None else canonical(source, bindings),
        )

    @property
    def function(self) -> FunctionView | None:
        """The function, through an alias or version too; `None` where it is not in the template."""
        return function_in(self.resource.view, self.function_name)
