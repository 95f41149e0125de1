"""PartiQL and transactional reads: what is asked, what comes back, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from gateleg.description.uses import ACTIONS
from gateleg.errors import ExpressionError, OutcomeUnknownError, StoreError, ThrottledError, TransactionCanceledError
from gateleg.model import Table
from gateleg.store import Patience, Store
from tests.unit.store.notes import TABLE, Note, Script, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Store(TABLE, table_name="t", transport=Script([]))
SELECT = "SELECT * FROM {table} WHERE pk = ?"


def store_with(*answers: dict[str, Any] | Exception) -> tuple[Store, Script]:
    script = Script(list(answers))
    return Store(TABLE, table_name="t", transport=script, patience=Patience(attempts=2, base=0)), script


def canceled(*codes: str) -> ClientError:
    response: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "canceled"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        "CancellationReasons": [{"Code": code, "Message": "because"} for code in codes],
    }
    return ClientError(response, "TransactGetItems")


def test_a_statement_names_the_physical_table_and_its_parameters_are_stored_values() -> None:
    assert HERE.prepare.partiql(SELECT, ["TALLY#a"], consistent=True).params() == {
        "Statement": 'SELECT * FROM "t" WHERE pk = ?',
        "Parameters": [{"S": "TALLY#a"}],
        "ConsistentRead": True,
        "ReturnConsumedCapacity": "TOTAL",
    }


def test_whole_items_come_as_entities_and_others_as_values_over_all_requests() -> None:
    whole = Tally.__gateleg__.encode(Tally(name="a", count=3))
    store, script = store_with({"Items": [whole], "NextToken": "on"}, {"Items": [{"count": {"N": "3"}}, {"_type": {"S": "Tally"}}]})
    assert store.partiql(SELECT) == [Tally(name="a", count=3), {"count": 3}, {"_type": "Tally"}]
    assert script.asked[1][1]["NextToken"] == "on"


def test_a_statement_that_writes_is_in_doubt_when_its_answer_is_lost_and_one_that_reads_is_sent_again() -> None:
    store, script = store_with(ReadTimeoutError(endpoint_url="http://dynamodb"))
    with pytest.raises(OutcomeUnknownError, match="the statement 'DELETE"):
        store.partiql("DELETE FROM {table} WHERE pk = ?", ["a"])
    assert len(script.asked) == 1
    lost = ReadTimeoutError(endpoint_url="http://dynamodb")
    assert store_with(lost, {"Items": []})[0].partiql(SELECT) == []
    with pytest.raises(StoreError) as caught:
        store_with(lost, lost)[0].partiql(SELECT)
    assert type(caught.value) is StoreError


@pytest.mark.parametrize("kind", ["select", "insert", "update", "delete"])
def test_each_kind_of_statement_is_a_use_of_its_own(kind: Any) -> None:
    [use] = getattr(Tally, f"partiql_{kind}").declared_uses()
    assert ACTIONS[use.operation] == (f"dynamodb:PartiQL{kind.capitalize()}",)


def test_items_are_read_at_one_moment_and_in_the_order_of_their_keys() -> None:
    item = Tally.__gateleg__.encode(Tally(name="a", count=3))
    store, script = store_with({"Responses": [{"Item": item}, {}]})
    tally, note = store.transact_get(Tally.key(name="a"), Note.key(name="b"))
    assert (tally, note) == (Tally(name="a", count=3), None)
    [(operation, params)] = script.asked
    assert (operation, len(params["TransactItems"])) == ("TransactGetItems", 2)


def test_reasons_name_the_entity_and_the_part() -> None:
    store, _ = store_with(canceled("None", "ThrottlingError"), canceled("None", "ThrottlingError"))
    with pytest.raises(TransactionCanceledError, match=r"nothing was read: part 2, get Note\.key\(name='b'\)") as caught:
        store.transact_get(Tally.key(name="a"), Note.key(name="b"))
    nothing, throttled = caught.value.reasons
    assert nothing is None
    assert isinstance(throttled, ThrottledError)
    assert throttled.path == "Note.key(name='b')"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: HERE.partiql("SELECT * FROM t"), "names no table"),
        (lambda: HERE.partiql("SELECT * FROM {table} WHERE a = '" + "x" * 8192 + "'"), "up to 8192 characters"),
        (HERE.transact_get, "1 to 100 items; 0"),
        (lambda: HERE.transact_get(*[Tally.key(name=str(number)) for number in range(101)]), "1 to 100 items; 101"),
        (lambda: Store(Table("other", partition_key="pk"), table_name="t").transact_get(Tally.key(name="a")), "lives in table"),
    ],
)
def test_what_dynamodb_would_refuse_is_refused_before(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        ask()
