"""What the policies of a template allow a role to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.testing.arns import fits, reaches
from gateleg.testing.canonical import alternatives, canonical, is_object, listing, mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateleg.testing.table import PolicyTarget
    from gateleg.testing.view import TemplateView

_TOKEN = re.compile(r"\$\{([^}]+)\}")
_FROM_ELSEWHERE = ("Fn::ImportValue:", "Fn::GetStackOutput:")
_ROLE_TOKEN = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.Arn)?\}")
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

    def names_target(self, target: PolicyTarget, view: TemplateView) -> bool:
        """Whether the statement speaks of a target."""
        patterns = [target.spelled_out(pattern, view) for pattern in self.resources]
        generous = (self.effect == "Allow") is not self.elsewhere
        reached = any(reaches(pattern, arn, generous=generous) for pattern in patterns for arn in target.arns(view))
        return reached is not self.elsewhere


def allowed_actions(statements: Iterable[Statement], target: PolicyTarget, view: TemplateView) -> frozenset[str]:
    """The action patterns that are allowed on a target and not wholly denied again."""
    __tracebackhide__ = True
    about = _about(statements, target, view)
    denials = [statement for statement in about if statement.effect == "Deny" and not statement.conditional]
    allowed = {pattern for statement in about if statement.effect == "Allow" for pattern in _of_service(statement, target.service)}
    return frozenset(pattern for pattern in allowed if not any(denial.names_action(pattern) for denial in denials))


def may(statements: Iterable[Statement], action: str, target: PolicyTarget, view: TemplateView) -> bool:
    """Whether one action is allowed on a target: some statement allows it and no unconditional one denies it."""
    __tracebackhide__ = True
    about = [statement for statement in _about(statements, target, view) if statement.names_action(action)]
    denied = any(statement.effect == "Deny" and not statement.conditional for statement in about)
    return not denied and any(statement.effect == "Allow" for statement in about)


def _about(statements: Iterable[Statement], target: PolicyTarget, view: TemplateView) -> list[Statement]:
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


def _refuse_unknown(statement: Statement, target: PolicyTarget, view: TemplateView) -> None:
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


def statements_of_role(view: TemplateView, role: str) -> tuple[Statement, ...]:
    """Every statement that applies to a role of the template: inline, attached, and in the policies of tables that name it.

    A managed policy that is not in the template counts as allowing everything, except AWS's own for logs, traces and network interfaces.
    A permissions boundary is not applied: it can only narrow what is said here.
    """
    definition = view.resource(role).properties
    found = [*_inline(view, role, definition), *_managed(view, role, definition)]
    for resource in view.resources():
        properties = resource.properties
        kinds = {"AWS::IAM::Policy": "Roles", "AWS::IAM::ManagedPolicy": "Roles", "AWS::IAM::RolePolicy": "RoleName"}
        if resource.type in kinds and _names_role(view, listing(properties.get(kinds[resource.type])), role):
            found += _statements(view, resource.logical_id, properties.get("PolicyDocument"))
        if resource.type in {"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"}:
            found += _resource_policy(view, resource.logical_id, properties, role)
    return tuple(dict.fromkeys(found))


def role_id(view: TemplateView, role: object, *, of: str) -> str:
    """The logical id of the role that a `Role` property names.

    Raises:
        TemplateMismatchError: The role is not in the template, so that its policies are not known.
    """
    __tracebackhide__ = True
    text = canonical(role, view.bindings)
    token = _ROLE_TOKEN.fullmatch(text)
    if token is None or token[1] not in view.json["Resources"]:
        raise TemplateMismatchError(
            f"the role of {of} is {text}, which is not in {view.where}, so its permissions cannot be told; look at the template that holds it",
            path=of,
            value=text,
            code="template.role_elsewhere",
        )
    return token[1]


def _of_service(statement: Statement, service: str) -> Iterator[str]:
    for pattern in statement.action_patterns:
        prefix = pattern.split(":", 1)[0]
        if prefix.startswith("*") or fits(prefix, service, ignore_case=True):
            yield pattern


def _inline(view: TemplateView, role: str, properties: Mapping[str, Any]) -> Iterator[Statement]:
    for policy in listing(properties.get("Policies")):
        yield from _statements(view, role, mapping(policy).get("PolicyDocument"))


def _managed(view: TemplateView, role: str, properties: Mapping[str, Any]) -> Iterator[Statement]:
    for attached in listing(properties.get("ManagedPolicyArns")):
        text = canonical(attached, view.bindings)
        token, aws = _ROLE_TOKEN.fullmatch(text), _AWS_MANAGED.search(text)
        if token is not None and token[1] in view.json["Resources"]:
            yield from _statements(view, token[1], view.resource(token[1]).properties.get("PolicyDocument"))
        elif aws is None or aws["name"] not in _HARMLESS:
            yield Statement(role, "Allow", ("*",), all_but=False, resources=("*",), elsewhere=False, conditional=False, unread=text)


def _resource_policy(view: TemplateView, table: str, properties: Mapping[str, Any], role: str) -> Iterator[Statement]:
    holders = [properties, *(mapping(replica) for replica in listing(properties.get("Replicas")))]
    for holder in holders:
        document = mapping(mapping(holder.get("ResourcePolicy")).get("PolicyDocument"))
        for raw in listing(document.get("Statement")):
            principals = mapping(raw).get("Principal")
            named = listing(mapping(principals).get("AWS")) if is_object(principals) else listing(principals)
            texts = {text for principal in named for text in alternatives(principal, view.bindings)}
            if texts & {"*", f"${{{role}.Arn}}"}:
                yield _statement(view, table, mapping(raw))


def _names_role(view: TemplateView, roles: list[Any], role: str) -> bool:
    name = view.resource(role).properties.get("RoleName")
    known = {f"${{{role}}}", *([] if name is None else [canonical(name, view.bindings)])}
    return any(text in known for given in roles for text in alternatives(given, view.bindings))


def _statements(view: TemplateView, source: str, document: object) -> Iterator[Statement]:
    for statement in listing(mapping(document).get("Statement")):
        yield _statement(view, source, mapping(statement))


def _statement(view: TemplateView, source: str, raw: Mapping[str, Any]) -> Statement:
    actions, resources = (
        ("NotAction" in raw, raw.get("NotAction", raw.get("Action"))),
        ("NotResource" in raw, raw.get("NotResource", raw.get("Resource"))),
    )
    return Statement(
        source,
        str(raw.get("Effect")),
        tuple(text for item in listing(actions[1]) for text in alternatives(item, view.bindings)),
        all_but=actions[0],
        resources=tuple(text for item in listing(resources[1]) for text in alternatives(item, view.bindings)),
        elsewhere=resources[0],
        conditional="Condition" in raw,
    )
