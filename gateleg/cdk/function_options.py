"""How a function runs: the options of every construct that makes one, and what is described by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from gateleg.cdk.arguments import TEXT, a, check, duration, having, listing, mapping, number
from gateleg.cdk.describing import TOKEN, as_described
from gateleg.cdk.packaging import HandlerCode
from gateleg.cdk.releases import Release, release
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


_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")
_LAMBDAS = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
_MOST_BYTES = 4_096
_LONGEST_DESCRIPTION = 256
_MOST_LAYERS = 4


class FunctionOptions(TypedDict, total=False):
    """How a function runs; every key may be left out.

    Attributes:
        code: Where the handler's code and dependencies are; found from the handler string unless given.
        memory_size: MiB; 1024 unless given.
        timeout: 15 seconds unless given. A function behind API Gateway must end within 29 seconds.
        environment: Variables beside those that gateleg sets, 4 KB with them.
        architecture: `lambda_.Architecture.ARM_64` unless given.
        runtime: Unless given, what the context value `gateleg:runtime` names (`python3.14`), and without one the runtime of the Python that
            synthesizes; where Lambda does not have that version yet, its newest.
        log_retention: `logs.RetentionDays.THREE_MONTHS` unless given.
        reserved_concurrency: How many may run at once; not limited unless given.
        layers: Layers beside the one with the dependencies, four at most.
        vpc: The network that the function joins; none unless given.
        vpc_subnets: Which subnets of it.
        security_groups: What guards its network interfaces.
        description: What the function is for; its handler string unless given.
        release: How new versions take over: by an alias, in a shift that alarms call off, kept started, from a snapshot; none unless given, and
            the function itself is invoked.
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
    release: Release
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


def variables(value: Any) -> str | None:
    """The rule for the variables of a function.

    https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html has the names,
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html those that are Lambda's own, and how much is taken.
    """
    if (wanted := mapping(TEXT)(value)) is not None:
        return wanted
    if wrong := [name for name in value if not _VARIABLE.fullmatch(name)]:
        return f"names of two or more letters, digits and _ that begin with a letter, such as 'A1', which {wrong[0]!r} is not"
    if wrong := [name for name in value if name in _LAMBDAS]:
        return f"variables that Lambda does not set itself, as it does {wrong[0]!r}; leave it out, handlers read Lambda's own"
    return _within(value)


def _within(value: Mapping[str, str]) -> str | None:
    size = sum(len(name.encode()) + len(TOKEN.sub("", text).encode()) for name, text in value.items())
    return (
        None
        if size <= _MOST_BYTES
        else f"{_MOST_BYTES:,} bytes of names and values in all, of which there are {size:,}; write a parameter of SSM or an object of S3, and its name here"
    )


def check_size(owner: str, environment: Mapping[str, str]) -> None:
    """Check that Lambda takes all variables of a function, with those that gateleg sets.

    Args:
        owner: The function, for messages.
        environment: Its variables.

    Raises:
        DeclarationError: They are more than 4 KB.
    """
    if (wanted := _within(environment)) is not None:
        message = f"the environment of {owner}, with what gateleg sets in it, may have {wanted}"
        raise DeclarationError(message, path=f"{owner}.environment", value=sorted(environment))


def _layers(value: Any) -> str | None:
    """A function has five layers, https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html."""
    if (wanted := listing(having("a LayerVersion", "layer_version_arn"))(value)) is not None:
        return wanted
    return (
        None
        if len(value) <= _MOST_LAYERS
        else f"{_MOST_LAYERS} layers at most, since Lambda takes five and gateleg's own with the dependencies is one of them, of which there are {len(value)}; join some of them into one"
    )


def _description(value: Any) -> str | None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html."""
    fits = isinstance(value, str) and len(TOKEN.sub("", value)) <= _LONGEST_DESCRIPTION
    return None if fits and TEXT(value) is None else f"a text of at most {_LONGEST_DESCRIPTION} characters"


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "code": a("a HandlerCode", HandlerCode),
        "memory_size": number(128, 10_240, int),
        "timeout": duration,
        "environment": variables,
        "architecture": a("an Architecture of aws_lambda", lambda_.Architecture),
        "runtime": a("a Runtime of aws_lambda", lambda_.Runtime),
        "log_retention": a("a RetentionDays of aws_logs", logs.RetentionDays),
        "reserved_concurrency": number(0, float("inf"), int),
        "layers": _layers,
        "vpc": having("a Vpc", "vpc_id"),
        "vpc_subnets": _subnets,
        "security_groups": listing(having("a SecurityGroup", "security_group_id")),
        "description": _description,
        "release": release,
        "described": a("a description (gateleg.description.App)", App),
    }
)


def check_network(owner: str, options: Mapping[str, Any]) -> None:
    """Refuse parts of a network that a function does not join.

    Args:
        owner: The function, for messages.
        options: All of its options.

    Raises:
        DeclarationError: It has subnets or security groups, and no VPC.
    """
    for name in ("vpc_subnets", "security_groups"):
        if name in options and "vpc" not in options:
            message = f"{owner} has {name} and no vpc that they are of; write vpc=..., or leave {name} out"
            raise DeclarationError(message, path=name, value=options[name])


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
