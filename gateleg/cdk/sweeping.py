"""A schedule on which the registry of a WebSocket API's connections is swept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam
from aws_cdk.aws_events import Rule, RuleTargetInput

from gateleg.description.names import REGISTRY_ENTITY, SWEEP_SOURCE
from gateleg.description.uses import Use
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk.aws_events import Schedule
    from constructs import Construct

    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.service_function import ServiceFunction
    from gateleg.description import Route


def registries(routes: Iterable[Route], tables: Sequence[ModelTable]) -> list[ModelTable]:
    """The tables that hold the registry of an app's connections: one, or none."""
    names = {use.table for route in routes for use in route.uses if use.entity == REGISTRY_ENTITY}
    return [table for table in tables if table.declaration.name in names]


def registry_table(routes: Iterable[Route], tables: Sequence[ModelTable]) -> ModelTable:
    """The table that holds the registry of an app's connections.

    Raises:
        DeclarationError: The app has none, or the table, all of which is read, holds items of tenants too.
    """
    found = next(iter(registries(routes, tables)), None)
    if found is None:
        message = "sweep= is for the connections that a registry remembers, and the app has none; write WebSocketResolver(connections=Connections(TABLE))"
        raise DeclarationError(message, path="WebSocketGateway.sweep")
    if any(entity.leading for entity in found.declaration.entities.values()):
        name = found.declaration.name
        message = f"sweep= reads all of the table {name!r}, which holds items of tenants; give the registry a table of its own: Connections(SOCKETS)"
        raise DeclarationError(message, path="WebSocketGateway.sweep", value=name)
    return found


def add_sweep(scope: Construct, schedule: Schedule, function: ServiceFunction, table: ModelTable, callback_url: str) -> Rule:
    """Have a function sweep its registry on a schedule, which takes reading the whole table.

    Args:
        scope: Where the rule is.
        schedule: When.
        function: The app's function.
        table: The registry's table.
        callback_url: Where the connections are asked about.
    """
    from aws_cdk.aws_events_targets import LambdaFunction

    for arn, actions in table.rights(Use(table.declaration.name, REGISTRY_ENTITY, "scan")).items():
        iam.Grant.add_to_principal(grantee=function.function, actions=actions, resource_arns=[arn])
    rule = Rule(scope, "Sweep", schedule=schedule, description="Sweeps the registry of connections whose end was not told")
    told = RuleTargetInput.from_object({"source": SWEEP_SOURCE, "endpoint": callback_url})
    handler: Any = function.invoked
    # The next one sweeps what this one did not.
    target: Any = LambdaFunction(handler, event=told, retry_attempts=0)
    rule.add_target(target)
    return rule
