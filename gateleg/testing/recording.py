"""What handlers really ask of DynamoDB, beside what they declare: finds a declaration that is too wide.

A declaration that is too short fails where IAM is enforced. One that is too wide fails nowhere by itself; here a test runs the handler
and compares::

    with recorded(dynamodb()) as calls:
        app.resolve(event, context)
    assert calls.unused(list_messages) == set()
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gateleg.errors import TemplateMismatchError
from gateleg.template.canonical import listing, mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from gateleg.description.uses import Usable

_EVENT = "before-parameter-build.dynamodb"
_MARK = "__gateleg_uses__"
_PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}


@dataclass(frozen=True)
class Touch:
    """One IAM action on one table or index.

    Attributes:
        action: `dynamodb:Query`.
        index: The index; `None` for the table.
        table: The physical name of the table, or its declared one: the two are not compared.
    """

    action: str
    index: str | None = None
    table: str = field(default="", compare=False)


class Client(Protocol):
    """A boto3 client of DynamoDB; a resource's is `resource.meta.client`."""

    @property
    def meta(self) -> Any:
        """boto3's own."""
        ...


@dataclass
class Calls:
    """What was asked for while it was recorded.

    Attributes:
        touches: Each action on each table or index, in order.
    """

    touches: list[Touch] = field(default_factory=list[Touch])

    def unused(self, *declared: Usable | Callable[..., object]) -> set[Touch]:
        """What is declared and was not asked for. Names of tables are not compared: a handler's tables have other names in a test.

        Args:
            *declared: Handlers with `@uses(...)`, operations and access patterns.

        Raises:
            TemplateMismatchError: Nothing was recorded, or nothing is declared, so that there is nothing to compare.
        """
        __tracebackhide__ = True
        return _declared(declared) - set(self._some())

    def undeclared(self, *declared: Usable | Callable[..., object]) -> set[Touch]:
        """What was asked for and is not declared. Arguments and errors as in `unused`."""
        __tracebackhide__ = True
        return set(self._some()) - _declared(declared)

    def _some(self) -> list[Touch]:
        __tracebackhide__ = True
        if not self.touches:
            message = "no DynamoDB call was recorded, so nothing can be compared; record the client that the handler uses"
            raise TemplateMismatchError(message, code="recording.empty")
        return self.touches


@contextmanager
def recorded(client: Client) -> Generator[Calls]:
    """Record what a client is asked for. Requests are sent as ever; those that fail are recorded too.

    Args:
        client: The client that the handlers use, such as `gateleg.store.clients.dynamodb()`.
    """
    calls = Calls()

    def note(*, params: Mapping[str, Any], model: Any, **_: object) -> None:
        calls.touches.extend(_touches(str(model.name), params))

    client.meta.events.register(_EVENT, note)
    try:
        yield calls
    finally:
        client.meta.events.unregister(_EVENT, note)


def _declared(declared: tuple[Usable | Callable[..., object], ...]) -> set[Touch]:
    __tracebackhide__ = True
    from gateleg.description.uses import ACTIONS, Usable

    found: set[Touch] = set()
    for one in declared:
        uses = one.declared_uses() if isinstance(one, Usable) else getattr(one, _MARK, ())
        found |= {Touch(action, use.index, use.table) for use in uses for action in ACTIONS[use.operation]}
    if not found:
        raise TemplateMismatchError(
            f"nothing is declared by {', '.join(map(repr, declared)) or 'no argument'}; pass handlers with @uses(...), operations or "
            "access patterns",
            code="recording.nothing_declared",
        )
    return found


def _touches(operation: str, params: Mapping[str, Any]) -> Iterator[Touch]:
    if operation in {"TransactWriteItems", "TransactGetItems"}:
        for item in listing(params.get("TransactItems")):
            for kind, part in mapping(item).items():
                yield Touch(f"dynamodb:{_PARTS[kind]}", None, str(mapping(part).get("TableName")))
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        for table in mapping(params.get("RequestItems")):
            yield Touch(f"dynamodb:{operation}", None, table)
    elif operation == "ExecuteStatement":
        verb = str(params.get("Statement")).split(maxsplit=1)[0]
        yield Touch(f"dynamodb:PartiQL{verb.capitalize()}")
    else:
        yield Touch(f"dynamodb:{operation}", params.get("IndexName"), str(params.get("TableName")))
