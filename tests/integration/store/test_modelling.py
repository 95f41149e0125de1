"""What the model declares, held by the engines: local indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.model import DESCENDING, Attr, Entity, LocalIndex, Table, access, attr, index_key, key

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store import Store

TASKS = Table(
    "tasks",
    partition_key="pk",
    sort_key="sk",
    indexes=[LocalIndex("by_priority", sort_key="priority"), LocalIndex("by_state", sort_key="lsi1sk")],
)


class Task(Entity, table=TASKS):
    board: Attr[str]
    number: Attr[int]
    priority: Attr[int | None] = attr(default=None)
    state: Attr[str] = attr(default="open")

    key = key("BOARD#{board}", "TASK#{number:06d}")
    by_state_key = index_key("by_state", sort="STATE#{state}#{number:06d}")

    @access(index="by_priority", sort=DESCENDING)
    def by_priority(*, board: str) -> None: ...

    @access(index="by_state")
    def in_state(*, board: str, state: str) -> None: ...


def test_a_local_index_gives_the_partition_in_its_own_order_and_consistently(make_store: Callable[[Table], Store]) -> None:
    store = make_store(TASKS)
    for number, priority in ((1, 2), (2, None), (3, 10)):
        store.create(Task(board="a", number=number, priority=priority))
    store.create(Task(board="b", number=4, priority=1))
    assert [task.number for task in store.query(Task.by_priority(board="a").consistent())] == [3, 1]
    store.update(Task.key(board="a", number=2), Task.state.set("done"))
    assert [task.number for task in store.query(Task.in_state(board="a", state="open").consistent())] == [1, 3]
    page = store.page(Task.by_priority(board="a"), limit=1)
    assert [task.number for task in store.page(Task.by_priority(board="a"), limit=1, cursor=page.cursor).items] == [1]
