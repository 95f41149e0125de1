"""Several entities of one partition in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError
from gateleg.model import Attr, Entity, Table, access, attr, key
from gateleg.store import Store
from tests.unit.store.notes import Note, Script

if TYPE_CHECKING:
    from collections.abc import Callable

ROOMS = Table("rooms", partition_key="pk", sort_key="sk")


class Post(Entity, table=ROOMS):
    room: Attr[str]
    number: Attr[int]
    likes: Attr[int] = attr(default=0)

    key = key("ROOM#{room}", "POST#{number:03d}")

    @access
    def in_room(*, room: str, since: int | None = None, until: int | None = None) -> None: ...


class Guest(Entity, table=ROOMS):
    room: Attr[str]
    name: Attr[str]

    key = key("ROOM#{room}", "GUEST#{name}")

    @access
    def in_room(*, room: str, name: str | None = None) -> None: ...


def store_with(*items: Entity) -> Store:
    answer = {"Items": [item.__gateleg__.encode(item) for item in items]}
    return Store(ROOMS, table_name="t", transport=Script([answer]))


HERE = store_with()
POSTS, GUESTS = Post.in_room(room="a"), Guest.in_room(room="a")


def test_one_request_reads_the_partition_and_keeps_each_entity_by_its_own_filter() -> None:
    params = HERE.collect(POSTS.where(Post.likes > 3), GUESTS).params()
    assert params["KeyConditionExpression"] == "#0 = :0"
    assert params["FilterExpression"] == "(#1 = :1 AND #2 > :2) OR #1 = :3"
    assert params["ExpressionAttributeValues"] == {":0": {"S": "ROOM#a"}, ":1": {"S": "Post"}, ":2": {"N": "3"}, ":3": {"S": "Guest"}}


def test_items_come_as_their_entities_and_only_in_the_range_of_their_own_query() -> None:
    items = [Guest(room="a", name="ann"), Guest(room="a", name="ben"), *(Post(room="a", number=number) for number in range(5))]
    found = list(store_with(*items).collect(Post.in_room(room="a", since=1, until=3), Guest.in_room(room="a", name="ben")))
    assert [item.name for item in found if isinstance(item, Guest)] == ["ben"]
    assert [item.number for item in found if isinstance(item, Post)] == [1, 2, 3]
    since = store_with(*items).collect(Post.in_room(room="a", since=3), GUESTS)
    assert [item.number for item in since if isinstance(item, Post)] == [3, 4]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (HERE.collect, "no query"),
        (lambda: HERE.collect(POSTS, Guest.in_room(room="b")), "another partition"),
        (lambda: HERE.collect(POSTS, GUESTS.reversed()), "another partition, index or order"),
        (lambda: HERE.collect(POSTS, GUESTS.limit(3)), "leave it out"),
        (lambda: HERE.collect(POSTS, GUESTS.only(Guest.name)), "leave it out"),
        (lambda: HERE.collect(POSTS, POSTS), "one query for each entity"),
        (lambda: HERE.collect(POSTS, Note.named(name="a")), "Note lives in table"),
    ],
)
def test_queries_that_do_not_fit_into_one_are_refused_before(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()
