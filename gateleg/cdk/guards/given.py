"""What integrations name of a request's context, held against what there is and what the route's guard gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.cdk.body_rules.context import HTTP, REST, unknown, withheld
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gateleg.cdk.body_rules.reading import Guard


def check_given(key: str, names: Iterable[str], guards: Collection[Guard], kind: str) -> None:
    """Refuse a name that the context of requests to a route has not.

    Args:
        key: The route.
        names: Without `context.`.
        guards: What guards the route.
        kind: `rest` or `http`.

    Raises:
        DeclarationError: There is no such name, or the route's guard never gives it.
    """
    for name in names:
        if (said := unknown(name, REST if kind == "rest" else HTTP) or withheld(name, guards)) is not None:
            message = f"{key} maps what its requests have not: {said}"
            raise DeclarationError(message, path=key, value=f"context.{name}", code="declaration.integration")
