"""The transport of DAX, before a client that behaves as Amazon's does and reads and writes on a real engine: there is no cluster to be had here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.description.names import DAX_VARIABLE
from gateleg.errors import BindingError, ItemExistsError, OutcomeUnknownError, PartMissingError, StoreError
from gateleg.store import DaxTransport, Patience, Store
from tests.integration.store.chat import CHAT, Counter, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration


class DaxError(Exception):
    """What Amazon's client raises: a response as botocore's errors have it, often without a status."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code, "Message": "no"}}


class Cluster:
    """A client with the methods of Amazon's, over DynamoDB itself; it fails as it is told before or after the deed."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.asked: list[str] = []
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.closed = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def method(**params: Any) -> Any:
            self.asked.append(name)
            if self.before:
                raise self.before.pop()
            answer = getattr(self._client, name)(**params)
            if self.after:
                raise self.after.pop()
            return answer

        return method

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def cluster(make_store: MakeStore) -> tuple[Cluster, Store]:
    made = make_store(CHAT)
    cluster = Cluster(make_store.client)
    return cluster, Store(CHAT, table_name=made.table_name, transport=DaxTransport(client=cluster), patience=Patience(attempts=2, base=0))


def count_of(store: Store) -> int | None:
    found = store.get(Counter.key(name="a"))
    return None if found is None else found.count


def message(number: int) -> Message:
    return Message(room="r", message_id=str(number), author="ann", body="x")


def test_items_are_read_and_written_by_the_cluster(cluster: tuple[Cluster, Store]) -> None:
    asked, store = cluster
    store.batch_put([message(number) for number in range(5)])
    store.update(message(1).key, Message.likes.add(2))
    found = store.get(message(1).key)
    assert found is not None
    assert found.likes == 2
    assert [one.message_id for one in store.query(Message.in_room(room="r"))] == ["4", "3", "2", "1", "0"]
    assert len(list(store.scan(Message))) == 5
    with store.transact() as transaction:
        transaction.create(message(6))
    store.delete(message(0).key)
    assert set(asked.asked) >= {"batch_write_item", "update_item", "get_item", "query", "scan", "transact_write_items", "delete_item"}


def test_refusals_are_those_of_dynamodb(cluster: tuple[Cluster, Store]) -> None:
    _, store = cluster
    store.create(message(1))
    with pytest.raises(ItemExistsError):
        store.create(message(1))


@pytest.mark.parametrize(
    "error",
    [
        DaxError("EndOfStreamException"),
        DaxError("ConnectionException"),
        DaxError("InternalServerErrorException"),
        DaxError(""),
        ConnectionResetError(),
    ],
)
def test_a_write_that_is_done_and_not_answered_is_unknown_and_sent_once(cluster: tuple[Cluster, Store], error: Exception) -> None:
    asked, store = cluster
    key = store.put(Counter(name="a", count=1)).key
    asked.asked.clear()
    asked.after = [error]
    with pytest.raises(OutcomeUnknownError):
        store.update(key, Counter.count.add(1))
    assert asked.asked == ["update_item"]
    assert count_of(store) == 2


def test_a_read_that_is_not_answered_is_repeated(cluster: tuple[Cluster, Store]) -> None:
    asked, store = cluster
    store.put(Counter(name="a", count=1))
    asked.asked.clear()
    asked.before = [ConnectionResetError()]
    assert count_of(store) == 1
    assert asked.asked == ["get_item", "get_item"]


def test_a_write_that_found_no_node_was_not_sent_and_is_repeated(cluster: tuple[Cluster, Store]) -> None:
    asked, store = cluster
    key = store.put(Counter(name="a", count=1)).key
    asked.before = [DaxError("NoRouteException")]
    store.update(key, Counter.count.add(1))
    assert count_of(store) == 2
    asked.before = [DaxError("NoRouteException"), DaxError("NoRouteException")]
    with pytest.raises(StoreError, match="could not be reached"):
        store.update(key, Counter.count.add(1))
    assert count_of(store) == 2


def test_what_dax_does_not_have_is_told(cluster: tuple[Cluster, Store]) -> None:
    asked, _ = cluster
    with pytest.raises(BindingError, match="DAX has no ExecuteStatement"):
        DaxTransport(client=asked).call("ExecuteStatement", {})


def test_a_transport_ends_its_connections(cluster: tuple[Cluster, Store]) -> None:
    asked, _ = cluster
    with DaxTransport(client=asked):
        assert not asked.closed
    assert asked.closed


def test_where_the_cluster_is_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DAX_VARIABLE, raising=False)
    with pytest.raises(BindingError, match=r"connect the function to a DaxCluster, or write DaxTransport\('daxs://"):
        DaxTransport().call("GetItem", {})


def test_amazons_client_comes_with_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DAX_VARIABLE, "daxs://nowhere.example")
    with pytest.raises(PartMissingError, match=r"pip install 'gateleg\[dax\]'"):
        DaxTransport().call("GetItem", {})
