"""References from one entity to another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from gateleg.errors import DeclarationError, ExpressionError, ItemInvalidError
from gateleg.model import Attr, Entity, Ref, Table, access, attr, key
from gateleg.store import AsyncStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.store import Store

pytestmark = pytest.mark.integration

FORUM = Table("forum", partition_key="pk", sort_key="sk")
ELSEWHERE = Table("elsewhere", partition_key="name")
ANN = UUID(int=1)


class User(Entity, table=FORUM):
    """Somebody."""

    team: Attr[str]
    user_id: Attr[UUID]
    name: Attr[str] = attr(default="")

    @key("TEAM#{team}", "USER#{user_id}")
    def key(*, team: str, user_id: UUID) -> None: ...


class Admin(User):
    """Somebody who may do more."""


class Place(Entity, table=ELSEWHERE):
    """An entity of another table."""

    name: Attr[str]


class Post(Entity, table=FORUM):
    """What somebody wrote, maybe in answer to another."""

    post_id: Attr[str]
    author: Attr[Ref[User]]
    parent: Attr[Ref[Post] | None] = attr(default=None)
    liked_by: Attr[list[Ref[User]]] = attr(default_factory=list)
    place: Attr[Ref[Place] | None] = attr(default=None)

    @key("POST#{post_id}", "POST")
    def key(*, post_id: str) -> None: ...

    @access
    def by_id(*, post_id: str) -> None: ...


@pytest.fixture
def store(make_store: Callable[[Table], Store]) -> Store:
    made = make_store(FORUM)
    made.put(Admin(team="x", user_id=ANN, name="Ann"))
    made.put(User(team="x", user_id=UUID(int=2), name="Ben"))
    return made


def ref(number: int) -> Ref[User]:
    return Ref.to(User.key(team="x", user_id=UUID(int=number)))


def test_a_reference_is_stored_as_the_attributes_of_the_key_and_comes_back(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    post = store.create(Post(post_id="1", author=ref(1), parent=Ref.to(Post.key(post_id="0")), liked_by=[ref(1), ref(2)]))
    [item] = dynamodb_engine.query(
        TableName=store.table_name, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "POST#1"}}
    )["Items"]
    assert item["author"] == {"M": {"team": {"S": "x"}, "user_id": {"S": str(ANN)}}}
    found = store.get(post.key)
    assert found is not None
    assert found == post
    assert found.author.key == User.key(team="x", user_id=ANN)
    assert found.model_dump(mode="json")["author"] == {"team": "x", "user_id": str(ANN)}
    assert Post.model_validate_json(found.model_dump_json()) == found


def test_references_are_resolved_at_once_each_to_what_it_is(store: Store, dynamodb_engine: DynamoDBClient) -> None:
    posts = [store.create(Post(post_id=str(number), author=ref(number))) for number in (1, 2, 3)]
    prepared = store.prepare.resolve(post.author for post in [*posts, *posts])
    users = store.send(prepared)
    assert prepared.reading.requests == 1
    assert {post.post_id: users[post.author].name for post in posts if post.author in users} == {"1": "Ann", "2": "Ben"}
    assert isinstance(users[ref(1)], Admin)
    assert store.get(posts[0].author.key) == users[ref(1)]
    assert store.resolve([]) == {}

    async def act() -> None:
        waiting = AsyncStore(FORUM, table_name=store.table_name, client=dynamodb_engine)
        assert await waiting.resolve([ref(1)]) == {ref(1): users[ref(1)]}

    asyncio.run(act())


def test_references_are_compared_and_filtered_by(store: Store) -> None:
    store.create(Post(post_id="1", author=ref(1)))
    assert len(list(store.query(Post.by_id(post_id="1").where(Post.author == ref(1))))) == 1
    assert list(store.query(Post.by_id(post_id="1").where(Post.author["team"] == "y"))) == []
    assert store.update(Post.key(post_id="1"), Post.author.set(ref(2))).author == ref(2) != ref(1)


def test_an_entity_or_a_key_may_be_given_for_a_reference() -> None:
    ann = Admin(team="x", user_id=ANN)
    assert Post.model_validate({"post_id": "1", "author": ann}).author == Ref.to(ann) == ref(1)
    assert Post.model_validate({"post_id": "1", "author": ann.key}).author == ref(1)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (Ref.to(Post.key(post_id="1")), "a reference to User, not to Post"),
        ({"team": "x"}, "the key lacks user_id"),
        ({"team": 3, "user_id": ANN}, "User.team"),
        ({"team": "x", "user_id": ANN, "name": "y"}, "'name' is not a part of the key"),
        ("x", "valid dictionary"),
    ],
)
def test_what_refers_to_nothing_is_refused(given: object, reason: str) -> None:
    with pytest.raises(ItemInvalidError) as caught:
        Post(post_id="1", author=given)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert reason in caught.value.message


def test_another_tables_store_resolves_references_to_it(store: Store) -> None:
    with pytest.raises(ExpressionError, match="Place lives in table 'elsewhere'"):
        store.resolve([Ref.to(Place(name="a"))])


def test_a_reference_names_its_entity() -> None:
    with pytest.raises(DeclarationError, match="does not say of which entity"):

        class Wrong(Entity, table=Table("wrong-ref", partition_key="name")):  # pyright: ignore[reportUnusedClass]
            name: Attr[str]
            other: Attr[Ref]  # type: ignore[type-arg]  # pyright: ignore[reportMissingTypeArgument]
