# pyright: reportUnusedClass=false
# (declaring a class is what is told)
"""Each access pattern tells what it reads and costs, and a partition that takes all is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.cli import main
from gateleg.describe.explain import explanation
from gateleg.model import Attr, Entity, Index, LocalIndex, Table, access, attr, include, index_key, key

if TYPE_CHECKING:
    import pytest

TASKS = Table(
    "tasks",
    partition_key="pk",
    sort_key="sk",
    indexes=[Index("by_state", partition_key="gpk", sort_key="gsk", projection=include("title")), LocalIndex("by_rank", sort_key="rank")],
)


class Task(Entity, table=TASKS):
    number: Attr[str] = attr()
    state: Attr[str] = attr()
    title: Attr[str] = attr()
    rank: Attr[int] = attr()

    key = key("TASKS", "TASK#{number}")
    state_key = index_key("by_state", "STATE#{state}", "TASK#{number}")

    @access()
    def every() -> None: ...

    @access(index="by_state", partial=True)
    def in_state(*, state: str) -> None: ...

    @access(index="by_rank")
    def ranked() -> None: ...


def test_each_pattern_is_told_with_its_key_what_it_reads_and_what_it_costs() -> None:
    lines = list(explanation(TASKS.shape()))
    assert Task.__gateleg__.name == "Task"
    cost = "    costs half a read unit for each 4 KB that is read, filtered or not, 128 units a page of 1 MB at most"
    assert lines == [
        "Task: pk 'TASKS', sk 'TASK#{number}'",
        (
            "  HOT: pk 'TASKS' is the same for every item, so that one partition takes them all: 3,000 read and 1,000 write units a second; "
            "put something of the item into it"
        ),
        "  a put costs a write unit for each KB, and again in each index that holds it: by_state, by_rank",
        "  every: Query of the table",
        "    reads whole items: number, state, title, rank",
        f"{cost}; twice that with consistent reads",
        "  in_state: Query of index by_state by gpk 'STATE#{state}', gsk 'TASK#{number}'",
        "    projects INCLUDE, reads title; the index lacks number, state, rank, for which the item is read",
        cost,
        "  ranked: Query of index by_rank by pk 'TASKS', rank '{rank}'",
        "    projects ALL, reads whole items: number, state, title, rank",
        f"{cost}; twice that with consistent reads",
    ]


def test_a_hot_index_is_told_and_what_would_spread_it_and_a_sharded_one_is_not() -> None:
    def declared(shards: int) -> list[str]:
        table = Table("all", partition_key="pk", indexes=[Index("latest", partition_key="gpk", sort_key="gsk", sharded=shards)])

        class Event(Entity, table=table):
            number: Attr[str] = attr()

            key = key("EVENT#{number}")
            latest_key = index_key("latest", "ALL", "{number}")

            @access(index="latest")
            def latest() -> None: ...

        return list(explanation(table.shape()))

    hot, spread = declared(1), declared(10)
    assert hot[-1].startswith("    HOT: gpk 'ALL' is the same for every item")
    assert hot[-1].endswith("put something of the item into it, or declare Index('latest', ..., sharded=10)")
    assert spread[-1] == (
        "    spread over 10 shards, 10,000 write units a second for one key; a query asks all of them at once, each for half a read unit or more"
    )
    assert not any("HOT" in line for line in spread)


def test_an_app_is_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lambdas.chat.model:CHAT"]) == 0
    assert "by_author: Query of index by_author by gsi1pk 'AUTHOR#{author}'" in capsys.readouterr().out
    assert main(["explain", "lambdas.chat.rest:app"]) == 1
    assert "is a rest app; name the declaration of a table, such as lambdas.chat.model:CHAT" in capsys.readouterr().err
