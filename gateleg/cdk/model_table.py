"""The DynamoDB table of a declaration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from aws_cdk import Token
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from gateleg.cdk.arguments import a, check, either, filled, having, optional
from gateleg.cdk.change_guard import keep_form
from gateleg.cdk.describing import Describing
from gateleg.cdk.management.encryption import key_of
from gateleg.cdk.tables.billing import OnDemand
from gateleg.cdk.tables.cursors import make_cursor_secret
from gateleg.cdk.tables.existing import check_existing
from gateleg.cdk.tables.global_table import complete_global_table, global_table_props
from gateleg.cdk.tables.granting import GrantingTable
from gateleg.cdk.tables.plain_table import complete_plain_table, plain_table_props
from gateleg.cdk.tables.protection import protection_of
from gateleg.cdk.tables.settings import GLOBAL_TABLE, Settings
from gateleg.description import App, service_name
from gateleg.description.handlers import camel
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration, RemovalPolicy
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_secretsmanager as secretsmanager

    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.tables.billing import Billing
    from gateleg.cdk.tables.changes import KinesisStream
    from gateleg.cdk.tables.consumer import ChangeConsumer
    from gateleg.cdk.tables.delivery import Delivery
    from gateleg.cdk.tables.imports import S3Import
    from gateleg.cdk.tables.protection import Preset
    from gateleg.cdk.tables.replication import Replication
    from gateleg.cdk.tables.settings import Insights, ResourceType, TableClass
    from gateleg.cdk.uses import AnyUse
    from gateleg.description import TableShape
    from gateleg.model import Table

Existing = dynamodb.ITable | dynamodb.ITableV2 | dynamodb.Table | dynamodb.TableV2
"""A table of CDK's own, made or imported. Its classes stand beside the interfaces because their stubs do not say that they are one."""

TABLE = either(having("a Table of gateleg.model", "shape", "entities"), a("its name, such as 'lambdas.chat.model:CHAT'", str))


class ModelTable(GrantingTable):
    """The table that a `gateleg.model.Table` declares: keys, indexes with their projections, expiry and stream.

    The data outlives mistakes: the table is retained when it leaves the stack, protected from deletion, and can be restored
    to any second of the last 35 days. It is billed by request. With it goes a secret that signs the cursors of its pages, for as long as the table.

    Args:
        scope: The parent construct.
        id: The construct's id; logical ids derive from it, so changing it makes a new table.
        table: The declaration, or its name, `lambdas.chat.model:CHAT`. By name it is read beside the handlers, so that synth imports
            neither the model nor pydantic.
        root: The folder that the module of the name is found from.
        preset: `sandbox` for a table that goes with its stack, unprotected and without backups; `production` refuses whatever would weaken it.
        removal_policy: What becomes of the table, and of the secret, when it leaves the stack; `RETAIN` unless a preset says otherwise.
        deletion_protection: Whether DynamoDB refuses to delete the table; it does unless a preset says otherwise.
        point_in_time_recovery: Whether continuous backups are kept; they are unless a preset says otherwise.
        recovery_period: For how many days they are kept, 1 to 35; 35 unless given.
        encryption_key: A customer managed key, for the secret that signs cursors too; what `encrypt` gave the scope, or else keys of AWS's own,
            unless given. Needs a stack with a concrete region, because CDK must know which region's replica the key serves.
        table_name: The physical name; CloudFormation makes one unless given.
        billing: `OnDemand()` unless given, or `Provisioned(...)`, with what each may take.
        table_class: `STANDARD_INFREQUENT_ACCESS` where storage costs more than requests.
        contributor_insights: Whether CloudWatch tells the most used keys, of the table and of its indexes; it costs by event. `THROTTLED_KEYS` for
            those alone that are throttled.
        kinesis: A Kinesis stream that gets every change.
        resource_policy: Who may use the table beside those whom their own policies let; of its replicas too. Name the resource `*`, for a
            policy that names its table is a circle.
        stream_policy: The same of the table's stream.
        tags: Tags of the table, and of its replicas.
        replication: Replicas in other regions or accounts.
        import_from: What the table begins with, from S3; with `resource_type="AWS::DynamoDB::Table"`.
        resource_type: The kind of resource. A table that is deployed keeps its own, since CloudFormation cannot change it.
        cursor_secret: The secret that signs cursors, where it is there already, as for a table of another stack.

    Attributes:
        table: The `TableV2`, or the `Table` where the resource type says so; its grants, metrics and streams are at hand.
        declaration: What the declaration says.
        settings: What the arguments say, presets and the scope's key included.
        recoverable: Whether it keeps continuous backups; `None` where somebody else made it.
        cursor_secret: The secret that signs the cursors of its pages.

    Raises:
        DeclarationError: An argument is not what it must be, two contradict each other, AWS does not offer them together, or a key is given in a
            stack without a region.
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
        preset: Preset | None = None,
        removal_policy: RemovalPolicy | None = None,
        deletion_protection: bool | None = None,
        point_in_time_recovery: bool | None = None,
        recovery_period: Duration | None = None,
        encryption_key: kms.IKey | kms.Key | None = None,
        table_name: str | None = None,
        billing: Billing | None = None,
        table_class: TableClass = "STANDARD",
        contributor_insights: bool | Insights = False,
        kinesis: KinesisStream | None = None,
        resource_policy: iam.PolicyDocument | None = None,
        stream_policy: iam.PolicyDocument | None = None,
        tags: Mapping[str, str] | None = None,
        replication: Replication | None = None,
        import_from: S3Import | None = None,
        resource_type: ResourceType = "AWS::DynamoDB::GlobalTable",
        cursor_secret: secretsmanager.ISecret | secretsmanager.Secret | None = None,
    ) -> None:
        check(
            "ModelTable",
            table=(table, TABLE),
            root=(root, a("a folder", str, Path)),
            cursor_secret=(cursor_secret, optional(having("a Secret of aws_secretsmanager", "secret_arn"))),
        )
        settings = Settings(
            protection_of(
                id,
                preset,
                removal_policy=removal_policy,
                deletion_protection=deletion_protection,
                point_in_time_recovery=point_in_time_recovery,
                recovery_period=recovery_period,
            ),
            resource_type=resource_type,
            table_name=table_name,
            billing=OnDemand() if billing is None else billing,
            table_class=table_class,
            contributor_insights=contributor_insights,
            kinesis=kinesis,
            resource_policy=resource_policy,
            stream_policy=stream_policy,
            tags={} if tags is None else tags,
            replication=replication,
            import_from=import_from,
            encryption_key=encryption_key,
        )
        shape = _named(table, Path(root)) if isinstance(table, str) else table.shape()
        super().__init__(scope, id)
        # Asked in either case, so that a key that comes too late is refused.
        around = key_of(self)
        self.settings: Settings = replace(settings, encryption_key=encryption_key or around)
        self.settings.check(self, shape)
        self.declaration: TableShape = shape
        self.recoverable: bool | None = settings.protection.point_in_time_recovery
        self._indexes = tuple(index.name for index in (*shape.indexes, *shape.local_indexes))
        self._encryption_key: Any = self.settings.encryption_key
        self.table: dynamodb.TableV2 = self._make()
        self.cursor_secret: secretsmanager.ISecret | secretsmanager.Secret = cursor_secret or make_cursor_secret(
            self, shape.name, self.settings
        )
        keep_form(self, self.table, shape)
        self._secret_key: Any = self.settings.encryption_key if cursor_secret is None else cursor_secret.encryption_key

    @classmethod
    def from_table(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        table: Table | str,
        existing: Existing,
        root: Path | str = ".",
        encryption_key: kms.IKey | kms.Key | None = None,
        cursor_secret: secretsmanager.ISecret | secretsmanager.Secret | None = None,
    ) -> ModelTable:
        """The construct of a table that is made elsewhere: by CDK's `Table` or `TableV2`, in this app, or imported by them.

        Nothing of the table is made here, and it stays as it is. One of this app is compared with the declaration; of one that is imported nothing is known.

        Args:
            scope: The parent construct.
            id: The construct's id.
            table: The declaration, or its name.
            existing: The table.
            root: The folder that the module of the name is found from.
            encryption_key: The key that encrypts it, where CDK does not know it.
            cursor_secret: The secret that signs its cursors. Where several stacks read one table, give each the same, or each signs its own.

        Raises:
            DeclarationError: An argument is not what it must be, or the table is not what the declaration says.
        """
        check("ModelTable.from_table", existing=(existing, having("a Table or a TableV2 of aws_dynamodb", "table_arn", "table_name")))
        given: dict[str, Any] = {"encryption_key": encryption_key, "cursor_secret": cursor_secret}
        return _ExistingTable(scope, id, table=table, existing=existing, root=root, **given)

    @classmethod
    def from_name(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        table: Table | str,
        name: str,
        root: Path | str = ".",
        encryption_key: kms.IKey | kms.Key | None = None,
        cursor_secret: secretsmanager.ISecret | secretsmanager.Secret | None = None,
    ) -> ModelTable:
        """The construct of a table that is there already, in the stack's account and region, by its name or its ARN; see `from_table`.

        Args:
            scope: The parent construct.
            id: The construct's id.
            table: The declaration, or its name.
            name: The physical name, or the ARN.
            root: The folder that the module of the name is found from.
            encryption_key: The key that encrypts it, if it is one of yours.
            cursor_secret: The secret that signs its cursors; see `from_table`.

        Raises:
            DeclarationError: An argument is not what it must be.
        """
        check("ModelTable.from_name", name=(name, filled))
        where = Construct(scope, f"{id}Existing")
        by_arn = not Token.is_unresolved(name) and name.startswith("arn:")
        existing = (dynamodb.TableV2.from_table_arn if by_arn else dynamodb.TableV2.from_table_name)(where, "Table", name)
        given: dict[str, Any] = {"encryption_key": encryption_key, "cursor_secret": cursor_secret}
        return cls.from_table(scope, id, table=table, existing=existing, root=root, **given)

    def _make(self) -> Any:
        shape, settings = self.declaration, self.settings
        is_global = settings.resource_type == GLOBAL_TABLE
        props = global_table_props(shape, settings) if is_global else plain_table_props(shape, settings)
        table: Any = self._define_table(**{name: value for name, value in props.items() if value is not None})
        if isinstance(table, dynamodb.TableV2):
            complete_global_table(table, settings)
        elif isinstance(table, dynamodb.Table):
            complete_plain_table(table, shape, settings)
        return table

    def on_change(
        self,
        app: str | App,
        *,
        id: str | None = None,  # noqa: A002 (the construct grammar of CDK)
        handler: str | None = None,
        delivery: Delivery | None = None,
        tables: Sequence[GrantingTable] = (),
        uses: Sequence[AnyUse] = (),
        **options: Unpack[FunctionOptions],
    ) -> ChangeConsumer:
        """Let a function take the changes of the table, as its stream tells them.

        Args:
            app: The app string of a `StreamResolver`, `lambdas.shop.changes:app`, or its description.
            id: The construct's id, within the table's; made from the app string unless given.
            handler: The function that Lambda calls, where it is not the app itself.
            delivery: How changes are delivered: batches, retries, and where those go that nobody could take.
            tables: The tables that the handlers may use beside this one.
            uses: What the function does to tables beside what its handlers declare.
            **options: How it runs; see `FunctionOptions`.

        Raises:
            DeclarationError: An argument is not what it must be, the table has no stream or not the one that the app was written for, or two
                functions read it already.
            AppNotFoundError: There is no such app.
            AppImportError: The app's own import failed.
            UsesError: A handler uses a table that is not among those given.
            PackagingError: The code or its dependencies cannot be packaged.
        """
        from gateleg.cdk.tables.consumer import ChangeConsumer

        check(
            "ModelTable.on_change", app=(app, either(filled, a("a description (gateleg.description.App)", App))), id=(id, optional(filled))
        )
        given: dict[str, Any] = {"handler": handler, "delivery": delivery, "tables": tables, "uses": uses, **options}
        return ChangeConsumer(self, id or camel(service_name(app if isinstance(app, str) else app.name)), table=self, app=app, **given)

    def _define_table(self, **props: Any) -> dynamodb.TableV2:
        """Make the `TableV2`, or the `Table`. A hook: a subclass may change the properties, or add others.

        Args:
            **props: The properties of `TableV2`, or of `Table` where the resource type says so, that the declaration and the arguments say.
        """
        kind: Any = dynamodb.TableV2 if self.settings.resource_type == GLOBAL_TABLE else dynamodb.Table
        made: dynamodb.TableV2 = kind(self, "Resource", **props)
        return made


class _ExistingTable(ModelTable):
    """A table that somebody else made."""

    def __init__(self, scope: Construct, id: str, *, existing: Any, encryption_key: Any, **given: Any) -> None:  # noqa: A002 (as above)
        self._existing = existing
        super().__init__(scope, id, resource_type="AWS::DynamoDB::Table", **given)
        # Of the table itself: what `encrypt` gave the scope is the key of the secret alone.
        self._encryption_key = encryption_key or existing.encryption_key
        self.recoverable = None

    def _make(self) -> Any:
        check_existing(self._existing, self.declaration)
        return self._existing


def _named(name: str, root: Path) -> TableShape:
    [app] = Describing([FunctionSource(name, root=root)]).result()
    if app.table is None:
        message = f"{name!r} is a {app.kind} app; name the declaration of a table, such as 'lambdas.chat.model:CHAT'"
        raise DeclarationError(message, path=name, value=app.kind)
    return app.table
