"""Sixty buyers at once, throttled and left without answers: no stock is ever negative, no order is paid twice, and all sums match."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import TYPE_CHECKING, Any, cast

import pytest

from gateleg.errors import StoreError
from gateleg.store import Patience
from gateleg.testing.faults import Met, faults
from lambdas.shop.model import SHOP, Account, CartLine, Delivery, Order, Product
from lambdas.shop.orders import NotPlacedError, place, receive

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

BUYERS = 60
CARTS = 3
"""How many orders each buyer places, one after the other."""
CREDIT = 1_500
SKUS = ("lamp", "paint", "rug")
STOCK = {"lamp": 45, "paint": 300, "rug": 100}
PRICES = {"lamp": 300, "paint": 10, "rug": 250}
INSISTENCE = 400
FAULTS = {"throttled": 0.06, "timed_out": 0.06, "lost": 0.08}


@dataclass
class Buyer:
    """Fills a cart and orders, three times, and each time insists until it is told what became of the order."""

    number: int
    store: Store
    chance: random.Random
    placed: list[Order] = field(default_factory=list[Order])
    refused: list[str] = field(default_factory=list[str])
    tried: int = 0

    @property
    def name(self) -> str:
        return f"buyer-{self.number}"

    def buy(self, together: Barrier) -> None:
        for cart in range(CARTS):
            for sku in self.chance.sample(SKUS, self.chance.randint(1, len(SKUS))):
                quantity = self.chance.randint(1, 3)
                self.insist(CartLine(customer=self.name, sku=sku, quantity=quantity))
            together.wait()
            self.order(f"order-{self.number}-{cart}")

    def order(self, order_id: str) -> None:
        for _ in range(INSISTENCE):
            self.tried += 1
            try:
                self.placed.append(place(self.store, self.name, order_id))
            except NotPlacedError as error:
                self.refused.append(str(error))
            except StoreError:
                continue
            return
        pytest.fail(f"{order_id} was neither placed nor refused, {INSISTENCE} times")

    def insist(self, line: CartLine) -> None:
        for _ in range(INSISTENCE):
            try:
                self.store.put(line)
            except StoreError:
                continue
            return
        pytest.fail(f"{line!r} was never put into a cart")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    store = make_store(SHOP)
    for sku in SKUS:
        store.create(Product(sku=sku, title=sku.title(), price=PRICES[sku]))
        receive(store, Delivery(sku=sku, note="first", quantity=STOCK[sku]))
    store.batch_put([Account(customer=f"buyer-{number}", credit=CREDIT) for number in range(BUYERS)])
    return store


def shop_at_once(make_store: MakeStore, store: Store) -> tuple[list[Buyer], Met]:
    """What sixty buyers, each with a store of their own, were told, and the faults that they met."""
    patience = [
        Patience(attempts=attempts, base=0.002, cap=0.05) for attempts in (1, 3)
    ]  # the hasty often do not know what became of an order
    chance = random.Random(11)  # noqa: S311 (chance that can be repeated)
    buyers = [
        Buyer(number, make_store(SHOP, table_name=store.table_name, patience=patience[number % 2]), random.Random(chance.random()))  # noqa: S311
        for number in range(BUYERS)
    ]
    together = Barrier(BUYERS)
    with faults(make_store.client, **FAULTS, seed=5) as met, ThreadPoolExecutor(BUYERS) as pool:
        for done in [pool.submit(buyer.buy, together) for buyer in buyers]:
            done.result()
    return buyers, met


def test_no_stock_is_negative_no_order_is_paid_twice_and_sums_match(make_store: MakeStore, store: Store) -> None:
    buyers, met = shop_at_once(make_store, store)

    orders = list(store.scan(Order))
    left = {product.sku: product.stock for product in store.scan(Product)}
    credit = {account.customer: account.credit for account in store.scan(Account)}
    assert min(met.throttled, met.timed_out, met.lost) > 50, met
    assert sum(buyer.tried for buyer in buyers) > BUYERS * CARTS, "somebody had to ask again"

    assert min(left.values()) >= 0
    for sku in SKUS:
        sold = sum(line.quantity for order in orders for line in order.lines if line.sku == sku)
        assert left[sku] + sold == STOCK[sku], sku
    for buyer in buyers:
        mine = {order.order_id: order for order in orders if order.customer == buyer.name}
        assert {order.order_id: order for order in buyer.placed} == mine, "what was told is what is stored"
        assert CREDIT - credit[buyer.name] == sum(order.total for order in mine.values()), "paid once"
        assert len(buyer.placed) + len(buyer.refused) == CARTS
    for order in orders:
        assert order.total == sum(PRICES[line.sku] * line.quantity for line in order.lines)
    assert sum(credit.values()) + sum(order.total for order in orders) == CREDIT * BUYERS

    refused = [why for buyer in buyers for why in buyer.refused]
    assert any("left of lamp" in why for why in refused)
    assert any("credit" in why for why in refused)


def test_one_cart_that_is_ordered_twice_at_once_is_paid_once(make_store: MakeStore, store: Store) -> None:
    store.put(CartLine(customer="buyer-0", sku="lamp", quantity=1))
    tabs = [Buyer(0, make_store(SHOP, table_name=store.table_name), random.Random(tab)) for tab in range(8)]  # noqa: S311
    together = Barrier(len(tabs))

    def order(tab: Buyer) -> None:
        together.wait()
        tab.order(f"of-tab-{tabs.index(tab)}")

    with ThreadPoolExecutor(len(tabs)) as pool:
        list(pool.map(order, tabs))
    [order_there] = store.query(Order.of(customer="buyer-0"))
    account = store.get(Account.key(customer="buyer-0"))

    assert sum(len(tab.placed) for tab in tabs) == 1
    assert account is not None
    assert account.credit == CREDIT - order_there.total == CREDIT - PRICES["lamp"]


def test_goods_come_in_once_however_often_their_note_is_typed(store: Store) -> None:
    for _ in range(3):
        receive(store, Delivery(sku="rug", note="second", quantity=7))
    rug = store.get(Product.key(sku="rug"))

    assert rug is not None
    assert rug.stock == STOCK["rug"] + 7


def test_the_customer_is_told_why_an_order_is_not_placed(store: Store) -> None:
    def refusal(customer: str = "buyer-1") -> str:
        with pytest.raises(NotPlacedError) as refused:
            place(store, customer, "o")
        return str(refused.value)

    assert refusal() == "an order has 1 to 48 lines, and 0 are in the cart"
    store.put(CartLine(customer="buyer-1", sku="rug", quantity=99))
    assert refusal() == "the order costs 24750, and the credit is less"
    store.update(Account.key(customer="buyer-1"), Account.credit.set(100_000))
    store.update(Product.key(sku="rug"), Product.stock.set(98))
    assert refusal() == "fewer than 99 are left of rug"
    store.put(CartLine(customer="stranger", sku="paint", quantity=1))
    assert refusal("stranger") == "the order costs 10, and the credit is less"
    store.delete(Product.key(sku="rug"))
    assert refusal() == "no longer sold: rug"
    assert [order.order_id for order in store.scan(Order)] == []


class Meddling:
    """A store on which somebody else writes between what an order reads and its transaction."""

    def __init__(self, store: Store, meddle: Callable[[], object]) -> None:
        self._store = store
        self._meddle = meddle

    def __getattr__(self, name: str) -> Any:
        if name == "transact":
            self._meddle()
        return getattr(self._store, name)


def test_an_order_that_is_asked_for_again_is_the_order_that_there_is(store: Store) -> None:
    want_lamp(store)
    placed = place(store, "buyer-3", "o")

    assert place(store, "buyer-3", "o") == placed
    want_lamp(store)
    assert place(store, "buyer-3", "o") == placed
    assert list(store.scan(Order)) == [placed]


def test_of_two_requests_for_an_order_the_slower_gets_the_order_of_the_other_though_the_cart_is_full_again(store: Store) -> None:
    won: list[Order] = []

    def overtake() -> None:
        won.append(place(store, "buyer-3", "o"))
        want_lamp(store)

    want_lamp(store)
    lost = place(cast("Store", Meddling(store, overtake)), "buyer-3", "o")
    account = store.get(Account.key(customer="buyer-3"))

    assert [lost] == won == list(store.scan(Order))
    assert account is not None
    assert account.credit == CREDIT - PRICES["lamp"]


def want_lamp(store: Store) -> None:
    store.put(CartLine(customer="buyer-3", sku="lamp", quantity=1))


def test_a_price_or_a_cart_that_changes_under_an_order_stops_it(store: Store) -> None:
    def refusal(meddle: Callable[[], object]) -> str:
        store.put(CartLine(customer="buyer-2", sku="paint", quantity=1))
        with pytest.raises(NotPlacedError) as refused:
            place(cast("Store", Meddling(store, meddle)), "buyer-2", "o")
        return str(refused.value)

    key = CartLine.key(customer="buyer-2", sku="paint")
    assert refusal(lambda: store.update(key, CartLine.quantity.set(2))) == "the cart was changed meanwhile"
    assert refusal(lambda: store.delete(key)) == "the cart was changed meanwhile"
    assert refusal(lambda: store.update(Product.key(sku="paint"), Product.price.set(11))) == "paint has another price now"
    assert list(store.scan(Order)) == []
