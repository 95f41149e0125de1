"""The DynamoDB table of a declaration."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import RemovalPolicy, Stack, Token
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import FLAG, a, check, either, filled, having, listing, optional
from gateleg.cdk.change_guard import keep_form
from gateleg.cdk.describing import Describing
from gateleg.cdk.management.encryption import key_of
from gateleg.cdk.uses import AnyUse, by_table, flatten
from gateleg.description.names import cursor_secret_variable, table_variable
from gateleg.description.source import FunctionSource
from gateleg.description.uses import ACTIONS
from gateleg.errors import DeclarationError, UsesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_secretsmanager as secretsmanager

    from gateleg.description import IndexShape, TableShape, Use
    from gateleg.model import Table

Grantee = iam.IGrantable | iam.Role | lambda_.FunctionBase
"""Who can be granted something. CDK's own classes stand beside `IGrantable` because their stubs do not say that they are one."""

_READS = frozenset({"get", "query", "scan", "batch_get", "check", "partiql_select"})
_PAGED = frozenset({"query", "scan"})
"""What gives pages, whose cursors are signed."""

_KEY_READ_ACTIONS = ("kms:Decrypt", "kms:DescribeKey")
_KEY_WRITE_ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
_SIGNING_REASON = (
    "The secret signs page cursors, which hold keys that the caller may read anyway. It is rotated by writing a new value, as need be: "
    "functions verify with AWSCURRENT and AWSPREVIOUS, and read both again for a cursor that neither signed, so cursors outlive one rotation."
)


class ModelTable(Construct):
    """The table that a `gateleg.model.Table` declares: keys, indexes with their projections, expiry and stream.

    The data outlives mistakes: the table is retained when it leaves the stack, protected from deletion, and can be restored
    to any second of the last 35 days. It is billed by request.

    Args:
        scope: The parent construct.
        id: The construct's id; logical ids derive from it, so changing it makes a new table.
        table: The declaration, or its name, `lambdas.chat.model:CHAT`. By name it is read beside the handlers, so that synth imports
            neither the model nor pydantic.
        root: The folder that the module of the name is found from.
        removal_policy: What becomes of the table when it leaves the stack.
        deletion_protection: Whether DynamoDB refuses to delete the table.
        point_in_time_recovery: Whether continuous backups are kept.
        encryption_key: A customer managed key, for the secret that signs cursors too; what `encrypt` gave the scope, or else keys of AWS's own,
            unless given. Needs a stack with a concrete region, because CDK must know which region's replica the key serves.
        table_name: The physical name; CloudFormation makes one unless given.
        billing: On demand unless given.
        contributor_insights: Whether CloudWatch tells the most used keys; it costs by event.

    Attributes:
        table: The `TableV2`; its grants, metrics and streams are at hand.
        declaration: What the declaration says.

    Raises:
        DeclarationError: An argument is not what it must be, a key is given in a stack without a region, or the table is to be
            deleted and protected from deletion.
        AppNotFoundError: There is no declaration of the name that was given.
        AppImportError: The import of its module failed.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        table: Table | str,
        root: Path | str = ".",
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        deletion_protection: bool = True,
        point_in_time_recovery: bool = True,
        encryption_key: kms.IKey | kms.Key | None = None,
        table_name: str | None = None,
        billing: dynamodb.Billing | None = None,
        contributor_insights: bool = False,
    ) -> None:
        check(
            "ModelTable",
            table=(
                table,
                either(having("a Table of gateleg.model", "shape", "entities"), a("its name, such as 'lambdas.chat.model:CHAT'", str)),
            ),
            root=(root, a("a folder", str, Path)),
            removal_policy=(removal_policy, a("a RemovalPolicy", RemovalPolicy)),
            deletion_protection=(deletion_protection, FLAG),
            point_in_time_recovery=(point_in_time_recovery, FLAG),
            encryption_key=(encryption_key, optional(having("a Key of aws_kms", "key_arn"))),
            table_name=(table_name, optional(filled)),
            billing=(billing, optional(a("a Billing of aws_dynamodb, such as Billing.on_demand()", dynamodb.Billing))),
            contributor_insights=(contributor_insights, FLAG),
        )
        if removal_policy is RemovalPolicy.DESTROY and deletion_protection:
            message = (
                f"the table {id!r} is to be deleted with its stack (removal_policy=DESTROY) and protected from that (deletion_protection=True, "
                "as it is unless said otherwise); write deletion_protection=False, or leave removal_policy out"
            )
            raise DeclarationError(message, path="ModelTable.deletion_protection", value=deletion_protection)
        shape = _named(table, Path(root)) if isinstance(table, str) else table.shape()
        super().__init__(scope, id)
        self.declaration = shape
        self._indexes = tuple(index.name for index in (*shape.indexes, *shape.local_indexes))
        types = shape.key_types
        # Asked in either case, so that a key that comes too late is refused.
        around = key_of(self)
        self._encryption_key: Any = encryption_key or around
        insights = dynamodb.ContributorInsightsSpecification(enabled=True) if contributor_insights else None
        self.table: dynamodb.TableV2 = self._define_table(
            partition_key=_attribute(shape.partition_key, types),
            sort_key=None if shape.sort_key is None else _attribute(shape.sort_key, types),
            global_secondary_indexes=[_index(index, types) for index in shape.indexes] or None,
            local_secondary_indexes=[_local_index(index, types) for index in shape.local_indexes] or None,
            time_to_live_attribute=shape.ttl,
            dynamo_stream=None if shape.stream is None else dynamodb.StreamViewType(shape.stream),
            removal_policy=removal_policy,
            deletion_protection=deletion_protection,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=point_in_time_recovery
            ),
            encryption=self._encryption(self._encryption_key),
            table_name=table_name,
            billing=billing,
            contributor_insights_specification=insights,
        )
        keep_form(self, self.table, shape)

    @cached_property
    def cursor_secret(self) -> secretsmanager.Secret:
        """The secret that signs the table's page cursors; made when it is first asked for."""
        from aws_cdk import aws_secretsmanager as secretsmanager

        secret = secretsmanager.Secret(
            self,
            "CursorSecret",
            description=f"Signs the page cursors of the table {self.declaration.name}",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=RemovalPolicy.DESTROY,
            encryption_key=self._encryption_key,
        )
        acknowledge(
            secret,
            _SIGNING_REASON,
            "AwsSolutions-SMG4",
            "HIPAA.Security-SecretsManagerRotationEnabled",
            "NIST.800.53.R5-SecretsManagerRotationEnabled",
        )
        return secret

    def grant(self, grantee: Grantee, *uses: AnyUse) -> iam.Grant:
        """Let a role do what the uses say, and nothing else: these actions on the table or the index that they name.

        Args:
            grantee: Who gets the permissions.
            uses: Operations and access patterns of this table's entities: `Message.create`, `Message.in_room`.

        Raises:
            UsesError: A use is of another table or of an index that the table does not have, or there is none.
        """
        flat = flatten(uses)
        if not flat:
            message = f"grant() on the table {self.declaration.name!r} was given no uses; pass operations, such as Message.create"
            raise UsesError(message, path=self.declaration.name)
        by_table(flat, [self], f"grant() on the table {self.declaration.name!r}")
        by_resource: dict[str, set[str]] = {}
        for use in flat:
            by_resource.setdefault(self._resource(use), set()).update(ACTIONS[use.operation])
        grants = [_grant(grantee, arn, sorted(actions)) for arn, actions in by_resource.items()]
        if self._encryption_key is not None:
            writes = any(use.operation not in _READS for use in flat)
            grants.append(_grant(grantee, self._encryption_key.key_arn, _KEY_WRITE_ACTIONS if writes else _KEY_READ_ACTIONS))
        if any(use.operation in _PAGED for use in flat):
            grants.append(_grant(grantee, self._secret_arn, ["secretsmanager:GetSecretValue"]))
        first, *others = grants
        for other in others:
            first = first.combine(other)
        return first

    def rights(self, use: Use) -> dict[str, list[str]]:
        """By the ARN of a resource, the IAM actions that a use takes, where no function signs cursors.

        Args:
            use: A use of this table.

        Raises:
            UsesError: The table has no such index.
        """
        rights = {self._resource(use): sorted(ACTIONS[use.operation])}
        if self._encryption_key is not None:
            rights[self._encryption_key.key_arn] = list(_KEY_READ_ACTIONS if use.operation in _READS else _KEY_WRITE_ACTIONS)
        return rights

    def environment(self, *uses: AnyUse) -> dict[str, str]:
        """The variables by which a function finds the table, and the cursor secret where the uses give pages."""
        variables = {table_variable(self.declaration.name): self._name}
        if any(use.operation in _PAGED for use in flatten(uses)):
            variables[cursor_secret_variable(self.declaration.name)] = self._secret_arn
        return variables

    # Kept, because each reading is a question to another process.
    @cached_property
    def _name(self) -> str:
        return self.table.table_name

    @cached_property
    def _arn(self) -> str:
        return self.table.table_arn

    @cached_property
    def _secret_arn(self) -> str:
        return self.cursor_secret.secret_arn

    def _define_table(self, **props: Any) -> dynamodb.TableV2:
        """Make the `TableV2`. A hook: a subclass may change the properties or add others, such as `replicas`.

        Args:
            **props: The properties of `TableV2` that the declaration and the arguments say.
        """
        return dynamodb.TableV2(self, "Resource", **props)

    def _resource(self, use: Use) -> str:
        if use.index is None:
            return self._arn
        if use.index not in self._indexes:
            message = f"{use.entity} reads the index {use.index!r}, and the table {self.declaration.name!r} has {', '.join(self._indexes) or 'no index'}; declare Index({use.index!r}, ...)"
            raise UsesError(message, path=use.entity, value=use.index)
        return f"{self._arn}/index/{use.index}"

    def _encryption(self, key: kms.IKey | kms.Key | None) -> dynamodb.TableEncryptionV2 | None:
        if key is None:
            return None
        if Token.is_unresolved(Stack.of(self).region):
            message = f"the table {self.declaration.name!r} has a customer managed key, and its stack has no region; pass env=Environment(region=...) to the stack"
            raise DeclarationError(message, path=self.node.path, code="declaration.region")
        return dynamodb.TableEncryptionV2.customer_managed_key(cast("kms.IKey", key))


def given_tables(value: Any) -> str | None:
    """The rule for arguments that take tables."""
    return listing(a("a ModelTable", ModelTable))(value)


def _named(name: str, root: Path) -> TableShape:
    [app] = Describing([FunctionSource(name, root=root)]).result()
    if app.table is None:
        message = f"{name!r} is a {app.kind} app; name the declaration of a table, such as 'lambdas.chat.model:CHAT'"
        raise DeclarationError(message, path=name, value=app.kind)
    return app.table


def _attribute(name: str, types: Any) -> dynamodb.Attribute:
    kinds = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER, "B": dynamodb.AttributeType.BINARY}
    return dynamodb.Attribute(name=name, type=kinds[types[name]])


def _index(index: IndexShape, types: Any) -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=index.name,
        partition_keys=[_attribute(name, types) for name in index.partition_key],
        sort_keys=[_attribute(name, types) for name in index.sort_key] or None,
        projection_type=dynamodb.ProjectionType(index.projection),
        non_key_attributes=list(index.attributes) or None,
    )


def _local_index(index: IndexShape, types: Any) -> dynamodb.LocalSecondaryIndexProps:
    return dynamodb.LocalSecondaryIndexProps(
        index_name=index.name,
        sort_key=_attribute(index.sort_key[0], types),
        projection_type=dynamodb.ProjectionType(index.projection),
        non_key_attributes=list(index.attributes) or None,
    )


def _grant(grantee: Grantee, arn: str, actions: Sequence[str]) -> iam.Grant:
    principal: Any = grantee
    return iam.Grant.add_to_principal(grantee=principal, actions=list(actions), resource_arns=[arn])
