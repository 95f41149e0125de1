"""Which entities may be under one key, by their declarations alone, and what their batches are then granted."""

from __future__ import annotations

from types import new_class
from typing import Any

import pytest

from gateleg.model import Attr, Entity, Table, key
from gateleg.model.items.rivals import foreign_rivals, rivals
from gateleg.store import Store


def declared(table: Table, name: str, *templates: str, base: Any = Entity) -> Any:
    members: dict[str, Any] = {"__module__": __name__, "key": key(*templates)}
    if base is Entity:
        members["__annotations__"] = {"id": Attr[str]}
    made: Any = new_class(name, (base,), {"table": table}, lambda namespace: namespace.update(members))
    return made


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (("A#{id}", "X"), ("B#{id}", "X"), False),
        (("A#{id}", "X"), ("A#{id}", "Y"), False),
        (("A#{id}", "X"), ("A#{id}", "X"), True),
        (("A#{id}", "X"), ("AB#{id}", "X"), False),
        (("A{id}", "X"), ("AB#{id}", "X"), True),
        (("{id}", "X"), ("A#{id}", "X"), True),
        (("{id}", "X#{id}"), ("A#{id}", "Y#{id}"), False),
        (("A#{id}#X", "Z"), ("A#{id}#Y", "Z"), False),
        (("A#{id}#X", "Z"), ("A#{id}", "Z"), True),
        (("A#B", "Z"), ("A#{id}", "Z"), True),
        (("A#B", "Z"), ("A#C", "Z"), False),
    ],
)
def test_templates_with_other_beginnings_or_ends_never_meet(one: tuple[str, str], other: tuple[str, str], *, meet: bool) -> None:
    table = Table("rivals", partition_key="pk", sort_key="sk")
    kinds = [declared(table, "One", *one), declared(table, "Other", *other)]
    for kind in kinds:
        assert bool(rivals(kind.__gateleg__)) is meet
        assert [use.operation for use in kind.batch_write.declared_uses()] == (["put", "delete"] if meet else ["batch_write"])


def test_a_subclass_is_no_stranger_to_its_base_and_the_base_is_one_to_it() -> None:
    table = Table("rivals", partition_key="pk")
    base = declared(table, "Base", "A#{id}")
    child = declared(table, "Child", "A#{id}", base=base)
    assert [rival.name for rival in rivals(base.__gateleg__)] == ["Child"]
    assert foreign_rivals(base.__gateleg__) == []
    assert [use.operation for use in base.batch_write.declared_uses()] == ["batch_write", "put"]
    prepare = Store(table, table_name="rivals").prepare
    assert "ConditionExpression" in prepare.batch_put([base(id="1")]).params()
    assert "RequestItems" in prepare.batch_delete([base.key(id="1")]).params()
    assert [use.operation for use in child.batch_write.declared_uses()] == ["put", "delete"]


def test_a_plain_key_may_be_anything() -> None:
    table = Table("rivals", partition_key="pk")

    class Plain(Entity, table=table):
        pk: Attr[str]

    declared(table, "Other", "A#{id}")
    assert [rival.name for rival in rivals(Plain.__gateleg__)] == ["Other"]


def test_what_says_no_type_may_be_under_any_key() -> None:
    table = Table("adopted", partition_key="pk", default_type="Old")

    class Old(Entity, table=table):
        id: Attr[str]
        key = key("OLD#{id}")

    class New(Entity, table=table):
        id: Attr[str]
        key = key("NEW#{id}")

    class Newer(Entity, table=table):
        id: Attr[str]
        key = key("NEWER#{id}")

    assert [found.name for found in rivals(New.__gateleg__)] == ["Old"]
    assert rivals(Old.__gateleg__) == []
    assert [found.name for found in foreign_rivals(Newer.__gateleg__)] == ["Old"]
