"""Any resource as a target of a policy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateleg.template.arns import ENVIRONMENT, FIELDS, split_arn
from gateleg.template.canonical import qualify

if TYPE_CHECKING:
    from gateleg.template.stack_template import Resource, StackTemplate

_PLACEHOLDER = "the-resource"
_SERVICES = {
    "apigatewayv2": "execute-api",
    "apigateway": "execute-api",
    "stepfunctions": "states",
    "cognito": "cognito-idp",
    "opensearchservice": "es",
}


@dataclass(frozen=True)
class ResourceTarget:
    """A resource of which no more is known than its type: whatever pattern speaks of it in any way counts.

    An API is spoken of by its id inside an `execute-api` ARN, a bucket by its ARN with a path, a secret by `Ref`. A pattern that speaks of
    no resource of the template counts when its service is the resource's and it has a wildcard.
    """

    resource: Resource

    @property
    def service(self) -> str:
        """The prefix of the actions, from the type's middle part."""
        name = self.resource.type.split("::")[1].lower()
        return _SERVICES.get(name, name)

    @property
    def owner(self) -> StackTemplate:
        """See `gateleg.template.table.PolicyTarget`."""
        return self.resource.view

    def arns(self, view: StackTemplate) -> tuple[str, ...]:  # noqa: ARG002  # the placeholder below is the same for every view
        """See `gateleg.template.table.PolicyTarget`."""
        return (f"arn:${{AWS::Partition}}:{self.service}:${{AWS::Region}}:${{AWS::AccountId}}:{_PLACEHOLDER}",)

    def spelled_out(self, pattern: str, view: StackTemplate) -> str:
        """See `gateleg.template.table.PolicyTarget`."""
        own = view is self.resource.view or view.name == self.resource.view.name
        token = f"${{{self.resource.logical_id}}}"
        opening = (token if own else qualify(token, self.resource.view.name)).removesuffix("}")
        if re.search(re.escape(opening) + r"[.}]", pattern):
            return self.arns(view)[0]
        fields = split_arn(pattern)
        wild = len(fields) == FIELDS and "${" not in ENVIRONMENT.sub("", fields[-1]) and any(sign in fields[-1] for sign in "*?")
        return ":".join([*fields[:-1], _PLACEHOLDER]) if wild else pattern
