"""Numbers are found again by what they are, whichever way Python writes them: engines that compare digits see one form of each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gateleg.model import Attr, Entity, Index, LocalIndex, Table, access, attr

if TYPE_CHECKING:
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

PRICES = Table(
    "prices",
    partition_key="p",
    sort_key="s",
    indexes=[Index("by_price", partition_key="price", sort_key="s"), LocalIndex("by_rank", sort_key="rank")],
)


class Priced(Entity, table=PRICES):
    p: Attr[Decimal] = attr(partition_key=True)
    s: Attr[str] = attr(sort_key=True, default="x")
    price: Attr[Decimal] = attr(default=Decimal(100))
    rank: Attr[float] = attr(default=1000.0)
    numbers: Attr[set[Decimal]] = attr(default_factory=set)
    by_amount: Attr[dict[Decimal, int]] = attr(default_factory=dict)

    @access(index="by_price")
    def at(*, price: Decimal) -> None: ...

    @access(index="by_rank")
    def ranked(*, p: Decimal, since: float | None = None) -> None: ...


ROUND = [Decimal(1000), Decimal("1E+3"), Decimal("1.0E3"), Decimal("1E+30"), Decimal("-1E+20"), Decimal("1E-20"), Decimal("-0.0")]


@pytest.mark.parametrize("number", ROUND, ids=str)
def test_a_decimal_is_found_as_a_key_of_the_table_and_of_an_index(make_store: MakeStore, number: Decimal) -> None:
    store = make_store(PRICES)
    stored = store.create(Priced(p=number, price=number))
    assert stored.p == number
    assert store.get(Priced.key(p=Decimal(format(number, "f")), s="x")) == stored
    assert store.page(Priced.at(price=number)).items == [stored]
    assert store.count(Priced.at(price=number).where(Priced.rank == 1000.0)) == 1


@pytest.mark.parametrize("rank", [1000.0, 1e16, 1e22, -1e20, 1e-7, 0.1])
def test_a_float_is_found_by_a_range_and_by_a_filter(make_store: MakeStore, rank: float) -> None:
    store = make_store(PRICES)
    stored = store.create(Priced(p=Decimal(3), rank=rank))
    assert store.page(Priced.ranked(p=Decimal(3), since=rank)).items == [stored]
    assert store.count(Priced.at(price=Decimal(100)).where(Priced.rank.in_([rank]))) == 1


def test_a_decimal_leaves_a_set_and_is_told_in_it(make_store: MakeStore) -> None:
    store = make_store(PRICES)
    key = store.put(Priced(p=Decimal(3), numbers={Decimal(1000), Decimal(2)})).key
    assert store.count(Priced.at(price=Decimal(100)).where(Priced.numbers.contains(Decimal("1E3")))) == 1
    assert store.update(key, Priced.numbers.delete({Decimal("1E+3")})).numbers == {2}
    assert store.update(key, Priced.numbers.add({Decimal(2), Decimal(2000)})).numbers == {2, 2000}


def test_the_entries_of_a_map_keep_the_names_that_they_were_stored_under(make_store: MakeStore) -> None:
    store = make_store(PRICES)
    key = store.put(Priced(p=Decimal(3), by_amount={Decimal(1000): 1})).key
    [item] = store.partiql("SELECT by_amount FROM {table} WHERE p = ?", [3])
    assert item == {"by_amount": {"1E+3": 1}}
    assert store.update(key, Priced.by_amount["1E+3"].set(2)).by_amount == {Decimal(1000): 2}
