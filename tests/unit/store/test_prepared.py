"""Operations as descriptions: complete, checked, not sent until the store is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.store import Store
from tests.unit.store.notes import TABLE, Note, Script, Tally

if TYPE_CHECKING:
    from gateleg.model import Key
    from gateleg.store import Prepared

KEY = Tally.key(name="a")
SILENT = Script([])
HERE = Store(TABLE, table_name="t", transport=SILENT, cursor_keys=["the key that signs cursors"])


@pytest.mark.parametrize(
    ("prepared", "names"),
    [
        (HERE.prepare.get(KEY, consistent=True), {"Key", "ConsistentRead"}),
        (HERE.prepare.create(Tally(name="a")), {"Item", "ConditionExpression"}),
        (HERE.prepare.put(Tally(name="a")), {"Item"}),
        (HERE.prepare.update(KEY, Tally.count.add(1)), {"Key", "UpdateExpression", "ReturnValues"}),
        (HERE.prepare.delete(KEY), {"Key", "ReturnValues"}),
        (HERE.prepare.page(Note.named(name="a"), limit=3), {"KeyConditionExpression", "Limit"}),
        (HERE.prepare.count(Note.named(name="a")), {"KeyConditionExpression", "Select"}),
        (HERE.prepare.count(Tally), {"FilterExpression", "Select"}),
        (HERE.prepare.batch_get([KEY]), {"RequestItems"}),
        (HERE.prepare.batch_put([Tally(name="a")]), {"RequestItems"}),
        (HERE.prepare.batch_delete([KEY]), {"RequestItems"}),
    ],
)
def test_each_operation_gives_its_request_without_sending_it(prepared: Prepared[Any], names: set[str]) -> None:
    assert names | {"ReturnConsumedCapacity"} <= prepared.params().keys()
    assert prepared.params() == prepared.params()
    assert SILENT.asked == []


def test_what_was_prepared_is_what_is_sent() -> None:
    script = Script([{"ConsumedCapacity": {"CapacityUnits": 1.0}}])
    store = Store(TABLE, table_name="t", transport=script)
    note = Note(name="a")
    prepared = store.prepare.create(note)
    assert note.revision == 0
    assert store.send(prepared).revision == note.revision == 1
    assert script.asked == [("PutItem", prepared.params())]
    assert (prepared.reading.requests, prepared.reading.capacity) == (1, 1.0)


def test_a_batch_of_nothing_asks_nothing() -> None:
    none: list[Key[Tally]] = []
    assert HERE.prepare.batch_get(none).params() == {}
    assert HERE.send(HERE.prepare.batch_get(none)) == []


def test_faults_are_found_as_it_is_prepared() -> None:
    with pytest.raises(ExpressionError, match="changes nothing"):
        HERE.prepare.update(KEY)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    broken = Note(name="a")
    vars(broken)["count"] = "many"
    with pytest.raises(ItemInvalidError):
        HERE.prepare.put(broken)
