"""One item may be asked for by the key of its entity, of a base and of a subclass at once: it is read once, and written by one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ExpressionError
from gateleg.model import Ref
from tests.integration.store.kinds import KINDS, Animal, Both, Cat, Stone

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


@pytest.fixture(params=[False, True], ids=["waits", "awaits"])
def store(request: pytest.FixtureRequest, make_store: MakeStore, dynamodb_engine: DynamoDBClient) -> Both:
    made = make_store(KINDS)
    made.create(Cat(id="cat"))
    made.create(Animal(id="animal"))
    return Both(made, dynamodb_engine, awaits=request.param)


def test_a_batch_gives_an_item_to_each_key_that_it_fits(store: Both) -> None:
    keys = [kind.key(id=name) for name in ("cat", "animal") for kind in (Animal, Cat, Stone)]
    found = store.batch_get(keys)
    assert [(type(one), one.id) for one in found] == [(Cat, "cat"), (Cat, "cat"), (Animal, "animal")]
    assert len(store.waiting.prepare.batch_get(keys).params()["RequestItems"][store.waiting.table_name]["Keys"]) == 2


def test_a_batch_of_more_than_a_hundred_keys_asks_for_each_item_once(store: Both) -> None:
    store.batch_put([Cat(id=f"{number:03d}") for number in range(100)])
    keys = [kind.key(id=f"{number:03d}") for kind in (Animal, Cat) for number in range(100)]
    prepared = store.waiting.prepare.batch_get(keys)
    assert [one.id for one in store.waiting.send(prepared)] == [f"{number:03d}" for number in range(100)] * 2
    assert prepared.reading.requests == 1


def test_references_to_one_item_lead_to_it_whichever_comes_first(store: Both) -> None:
    for kinds in ((Animal, Cat), (Cat, Animal)):
        refs = [Ref.to(kind.key(id="animal")) for kind in kinds]
        assert {type(found) for found in store.resolve(refs).values()} == {Animal}


def test_a_transaction_reads_an_item_once_and_gives_it_to_each_key_that_it_fits(store: Both) -> None:
    keys = (Animal.key(id="animal"), Cat.key(id="animal"), Stone.key(id="cat"), Cat.key(id="cat"), Animal.key(id="cat"), Cat.key(id="cat"))
    found = store.transact_get(*keys)
    assert [type(one) for one in found] == [Animal, type(None), type(None), Cat, Cat, Cat]
    assert len(store.waiting.prepare.transact_get(*keys).params()["TransactItems"]) == 2


def test_writes_of_one_item_by_several_keys_are_refused_before_they_are_sent(store: Both) -> None:
    with pytest.raises(ExpressionError, match=r"one item twice, by Animal\.key\(id='x'\) and by Cat\.key\(id='x'\)"):
        store.batch_put([Animal(id="x"), Cat(id="x")])
    with pytest.raises(ExpressionError, match="one item twice"):
        store.batch_delete([Animal.key(id="cat"), Cat.key(id="cat")])
    assert store.get(Cat.key(id="cat")) is not None
    with pytest.raises(ExpressionError, match="one part for each item"):
        store.transacted(lambda tx: (tx.put(Animal(id="x")), tx.check(Cat.key(id="x"))))
