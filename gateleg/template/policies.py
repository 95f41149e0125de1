"""What the policies of a template allow a role to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.template.arns import fits, reaches
from gateleg.template.canonical import alternatives, canonical, is_object, listing, mapping
from gateleg.template.table import TABLE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateleg.template.stack_template import Resource, StackTemplate
    from gateleg.template.table import PolicyTarget

_TOKEN = re.compile(r"\$\{([^}]+)\}")
_FROM_ELSEWHERE = ("Fn::ImportValue:", "Fn::GetStackOutput:")
_AWS_MANAGED = re.compile(r":iam::aws:policy/(?:.*/)?(?P<name>[^/]+)$")

# What these policies of AWS allow beside logs, traces and network interfaces: nothing.
_HARMLESS = frozenset(
    {
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AWSXRayDaemonWriteAccess",
        "AWSXrayWriteOnlyAccess",
        "CloudWatchLambdaInsightsExecutionRolePolicy",
        "CloudWatchLambdaApplicationSignalsExecutionRolePolicy",
        "AmazonAPIGatewayPushToCloudWatchLogs",
    }
)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, in canonical text.

    Attributes:
        source: The logical id of the resource that holds it.
        effect: `Allow` or `Deny`.
        actions: The action patterns as written.
        all_but: Whether the statement means all actions but these (`NotAction`).
        resources: The resource patterns.
        elsewhere: Whether the statement means all resources but these (`NotResource`).
        conditional: Whether it has a `Condition`.
        unread: The managed policy that stands outside the template, when this statement stands for it; it counts as allowing everything.
    """

    source: str
    effect: str
    actions: tuple[str, ...]
    all_but: bool
    resources: tuple[str, ...]
    elsewhere: bool
    conditional: bool
    unread: str | None = None

    @property
    def action_patterns(self) -> tuple[str, ...]:
        """The actions for a reader: `* except dynamodb:Scan` for a `NotAction`, `* of {policy}` for a policy that nobody here can read."""
        if self.unread is not None:
            return (f"* of {self.unread}",)
        return (f"* except {', '.join(self.actions)}",) if self.all_but else self.actions

    @property
    def resource_patterns(self) -> tuple[str, ...]:
        """The resources for a reader: `* except ...` for a `NotResource`."""
        return (f"* except {', '.join(self.resources)}",) if self.elsewhere else self.resources

    def names_action(self, action: str) -> bool:
        """Whether the statement speaks of an action (or of all that an action pattern means)."""
        return any(fits(pattern, action, ignore_case=True) for pattern in self.actions) is not self.all_but

    def names_target(self, target: PolicyTarget, view: StackTemplate) -> bool:
        """Whether the statement speaks of a target."""
        patterns = [target.spelled_out(pattern, view) for pattern in self.resources]
        generous = (self.effect == "Allow") is not self.elsewhere
        reached = any(reaches(pattern, arn, generous=generous) for pattern in patterns for arn in target.arns(view))
        return reached is not self.elsewhere


def allowed_actions(statements: Iterable[Statement], target: PolicyTarget, view: StackTemplate) -> frozenset[str]:
    """The action patterns that are allowed on a target and not wholly denied again."""
    __tracebackhide__ = True
    about = _about(statements, target, view)
    denials = [statement for statement in about if statement.effect == "Deny" and not statement.conditional]
    allowed = {pattern for statement in about if statement.effect == "Allow" for pattern in _of_service(statement, target.service)}
    return frozenset(pattern for pattern in allowed if not any(denial.names_action(pattern) for denial in denials))


def may(statements: Iterable[Statement], action: str, target: PolicyTarget, view: StackTemplate) -> bool:
    """Whether one action is allowed on a target: some statement allows it and no unconditional one denies it."""
    __tracebackhide__ = True
    about = [statement for statement in _about(statements, target, view) if statement.names_action(action)]
    denied = any(statement.effect == "Deny" and not statement.conditional for statement in about)
    return not denied and any(statement.effect == "Allow" for statement in about)


def _about(statements: Iterable[Statement], target: PolicyTarget, view: StackTemplate) -> list[Statement]:
    """The statements that speak of a target.

    Raises:
        TemplateMismatchError: A statement allows something on what only the deployment knows, which could be the target.
    """
    __tracebackhide__ = True
    found: list[Statement] = []
    for statement in statements:
        if statement.names_target(target, view):
            found.append(statement)
        elif statement.effect == "Allow" and any(_of_service(statement, target.service)):
            _refuse_unknown(statement, target, view)
    return found


def _refuse_unknown(statement: Statement, target: PolicyTarget, view: StackTemplate) -> None:
    __tracebackhide__ = True
    parameters = mapping(view.json.get("Parameters"))
    for resource in statement.resources:
        for token in _TOKEN.findall(resource):
            # What another stack exports cannot be of this one; what a parameter holds can be anything.
            if token in parameters or (token.startswith(_FROM_ELSEWHERE) and target.owner is not view):
                raise TemplateMismatchError(
                    f"{statement.source} allows {', '.join(statement.action_patterns)} on {resource}, and nothing here tells whether that is "
                    f"{target}; ask in an assembly that has both stacks, or synthesize with the value in place of the parameter",
                    path=statement.source,
                    value=resource,
                    code="template.unknown_resource",
                )


def role_named(view: StackTemplate, role: object, *, of: str) -> Resource:
    """The role that a `Role` property names.

    Raises:
        TemplateMismatchError: The role is not in the template, so that its policies are not known.
    """
    __tracebackhide__ = True
    if (found := view.referenced(role)) is None:
        text = canonical(role, view.bindings)
        raise TemplateMismatchError(
            f"the role of {of} is {text}, which is not in {view.where}, so its permissions cannot be told; look at the template that holds it",
            path=of,
            value=text,
            code="template.role_elsewhere",
        )
    return found


def statements_of(role: Resource) -> tuple[Statement, ...]:
    """Every statement that applies to a role of the template: inline, attached, and in the policies of tables that name it.

    A managed policy that is not in the template counts as allowing everything, except AWS's own for logs, traces and network interfaces.
    A permissions boundary is not applied: it can only narrow what is said here.
    """
    found = [*_inline(role), *_managed(role)]
    for resource in role.view.of_type():
        kinds = {"AWS::IAM::Policy": "Roles", "AWS::IAM::ManagedPolicy": "Roles", "AWS::IAM::RolePolicy": "RoleName"}
        if resource.type in kinds and _is_among(role, listing(resource.properties.get(kinds[resource.type]))):
            found += _statements(resource, resource.properties.get("PolicyDocument"))
        if resource.type in TABLE_TYPES:
            found += _resource_policy(resource, role)
    return tuple(dict.fromkeys(found))


def _of_service(statement: Statement, service: str) -> Iterator[str]:
    for pattern in statement.action_patterns:
        prefix = pattern.split(":", 1)[0]
        if prefix.startswith("*") or fits(prefix, service, ignore_case=True):
            yield pattern


def _inline(role: Resource) -> Iterator[Statement]:
    for policy in listing(role.properties.get("Policies")):
        yield from _statements(role, mapping(policy).get("PolicyDocument"))


def _managed(role: Resource) -> Iterator[Statement]:
    for attached in listing(role.properties.get("ManagedPolicyArns")):
        text = canonical(attached, role.view.bindings)
        policy, aws = role.view.referenced(attached), _AWS_MANAGED.search(text)
        if policy is not None:
            yield from _statements(policy, policy.properties.get("PolicyDocument"))
        elif aws is None or aws["name"] not in _HARMLESS:
            source = role.logical_id
            yield Statement(source, "Allow", ("*",), all_but=False, resources=("*",), elsewhere=False, conditional=False, unread=text)


def _resource_policy(table: Resource, role: Resource) -> Iterator[Statement]:
    holders = [table.properties, *(mapping(replica) for replica in listing(table.properties.get("Replicas")))]
    for holder in holders:
        document = mapping(mapping(holder.get("ResourcePolicy")).get("PolicyDocument"))
        for raw in listing(document.get("Statement")):
            principals = mapping(raw).get("Principal")
            named = listing(mapping(principals).get("AWS")) if is_object(principals) else listing(principals)
            texts = {text for principal in named for text in alternatives(principal, table.view.bindings)}
            if texts & {"*", f"${{{role.logical_id}.Arn}}"}:
                yield _statement(table, mapping(raw))


def _is_among(role: Resource, roles: list[Any]) -> bool:
    name, bindings = role.properties.get("RoleName"), role.view.bindings
    known = {f"${{{role.logical_id}}}", *([] if name is None else [canonical(name, bindings)])}
    return any(text in known for given in roles for text in alternatives(given, bindings))


def _statements(holder: Resource, document: object) -> Iterator[Statement]:
    for statement in listing(mapping(document).get("Statement")):
        yield _statement(holder, mapping(statement))


def _statement(holder: Resource, raw: Mapping[str, Any]) -> Statement:
    def texts(key: str) -> tuple[str, ...]:
        written = raw.get(f"Not{key}", raw.get(key))
        return tuple(text for item in listing(written) for text in alternatives(item, holder.view.bindings))

    return Statement(
        holder.logical_id,
        str(raw.get("Effect")),
        texts("Action"),
        all_but="NotAction" in raw,
        resources=texts("Resource"),
        elsewhere="NotResource" in raw,
        conditional="Condition" in raw,
    )
