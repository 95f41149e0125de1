"""Where tables are, for the functions that use them: a client asks the region and the account that it runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack, Token

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import IConstruct

    from gateleg.cdk.tables.granting import GrantingTable


def check_near(scope: IConstruct, user: str, tables: Iterable[GrantingTable]) -> None:
    """Refuse tables that a function would not find, as they are of another region or account.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html.

    Args:
        scope: The function, or where it will be.
        user: The function, for the message.
        tables: The tables.

    Raises:
        DeclarationError: One is of another region or account.
    """
    stack = Stack.of(scope)
    here = (stack.region, stack.account)
    for table in tables:
        name = table.declaration.name
        for what, theirs, own in zip(("region", "account"), table.place, here, strict=True):
            if theirs == own or Token.is_unresolved(theirs) or Token.is_unresolved(own):
                continue
            replication = table.settings.replication
            copied = what == "region" and replication is not None and own in {copy.region for copy in replication.copies}
            if copied:
                instead = f"name its replica here, ModelTable.from_table(self, 'Here', table=..., existing=table.table.replica({own!r}))"
            elif what == "region":
                instead = f"deploy the function to {theirs}, or give the table a replica in {own}: replication=Replication([{own!r}])"
            else:
                instead = "deploy the function there, or make an AccountReplica of the table"
            message = (
                f"{user} is of the {what} {own}, and the table {name!r} of {theirs}, where the function's client does not look; {instead}"
            )
            raise DeclarationError(message, path=user, value=theirs, code="declaration.region")
