"""What is read from a `StreamResolver`."""

from collections.abc import Callable

import pytest

from gateleg.describe import describe
from gateleg.description import App
from gateleg.errors import AuthorizerError, DeclarationError, UsesError

HEAD = (
    "from gateleg.model import Attr, Entity, StreamView, Table, attr, key\n"
    "from gateleg.stream import StreamResolver, uses\n"
    "SHOP = Table('shop', partition_key='pk', ttl='gone', stream=StreamView.NEW_AND_OLD_IMAGES)\n"
    "class Order(Entity, table=SHOP):\n"
    "    number: Attr[str] = attr()\n"
    "    status: Attr[str] = attr(default='open')\n"
    "    key = key('ORDER#{number}')\n"
)
PLAIN = f"{HEAD}app = StreamResolver(SHOP)\n"


def test_handlers_uses_filters_and_the_table_are_read(write_app: Callable[..., str]) -> None:
    app = write_app(
        "@app.on_insert(Order, new=Order.status == 'paid')\n@uses(Order.update)\ndef paid(order: Order) -> None: ...\n"
        "@app.on_change(Order)\ndef every(change: object) -> None: ...\n",
        head=PLAIN,
        name="services.shop.changes",
    )
    found = describe(app)
    assert found.kind == "stream"
    assert [(route.key, route.handler) for route in found.routes] == [
        ("INSERT Order", "services.shop.changes:paid"),
        ("INSERT MODIFY REMOVE Order", "services.shop.changes:every"),
    ]
    assert [[use.operation for use in route.uses] for route in found.routes] == [["update"], []]
    assert found.table is not None
    assert (found.table.name, found.table.stream) == ("shop", "NEW_AND_OLD_IMAGES")
    assert found.filters[0]["eventName"] == ["INSERT", "MODIFY"]
    assert {"aws-lambda-powertools", "pydantic"} <= set(found.needs.distributions)
    assert App.from_json(found.to_json()) == found


def test_what_keeps_changes_once_is_implied(write_app: Callable[..., str]) -> None:
    app = write_app("app.on_default()(print)\n", head=f"{HEAD}app = StreamResolver(SHOP, idempotency=SHOP)\n")
    [route] = describe(app).routes
    assert {(use.entity, use.operation) for use in route.uses} == {("Replay", name) for name in ("put", "update", "delete")}
    assert describe(app).filters == ()


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("", DeclarationError, "has no handlers"),
        (
            "from gateleg.rest import public\n@app.on_insert(Order)\n@public('why')\ndef f(order: Order) -> None: ...\n",
            AuthorizerError,
            r"@public\('why'\) on sample:f does nothing",
        ),
        (
            (
                "def wrap(f):\n    def g(*a): return f(*a)\n    g.__wrapped__ = f\n    return g\n"
                "@uses(Order.get)\n@wrap\n@app.on_insert(Order)\ndef f(order: Order) -> None: ...\n"
            ),
            UsesError,
            "stands above the registration of 'INSERT Order'",
        ),
    ],
)
def test_what_would_do_nothing_is_refused(text: str, error: type[Exception], told: str, write_app: Callable[..., str]) -> None:
    with pytest.raises(error, match=told):
        describe(write_app(text, head=PLAIN))
