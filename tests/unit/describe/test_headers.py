"""Headers that middlewares read are told to callers, as those of handlers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Header

from gateleg.describe.rest import describe_rest
from gateleg.model import Table
from gateleg.rest import idempotent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description import Route

ORDERS = Table("orders", partition_key="order_id", ttl="expires_at")


def described(app: APIGatewayRestResolver) -> Mapping[str, Route]:
    return {route.key: route for route in describe_rest("app", app).routes}


def header(route: Route) -> Any:
    """Name and whether it is required of the only header; `None` without one."""
    assert route.operation is not None
    found = [one for one in route.operation.get("parameters", ()) if one["in"] == "header"]
    assert len(found) <= 1
    return (found[0]["name"], found[0]["required"]) if found else None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, ("Idempotency-Key", True)),
        ({"required": False}, ("Idempotency-Key", False)),
        ({"header": "X-Once"}, ("X-Once", True)),
        ({"header": None}, None),
    ],
)
def test_an_idempotent_route_tells_of_its_key(arguments: dict[str, Any], told: Any) -> None:
    app = APIGatewayRestResolver(enable_validation=True)

    @app.post("/orders", middlewares=[idempotent(ORDERS, **arguments)])
    @app.get("/orders")
    def orders() -> None: ...

    del orders
    routes = described(app)
    assert header(routes["POST /orders"]) == told
    assert routes["POST /orders"].headers == (() if told is None else (told[0],))
    assert header(routes["GET /orders"]) is None


def test_of_an_idempotent_app_the_routes_that_change_something_tell_of_it() -> None:
    app = APIGatewayRestResolver(enable_validation=True)
    untyped: Any = app
    untyped.use([idempotent(ORDERS)])

    @app.get("/orders")
    @app.delete("/orders")
    def orders() -> None: ...

    @app.post("/hidden", include_in_schema=False)
    def hidden() -> None: ...

    del orders, hidden
    routes = described(app)
    assert {key: route.headers for key, route in routes.items()} == {
        "GET /orders": (),
        "DELETE /orders": ("Idempotency-Key",),
        "POST /hidden": ("Idempotency-Key",),
    }
    assert routes["POST /hidden"].operation is None


def test_a_handler_that_tells_of_the_header_itself_is_believed() -> None:
    app = APIGatewayRestResolver(enable_validation=True)

    @app.post("/orders", middlewares=[idempotent(ORDERS)])
    def place(key: Annotated[str, Header(alias="idempotency-key", description="Ours")]) -> str:
        return key

    del place
    assert header(described(app)["POST /orders"]) == ("idempotency-key", True)
