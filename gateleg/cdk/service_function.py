"""The Lambda function of a service: its code, log group, role and tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IValidation

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import DURATION, TEXT, a, check, having, listing, mapping, number, usable
from gateleg.cdk.describing import Describing
from gateleg.cdk.model_table import given_tables
from gateleg.cdk.packaging import HandlerCode
from gateleg.cdk.uses import AnyUse, by_table, flatten
from gateleg.description import App, lambda_handler, service_name, split_handler
from gateleg.description.names import SOCKET_VARIABLE
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_cdk import aws_ec2 as ec2

    from gateleg.cdk.arguments import Rule
    from gateleg.cdk.model_table import ModelTable

_TRACING_ACTIONS = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
_NETWORK_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
_STAR_REASON = "X-Ray's write actions and the network interfaces of Lambda cannot be scoped to a resource: AWS defines no ARN for them."


class FunctionOptions(TypedDict, total=False):
    """How a function runs; every key may be left out.

    Attributes:
        code: Where the handler's code and dependencies are; found from the handler string unless given.
        memory_size: MiB; 1024 unless given.
        timeout: 15 seconds unless given. A function behind API Gateway must end within 29 seconds.
        environment: Variables beside those that gateleg sets.
        architecture: `lambda_.Architecture.ARM_64` unless given.
        runtime: The newest Python of AWS Lambda unless given.
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


def _subnets(value: Any) -> str | None:
    from aws_cdk import aws_ec2 as ec2  # heavy, and loaded already by whoever has subnets to give

    return None if isinstance(value, ec2.SubnetSelection) else "a SubnetSelection of aws_ec2"


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "code": a("a HandlerCode", HandlerCode),
        "memory_size": number(128, 10_240, int),
        "timeout": DURATION,
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
_UNRESOLVED = "known-after-deployment"
"""What a handler finds while it is described, where a variable's value is made by CloudFormation."""


@jsii.implements(iam.IGrantable)
class ServiceFunction(Construct):
    """A Python function of a service, with least privilege.

    It logs JSON to a log group of its own that forgets after a while, is traced by X-Ray, and may touch nothing but that
    and what its uses declare. The log group goes with the stack.

    Args:
        scope: The parent construct.
        id: The construct's id.
        handler: `package.module:attribute`.
        tables: The tables that it may find by their environment variables.
        uses: What it does to them: `Message.create`, `Message.in_room`.
        **options: How it runs; see `FunctionOptions`.

    Attributes:
        function: The `Function`.
        role: Its role.
        log_group: Its log group.
        handler: The handler string that was given.

    Raises:
        DeclarationError: The handler string or an option is not what it must be.
        AppNotFoundError: There is no such module or attribute.
        AppImportError: The handler's own import failed.
        UsesError: A use needs a table that is not among `tables`.
        PackagingError: The code or its dependencies cannot be packaged.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        handler: str,
        tables: Sequence[ModelTable] = (),
        uses: Sequence[AnyUse] = (),
        **options: Unpack[FunctionOptions],
    ) -> None:
        check("ServiceFunction", handler=(handler, TEXT), tables=(tables, given_tables), uses=(uses, usable))
        entry = lambda_handler(handler)
        check_options("ServiceFunction", options)
        by_table(flatten(uses), tables, handler)
        describing = Describing([options.get("described") or source_of(None, handler, options, tables)])
        super().__init__(scope, id)
        self.handler = handler
        self._awaits: list[str] = []
        self._told = set(options.get("environment", {}))
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            retention=options.get("log_retention", logs.RetentionDays.THREE_MONTHS),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = self._define_role(in_network="vpc" in options)
        (described,) = describing.result()
        self.function = self._define_function(handler=entry, **self._properties(handler, options, described))
        self._trace()
        self.add_tables(tables)
        self.add_uses(tables, uses)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The principal to grant permissions to, so that the construct itself can be a grantee."""
        return self.role.grant_principal

    def add_tables(self, tables: Sequence[ModelTable]) -> None:
        """Tell the function where tables are; it may still do nothing with them.

        Args:
            tables: The tables.
        """
        for table in tables:
            self.set_environment(table.environment())

    def add_uses(self, tables: Sequence[ModelTable], uses: Sequence[AnyUse]) -> None:
        """Let the function do what the uses say, and tell it where the tables are.

        Args:
            tables: The tables that the uses may need.
            uses: Operations and access patterns.

        Raises:
            UsesError: A use needs a table that is not among `tables`, or an index that its table does not have.
        """
        for table, parts in by_table(flatten(uses), tables, self.handler):
            table.grant(self.function, *parts)
            self.set_environment(table.environment(*parts))

    def expect_socket(self, route: str) -> None:
        """Let synth fail unless the function is told where a WebSocket API is.

        Args:
            route: What sends to connections, for the message.
        """
        if not self._awaits:
            self.node.add_validation(_Expectation(self._missing))
        self._awaits.append(route)

    def _missing(self) -> list[str]:
        if SOCKET_VARIABLE in self._told:
            return []
        return [
            f"{route} sends to WebSocket connections, and its function is not told of which API; write socket.add_publisher(function), "
            f"or give it the variable {SOCKET_VARIABLE}"
            for route in self._awaits[:1]
        ]

    def _trace(self) -> None:
        # Function(tracing=...) would add its statement to the policy that grants share, where the `*` could hide others.
        if isinstance(resource := self.function.node.default_child, lambda_.CfnFunction):
            resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")

    def set_environment(self, variables: Mapping[str, str]) -> None:
        """Give the function variables beside those it has."""
        for name, value in variables.items():
            self.function.add_environment(name, value)
        self._told.update(variables)

    def _define_role(self, *, in_network: bool) -> iam.Role:
        """Make the role. A hook: a subclass may give it a boundary or a path.

        Args:
            in_network: Whether the function joins a VPC.
        """
        actions = [*_TRACING_ACTIONS, *(_NETWORK_ACTIONS if in_network else ())]
        statements = [
            iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log_group.log_group_arn]),
            iam.PolicyStatement(actions=actions, resources=["*"]),
        ]
        role = iam.Role(
            self,
            "Role",
            assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("lambda.amazonaws.com")),
            inline_policies={"Telemetry": iam.PolicyDocument(statements=statements)},
        )
        if (resource := role.node.default_child) is not None:
            acknowledge(resource, "AwsSolutions-IAM5[Resource::*]", _STAR_REASON)
            acknowledge(resource, "Serverless-LambdaStarPermissions", _STAR_REASON)
        return role

    def _define_function(self, **props: Any) -> lambda_.Function:
        """Make the `Function`. A hook: a subclass may change the properties or add others.

        Args:
            **props: The properties of `Function` that the arguments say.
        """
        return lambda_.Function(self, "Resource", **props)

    def _properties(self, handler: str, options: FunctionOptions, described: App) -> dict[str, Any]:
        code = options.get("code", HandlerCode()).for_handler(handler)
        architecture = options.get("architecture", lambda_.Architecture.ARM_64)
        runtime = options.get("runtime", lambda_.Runtime.PYTHON_3_14)
        layer = code.layer(self, described.needs, architecture=architecture, runtime=runtime)
        passed = ("reserved_concurrency", "vpc", "vpc_subnets", "security_groups")
        renamed = {"reserved_concurrency": "reserved_concurrent_executions"}
        return {
            "code": code.code(described.needs),
            "runtime": runtime,
            "architecture": architecture,
            "layers": [layer, *options.get("layers", ())],
            "role": self.role,
            "log_group": self.log_group,
            "logging_format": lambda_.LoggingFormat.JSON,
            "memory_size": options.get("memory_size", 1024),
            "timeout": options.get("timeout", Duration.seconds(15)),
            "environment": {"POWERTOOLS_SERVICE_NAME": service_name(handler), **options.get("environment", {})},
            "description": options.get("description", handler),
        } | {renamed.get(name, name): options[name] for name in passed if name in options}  # type: ignore[literal-required]  # the names are keys of FunctionOptions


@jsii.implements(IValidation)
class _Expectation:
    """What CDK asks when the tree is complete."""

    def __init__(self, missing: Callable[[], list[str]]) -> None:
        self._missing = missing

    def validate(self) -> list[str]:
        return self._missing()


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


def source_of(app: str | App | None, handler: str, options: FunctionOptions, tables: Sequence[ModelTable]) -> FunctionSource | App:
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
    literal = {name: _UNRESOLVED if "${Token[" in value else value for name, value in given.items()}
    return FunctionSource(app, handler, Path(options.get("code", HandlerCode()).root), literal)
