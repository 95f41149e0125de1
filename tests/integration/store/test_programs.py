"""Random programs of operations do to the store what they do to a plain dict."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateleg.errors import ConditionFailedError, ItemExistsError, ItemNotFoundError
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key, version
from gateleg.testing import MakeStore
from tests.integration.seeds import SEEDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Store

pytestmark = pytest.mark.integration

TABLE = Table("programs", partition_key="pk", sort_key="sk", indexes=[Index("by_owner", partition_key="gpk", sort_key="gsk")])


class Card(Entity, table=TABLE):
    """A card on a board."""

    board: Attr[str]
    number: Attr[int]
    owner: Attr[str | None] = attr(default=None)
    points: Attr[int] = attr(default=0)
    tags: Attr[set[str]] = attr(default_factory=set)
    revision: Attr[int] = version()

    @key("BOARD#{board}", "CARD#{number:03d}")
    def key(*, board: str, number: int) -> None: ...

    owner_key = index_key("by_owner", "OWNER#{board}#{owner}", "{number:03d}")

    @access
    def on_board(*, board: str) -> None: ...

    @access(index="by_owner")
    def owned(*, board: str, owner: str) -> None: ...


Model = dict[int, tuple[str | None, int, frozenset[str]]]
numbers = st.integers(0, 3)
owners = st.sampled_from([None, "ann", "ben", "a#b", "%23"])
steps = st.one_of(
    st.tuples(st.just("create"), numbers, owners),
    st.tuples(st.just("put"), numbers, owners),
    st.tuples(st.just("add"), numbers, st.integers(-2, 2)),
    st.tuples(st.just("tag"), numbers, st.sampled_from("xyz")),
    st.tuples(st.just("untag"), numbers, st.sampled_from("xyz")),
    st.tuples(st.just("give"), numbers, owners),
    st.tuples(st.just("spend"), numbers, st.integers(0, 2)),
    st.tuples(st.just("delete"), numbers, st.none()),
)


@pytest.fixture(scope="module")
def store(dynamodb_engine: DynamoDBClient) -> Iterator[Store]:
    make_store = MakeStore(dynamodb_engine)
    yield make_store(TABLE)
    make_store.clear()


def done_to_store(store: Store, board: str, step: tuple[str, int, Any]) -> type[Exception] | None:
    operation, number, value = step
    card = Card.key(board=board, number=number)
    try:
        match operation:
            case "create":
                store.create(Card(board=board, number=number, owner=value))
            case "put":
                stored = store.get(card, consistent=True)
                store.put(Card(board=board, number=number, owner=value, revision=stored.revision if stored else 0))
            case "add":
                store.update(card, Card.points.add(value))
            case "tag":
                store.update(card, Card.tags.add({value}))
            case "untag":
                store.update(card, Card.tags.delete({value}))
            case "give":
                store.update(card, Card.owner.set(value))
            case "spend":
                store.update(card, Card.points.add(-value), when=Card.points >= value)
            case _:
                store.delete(card)
    except (ItemExistsError, ItemNotFoundError, ConditionFailedError) as error:
        return type(error)
    return None


def done_to_model(model: Model, step: tuple[str, int, Any]) -> type[Exception] | None:
    operation, number, value = step
    if operation == "create" and number in model:
        return ItemExistsError
    if operation in {"create", "put"}:
        model[number] = (value, 0, frozenset())
        return None
    if operation == "delete":
        model.pop(number, None)
        return None
    if number not in model:
        return ItemNotFoundError
    owner, points, tags = model[number]
    match operation:
        case "add":
            points += value
        case "tag":
            tags |= {value}
        case "untag":
            tags -= {value}
        case "give":
            owner = value
        case _:
            if points < value:
                return ConditionFailedError
            points -= value
    model[number] = (owner, points, tags)
    return None


@settings(max_examples=8 * SEEDS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(program=st.lists(steps, max_size=12))
def test_a_program_leaves_and_tells_what_it_does_to_a_dict(store: Store, program: list[tuple[str, int, Any]]) -> None:
    board = uuid.uuid4().hex
    model: Model = {}
    for step in program:
        assert done_to_store(store, board, step) == done_to_model(model, step), step
    found = list(store.query(Card.on_board(board=board)))
    assert {card.number: (card.owner, card.points, frozenset(card.tags)) for card in found} == model
    assert [card.number for card in found] == sorted(model)
    for owner in ("ann", "ben", "a#b", "%23"):
        owned = [card.number for card in store.query(Card.owned(board=board, owner=owner))]
        assert owned == sorted(number for number, (holder, _, _) in model.items() if holder == owner)
