"""DynamoDB's limits, held from both sides: what it takes is stored and comes back, and what it does not take is refused with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ItemInvalidError, StoreError
from gateleg.model import Attr, Entity, Table, access, attr, key
from tests.integration.store.chat import CHAT, PLAIN, Counter, Everything

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

VAULT = Table("vault", partition_key="pk", sort_key="sk")


class Box(Entity, table=VAULT):
    room: Attr[str] = attr(default="a")
    name: Attr[str]
    content: Attr[Any] = attr(default=None)
    text: Attr[str] = attr(default="")
    data: Attr[bytes] = attr(default=b"")
    words: Attr[set[str]] = attr(default_factory=set)
    whole: Attr[int] = attr(default=0)
    exact: Attr[Decimal] = attr(default=Decimal(0))

    key = key("R#{room}", "N#{name}")

    @access
    def in_room(*, room: str) -> None: ...


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(VAULT)


@pytest.mark.parametrize(
    "number",
    [
        Decimal("1.2345678901234567890123456789012345678"),
        Decimal("-1.2345678901234567890123456789012345678"),
        Decimal(f"{'9' * 38}E+88"),
        Decimal("1E-130"),
        Decimal("-9.9999999999999999999999999999999999999E+125"),
        Decimal("0.1"),
        Decimal("1E+20"),
    ],
)
def test_a_number_of_38_digits_and_any_magnitude_comes_back_and_is_found(store: Store, number: Decimal) -> None:
    stored = store.put(Box(name="b", exact=number))
    found = store.get(stored.key, consistent=True)
    assert found is not None
    assert (found.exact, type(found.exact)) == (number, Decimal)
    assert store.count(Box.in_room(room="a").where(Box.exact == number)) == 1


@pytest.mark.parametrize("number", [10**38 - 1, -(10**38) + 1, 10**125, 2**63])
def test_a_whole_number_comes_back_whole(store: Store, number: int) -> None:
    found = store.get(store.put(Box(name="b", whole=number)).key, consistent=True)
    assert found is not None
    assert (found.whole, type(found.whole)) == (number, int)


@pytest.mark.parametrize("number", [Decimal("1." + "1" * 38), Decimal("1E+126"), Decimal("1E-131"), Decimal("NaN")])
def test_a_number_that_dynamodb_cannot_hold_is_refused_before_it_is_sent(store: Store, number: Decimal) -> None:
    with pytest.raises(ItemInvalidError):
        store.put(Box.model_construct(name="b", room="a", exact=number))
    assert store.count(Box) == 0


def test_a_sum_of_more_than_38_digits_is_refused_by_dynamodb(store: Store, dynamodb_name: str) -> None:
    stored = store.put(Box(name="b", exact=Decimal("9" * 38)))
    sum_of_39_digits = store.prepare.update(stored.key, Box.exact.add(Decimal("0.5")))
    if dynamodb_name == "ministack":  # It rounds; AWS documents an exception, and DynamoDB Local raises one.
        assert store.send(sum_of_39_digits).exact == Decimal("1E+38")
        return
    with pytest.raises(StoreError, match="38 digits") as caught:
        store.send(sum_of_39_digits)
    assert caught.value.aws_code == "ValidationException"
    assert store.get(stored.key, consistent=True) == stored


def test_what_is_empty_comes_back_empty(store: Store) -> None:
    given = Box(name="b", content={"text": "", "list": [], "map": {}, "data": b"", "none": None}, text="", data=b"", words=set())
    stored = store.put(given)
    assert store.get(stored.key, consistent=True) == given


def test_keys_are_as_long_as_dynamodb_takes_them_and_no_longer(store: Store) -> None:
    room, name = "r" * (2048 - len("R#")), "ü" * ((1024 - len("N#")) // 2)
    stored = store.put(Box(room=room, name=name))
    assert store.get(Box.key(room=room, name=name), consistent=True) == stored
    assert store.page(Box.in_room(room=room)).items == [stored]
    for longer in (Box(room=room + "r", name=name), Box(room=room, name=name + "n")):
        with pytest.raises(ItemInvalidError, match=r"1 to (2048|1024)"):
            store.put(longer)


def nested(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"in": value}
    return value


def test_values_are_nested_32_levels_deep_the_innermost_value_included(store: Store) -> None:
    deepest = store.put(Box(name="b", content=nested(31)))
    assert store.get(deepest.key, consistent=True) == deepest
    with pytest.raises(StoreError, match=r"(?i)nest") as caught:
        store.put(Box(name="c", content=nested(32)))
    assert caught.value.aws_code == "ValidationException"


def test_a_query_and_its_count_go_on_after_each_megabyte(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    for number in range(9):
        store.put(Everything(owner="o", number=number, data=b"x" * 300_000))
    results = store.query(Everything.of(owner="o"))
    assert [found.number for found in results] == list(range(9))
    assert results.reading.requests >= 3
    assert store.count(Everything.of(owner="o")) == 9
    counting = store.prepare.count(Everything.of(owner="o").where(Everything.flag == True))  # noqa: E712 (a condition)
    assert store.send(counting) == 9
    assert counting.reading.requests >= 3
    assert [found.number for found in store.query(Everything.of(owner="o").reversed().limit(5))] == [8, 7, 6, 5, 4]
    selected = store.partiql("SELECT n FROM {table} WHERE owner = ?", ["o"])
    assert [found["n"] for found in selected] == list(range(9))


def test_a_batch_of_more_than_16_megabytes_is_read_to_its_end(make_store: MakeStore, dynamodb_name: str) -> None:
    store = make_store(PLAIN)
    numbers = range(45)
    for begin in range(0, 45, 15):
        store.batch_put([Everything(owner="o", number=number, data=b"x" * 390_000) for number in numbers[begin : begin + 15]])
    reading = store.prepare.batch_get([Everything.key(owner="o", number=number) for number in numbers])
    assert [found.number for found in store.send(reading)] == list(numbers)
    # AWS gives up to 16 MB in an answer and names the rest, as DynamoDB Local does; ministack gives all at once.
    assert reading.reading.requests == {"ministack": 1, "local": 2}[dynamodb_name]


def test_a_hundred_items_are_written_and_read_at_one_moment(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    counters = [Counter(name=f"{number:03d}", count=number) for number in range(100)]
    with store.transact() as tx:
        for counter in counters:
            tx.create(counter)
    assert store.transact_get(*(counter.key for counter in counters)) == tuple(counters)
    assert tx.reading.requests == 1


def test_a_transaction_of_more_than_4_megabytes_is_refused(make_store: MakeStore) -> None:
    store = make_store(VAULT)
    with pytest.raises(StoreError, match="4MB") as caught, store.transact() as tx:  # noqa: PT012 (the block is sent as it ends)
        for number in range(11):
            tx.put(Box(name=str(number), data=b"x" * 399_000))
    assert caught.value.aws_code == "ValidationException"
    assert store.count(Box) == 0
