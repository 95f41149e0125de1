"""Versions that come at the same moment, throttled and left without answers: none is lost, and their numbers have no gap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import ItemExistsError, ItemNotFoundError, StoreError, TransactionCanceledError
from gateleg.store import Patience
from gateleg.testing.faults import faults
from lambdas.media.model import MEDIA, Asset, Version
from lambdas.media.versions import add

if TYPE_CHECKING:
    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

WRITERS, VERSIONS = 6, 4


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    store = make_store(MEDIA)
    store.create(Asset(media_id="film-0001", title="A film", media_type="video/mp4"))
    return store


def version(number: int, content: int, media_id: str = "film-0001") -> Version:
    return Version(media_id=media_id, number=number, sha256=f"{content:064x}", size=content, location=f"s3://films/{content}")


def follow(store: Store, content: int) -> None:
    """Ask for the next number until it is known whether that was got, and then for the one after it."""
    number = 1
    for _ in range(500):
        try:
            add(store, version(number, content))
        except TransactionCanceledError as canceled:
            if isinstance(canceled.reasons[0], ItemExistsError):
                number += 1
        except StoreError:
            continue
        else:
            return
    pytest.fail(f"{content} never became a version")


def test_writers_at_once_lose_no_version_add_none_twice_and_leave_no_gap(make_store: MakeStore, store: Store) -> None:
    hasty = make_store(MEDIA, table_name=store.table_name, patience=Patience(attempts=2, base=0.002, cap=0.02))

    def latest() -> int:
        asset = store.get(Asset.key(media_id="film-0001"), consistent=True)
        assert asset is not None
        return asset.latest

    def write(writer: int) -> None:
        for number in range(VERSIONS):
            follow(hasty, writer * VERSIONS + number)

    with faults(make_store.client, throttled=0.05, timed_out=0.05, lost=0.08, seed=4) as met, ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, writer) for writer in range(WRITERS)]:
            done.result()
    versions = list(store.query(Version.of(media_id="film-0001")))

    assert min(met.throttled, met.timed_out, met.lost) > 5, met
    assert [one.number for one in versions] == list(range(latest(), 0, -1))
    assert sorted(one.size for one in versions) == list(range(WRITERS * VERSIONS))


def test_the_same_version_again_is_the_one_that_there_is_and_another_is_refused(store: Store) -> None:
    first = add(store, version(1, 1))
    add(store, version(2, 2))

    assert add(store, version(1, 1)) == first
    for taken in (version(1, 2), version(4, 4)):
        with pytest.raises(TransactionCanceledError):
            add(store, taken)
    assert [one.number for one in store.query(Version.of(media_id="film-0001"))] == [2, 1]


def test_an_asset_that_is_not_there_gets_no_version(store: Store) -> None:
    with pytest.raises(TransactionCanceledError) as canceled:
        add(store, version(1, 1, "film-0002"))
    assert isinstance(canceled.value.reasons[1], ItemNotFoundError)
    assert list(store.scan(Version)) == []
