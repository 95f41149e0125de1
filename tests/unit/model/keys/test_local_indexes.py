# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Local secondary indexes: another order of the table's own partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.description.uses import Use
from gateleg.errors import AccessPatternError, DeclarationError, KeyTemplateError
from gateleg.expressions import query_params
from gateleg.model import KEYS_ONLY, Attr, Entity, Index, LocalIndex, Table, access, attr, index_key, key

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS = Table(
    "tasks",
    partition_key="pk",
    sort_key="sk",
    indexes=[
        LocalIndex("by_priority", sort_key="priority"),
        LocalIndex("by_state", sort_key="lsi1sk"),
        Index("by_owner", partition_key="owner"),
    ],
)


class Task(Entity, table=TASKS):
    board: Attr[str]
    number: Attr[int]
    priority: Attr[int | None] = attr(default=None)
    state: Attr[str] = attr(default="open")
    owner: Attr[str | None] = attr(default=None)

    key = key("BOARD#{board}", "TASK#{number:06d}")
    by_state_key = index_key("by_state", sort="STATE#{state}#{number:06d}")

    @access(index="by_priority", ranges={"at_least": ">="})
    def by_priority(*, board: str, at_least: int | None = None) -> None: ...

    @access(index="by_state")
    def in_state(*, board: str, state: str) -> None: ...

    @access(index="by_owner")
    def of_owner(*, owner: str) -> None: ...


def test_a_table_tells_its_local_indexes_from_its_global_ones() -> None:
    assert [index.name for index in TASKS.indexes] == ["by_owner"]
    assert [index.name for index in TASKS.local_indexes] == ["by_priority", "by_state"]
    assert TASKS.index("by_state") is TASKS.local_indexes[1]
    assert TASKS.key_types() == {"pk": "S", "sk": "S", "owner": "S", "priority": "N", "lsi1sk": "S"}


def test_an_item_holds_the_local_sort_keys_that_it_has_values_for() -> None:
    sparse = Task.__gateleg__.encode(Task(board="a", number=1))
    assert ("priority" in sparse, sparse["lsi1sk"]) == (False, {"S": "STATE#open#000001"})
    assert Task.__gateleg__.encode(Task(board="a", number=1, priority=3))["priority"] == {"N": "3"}


def test_a_query_of_a_local_index_asks_the_tables_partition_in_the_other_order() -> None:
    params = query_params(Task.by_priority(board="a", at_least=2))
    assert params["IndexName"] == "by_priority"
    assert set(params["ExpressionAttributeNames"].values()) == {"pk", "priority", "_type"}
    assert {"S": "BOARD#a"} in params["ExpressionAttributeValues"].values()
    assert {"N": "2"} in params["ExpressionAttributeValues"].values()


def test_a_local_index_can_be_read_consistently_and_a_global_one_cannot() -> None:
    assert query_params(Task.in_state(board="a", state="open").consistent())["ConsistentRead"] is True
    with pytest.raises(AccessPatternError, match="LocalIndex"):
        Task.of_owner(owner="ann").consistent()


def test_using_it_is_a_query_of_that_index() -> None:
    assert Task.by_priority.declared_uses() == (Use("tasks", "Task", "query", "by_priority", leading=("BOARD#*",)),)


def test_a_projection_that_lacks_attributes_is_refused_as_for_global_ones() -> None:
    table = Table("t", partition_key="pk", sort_key="sk", indexes=[LocalIndex("one_", sort_key="n", projection=KEYS_ONLY)])
    with pytest.raises(AccessPatternError, match="whose projection lacks _type, text"):

        class Lean(Entity, table=table):
            pk: Attr[str]
            sk: Attr[str]
            n: Attr[int]
            text: Attr[str]

            @access(index="one_")
            def by_n(*, pk: str) -> None: ...


def partition_of_its_own() -> None:
    class Lost(Entity, table=TASKS):
        board: Attr[str]
        key = key("B#{board}", "X")
        by_state_key = index_key("by_state", "STATE#{board}", "X")


def global_without_partition() -> None:
    class Lost(Entity, table=Table("t", partition_key="pk", indexes=[Index("one_", partition_key="gpk", sort_key="gsk")])):
        pk: Attr[str]
        one_key = index_key("one_", sort="X#{pk}")


@pytest.mark.parametrize(
    ("declare", "error", "said"),
    [
        (lambda: Table("t", partition_key="pk", indexes=[LocalIndex("one_", sort_key="n")]), DeclarationError, "the table has none"),
        (
            lambda: Table("t", partition_key="pk", sort_key="sk", indexes=[LocalIndex("one_", sort_key="sk")]),
            DeclarationError,
            "'sk' is a key of the table",
        ),
        (
            lambda: Table("t", partition_key="pk", sort_key="sk", indexes=[LocalIndex(f"i{n}_", sort_key=f"n{n}") for n in range(6)]),
            DeclarationError,
            "6 local indexes; DynamoDB allows 5",
        ),
        (
            lambda: Table(
                "t", partition_key="pk", sort_key="sk", indexes=[LocalIndex("one", sort_key="n"), Index("one", partition_key="g")]
            ),
            DeclarationError,
            "two indexes named 'one'",
        ),
        (lambda: LocalIndex("one", sort_key=""), DeclarationError, "empty name"),
        (lambda: LocalIndex("o", sort_key="n"), DeclarationError, "3 to 255"),
        (partition_of_its_own, KeyTemplateError, "is local, so its partitions are the table's"),
        (global_without_partition, KeyTemplateError, "not its partition key 'gpk'"),
    ],
)
def test_a_local_index_that_cannot_be_is_refused(declare: Callable[[], object], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        declare()
