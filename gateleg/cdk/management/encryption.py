"""One key for all that the constructs of a scope keep: tables, their secrets, logs and the variables of functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from gateleg.cdk.arguments import a, check, kms_key
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

_LOG_ACTIONS = ("kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*")


@dataclass
class _Keys:
    """The keys of one tree by the paths of their scopes; the paths of what asked for one, and what was given one."""

    given: dict[str, kms.IKey] = field(default_factory=dict[str, "kms.IKey"])
    asked: set[str] = field(default_factory=set[str])
    encrypted: dict[str, Construct] = field(default_factory=dict[str, Construct])


_trees: dict[str, _Keys] = {}
"""By what the other process calls a tree's root: a root that CDK made, as for `Stack(None)`, is another object here each time."""


def encrypt(scope: Construct, key: kms.IKey | kms.Key) -> None:
    """Let everything that the constructs of a scope keep be encrypted by one key of yours.

    It covers tables and the secrets that sign their cursors, log groups of functions and stages, and the variables of functions, each with the
    grants that it takes, and lets CloudWatch Logs of the scope's account and region use the key. Call it before the constructs are made; the
    nearest scope that has a key decides, and `ModelTable(encryption_key=...)` before it. A table needs a stack with a concrete region.
    Answers that a stage keeps (`Cache`) and traces are encrypted by keys of AWS, and nobody can choose others.

    Args:
        scope: The scope, such as a stack or the app.
        key: The key. The policy of one that is imported cannot be changed from here; synth says what it must allow.

    Raises:
        DeclarationError: An argument is not what it must be, the scope has a key already, or constructs were made in it before.
    """
    check("encrypt", scope=(scope, a("a construct, such as a stack", Construct)), key=(key, kms_key))
    path, keys = scope.node.path, _keys_of(scope)
    if path in keys.given:
        message = f"{path or 'the app'} has a key already; call encrypt() once"
        raise DeclarationError(message, path=path, value=key)
    if early := sorted(one for one in keys.asked if _within(one, path)):
        message = f"{early[0]} was made before encrypt(), and keeps things without the key; call encrypt() before the constructs"
        raise DeclarationError(message, path=early[0], value=key)
    keys.given[path] = cast("kms.IKey", key)
    _let_logs_use(key, scope)


def key_of(construct: Construct) -> Any:
    """The key that the nearest scope of a construct was given; `None` where there is none. What asks cannot be given one later.

    Args:
        construct: What keeps something.
    """
    path, keys = construct.node.path, _keys_of(construct)
    keys.asked.add(path)
    scopes = sorted((one for one in keys.given if _within(path, one)), key=len)
    if not scopes:
        return None
    keys.encrypted[path] = construct
    return keys.given[scopes[-1]]


def encrypted_in(scope: Construct) -> list[Construct]:
    """What was given a key in a scope. CDK itself forgets of which class a construct is that nobody holds.

    Args:
        scope: The scope.
    """
    path = scope.node.path
    return [construct for one, construct in _keys_of(scope).encrypted.items() if _within(one, path)]


def _keys_of(construct: Construct) -> _Keys:
    root: Any = construct.node.root
    return _trees.setdefault(root.__jsii_ref__.ref, _Keys())


def _within(path: str, scope: str) -> bool:
    return not scope or path == scope or path.startswith(f"{scope}/")


def _let_logs_use(key: kms.IKey | kms.Key, scope: Construct) -> None:
    """Follows https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html."""
    stack = Stack.of(scope if scope.node.path else key)
    service = f"logs.{stack.region}.amazonaws.com"
    context = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:*"
    statement = iam.PolicyStatement(
        sid="GatelegLogs",
        principals=[cast("iam.IPrincipal", iam.ServicePrincipal(service))],
        actions=list(_LOG_ACTIONS),
        resources=["*"],
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": context}},
    )
    if not key.add_to_resource_policy(statement).statement_added:
        text = f"the policy of {key.key_arn} is not of this app, and log groups need it: let {service} do {', '.join(_LOG_ACTIONS)} where kms:EncryptionContext:aws:logs:arn is like {context}"
        Annotations.of(scope).add_warning_v2("gateleg:key", text)
