"""How a function runs: the options of every construct that makes one, and what is described by them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from gateleg.cdk.arguments import TEXT, a, check, duration, having, listing, mapping, number
from gateleg.cdk.describing import as_described
from gateleg.cdk.packaging import HandlerCode
from gateleg.description import App, service_name, split_handler
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_ec2 as ec2

    from gateleg.cdk.arguments import Rule
    from gateleg.cdk.tables.granting import GrantingTable
    from gateleg.cdk.uses import AnyUse


class FunctionOptions(TypedDict, total=False):
    """How a function runs; every key may be left out.

    Attributes:
        code: Where the handler's code and dependencies are; found from the handler string unless given.
        memory_size: MiB; 1024 unless given.
        timeout: 15 seconds unless given. A function behind API Gateway must end within 29 seconds.
        environment: Variables beside those that gateleg sets.
        architecture: `lambda_.Architecture.ARM_64` unless given.
        runtime: Unless given, what the context value `gateleg:runtime` names (`python3.14`), and without one the runtime of the Python that
            synthesizes; where Lambda does not have that version yet, its newest.
        log_retention: `logs.RetentionDays.THREE_MONTHS` unless given.
        reserved_concurrency: How many may run at once; not limited unless given.
        layers: Layers beside the one with the dependencies.
        vpc: The network that the function joins; none unless given.
        vpc_subnets: Which subnets of it.
        security_groups: What guards its network interfaces.
        description: What the function is for; its handler string unless given.
        described: What the handler says of itself, where that is there already; it is described unless given.
    """

    code: HandlerCode
    memory_size: int
    timeout: Duration
    environment: Mapping[str, str]
    architecture: lambda_.Architecture
    runtime: lambda_.Runtime
    log_retention: logs.RetentionDays
    reserved_concurrency: int
    layers: Sequence[lambda_.ILayerVersion | lambda_.LayerVersion]
    vpc: ec2.IVpc | ec2.Vpc
    vpc_subnets: ec2.SubnetSelection
    security_groups: Sequence[ec2.ISecurityGroup | ec2.SecurityGroup]
    description: str
    described: App


class AppFunctionOptions(FunctionOptions, total=False):
    """How the function of an app runs, and what it may do: everything that `ServiceFunction` takes beside its handler.

    Attributes:
        tables: The tables that it may find.
        uses: What it does to them.
    """

    tables: Sequence[GrantingTable]
    uses: Sequence[AnyUse]


def _subnets(value: Any) -> str | None:
    from aws_cdk import aws_ec2 as ec2  # heavy, and loaded already by whoever has subnets to give

    return None if isinstance(value, ec2.SubnetSelection) else "a SubnetSelection of aws_ec2"


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "code": a("a HandlerCode", HandlerCode),
        "memory_size": number(128, 10_240, int),
        "timeout": duration,
        "environment": mapping(TEXT),
        "architecture": a("an Architecture of aws_lambda", lambda_.Architecture),
        "runtime": a("a Runtime of aws_lambda", lambda_.Runtime),
        "log_retention": a("a RetentionDays of aws_logs", logs.RetentionDays),
        "reserved_concurrency": number(0, float("inf"), int),
        "layers": listing(having("a LayerVersion", "layer_version_arn")),
        "vpc": having("a Vpc", "vpc_id"),
        "vpc_subnets": _subnets,
        "security_groups": listing(having("a SecurityGroup", "security_group_id")),
        "description": TEXT,
        "described": a("a description (gateleg.description.App)", App),
    }
)


def check_options(owner: str, options: Mapping[str, Any]) -> None:
    """Check how a function shall run.

    Args:
        owner: What was given them, for messages.
        options: `FunctionOptions`.

    Raises:
        DeclarationError: There is no such option, or one is not what it must be.
    """
    if not isinstance(options, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
        message = f"{owner} is a dictionary of options ({', '.join(_RULES)}), got {options!r}"
        raise DeclarationError(message, path=owner, value=options)
    for name, value in options.items():
        if name not in _RULES:
            message = f"{owner} has no option {name!r}; the options are {', '.join(_RULES)}"
            raise DeclarationError(message, path=f"{owner}.{name}", value=value, code="declaration.option_unknown")
        check(owner, **{name: (value, _RULES[name])})


def source_of(app: str | App | None, handler: str, options: FunctionOptions, tables: Sequence[GrantingTable]) -> FunctionSource | App:
    """What is described for a function: its handler, in the environment that it will have.

    Args:
        app: The app behind the handler, where there is one; a description stands for itself.
        handler: The handler string.
        options: How the function runs.
        tables: The tables that it is told of.
    """
    if isinstance(app, App):
        return app
    split_handler(handler)
    given = {"POWERTOOLS_SERVICE_NAME": service_name(handler), **options.get("environment", {})}
    for table in tables:
        given |= table.environment()
    literal = {name: as_described(value) for name, value in given.items()}
    return FunctionSource(app, handler, Path(options.get("code", HandlerCode()).root), literal)
