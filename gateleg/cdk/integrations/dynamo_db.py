"""Items of DynamoDB, read and written without a function, from an entity or an access pattern."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from gateleg.cdk.arguments import a, check, mapping, number
from gateleg.cdk.body_rules.context import REST, chosen, unknown
from gateleg.cdk.integrations import dynamo_reads, dynamo_writes
from gateleg.cdk.integrations.answers import refuses_as
from gateleg.cdk.integrations.aws_service import service_integration
from gateleg.cdk.integrations.dynamo_made import Asked
from gateleg.cdk.integrations.dynamo_values import UnsaidError
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.vtl import is_context
from gateleg.cdk.uses import by_table
from gateleg.cdk.validation import Checks
from gateleg.description.uses import ACTIONS, Usable
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.cdk.integrations.integration import Place
    from gateleg.model.queries.access import BoundPattern
    from gateleg.model.uses import EntityOperation

_MOST = 1_000


@dataclass(frozen=True)
class DynamoDb(Integration):
    """An operation on items, or an access pattern: `DynamoDb(Order.get)`, `DynamoDb(Order.of_customer)`, `DynamoDb(Order.create)`.

    The variables of the path, and what else is asked of the query string, are the attributes of the key, as the data layer makes it of them. A get
    answers 200 with the entity, or 404; an access pattern a page, `{"items": [...], "cursor": ...}`; a put 204, a create 201, and both read the
    other attributes from the body. What is written keeps other kinds of items whole, and is answered as the data layer's errors are: 409, 422.

    What an entity does in Python (transforms, validators, hooks, factories, versions, unique values) no template can do: it is refused.

    Args:
        use: `Order.get`, `Order.put`, `Order.create`, or an access pattern.
        given: Attributes that the caller does not choose, by name: `{"customer": "context.authorizer.claims.sub"}`.
        limit: How many items a page has at most, where the request asks for no fewer by `?limit=`.

    Raises:
        DeclarationError: An argument is not what it must be, or API Gateway's context has no such name, or what it says is the
            caller's own word, such as `identity.userAgent`. That the route's guard never gives it
            is refused where the route is added.
    """

    use: BoundPattern[..., Any] | EntityOperation
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    limit: int = 50

    def __post_init__(self) -> None:
        check(
            "DynamoDb",
            use=(self.use, _use),
            given=(self.given, _context_values),
            limit=(self.limit, number(1, _MOST, int)),
        )
        for value in self.given.values():
            if (said := unknown(_name(value), REST) or chosen(_name(value))) is not None:
                raise DeclarationError(f"DynamoDb(given=...) names {value!r}: {said}", path="DynamoDb.given", value=value)

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        uses = self.use.declared_uses()[:1]
        operation = uses[0].operation
        make = {"get": dynamo_reads.get, "query": dynamo_reads.query, "put": dynamo_writes.put, "create": dynamo_writes.put}[operation]
        [(table, _)] = by_table(uses, place.tables, place.key)
        if (account := place.roles.elsewhere(table.table)[1]) is not None:
            raise place.refused(
                f"is answered by DynamoDb({self.use!r}), and {table.node.path} is of the account {account}, where no role of this one may ask; put both "
                "into one account, or write a handler that assumes a role of that one",
                self.use,
            )
        if (tenant := uses[0].tenant) is not None and tenant not in self.given:
            raise place.refused(
                f"is answered by DynamoDb({self.use!r}), whose caller chooses the {tenant}, and so reaches the items of everybody; let the route's "
                f"authorizer say it: given={{{tenant!r}: 'context.authorizer.claims.…'}}",
                self.use,
            )
        try:
            made = make(Asked(self.use, self.given, self.limit, place, table.table.table_name))
        except UnsaidError as error:
            raise place.refused(
                f"is answered by DynamoDb({self.use!r}), which no mapping template can do: {error}; write a handler", self.use
            ) from error
        if unknown := [name for name in self.given if name not in made.names]:
            raise place.refused(
                f"is given {unknown[0]!r}, which {self.use!r} does not read; write one of {', '.join(made.names)}", unknown[0]
            )
        asked = [name for name in made.names if name not in self.given and name not in made.of_body]
        place.require_every_variable(asked, repr(self.use))
        required = [name for name in asked if name not in made.optional]
        role = place.roles.of(f"DynamoDb{operation.title()}", _target(table.node.path, uses[0].index), table.rights(uses[0]))
        integration = service_integration(
            f"dynamodb:action/{ACTIONS[operation][0].partition(':')[2]}", role, made.template, region=place.region(table.table)
        )
        integration["responses"] = made.responses
        statuses = {str(made.status): {"description": made.told}} | refuses_as(*made.errors)
        return Answered(
            integration, {"responses": statuses}, Checks(made.model, place.queries(required)), tuple(map(_name, self.given.values()))
        )


def _name(value: str) -> str:
    return value.removeprefix("context.")


def _target(path: str, index: str | None) -> str:
    return path if index is None else f"{path}/{index}"


def _use(value: Any) -> str | None:
    operations = {"get", "put", "create", "query"}
    fits = isinstance(value, Usable) and (hasattr(value, "pattern") or hasattr(value, "operation"))
    fits = fits and cast("Any", value).declared_uses()[0].operation in operations
    return None if fits else "Order.get, Order.put, Order.create or an access pattern of an entity"


def _context_values(value: Any) -> str | None:
    wanted = "a dictionary from attributes to what the request's context says, such as {'customer': 'context.authorizer.claims.sub'}"
    fits = mapping(a("a text", str))(value) is None and all(map(is_context, value.values()))
    return None if fits else wanted
