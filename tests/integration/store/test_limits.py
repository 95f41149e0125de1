"""DynamoDB's limits, held from both sides: what it takes is stored and comes back, and what it does not take is refused with a reason."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError, ItemInvalidError, StoreError
from gateleg.model import Attr, Entity, Table, access, attr, key
from tests.integration.store.chat import CHAT, PLAIN, Counter, Everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model import Condition
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


def any_of(conditions: list[Condition]) -> Condition:
    return reduce(lambda one, other: one | other, conditions)


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
    assert store.update(deepest.key, Box.content.set(nested(31))) == deepest
    assert store.put(Box(name="c", content={"in": nested(30), "empty": {}})).content["empty"] == {}
    for write in (
        lambda: store.put(Box(name="c", content=nested(32))),
        lambda: store.batch_put([Box(name="c", content=nested(32))]),
        lambda: store.update(deepest.key, Box.content.set(nested(32))),
        lambda: store.update(deepest.key, Box.content["in"].set(nested(31))),
    ):
        with pytest.raises(ItemInvalidError, match="nested deeper than the 32 levels"):
            write()
    assert store.update(deepest.key, Box.content["in"].set(nested(30))) == Box(name="b", content={"in": nested(30)})


def test_an_expression_is_as_long_as_dynamodb_takes_it_and_no_longer(store: Store) -> None:
    stored = store.put(Box(name="b", whole=1))
    asks: list[Callable[[Condition], object]] = [
        lambda many: store.put(stored, when=many),
        lambda many: store.count(Box.in_room(room="a").where(many)),
        lambda many: store.delete(stored, when=many),
    ]
    few, many = (any_of([Box.whole == number for number in range(count)]) for count in (145, 160))
    for ask in asks:
        assert ask(few)
        with pytest.raises(ExpressionError, match=r"the (condition|filter) has \d+ operators, and DynamoDB takes 300"):
            ask(many)
    store.put(stored)
    long = {str(number): number for number in range(150)}
    store.update(stored.key, Box.content.set(dict.fromkeys(long, 0)))
    for count, taken in ((150, True), (280, False)):
        changes = [Box.content[str(number)].set(number) for number in range(count)]
        if taken:
            assert store.update(stored.key, *changes).content == long
        else:
            with pytest.raises(ExpressionError, match=r"the update has \d+ bytes, and DynamoDB takes 4096"):
                store.update(stored.key, *changes)


def test_an_update_of_more_than_an_item_is_refused(store: Store) -> None:
    stored = store.put(Box(name="b"))
    assert len(store.update(stored.key, Box.text.set("x" * 400_000)).text) == 400_000
    with pytest.raises(ItemInvalidError, match="an item has up to 409600"):
        store.update(stored.key, Box.text.set("x" * 410_000))


WIDE = Table("wide", partition_key="pk", sort_key="sk")


class Word(Entity, table=WIDE):
    text: Attr[str]

    key = key("W", "W#{text}")

    @access
    def of(*, prefix: str | None = None) -> None: ...

    @access
    def between(*, since: str | None = None, until: str | None = None) -> None: ...

    @access
    def beyond(*, before: str | None = None) -> None: ...


WIDE_PLAIN = Table("wide-plain", partition_key="pk", sort_key="sk")


class Wide(Entity, table=WIDE_PLAIN):
    pk: Attr[str] = attr(default="W")
    sk: Attr[str]

    @access
    def between(*, pk: str, since: str | None = None, until: str | None = None) -> None: ...

    @access
    def below(*, pk: str, before: str) -> None: ...


FULL = 1024 - len("W#")


def size(text: str) -> int:
    """How many bytes a text has in a key; the last of all characters is written as another and one more."""
    return len(text.encode()) + text.count("\U0010ffff")


@pytest.mark.parametrize("last", ["x", "\x7f", "ü", "\u07ff", "€", "\uffff", "\U0001f600", "\U0010ffff"])
def test_ranges_of_keys_as_long_as_they_may_be_hold(make_store: MakeStore, last: str) -> None:
    store = make_store(WIDE)
    full = "a" * (FULL - size(last)) + last
    texts = ["a" * 900, "a" * FULL, "a" * (FULL - 1), "a" * (FULL - 4) + "b", full, "a" * (FULL - 5) + "\U0010ffff", "b"]
    store.batch_put([Word(text=text) for text in dict.fromkeys(texts)])
    ordered = sorted(set(texts), key=str.encode)
    for length in (900, FULL - 5, FULL - 4, FULL - 3, FULL - 2, FULL - 1, FULL):
        for end in {"a" * length, full}:
            assert [found.text for found in store.query(Word.between(until=end))] == [
                text for text in ordered if text.encode() <= end.encode()
            ]
            assert [found.text for found in store.query(Word.beyond(before=end))] == [
                text for text in ordered if text.encode() < end.encode()
            ]
            assert [found.text for found in store.query(Word.between(since=end))] == [
                text for text in ordered if text.encode() >= end.encode()
            ]
            assert [found.text for found in store.query(Word.of(prefix=end))] == [text for text in ordered if text.startswith(end)]
    with pytest.raises(ItemInvalidError, match="asks for sort keys from 1025 bytes on"):
        Word.of(prefix="a" * (FULL + 1))
    with pytest.raises(ItemInvalidError, match="asks for sort keys from 1025 bytes on"):
        Word.between(since="a" * (FULL + 1))
    assert store.count(Word.between(until="a" * (FULL + 1))) == len([text for text in ordered if text.encode() <= b"a" * FULL])


def test_ends_longer_than_a_key_mean_what_they_say(make_store: MakeStore) -> None:
    store = make_store(WIDE_PLAIN)
    texts = ["a" * 1020, "a" * 1020 + "ü", "a" * 1023 + "b", "a" * 1024, "b"]
    store.batch_put([Wide(sk=text) for text in texts])
    for end in ("a" * 1025, "a" * 1022 + "€", "a" * 1021 + "\U0001f600", "a" * 2000):
        below = sorted(text for text in texts if text.encode() < end.encode())
        assert [found.sk for found in store.query(Wide.between(pk="W", until=end))] == below
        assert [found.sk for found in store.query(Wide.below(pk="W", before=end))] == below
        assert [found.sk for found in store.query(Wide.between(pk="W", since="a", until=end))] == below
        with pytest.raises(ItemInvalidError, match=r"asks for sort keys from \d+ bytes on"):
            Wide.between(pk="W", since=end)


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
    with pytest.raises(ExpressionError, match="of a transaction have 43") as caught, store.transact() as tx:  # noqa: PT012 (the block is sent as it ends)
        for number in range(11):
            tx.put(Box(name=str(number), data=b"x" * 399_000))
    assert caught.value.value > 4 * 1024 * 1024
    assert store.count(Box) == 0
    with store.transact() as tx:
        for number in range(11):
            tx.put(Box(name=str(number), text="x" * 370_000))
    assert store.count(Box) == 11
