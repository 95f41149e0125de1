"""Many read one item, change it and put it back: with a version, nobody's change is lost, and nobody who was refused changed anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import VersionConflictError
from gateleg.model import Attr, Entity, Table, attr, key, version
from tests.integration.invariants.harness import DEEDS, history, seeds

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore
    from tests.integration.invariants.harness import Client

pytestmark = pytest.mark.integration

WIKI = Table("wiki", partition_key="pk")
KINDS = ("put", "update", "transact")


class Article(Entity, table=WIKI):
    name: Attr[str]
    marks: Attr[list[str]] = attr(default_factory=list)
    revision: Attr[int] = version()

    key = key("ARTICLE#{name}")


@dataclass(frozen=True)
class Mark:
    """Reads an article, and writes it with one mark more, by one of the ways that demand its version."""

    article: str
    mark: str
    kind: str

    def __call__(self, store: Store) -> None:
        found = store.get(Article.key(name=self.article), consistent=True)
        assert found is not None
        if self.kind == "update":
            store.update(found, Article.marks.append([self.mark]))
        elif self.kind == "put":
            found.marks.append(self.mark)
            store.put(found)
        else:
            found.marks.append(self.mark)
            with store.transact() as tx:
                tx.put(found)


def work(client: Client) -> None:
    for number in range(2 * DEEDS):
        client.do(Mark(client.chance.choice("ab"), f"{client.number}-{number}", client.chance.choice(KINDS)))


@seeds
def test_no_update_is_lost(make_store: MakeStore, seed: int) -> None:
    store = make_store(WIKI)
    store.batch_put([Article(name=name) for name in "ab"])
    made = history(make_store, store, seed, work)
    articles = store.batch_get([Article.key(name=name) for name in "ab"], consistent=True)
    marks = [mark for article in articles for mark in article.marks]
    done, unknown = ({deed.mark for deed in made.deeds(outcome, Mark)} for outcome in ("done", "unknown"))
    assert len(marks) == len(set(marks))
    assert done <= set(marks) <= done | unknown
    assert [article.revision for article in articles] == [len(article.marks) + 1 for article in articles]
    assert {deed.kind for deed in made.deeds("done", Mark)} == set(KINDS)
    assert VersionConflictError in made.errors(), "the clients should have met"
