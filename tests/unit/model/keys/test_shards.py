# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Sharded indexes: which declarations cannot be, which shard an item is in, and that no two values make one key."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import DeclarationError, ItemInvalidError, KeyTemplateError
from gateleg.model import Attr, Entity, Index, LocalIndex, Table, access, attr, index_key, key, ulid
from gateleg.model.keys.shards import shard_of
from gateleg.store import Store
from tests.unit.store.notes import Script

if TYPE_CHECKING:
    from collections.abc import Callable

BY_SCORE = Index("by_score", partition_key="gpk", sort_key="gsk", sharded=10)
SCORES = Table("scores-of-keys", partition_key="pk", sort_key="sk", indexes=[BY_SCORE])


class Score(Entity, table=SCORES):
    game: Attr[str]
    player: Attr[str]
    points: Attr[int] = attr(default=0)

    key = key("GAME#{game}", "PLAYER#{player}")
    score_key = index_key("by_score", "GAME#{game}", "{points:06d}")

    @access(index="by_score")
    def best(*, game: str) -> None: ...


def partition(score: Score) -> str:
    text: str = Score.__gateleg__.encode(score)["gpk"]["S"]
    return text


@given(game=st.text("ab#%0", min_size=1, max_size=4), player=st.text(min_size=1, max_size=5), points=st.integers(0, 999_999))
def test_a_rewrite_stays_in_its_shard_and_every_shard_is_asked(game: str, player: str, points: int) -> None:
    stored = partition(Score(game=game, player=player, points=points))
    assert stored == partition(Score(game=game, player=player))
    assert stored in {next(iter(query.asked.values()))["S"] for query in Score.best(game=game).shards}


@given(one=st.text("ab#%12", min_size=1, max_size=4), other=st.text("ab#%12", min_size=1, max_size=4))
def test_no_two_values_are_asked_for_by_one_key(one: str, other: str) -> None:
    keys = [{query.asked["gpk"]["S"] for query in Score.best(game=game).shards} for game in (one, other)]
    assert len(keys[0]) == 10
    assert keys[0] == keys[1] if one == other else keys[0].isdisjoint(keys[1])


def padded(number: int) -> str:
    return f"{number:08d}"


def unpadded(number: int) -> str:
    return str(number)


def made(_: int) -> str:
    return ulid()


@pytest.mark.parametrize("name", [unpadded, padded, made])
@pytest.mark.parametrize("shards", [2, 7, 8, 10, 64])
def test_items_are_spread_evenly(shards: int, name: Callable[[int], str]) -> None:
    counted = Counter(shard_of({"pk": {"S": "GAME#a"}, "sk": {"S": f"PLAYER#{name(number)}"}}, shards) for number in range(100 * shards))
    assert len(counted) == shards
    assert max(counted.values()) < 150


def test_keys_of_all_types_have_a_shard() -> None:
    assert {shard_of({"pk": {"B": b"a"}, "sk": {"N": str(number)}}, 3) for number in range(50)} == {0, 1, 2}


def test_what_is_stored_stays_where_it_is_from_version_to_version() -> None:
    assert [shard_of({"pk": {"S": "GAME#a"}, "sk": {"S": f"PLAYER#{name}"}}, 10) for name in "abcdef"] == [2, 4, 4, 1, 1, 7]


def test_the_shard_counts_towards_the_length_of_the_key() -> None:
    fits, over = "g" * (2048 - len("GAME##9")), "g" * (2048 - len("GAME##9") + 1)
    assert len(Score.best(game=fits).shards) == 10
    with pytest.raises(ItemInvalidError, match="has 2049 bytes; DynamoDB takes 1 to 2048"):
        Score.best(game=over)
    with pytest.raises(ItemInvalidError, match="has 2049 bytes; DynamoDB takes 1 to 2048"):
        Score.__gateleg__.indexes["by_score"].wire({"game": over, "points": 0}, {"pk": {"S": "a"}, "sk": {"S": "b"}})


def test_an_update_of_what_the_partition_is_made_of_keeps_the_shard() -> None:
    class Moved(Entity, table=SCORES):
        player: Attr[str]
        game: Attr[str]

        key = key("MOVED#{player}", "MOVED")
        score_key = index_key("by_score", "GAME#{game}", "{player}")

    store = Store(SCORES, table_name="t", transport=Script([]))
    for player in "abcdefgh":
        asked = store.prepare.update(Moved.key(player=player), Moved.game.set("b")).params()
        expected = Moved.__gateleg__.encode(Moved(player=player, game="b"))["gpk"]
        assert expected in asked["ExpressionAttributeValues"].values()


@pytest.mark.parametrize("shards", [0, -1, 101, True, 2.0, "8", None])
def test_a_number_of_shards_that_cannot_be_is_refused(shards: Any) -> None:
    with pytest.raises(DeclarationError, match=r"is declared with sharded=.*; write a number of shards from 1 to 100"):
        Index("by_score", partition_key="gpk", sharded=shards)


def test_a_partition_key_of_several_attributes_is_not_sharded() -> None:
    with pytest.raises(DeclarationError, match=r"is sharded, and its partition key is of several attributes.*; give it one"):
        Index("by_score", partition_key=("game", "region"), sharded=8)
    assert Index("by_score", partition_key=("game",), sort_key=("leg", "round"), sharded=8).sharded == 8


@pytest.mark.parametrize(
    ("others", "named"),
    [
        ([], "the table itself"),
        ([Index("other", partition_key="gpk")], "index 'other'"),
        ([Index("other", partition_key="gpk", sharded=4)], "index 'other'"),
        ([Index("other", partition_key="other", sort_key="gpk")], "index 'other'"),
        ([Index("other", partition_key=("gpk", "other"))], "index 'other'"),
        ([LocalIndex("other", sort_key="gpk")], "index 'other'"),
    ],
)
def test_the_attribute_that_holds_a_shard_is_no_key_of_anything_without(others: list[Index | LocalIndex], named: str) -> None:
    sharded = Index("by_score", partition_key="gpk" if others else "pk", sort_key="gsk", sharded=8)
    with pytest.raises(
        DeclarationError, match=f"is a key of {named} too, where it has no such shards; give the index an attribute of its own"
    ):
        Table("t", partition_key="pk", sort_key="sk", indexes=[sharded, *others])


def test_indexes_with_the_same_shards_share_an_attribute() -> None:
    same = Index("other", partition_key="gpk", sort_key="other", sharded=10)
    assert len(Table("t", partition_key="pk", indexes=[BY_SCORE, same]).indexes) == 2


def test_an_attribute_that_is_the_key_as_it_is_is_refused_and_a_template_is_taken() -> None:
    plain = Table("plain", partition_key="pk", indexes=[Index("by_state", partition_key="state", sharded=4)])
    message = r"Index\('by_state', partition_key='...', ...\) and index_key\('by_state', 'STATE#\{state\}', ...\)"
    with pytest.raises(KeyTemplateError, match=f"index 'by_state' with Task.state as it is.*; give it a template.*{message}"):

        class Task(Entity, table=plain):
            name: Attr[str]
            state: Attr[str]

            key = key("TASK#{name}")

    followed = Table("followed", partition_key="pk", indexes=[Index("by_state", partition_key="gpk", sharded=4)])

    class Followed(Entity, table=followed):
        name: Attr[str]
        state: Attr[str]

        key = key("TASK#{name}")
        state_key = index_key("by_state", "STATE#{state}")

    assert Followed.__gateleg__.indexes["by_state"].shards == 4


def test_the_shape_of_a_table_says_the_shards() -> None:
    assert [(index.name, index.sharded) for index in SCORES.shape().indexes] == [("by_score", 10)]
    assert (
        type(SCORES.shape())
        .from_dict({**vars(SCORES.shape()), "indexes": [vars(SCORES.shape().indexes[0])], "entities": {}})
        .indexes[0]
        .sharded
        == 10
    )
