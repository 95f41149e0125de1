"""Entities read in part, from the table and from indexes that do not hold all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.errors import AttributeNotReadError, ExpressionError
from gateleg.model import KEYS_ONLY, Attr, Entity, Index, Table, access, attr, include, key
from gateleg.store import Scan
from tests.integration.store.chat import CHAT, Message

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

BOOKS = Table(
    "books",
    partition_key="pk",
    indexes=[
        Index("by_kind", partition_key="kind", sort_key="title", projection=KEYS_ONLY),
        Index("by_shelf", partition_key="shelf", projection=include("pages", "_type")),
    ],
)


class Book(Entity, table=BOOKS):
    number: Attr[int]
    title: Attr[str]
    kind: Attr[str] = attr(default="novel")
    shelf: Attr[str] = attr(default="a")
    pages: Attr[int] = attr(default=100)

    key = key("BOOK#{number}")

    @access(index="by_kind", partial=True)
    def of_kind(*, kind: str) -> None: ...

    @access(index="by_shelf", partial=True)
    def on_shelf(*, shelf: str) -> None: ...


@pytest.fixture
def books(make_store: MakeStore) -> Store:
    store = make_store(BOOKS)
    store.batch_put([Book(number=number, title=f"t{number}", pages=number * 10) for number in range(5)])
    return store


def test_a_query_a_page_a_scan_and_a_get_read_the_same_part(make_store: MakeStore) -> None:
    store = make_store(CHAT)
    made = store.create(Message(room="lobby", author="ann", body="long", tags={"a"}, edits=["x", "y"], counts={"a": 1, "b": 2}))
    paths = (Message.author, Message.tags, Message.counts["b"], Message.edits[1])
    query = Message.in_room(room="lobby").only(*paths)
    got = store.get(made.key, only=paths)
    assert got is not None
    for found in (next(store.query(query)), store.page(query).items[0], next(store.scan(Scan.of(Message).only(*paths))), got):
        assert (found.author, found.tags, found.counts, found.edits) == ("ann", {"a"}, {"b": 2}, ["y"])
        assert (found.room, found.key) == ("lobby", made.key)
        with pytest.raises(AttributeNotReadError):
            _ = found.body
    assert store.update(got.key, Message.likes.add(1)).body == "long"


def test_an_index_of_keys_alone_leads_to_the_items(books: Store) -> None:
    found = list(books.query(Book.of_kind(kind="novel").only(Book.title)))
    assert [view.title for view in found] == [f"t{number}" for number in range(5)]
    assert [book.pages for book in books.batch_get(view.key for view in found)] == [0, 10, 20, 30, 40]


def test_an_index_that_holds_some_attributes_gives_those(books: Store) -> None:
    assert sorted(view.pages for view in books.query(Book.on_shelf(shelf="a").only(Book.pages))) == [0, 10, 20, 30, 40]
    assert sorted(view.pages for view in books.scan(Scan.of(Book).on("by_shelf").only(Book.pages))) == [0, 10, 20, 30, 40]
    with pytest.raises(ExpressionError, match="no whole item"):
        next(books.query(Book.on_shelf(shelf="a")))


def test_pages_go_on_through_views(books: Store) -> None:
    query = Book.of_kind(kind="novel").only(Book.title)
    first = books.page(query, limit=3)
    second = books.page(query, limit=3, cursor=first.cursor)
    assert [view.title for page in (first, second) for view in page.items] == [f"t{number}" for number in range(5)]
