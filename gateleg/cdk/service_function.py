"""The Lambda function of a service: its code, log group, role and tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

import jsii
from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IValidation

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import TEXT, check, filled, optional, usable
from gateleg.cdk.describing import Describing
from gateleg.cdk.function_options import check_network, check_options, check_size, source_of
from gateleg.cdk.function_options import variables as function_variables
from gateleg.cdk.layers import target_of
from gateleg.cdk.management.encryption import key_of
from gateleg.cdk.packaging import HandlerCode
from gateleg.cdk.runtimes import arm64, runtime_for
from gateleg.cdk.tables.granting import given_tables
from gateleg.cdk.tables.leading import check_walls
from gateleg.cdk.tables.regions import check_near
from gateleg.cdk.tables.tenant_role import split, tenant_role
from gateleg.cdk.uses import AnyUse, by_table, flatten
from gateleg.description import lambda_handler, service_name
from gateleg.description.names import APP_METADATA, NO_APP_METADATA, SOCKET_VARIABLE, TENANT_ROLE_VARIABLE, TOKEN_ENTITY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.tables.granting import GrantingTable
    from gateleg.description import App, Use
    from gateleg.description.app import Needs

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
        uses: What it does to them: `Message.create`, `Message.in_room`; beside what the handler itself declares with `@uses`.
        calls_no_app: Why the handler answers with no app that its modules import, such as `it reads a constant of admin`. Without it such an
            app may answer whatever the function does, and routes to the function are guarded as the app's own. The template holds it.
        **options: How it runs; see `FunctionOptions`.

    Attributes:
        function: The `Function`.
        alias: The alias that is invoked in its place; `None` without a `release`.
        role: Its role.
        tenant_role: The role that it takes on for one tenant, where it uses entities with a tenant; `None` where it does not.
        log_group: Its log group.
        handler: The handler string that was given.
        root: The folder that its modules are found from.
        apps: The apps that it runs, with what their routes ask for.
        sockets: The WebSocket apps among what it runs.
        beside: Those that its modules import beside these, unless `calls_no_app` says why it never calls them.
        authorizes: Where a handler that `tokens.authorizer()` made finds the token: `querystring.NAME`, or `channel` of a subscription; `None` for others.
        audience: Which API such tokens are for.
        token_tables: The tables that the function takes tokens from, or issues them in.
        payload: Which payload of HTTP APIs it reads: `1.0` where an `APIGatewayRestResolver` is in it, `2.0` otherwise.

    Raises:
        DeclarationError: The handler string or an option is not what it must be, or a table is of another region or account.
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
        tables: Sequence[GrantingTable] = (),
        uses: Sequence[AnyUse] = (),
        calls_no_app: str | None = None,
        **options: Unpack[FunctionOptions],
    ) -> None:
        reason = (calls_no_app, optional(filled))
        check("ServiceFunction", handler=(handler, TEXT), tables=(tables, given_tables), uses=(uses, usable), calls_no_app=reason)
        entry = lambda_handler(handler)
        check_options("ServiceFunction", options)
        check_network(handler, options)
        if "release" in options:
            options["release"].check_function(handler, options.get("runtime") or runtime_for(scope), options.get("reserved_concurrency"))
        check_near(scope, handler, tables)
        flat = flatten(uses)
        needed = by_table(flat, tables, handler)
        describing = Describing([options.get("described") or source_of(None, handler, options, tables)])
        super().__init__(scope, id)
        self.handler = handler
        self.root: Path = Path(options.get("code", HandlerCode()).root).absolute()
        self._publishes: str | None = None
        self.tenant_role: iam.Role | None = None
        self._told: dict[str, str] = {}
        self._key = key_of(self)
        self.log_group: logs.LogGroup = logs.LogGroup(
            self,
            "Logs",
            retention=options.get("log_retention", logs.RetentionDays.THREE_MONTHS),
            removal_policy=RemovalPolicy.DESTROY,
            encryption_key=self._key,
        )
        self.role: iam.Role = self._define_role(in_network="vpc" in options)
        (described,) = describing.result()
        if described.kind == "function":
            needed = by_table([*flat, *(use for route in described.routes for use in route.uses if use not in flat)], tables, handler)
        self.apps: tuple[App, ...] = (described,) if described.kind in {"rest", "http"} else described.apps
        self.sockets: tuple[App, ...] = tuple(app for app in (described, *described.apps) if app.kind == "websocket")
        self.beside: tuple[App, ...] = described.beside if calls_no_app is None else ()
        self.authorizes: str | None = described.authorizes
        self.audience: str | None = described.audience
        self.token_tables: tuple[GrantingTable, ...] = tuple(
            table for table, parts in needed if any(use.entity == TOKEN_ENTITY for use in parts)
        )
        self.payload: str = "1.0" if any(app.kind == "rest" for app in self.apps) else "2.0"
        own = {"POWERTOOLS_SERVICE_NAME": service_name(handler)}
        environment = own | dict(options.get("environment", {})) | _variables(tables, needed)
        self._tell(environment)
        self.function: lambda_.Function = self._define_function(handler=entry, **self._properties(handler, options, described, environment))
        self._complete(described.name, calls_no_app)
        self.alias: lambda_.Alias | None = options["release"].add_to(self, self.function) if "release" in options else None
        for table, parts in needed:
            self._grant(table, parts)
        if described.kind == "function" and any(route.publishes for route in described.routes):
            self.expect_socket(handler)

    @property
    def invoked(self) -> lambda_.Function | lambda_.Alias:
        """What gateways and event sources invoke: the alias where there is one."""
        return self.function if self.alias is None else self.alias

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The principal to grant permissions to, so that the construct itself can be a grantee."""
        return self.role.grant_principal

    def add_tables(self, tables: Sequence[GrantingTable]) -> None:
        """Tell the function where tables are; it may still do nothing with them.

        Args:
            tables: The tables.

        Raises:
            DeclarationError: One is of another region or account.
        """
        check_near(self, self.handler, tables)
        for table in tables:
            self.set_environment(table.environment())

    def add_uses(self, tables: Sequence[GrantingTable], uses: Sequence[AnyUse]) -> None:
        """Let the function do what the uses say, and tell it where the tables are.

        Args:
            tables: The tables that the uses may need.
            uses: Operations and access patterns.

        Raises:
            UsesError: A use needs a table that is not among `tables`, an index that its table does not have, or would reach the items of tenants
                that it is not of.
            DeclarationError: A table is of another region or account.
        """
        check_near(self, self.handler, tables)
        needed = by_table(flatten(uses), tables, self.handler)
        for table, parts in needed:
            check_walls(table.declaration, parts)
            for use in parts:
                table.rights(use)  # of all, so that one that is refused leaves nothing of the others
        for table, parts in needed:
            self._grant(table, parts)
            self.set_environment(table.environment(*parts))

    def _grant(self, table: GrantingTable, uses: Sequence[Use]) -> None:
        own, tenants = split(uses)
        if own:
            table.grant(self.function, *own)
        if tenants:
            if self.tenant_role is None:
                self.tenant_role = tenant_role(self, self.role)
                self.set_environment({TENANT_ROLE_VARIABLE: self.tenant_role.role_arn})
            table.grant_tenants(self.tenant_role, self.function, tenants)

    def is_described_by(self, handler: Any) -> bool:
        """Whether the function may call that: its own handler, or one that a layer brings to call it.

        Args:
            handler: The `Handler` of its template.
        """
        if handler == lambda_handler(self.handler):
            return True
        file = self.root.joinpath(*re.split(r"[./]", handler)[:-1]) if isinstance(handler, str) else None
        return file is not None and not (file.with_suffix(".py").exists() or file.joinpath("__init__.py").exists())

    def expect_socket(self, route: str) -> None:
        """Let synth fail unless the function is told where a WebSocket API is.

        Args:
            route: What sends to connections, for the message.
        """
        if self._publishes is None:
            self.node.add_validation(_Expectation(self._missing))
            self._publishes = route

    def _missing(self) -> list[str]:
        if SOCKET_VARIABLE in self._told:
            return []
        missing = (
            f"{self._publishes} sends to WebSocket connections, and its function is not told of which API; write "
            f"socket.add_publisher(function), or give it the variable {SOCKET_VARIABLE}"
        )
        return [missing]

    def _complete(self, app: str, calls_no_app: str | None) -> None:
        # Function(tracing=...) would add its statement to the policy that grants share, where the `*` could hide others.
        if isinstance(resource := self.function.node.default_child, lambda_.CfnFunction):
            resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
            resource.add_metadata(APP_METADATA, app)
            if calls_no_app is not None:
                resource.add_metadata(NO_APP_METADATA, calls_no_app)

    def set_environment(self, variables: Mapping[str, str]) -> None:
        """Give the function variables beside those it has.

        Raises:
            DeclarationError: Lambda takes no such variable, or not so many.
        """
        check(self.handler, variables=(variables, function_variables))
        self._tell(variables)
        for name, value in variables.items():
            self.function.add_environment(name, value)

    def _tell(self, variables: Mapping[str, str]) -> None:
        check_size(self.handler, {**self._told, **variables})
        self._told.update(variables)

    def _define_role(self, *, in_network: bool) -> iam.Role:
        """Make the role. A hook: a subclass may give it a boundary or a path.

        Args:
            in_network: Whether the function joins a VPC.
        """
        actions = [*_TRACING_ACTIONS, *(_NETWORK_ACTIONS if in_network else ())]
        statements = [
            _allowing(["logs:CreateLogStream", "logs:PutLogEvents"], self.log_group.log_group_arn),
            _allowing(actions, "*"),
            *([] if self._key is None else [_allowing(["kms:Decrypt"], self._key.key_arn)]),
        ]
        role = iam.Role(
            self,
            "Role",
            assumed_by=cast("iam.IPrincipal", iam.ServicePrincipal("lambda.amazonaws.com")),
            inline_policies={"Telemetry": iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements})},
        )
        if (resource := role.node.default_child) is not None:
            acknowledge(resource, _STAR_REASON, "AwsSolutions-IAM5[Resource::*]", "Serverless-LambdaStarPermissions")
        return role

    def _define_function(self, **props: Any) -> lambda_.Function:
        """Make the `Function`. A hook: a subclass may change the properties or add others.

        Args:
            **props: The properties of `Function` that the arguments say.
        """
        return lambda_.Function(self, "Resource", **props)

    def _shipped(
        self, options: FunctionOptions, needs: Needs, *, architecture: lambda_.Architecture, runtime: lambda_.Runtime
    ) -> tuple[lambda_.Code, list[lambda_.ILayerVersion | lambda_.LayerVersion]]:
        """The code, and the layers that go with it."""
        code = options.get("code", HandlerCode()).for_handler(self.handler)
        layer = code.layer(self, needs, architecture=architecture, runtime=runtime)
        # Where a stack is only listed nothing is resolved, and nothing compiled.
        compiler = target_of(self, architecture, runtime).compiler if Stack.of(self).bundling_required else None
        return code.code(needs, compiler=compiler), [layer, *options.get("layers", ())]

    def _properties(self, handler: str, options: FunctionOptions, described: App, environment: Mapping[str, str]) -> dict[str, Any]:
        architecture, runtime = options.get("architecture") or arm64(), options.get("runtime") or runtime_for(self)
        code, layers = self._shipped(options, described.needs, architecture=architecture, runtime=runtime)
        passed = ("reserved_concurrency", "vpc", "vpc_subnets", "security_groups")
        renamed = {"reserved_concurrency": "reserved_concurrent_executions"}
        return {
            "code": code,
            "runtime": runtime,
            "architecture": architecture,
            "layers": layers,
            "role": self.role,
            "log_group": self.log_group,
            "logging_format": lambda_.LoggingFormat.JSON,
            "memory_size": options.get("memory_size", 1024),
            "timeout": options.get("timeout", Duration.seconds(15)),
            "environment": environment,
            "description": options.get("description", handler),
            "environment_encryption": self._key,
            **(options["release"].properties() if "release" in options else {}),
        } | {renamed.get(name, name): options[name] for name in passed if name in options}  # type: ignore[literal-required]  # the names are keys of FunctionOptions


@jsii.implements(IValidation)
class _Expectation:
    """What CDK asks when the tree is complete."""

    def __init__(self, missing: Callable[[], list[str]]) -> None:
        self._missing = missing

    def validate(self) -> list[str]:
        return self._missing()


def _variables(tables: Sequence[GrantingTable], needed: Sequence[tuple[GrantingTable, list[Use]]]) -> dict[str, str]:
    """How a function finds tables, and the secrets that sign their cursors where it gives pages."""
    variables: dict[str, str] = {}
    for table in tables:
        variables |= table.environment()
    for table, uses in needed:
        variables |= table.environment(*uses)
    return variables


def _allowing(actions: Sequence[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}
