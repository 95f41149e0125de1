"""What a range or a listing by key finds is what the same range of the values holds, in their order; no two values are one item."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key

if TYPE_CHECKING:
    from gateleg.model import Query
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

WORDS = Table("words", partition_key="pk", sort_key="sk", indexes=[Index("other", partition_key="opk", sort_key="osk")])
PLAIN = Table("plain-words", partition_key="owner", sort_key="word")


class Word(Entity, table=WORDS):
    owner: Attr[str]
    word: Attr[str]
    price: Attr[Decimal] = attr(default=Decimal(0), ge=0)
    day: Attr[date] = attr(default=date(2026, 1, 1))
    at: Attr[datetime] = attr(default=datetime(2026, 1, 1, tzinfo=UTC))

    key = key("OWNER#{owner}", "{word}")
    other_key = index_key("other", "{owner}#{at:%Y-%m}", "{price:09.2f}/{word}")

    @access
    def of(*, owner: str, since: str | None = None, before: str | None = None) -> None: ...

    @access
    def strictly(*, owner: str, after: str | None = None, until: str | None = None) -> None: ...

    @access
    def begun(*, owner: str, prefix: str) -> None: ...

    @access(index="other", ranges={"least": ">=", "below": "<"})
    def priced(*, owner: str, at: datetime, least: Decimal | None = None, below: Decimal | None = None) -> None: ...


class Line(Entity, table=WORDS):
    """What would be under the keys of words, were `#` not escaped."""

    owner: Attr[str]
    word: Attr[str]
    number: Attr[int]

    key = key("OWNER#{owner}", "{word}#LINE#{number:03d}")

    @access
    def of(*, owner: str, word: str) -> None: ...


class PlainWord(Entity, table=PLAIN):
    owner: Attr[str]
    word: Attr[str]

    @access
    def of(*, owner: str, since: str | None = None, until: str | None = None) -> None: ...

    @access
    def begun(*, owner: str, prefix: str) -> None: ...


BEHIND_A = [
    '"',
    '"!',
    "#",
    "#LINE#001",
    "##",
    "$",
    "%",
    "%23",
    "&",
    "!",
    "b",
    "é",
    "\x7f",
    "\ud7ff",
    "\ue000",
    "\ufffd",
    "\uffff",
    "\U00010000",
    "\U0010fffe",
    "\U0010ffff",
    "\U0010ffffb",
]
TEXTS = sorted(["\x00", "b", "\U0010ffff", *(f"a{text}" for text in ["", " ", "\x00", "\x00b", *BEHIND_A])], key=str.encode)


def words(store: Store, query: Query[Any]) -> list[str]:
    return [found.word for found in store.query(query)]


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    store = make_store(WORDS)
    store.batch_put([Word(owner="o", word=text) for text in TEXTS])
    store.batch_put([Line(owner="o", word="a", number=1)])
    return store


def test_texts_are_items_of_their_own_in_their_own_order(store: Store) -> None:
    assert words(store, Word.of(owner="o")) == TEXTS
    assert words(store, Word.of(owner="o").reversed()) == TEXTS[::-1]
    assert words(store, Line.of(owner="o", word="a")) == ["a"]
    assert [store.get(Word.key(owner="o", word=text)) for text in TEXTS] == [Word(owner="o", word=text) for text in TEXTS]


def test_ranges_of_text_hold_what_the_values_between_their_ends_are(store: Store) -> None:
    assert words(store, Word.of(owner="o", since="")) == TEXTS
    for low, high in pairwise(TEXTS):
        place = TEXTS.index(low)
        assert words(store, Word.of(owner="o", since=low, before=high)) == [low]
        assert words(store, Word.strictly(owner="o", after=low, until=high)) == [high]
        assert words(store, Word.of(owner="o", since=high)) == TEXTS[place + 1 :]
        assert words(store, Word.of(owner="o", before=high)) == TEXTS[: place + 1]


@pytest.mark.parametrize("prefix", ["", "a", "a#", "a\U0010ffff", 'a"', "a%2", "\x00"])
def test_a_prefix_of_the_key_is_a_prefix_of_the_text(store: Store, prefix: str) -> None:
    assert words(store, Word.begun(owner="o", prefix=prefix)) == [text for text in TEXTS if text.startswith(prefix)]


def test_pages_go_on_after_any_character(store: Store) -> None:
    found: list[str] = []
    cursor = None
    while True:
        page = store.page(Word.of(owner="o"), limit=3, cursor=cursor)
        found += [item.word for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == TEXTS


def test_decimals_in_an_index_are_in_the_order_of_their_values(store: Store) -> None:
    at = datetime(2026, 5, 5, tzinfo=UTC)
    prices = [Decimal(price) for price in ("0", "0.5", "1E+1", "9.99", "1000.0", "99.9")]
    store.batch_put([Word(owner="p", word=f"w/{price}", price=price, at=at) for price in prices])
    assert [found.price for found in store.query(Word.priced(owner="p", at=at))] == sorted(prices)
    assert [found.price for found in store.query(Word.priced(owner="p", at=at, least=Decimal("0.50"), below=Decimal(100)))] == [
        Decimal("0.5"),
        Decimal("9.99"),
        Decimal(10),
        Decimal("99.9"),
    ]


def test_ranges_of_a_plain_key_begin_at_no_text_at_all(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    store.batch_put([PlainWord(owner="o", word=text) for text in TEXTS])
    assert words(store, PlainWord.of(owner="o", since="")) == TEXTS
    assert words(store, PlainWord.of(owner="o", since="", until="a")) == ["\x00", "a"]
    assert words(store, PlainWord.begun(owner="o", prefix="")) == TEXTS
    assert words(store, PlainWord.begun(owner="o", prefix="a\U0010ffff")) == ["a\U0010ffff", "a\U0010ffffb"]


OLD = Table("words", partition_key="pk", sort_key="sk", indexes=[Index("other", partition_key="opk", sort_key="osk")])


class OldWord(Entity, table=OLD, name="Word"):
    """Words as they were stored when all text of a key was percent-encoded."""

    owner: Attr[str]
    word: Attr[str]
    price: Attr[Decimal] = attr(default=Decimal(0), ge=0)
    day: Attr[date] = attr(default=date(2026, 1, 1))
    at: Attr[datetime] = attr(default=datetime(2026, 1, 1, tzinfo=UTC))

    key = key("OWNER#{owner}", "{word}", percent_encoded=True)
    other_key = index_key("other", "{owner}#{at:%Y-%m}", "{price:09.2f}/{word}", percent_encoded=True)

    @access
    def begun(*, owner: str, prefix: str) -> None: ...


def test_keys_that_were_percent_encoded_stay_so_by_an_option_and_can_be_written_anew(make_store: MakeStore) -> None:
    old = make_store(OLD)
    new = make_store(WORDS, table_name=old.table_name)
    old.batch_put([OldWord(owner="o", word=text) for text in ("a#b", "a/b", "a%b", "ab")])
    assert words(old, OldWord.begun(owner="o", prefix="a#")) == ["a#b"]
    assert new.get(Word.key(owner="o", word="a%b")) == Word(owner="o", word="a%b")
    assert new.get(Word.key(owner="o", word="a#b")) is None

    for item in old.scan(OldWord):
        anew = Word(**item.model_dump())
        if anew.key.wire == item.key.wire:
            new.put(anew)  # its keys in indexes may still differ
        else:
            with new.transact(stores=[old]) as transaction:
                transaction.create(anew)
                transaction.delete(item.key)

    assert words(new, Word.of(owner="o")) == ["a#b", "a%b", "a/b", "ab"]
    assert words(new, Word.priced(owner="o", at=datetime(2026, 1, 1, tzinfo=UTC))) == ["a#b", "a%b", "a/b", "ab"]
