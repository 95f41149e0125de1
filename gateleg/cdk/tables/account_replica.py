"""A copy of a table in another account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aws_cdk import Stack, Token
from aws_cdk import aws_dynamodb as dynamodb

from gateleg.cdk.arguments import a, check
from gateleg.cdk.model_table import TABLE, ModelTable
from gateleg.cdk.tables.places import check_regions
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from constructs import Construct

    from gateleg.model import Table

_OF_THE_SOURCE = ("billing", "import_from", "replication", "resource_type", "stream_policy", "table_name")
_OWN = (
    "contributor_insights_specification",
    "deletion_protection",
    "encryption",
    "kinesis_stream",
    "point_in_time_recovery_specification",
    "removal_policy",
    "resource_policy",
    "table_class",
    "tags",
)

_replicas: WeakKeyDictionary[ModelTable, dict[str, str]] = WeakKeyDictionary()
"""The replicas of each source, by account."""


class AccountReplica(ModelTable):
    """The replica of a table in another account and region, for the functions there; each side's policy lets DynamoDB replicate.

    Keys, indexes, expiry, stream and billing are those of the source. Follows
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_MA_HowItWorks.html.

    Args:
        scope: The parent construct, in a stack of another account and region.
        id: The construct's id.
        table: The declaration of the source, or its name.
        source: The source, made with `Replication(other_accounts=True)` and a name.
        **options: Those arguments of `ModelTable` that each copy has for itself: its preset and protection, key, class, insights, Kinesis stream,
            resource policy, tags and secret.

    Raises:
        DeclarationError: An argument is not what it must be, or is the source's to say; the declaration is another one; the source takes no
            replicas of other accounts; the stack has no account and region, or those of the source; or its account has a replica already.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        table: Table | str,
        source: ModelTable,
        **options: Any,
    ) -> None:
        check("AccountReplica", table=(table, TABLE), source=(source, a("a ModelTable", ModelTable)))
        if shared := [name for name in options if name in _OF_THE_SOURCE]:
            message = f"AccountReplica({shared[0]}=...) is the same for all copies of a table; say it of the source"
            raise DeclarationError(message, path=f"AccountReplica.{shared[0]}", value=options[shared[0]])
        replication = source.settings.replication
        if replication is None or not replication.other_accounts:
            message = f"the table {source.node.id!r} takes no replicas in other accounts; make it with replication=Replication(other_accounts=True)"
            raise DeclarationError(message, path="AccountReplica.source", value=source.node.path)
        _check_place(Stack.of(scope), Stack.of(source))
        account, others = Stack.of(scope).account, _replicas.setdefault(source, {})
        if (other := others.get(account)) is not None:
            message = f"{other} is a replica of {source.node.id!r} in the account {account} already, and each replica is in an account of its own; give functions there that one"
            raise DeclarationError(message, path="AccountReplica", value=account, code="declaration.replica_twice")
        self._source = source
        super().__init__(scope, id, table=table, **options)
        others[account] = self.node.path

    def _define_table(self, **props: Any) -> Any:
        if self.declaration != self._source.declaration:
            message = f"the replica is declared as {self.declaration.name!r}, and its source as {self._source.declaration.name!r} or otherwise; give the same declaration"
            raise DeclarationError(message, path="AccountReplica.table", value=self.declaration.name)
        own = {name: value for name, value in props.items() if name in _OWN}
        return dynamodb.TableV2MultiAccountReplica(
            self, "Resource", replica_source_table=self._source.table, table_name=self._source.settings.table_name, **own
        )


def _check_place(here: Stack, there: Stack) -> None:
    for what, own, other in (("account", here.account, there.account), ("region", here.region, there.region)):
        if Token.is_unresolved(own) or Token.is_unresolved(other):
            message = f"a replica in another account takes two stacks of which the {what} is known; pass env=Environment(account=..., region=...) to both"
            raise DeclarationError(message, path="AccountReplica", value=here.node.path, code="declaration.region")
        if own == other:
            message = f"the replica and its source are both in the {what} {own}; a replica in another account is in another region too"
            raise DeclarationError(message, path="AccountReplica", value=own)
    check_regions(here.node.path, here.region, [there.region])
