"""What the gateways of one CDK app must not have in common in a table: a registry of connections, and the audience of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aws_cdk import Stack, Stage, Token

from gateleg.cdk.functions import owned
from gateleg.cdk.service_function import ServiceFunction
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.tables.granting import GrantingTable

_claimed: WeakKeyDictionary[IConstruct, dict[tuple[str, ...], str]] = WeakKeyDictionary()


def claim_registry(gateway: Construct, table: GrantingTable) -> None:
    """Have the registry of a gateway's connections for itself.

    Raises:
        DeclarationError: Another gateway has it in the same table.
    """
    if (other := _claimed_before(gateway, ("registry", *_place(table)))) is not None:
        message = (
            f"{gateway.node.path} and {other} have the registries of their connections in one table, and each would forget those of the other, which "
            "its API answers are gone; give each a table of its own, Connections(TABLE) and tables=[...]"
        )
        raise DeclarationError(message, path=gateway.node.path, value=table.declaration.name)


def claim_tokens(gateway: Construct, function: FunctionLike) -> None:
    """Have the tokens that an authorizer's function takes for a gateway alone.

    Args:
        gateway: The gateway, or the Event API, that asks the function.
        function: The function; one that takes no tokens of ours is nobody's business.

    Raises:
        DeclarationError: Another gateway's function takes those of the same audience from the same table.
    """
    owner = owned(function)
    if not isinstance(owner, ServiceFunction) or owner.audience is None:
        return
    kind = "channel" if owner.authorizes == "channel" else "connect"
    for table in owner.token_tables:
        if (other := _claimed_before(gateway, (kind, owner.audience, *_place(table)))) is not None:
            message = (
                f"{gateway.node.path} and {other} take {kind} tokens of the audience {owner.audience!r} from one table, so that a token of one opens the "
                f"other; write {kind.title()}Tokens(TABLE, audience=...) with a name of its own for each, and a function of its own"
            )
            raise DeclarationError(message, path=gateway.node.path, value=owner.audience)


def _claimed_before(gateway: Construct, what: tuple[str, ...]) -> str | None:
    """Who else has it."""
    first = _claimed.setdefault(gateway.node.root, {}).setdefault(what, gateway.node.path)
    return None if first == gateway.node.path else first


def _place(table: GrantingTable) -> tuple[str, ...]:
    """What is the same for constructs of one table: the construct of CDK, or the name of one that is there already."""
    name, stack = table.table.table_name, Stack.of(table)
    if Token.is_unresolved(name):
        return (table.table.node.path,)
    stage = Stage.of(table)
    return (name, stack.account, stack.region, "" if stage is None else stage.node.path)
