"""Random programs of operations do to a table what they do to a plain dict, and tell the same."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from gateleg.errors import (
    ConditionFailedError,
    ItemExistsError,
    ItemNotFoundError,
    KindMismatchError,
    StoredItemInvalidError,
    TransactionCanceledError,
    VersionConflictError,
    WriteDoneError,
)
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key, ttl, version
from tests.seeds import SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.model import Query
    from gateleg.model.paths.updates import Update
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

TABLE = Table("programs", partition_key="pk", sort_key="sk", ttl="until", indexes=[Index("by_owner", partition_key="gpk", sort_key="gsk")])
PAST = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
FUTURE = PAST + timedelta(hours=9)
TOLD_APART = (ItemExistsError, ItemNotFoundError, ConditionFailedError, WriteDoneError)


class Card(Entity, table=TABLE):
    """A card on a board."""

    board: Attr[str]
    number: Attr[int]
    owner: Attr[str | None] = attr(default=None)
    points: Attr[int] = attr(default=0)
    title: Attr[str] = attr(default="")
    tags: Attr[set[str]] = attr(default_factory=set)
    until: Attr[datetime | None] = ttl()
    revision: Attr[int] = version()

    @key("BOARD#{board}", "CARD#{number:03d}")
    def key(*, board: str, number: int) -> None: ...

    owner_key = index_key("by_owner", "OWNER#{board}#{owner}", "{number:03d}")

    @access
    def on_board(*, board: str) -> None: ...

    @access(index="by_owner")
    def owned(*, board: str, owner: str) -> None: ...


class Label(Entity, table=TABLE):
    """Another kind of item, under the keys of cards."""

    board: Attr[str]
    number: Attr[int]
    text: Attr[str] = attr(default="")

    @key("BOARD#{board}", "CARD#{number:03d}")
    def key(*, board: str, number: int) -> None: ...


def transacted(store: Store, act: Callable[[Any], object]) -> None:
    with store.transact() as tx:
        act(tx)


BY_ANOTHER_KIND: dict[str, Callable[[Store, Label], object]] = {
    "put": lambda store, label: store.put(label),
    "update": lambda store, label: store.update(label.key, Label.text.set("x")),
    "delete": lambda store, label: store.delete(label.key),
    "batch put": lambda store, label: store.batch_put([label]),
    "batch delete": lambda store, label: store.batch_delete([label.key]),
    "put in a transaction": lambda store, label: transacted(store, lambda tx: tx.put(label)),
    "delete in a transaction": lambda store, label: transacted(store, lambda tx: tx.delete(label.key)),
}

OWNERS = ("ann", "ben", "a#b", "%23")
numbers = st.integers(0, 4)
owners = st.sampled_from([None, *OWNERS])
times = st.sampled_from([None, PAST, FUTURE])
tags = st.sampled_from("xyz")
amounts = st.integers(0, 3)

Told = type[Exception] | tuple[type[Any], ...] | None
"""What an operation raised: a refusal, or that it is done and what it gave back cannot be read; of a canceled transaction, what was wrong with each part."""


def ignore(error: StoredItemInvalidError) -> None:
    """Leaves out what cannot be read."""


def told(act: Callable[[], object]) -> Told:
    try:
        act()
    except TransactionCanceledError as canceled:
        return tuple(type(reason) for reason in canceled.reasons)
    except TOLD_APART as error:
        return type(error)
    return None


class Board(RuleBasedStateMachine):
    """One board of a table, and the dict that says what must be on it."""

    def __init__(self, store: Store, hiding: Store, client: DynamoDBClient) -> None:
        super().__init__()
        self.store, self.hiding, self.client = store, hiding, client
        self.board = uuid.uuid4().hex
        self.cards: dict[int, Card] = {}
        self.broken: set[int] = set()
        self.read: Card | None = None

    def key(self, number: int) -> Any:
        return Card.key(board=self.board, number=number)

    def card(self, number: int, owner: str | None, until: datetime | None) -> Card:
        return Card(board=self.board, number=number, owner=owner, until=until)

    def keep(self, card: Card, **changed: Any) -> None:
        """The dict holds a card as it is after one more write; the first is remembered as who read it then has it, until another is read."""
        self.cards[card.number] = card.model_copy(update={"revision": card.revision + 1, **changed})
        self.read = self.read or self.cards[card.number]

    def drop(self, number: int) -> Card | None:
        self.broken.discard(number)
        return self.cards.pop(number, None)

    def done(self, number: int) -> type[Any] | None:
        """What a write that gives the item back tells when it is done."""
        return WriteDoneError if number in self.broken else None

    def absent(self, number: int) -> type[Any]:
        return type(None) if number in self.cards else ItemNotFoundError

    # One item --------------------------------------------------------------------------------------------------------------------

    @rule(number=numbers, owner=owners, until=times)
    def create(self, number: int, owner: str | None, until: datetime | None) -> None:
        card = self.card(number, owner, until)
        expected = ItemExistsError if number in self.cards else None
        assert told(lambda: self.store.create(card.model_copy())) == expected
        if expected is None:
            self.keep(card)

    @rule(number=numbers)
    def look(self, number: int) -> None:
        if number in self.broken:
            with pytest.raises(StoredItemInvalidError):
                self.store.get(self.key(number), consistent=True)
            return
        found = self.store.get(self.key(number), consistent=True)
        assert found == self.cards.get(number)
        self.read = found or self.read

    @rule(owner=owners)
    def put_what_was_read(self, owner: str | None) -> None:
        assume(self.read is not None)
        assert self.read is not None
        card, there = self.read.model_copy(update={"owner": owner}), self.cards.get(self.read.number)
        expected = None if there is not None and there.revision == card.revision else VersionConflictError
        assert told(lambda: self.store.put(card.model_copy())) == expected
        if expected is None:
            self.broken.discard(card.number)
            self.keep(card)

    @rule(amount=amounts)
    def update_what_was_read(self, amount: int) -> None:
        assume(self.read is not None)
        assert self.read is not None
        card, there = self.read, self.cards.get(self.read.number)
        done = self.done(card.number)
        expected = ItemNotFoundError if there is None else done if there.revision == card.revision else VersionConflictError
        assert told(lambda: self.store.update(card, Card.points.add(amount))) == expected
        if expected is done and there is not None:
            self.keep(there, points=there.points + amount)

    @rule()
    def delete_what_was_read(self) -> None:
        assume(self.read is not None)
        assert self.read is not None
        card, there = self.read, self.cards.get(self.read.number)
        done = self.done(card.number)
        expected = ItemNotFoundError if there is None else done if there.revision == card.revision else VersionConflictError
        assert told(lambda: self.store.delete(card)) == expected
        if expected is done:
            self.drop(card.number)

    def update(self, number: int, update: Update, changed: Callable[[Card], dict[str, Any]]) -> None:
        there = self.cards.get(number)
        assert told(lambda: self.store.update(self.key(number), update)) == (self.done(number) if there else ItemNotFoundError)
        if there:
            self.keep(there, **changed(there))

    @rule(number=numbers, amount=st.integers(-3, 3))
    def add(self, number: int, amount: int) -> None:
        self.update(number, Card.points.add(amount), lambda there: {"points": there.points + amount})

    @rule(number=numbers, tag=tags)
    def tag(self, number: int, tag: str) -> None:
        self.update(number, Card.tags.add({tag}), lambda there: {"tags": there.tags | {tag}})

    @rule(number=numbers, tag=tags)
    def untag(self, number: int, tag: str) -> None:
        self.update(number, Card.tags.delete({tag}), lambda there: {"tags": there.tags - {tag}})

    @rule(number=numbers, owner=owners)
    def give(self, number: int, owner: str | None) -> None:
        self.update(number, Card.owner.set(owner), lambda _: {"owner": owner})

    @rule(number=numbers, until=times)
    def expire(self, number: int, until: datetime | None) -> None:
        self.update(number, Card.until.set(until), lambda _: {"until": until})

    @rule(number=numbers)
    def damage(self, number: int) -> None:
        """Another program stores what the entity refuses; only writing the card whole puts it right."""
        assume(number in self.cards)
        self.client.update_item(
            TableName=self.store.table_name,
            Key=dict(self.key(number).wire),
            UpdateExpression="SET title = :number",
            ExpressionAttributeValues={":number": {"N": "1"}},
        )
        self.broken.add(number)

    @rule(number=numbers, way=st.sampled_from(sorted(BY_ANOTHER_KIND)))
    def write_as_another_kind(self, number: int, way: str) -> None:
        assume(number in self.cards)
        outcome = told(lambda: BY_ANOTHER_KIND[way](self.store, Label(board=self.board, number=number)))
        assert outcome == ((KindMismatchError,) if "transaction" in way else KindMismatchError)

    @rule(number=numbers, amount=amounts)
    def spend(self, number: int, amount: int) -> None:
        there = self.cards.get(number)
        done = self.done(number)
        expected = ItemNotFoundError if there is None else done if there.points >= amount else ConditionFailedError
        assert told(lambda: self.store.update(self.key(number), Card.points.add(-amount), when=Card.points >= amount)) == expected
        if there is not None and expected is done:
            self.keep(there, points=there.points - amount)

    @rule(number=numbers)
    def delete(self, number: int) -> None:
        if number in self.broken:
            assert told(lambda: self.store.delete(self.key(number))) is WriteDoneError
            self.drop(number)
        else:
            assert self.store.delete(self.key(number)) == self.drop(number)

    @rule(number=numbers, points=amounts)
    def delete_if(self, number: int, points: int) -> None:
        there = self.cards.get(number)
        done = self.done(number)
        expected = ItemNotFoundError if there is None else done if there.points == points else ConditionFailedError
        assert told(lambda: self.store.delete(self.key(number), when=Card.points == points)) == expected
        if expected is done:
            self.drop(number)

    # Several items ---------------------------------------------------------------------------------------------------------------

    @rule(pair=st.lists(numbers, min_size=2, max_size=2, unique=True), amount=amounts)
    def transfer(self, pair: list[int], amount: int) -> None:
        giver, taker = pair

        def act() -> None:
            with self.store.transact() as tx:
                tx.update(self.key(giver), Card.points.add(-amount), when=Card.points >= amount)
                tx.update(self.key(taker), Card.points.add(amount))

        poor = giver in self.cards and self.cards[giver].points < amount
        reasons = (ConditionFailedError if poor else self.absent(giver), self.absent(taker))
        assert told(act) == (None if set(reasons) == {type(None)} else reasons)
        if set(reasons) == {type(None)}:
            self.keep(self.cards[giver], points=self.cards[giver].points - amount)
            self.keep(self.cards[taker], points=self.cards[taker].points + amount)

    @rule(three=st.lists(numbers, min_size=3, max_size=3, unique=True), owner=owners)
    def replace(self, three: list[int], owner: str | None) -> None:
        gone, made, checked = three
        card = self.card(made, owner, None)

        def act() -> None:
            with self.store.transact() as tx:
                tx.delete(self.key(gone))
                tx.create(card.model_copy())
                tx.check(self.key(checked))

        reasons = (type(None), ItemExistsError if made in self.cards else type(None), self.absent(checked))
        assert told(act) == (None if set(reasons) == {type(None)} else reasons)
        if set(reasons) == {type(None)}:
            self.drop(gone)
            self.keep(card)

    @rule(given=st.dictionaries(numbers, st.tuples(owners, times), max_size=4))
    def put_many(self, given: dict[int, tuple[str | None, datetime | None]]) -> None:
        cards = [self.card(number, *values) for number, values in given.items()]
        self.store.batch_put([card.model_copy() for card in cards])
        for card in cards:
            self.broken.discard(card.number)
            self.keep(card)

    @rule(gone=st.sets(numbers, max_size=3))
    def delete_many(self, gone: set[int]) -> None:
        self.store.batch_delete([self.key(number) for number in gone])
        for number in gone:
            self.drop(number)

    @rule(wanted=st.lists(numbers, min_size=1, max_size=5, unique=True))
    def read_many(self, wanted: list[int]) -> None:
        keys = [self.key(number) for number in wanted]
        expected = [self.cards.get(number) for number in wanted]
        if self.broken.isdisjoint(wanted):
            assert list(self.store.transact_get(*keys)) == expected
        else:
            with pytest.raises(StoredItemInvalidError):
                self.store.transact_get(*keys)
        there = [card for card in expected if card is not None]
        self.meets(there, lambda found: self.store.batch_get(keys, consistent=True, unreadable=found.append))

    # Queries ---------------------------------------------------------------------------------------------------------------------

    def everything(self) -> list[Card]:
        return [self.cards[number] for number in sorted(self.cards)]

    def readable(self, cards: list[Card]) -> list[Card]:
        return [card for card in cards if card.number not in self.broken]

    def meets(self, cards: list[Card], listing: Callable[[list[StoredItemInvalidError]], Iterable[Card]]) -> None:
        """A listing gives the cards that can be read, and hands over the others, each once."""
        found: list[StoredItemInvalidError] = []
        assert list(listing(found)) == self.readable(cards)
        handed_over = sorted(error.key["sk"]["S"] for error in found)
        assert handed_over == sorted(card.key.wire["sk"]["S"] for card in cards if card.number in self.broken)

    def pages(self, store: Store, query: Query[Card], limit: int, cards: list[Card]) -> None:
        def turned(found: list[StoredItemInvalidError]) -> Iterable[Card]:
            page = store.page(query, limit=limit, unreadable=found.append)
            yield from page.items
            while page.cursor is not None:
                page = store.page(query, limit=limit, cursor=page.cursor, unreadable=found.append)
                yield from page.items

        self.meets(cards, turned)

    @rule(limit=st.integers(1, 4), backwards=st.booleans())
    def turn_pages(self, limit: int, backwards: bool) -> None:  # noqa: FBT001 (drawn by name)
        query, expected = Card.on_board(board=self.board), self.everything()
        if backwards:
            query, expected = query.reversed(), expected[::-1]
        self.pages(self.store, query, limit, expected)
        assert list(self.store.query(query.limit(limit), unreadable=ignore)) == self.readable(expected)[:limit]
        alive = [card for card in expected if card.until != PAST]
        self.pages(self.hiding, query, limit, alive)
        assert self.hiding.count(query) == len(alive)

    @rule(owner=st.sampled_from(OWNERS), limit=st.integers(1, 3), points=amounts)
    def ask_the_index(self, owner: str, limit: int, points: int) -> None:
        query = Card.owned(board=self.board, owner=owner)
        owned = [card for card in self.everything() if card.owner == owner]
        self.pages(self.store, query, limit, owned)
        rich = [card for card in owned if card.points >= points]
        self.meets(rich, lambda found: self.store.query(query.where(Card.points >= points), unreadable=found.append))
        assert self.store.count(query.where(Card.points >= points)) == len(rich)
        alive = [card for card in owned if card.until != PAST]
        self.meets(alive, lambda found: self.hiding.query(query, unreadable=found.append))

    @rule(number=numbers)
    def look_for_what_has_not_expired(self, number: int) -> None:
        there = self.cards.get(number)
        assume(number not in self.broken)
        assert self.hiding.get(self.key(number)) == (there if there and there.until != PAST else None)

    def teardown(self) -> None:
        self.meets(self.everything(), lambda found: self.store.query(Card.on_board(board=self.board), unreadable=found.append))


def test_a_program_leaves_and_tells_what_it_does_to_a_dict(make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> None:
    store = make_store(TABLE)
    hiding = make_store(TABLE, table_name=store.table_name, hide_expired=True)
    run_state_machine_as_test(
        cast("Any", lambda: Board(store, hiding, dynamodb_engine)),
        settings=settings(
            max_examples=6 * SEEDS, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
        ),
    )
