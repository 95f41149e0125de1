"""What functions and gateways know of a table: how it is found, and what of it may be granted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gateleg.cdk.arguments import a, listing
from gateleg.cdk.tables.leading import check_walls, statements
from gateleg.cdk.tables.tenant_role import conditions_of
from gateleg.cdk.uses import AnyUse, by_table, flatten
from gateleg.description.names import cursor_secret_variable, table_variable
from gateleg.description.uses import ACTIONS
from gateleg.errors import DeclarationError, UsesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_secretsmanager as secretsmanager

    from gateleg.cdk.tables.settings import Settings
    from gateleg.description import TableShape, Use

Grantee = iam.IGrantable | iam.Role | lambda_.FunctionBase
"""Who can be granted something. CDK's own classes stand beside `IGrantable` because their stubs do not say that they are one."""

_READERS = 2
"""How many functions may read a stream at once."""

_READS = frozenset({"get", "query", "scan", "batch_get", "check", "partiql_select"})
_PAGED = frozenset({"query", "scan"})
"""What gives pages, whose cursors are signed."""

_KEY_READ_ACTIONS = ("kms:Decrypt", "kms:DescribeKey")
_KEY_WRITE_ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


class GrantingTable(Construct):
    """What a `ModelTable` is to those who use it.

    Attributes:
        table: The `TableV2`, or the `Table` where the resource type says so; its grants, metrics and streams are at hand.
        declaration: What the declaration says.
        settings: What the arguments say, presets and the scope's key included.
        cursor_secret: The secret that signs the cursors of its pages.
    """

    table: dynamodb.TableV2
    declaration: TableShape
    settings: Settings
    cursor_secret: secretsmanager.ISecret | secretsmanager.Secret
    _indexes: tuple[str, ...]
    _encryption_key: Any
    _secret_key: Any
    _consumers: tuple[str, ...] = ()

    def add_consumer(self, consumer: str) -> None:
        """Count one more that reads the stream.

        Args:
            consumer: The path of what reads it.

        Raises:
            DeclarationError: Two do already, which is as many as DynamoDB lets read at once:
                https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html.
        """
        if len(self._consumers) == _READERS:
            message = f"{consumer} would be the third to read the stream of the table {self.declaration.name!r}, beside {' and '.join(self._consumers)}, and DynamoDB lets {_READERS} read at once; take several kinds of changes in one app"
            raise DeclarationError(message, path=self.declaration.name, value=consumer)
        self._consumers = (*self._consumers, consumer)

    def grant(self, grantee: Grantee, *uses: AnyUse) -> iam.Grant:
        """Let a role do what the uses say, and nothing else: these actions on the table or the index that they name.

        Of entities with a tenant these are the items of the one that the session of the role is tagged with: `aws:PrincipalTag/tenant`; of others
        in such a table those whose keys begin as theirs do.

        Args:
            grantee: Who gets the permissions.
            uses: Operations and access patterns of this table's entities: `Message.create`, `Message.in_room`.

        Raises:
            UsesError: A use is of another table or of an index that the table does not have, there is none, or one without a tenant would reach
                the items of tenants.
        """
        flat = flatten(uses)
        if not flat:
            message = f"grant() on the table {self.declaration.name!r} was given no uses; pass operations, such as Message.create"
            raise UsesError(message, path=self.declaration.name)
        by_table(flat, [self], f"grant() on the table {self.declaration.name!r}")
        check_walls(self.declaration, flat)
        first, *others = [*self._of_items(grantee, flat), *self._of_secret(grantee, flat)]
        for other in others:
            first = first.combine(other)
        return first

    def grant_tenants(self, role: iam.Role, function: Grantee, uses: Sequence[Use]) -> None:
        """Let sessions of one tenant do what the uses say to its items, and the function that they are of give pages.

        Args:
            role: The role of the sessions.
            function: The function, which signs cursors with its own rights.
            uses: Uses of this table, all with leading keys.
        """
        self._of_items(role, uses)
        self._of_secret(function, uses)

    def _of_items(self, grantee: Grantee, flat: Sequence[Use]) -> list[iam.Grant]:
        grants = [
            _grant(grantee, arn, actions, conditions_of(leading) if leading else None)
            for arn, leading, actions in statements(self.declaration, flat, self._resource)
        ]
        if self._encryption_key is not None:
            writes = any(use.operation not in _READS for use in flat)
            grants.append(_grant(grantee, self._encryption_key.key_arn, _KEY_WRITE_ACTIONS if writes else _KEY_READ_ACTIONS))
        return grants

    def _of_secret(self, grantee: Grantee, flat: Sequence[Use]) -> list[iam.Grant]:
        grants: list[iam.Grant] = []
        if _gives_pages(flat):
            grants.append(_grant(grantee, self._secret_arn, ["secretsmanager:GetSecretValue"]))
            if self._secret_key is not None and self._secret_key is not self._encryption_key:
                grants.append(_grant(grantee, self._secret_key.key_arn, ["kms:Decrypt"]))
        return grants

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
        if _gives_pages(flatten(uses)):
            variables[cursor_secret_variable(self.declaration.name)] = self._secret_arn
        return variables

    @property
    def encryption_key(self) -> Any:
        """The key of yours that encrypts the table; `None` where there is none."""
        return self._encryption_key

    @cached_property
    def place(self) -> tuple[str, str]:
        """The region and the account that the table is in."""
        place = self.table.env
        return place.region, place.account

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

    def _resource(self, use: Use) -> str:
        if use.index is None:
            return self._arn
        if use.index not in self._indexes:
            message = f"{use.entity} reads the index {use.index!r}, and the table {self.declaration.name!r} has {', '.join(self._indexes) or 'no index'}; declare Index({use.index!r}, ...)"
            raise UsesError(message, path=use.entity, value=use.index)
        return f"{self._arn}/index/{use.index}"


def given_tables(value: Any) -> str | None:
    """The rule for arguments that take tables."""
    return listing(a("a ModelTable", GrantingTable))(value)


def _gives_pages(uses: Sequence[Use]) -> bool:
    return any(use.pages and use.operation in _PAGED for use in uses)


def _grant(grantee: Grantee, arn: str, actions: Sequence[str], conditions: Any = None) -> iam.Grant:
    principal: Any = grantee
    return iam.Grant.add_to_principal(grantee=principal, actions=list(actions), resource_arns=[arn], conditions=conditions)
