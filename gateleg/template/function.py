"""A Lambda function of a template, and what its role may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gateleg.description.names import APP_METADATA, TENANT_ROLE_VARIABLE, table_variable
from gateleg.errors import TemplateMismatchError
from gateleg.template import policies
from gateleg.template.canonical import canonical, mapping
from gateleg.template.stack_template import Resource
from gateleg.template.table import TableView
from gateleg.template.target import ResourceTarget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.template.policies import Statement
    from gateleg.template.stack_template import StackTemplate
    from gateleg.template.table import PolicyTarget

FUNCTION_TYPE = "AWS::Lambda::Function"
SERVICE_VARIABLE = "POWERTOOLS_SERVICE_NAME"
_NAMED = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z]+)?\}")
_WRAPPERS = frozenset({"AWS::Lambda::Alias", "AWS::Lambda::Version"})


@dataclass(frozen=True)
class FunctionView(Resource):
    """A Lambda function."""

    @property
    def handler(self) -> str:
        """The handler string, `module.function`; empty for a container image."""
        return str(self.properties.get("Handler", ""))

    @property
    def app(self) -> str | None:
        """The app, or the handler without one, as gateleg's constructs were given it: `lambdas.chat.rest:app`; `None` of other functions."""
        return mapping(self.definition.get("Metadata")).get(APP_METADATA)

    @property
    def service(self) -> str | None:
        """The value of `POWERTOOLS_SERVICE_NAME`, if it is set."""
        return self.environment.get(SERVICE_VARIABLE)

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables; values in canonical text, `${Table}` for the name of a table."""
        variables = mapping(mapping(self.properties.get("Environment")).get("Variables"))
        return {name: canonical(value, self.view.bindings) for name, value in variables.items()}

    @property
    def role(self) -> Resource:
        """The function's role.

        Raises:
            TemplateMismatchError: The role is not in this template.
        """
        __tracebackhide__ = True
        return policies.role_named(self.view, self.properties.get("Role"), of=str(self))

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Every policy statement that applies to the role, whatever resource of the template it is written in.

        Raises:
            TemplateMismatchError: The role is not in this template.
        """
        __tracebackhide__ = True
        return policies.statements_of(self.role)

    @property
    def permissions(self) -> Mapping[str, frozenset[str]]:
        """All that is allowed: each resource pattern of the `Allow` statements, with the actions allowed there. Denials are not applied."""
        found: dict[str, frozenset[str]] = {}
        for statement in self.statements:
            for resource in statement.resource_patterns if statement.effect == "Allow" else ():
                found[resource] = found.get(resource, frozenset()) | frozenset(statement.action_patterns)
        return found

    def allowed_actions(self, *, on: PolicyTarget | Resource) -> frozenset[str]:
        """The action patterns that the function's own role is allowed on one thing, as they are written in the policies.

        Wildcards stay as written (`dynamodb:*`), `NotAction` reads `* except ...`, so neither is ever equal to a set of plain actions.
        What an unconditional `Deny` covers wholly is left out. Where the deployment decides (region, account, generated names), the
        answer is what can be allowed.

        Args:
            on: A table (`view.table("chat")`, without its indexes), `table.index("by_author")`, `table.stream`, or any other resource.

        Raises:
            TemplateMismatchError: The role is not in this template.
        """
        __tracebackhide__ = True
        return policies.allowed_actions(self.statements, self._target(on), self.view)

    @property
    def tenant_role(self) -> Resource | None:
        """The role that the function takes on for one tenant, where it uses entities with a tenant; `None` where it does not.

        Raises:
            TemplateMismatchError: The role is not in this template.
        """
        __tracebackhide__ = True
        named = mapping(mapping(self.properties.get("Environment")).get("Variables")).get(TENANT_ROLE_VARIABLE)
        return None if named is None else policies.role_named(self.view, named, of=f"{self} for one tenant")

    def allowed_tenant_actions(self, *, on: PolicyTarget | Resource) -> frozenset[str]:
        """The action patterns that a session for one tenant is allowed on one thing, beside `allowed_actions` of the function itself.

        They are held to the tenant's own items by a condition on leading keys, which is not looked at here.

        Args:
            on: As `allowed_actions` takes it.

        Returns:
            The patterns; none where there is no such role.

        Raises:
            TemplateMismatchError: The role is not in this template.
        """
        __tracebackhide__ = True
        role = self.tenant_role
        return frozenset() if role is None else policies.allowed_actions(policies.statements_of(role), self._target(on), self.view)

    def may(self, action: str, *, on: PolicyTarget | Resource) -> bool:
        """Whether the role may do one action on one thing, with wildcards, `NotAction` and `Deny` applied.

        Raises:
            TemplateMismatchError: The action is not a single action, or the role is not in this template.
        """
        __tracebackhide__ = True
        service, _, name = action.partition(":")
        target = self._target(on)
        if not name or any(sign in action for sign in "*?") or service != target.service:
            raise TemplateMismatchError(
                f"{action!r} is not a single action of {target.service}; write one such as '{target.service}:Action'",
                path=str(self),
                value=action,
                code="template.action",
            )
        return policies.may(self.statements, action, target, self.view)

    def describe(self) -> str:
        """The names by which the function can be found."""
        names = {"app": self.app, "handler": self.handler}
        told = [f"{kind} {name}" for kind, name in names.items() if name]
        return f"{self.service or self.path} ({', '.join([self.logical_id, *told])})"

    def _target(self, on: PolicyTarget | Resource) -> PolicyTarget:
        __tracebackhide__ = True
        target: PolicyTarget = ResourceTarget(on) if isinstance(on, Resource) and not isinstance(on, TableView) else on
        if target.owner is not self.view and (self.view.assembly is None or target.owner.assembly != self.view.assembly):
            raise TemplateMismatchError(
                f"{on} is of another synth than function {self}, so nothing can tell whether a policy means it; "
                "take both from one `synth.assembly(...)`",
                path=str(self),
                value=str(on),
                code="template.other_assembly",
            )
        return target


def by_variable(table: Resource, name: str) -> bool:
    """Whether a function is told the table's physical name by the variable that gateleg's constructs make of a declared name."""
    variable = table_variable(name)
    functions = (found for found in table.view.of_type(FUNCTION_TYPE) if isinstance(found, FunctionView))
    return any(function.environment.get(variable) == f"${{{table.logical_id}}}" for function in functions)


def function_in(view: StackTemplate, text: str) -> FunctionView | None:
    """The function that a URI or ARN in canonical text names, through an alias or version too; `None` where it is not in the template."""
    behind = (_behind(view.by_id(logical_id)) for logical_id in _NAMED.findall(text))
    return next((found for found in behind if found is not None), None)


def _behind(named: Resource | None) -> FunctionView | None:
    if named is not None and named.type in _WRAPPERS:
        return _behind(named.view.referenced(named.properties.get("FunctionName")))
    return named if isinstance(named, FunctionView) else None
