"""What AWS answers to each change of a deployed table, and what happens when its reader does what the answer says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from gateleg.changes.table_changes import TableChange, table_changes
from gateleg.local.tables.check import told
from gateleg.local.tables.exports import exports_in_use
from tests.unit.local.table_forms import (
    GLOBAL,
    KINDS,
    PLAIN,
    WARM,
    Json,
    answer,
    both,
    changes,
    declared,
    index,
    keys,
    passes,
    replicas,
    table,
)

if TYPE_CHECKING:
    from gateleg.changes.tables import DeclaredTable


@pytest.mark.parametrize("kind", KINDS)
class TestMade:
    def test_nothing_changes(self, kind: str) -> None:
        assert changes({"T": table(kind)}, {"T": table(kind)}) == []

    @pytest.mark.parametrize(
        "changed",
        [
            {"GlobalSecondaryIndexes": [index("one")]},
            {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
            {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
            {"DeletionProtectionEnabled": True},
            {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
            {"Tags": [{"Key": "a", "Value": "b"}]},
            {"WarmThroughput": WARM},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_it_is_set_and_unset_in_place(self, kind: str, changed: Json) -> None:
        assert changes({"T": table(kind)}, {"T": table(kind, **changed)}) == []
        assert changes({"T": table(kind, **changed)}, {"T": table(kind)}) == []

    def test_order_is_nothing(self, kind: str) -> None:
        one = [index("b", include=("x", "y")), index("a")]
        other = [index("a"), index("b", include=("y", "x"))]
        local = [index("l", "pk", "g"), index("m", "pk", "h")]
        before = table(kind, GlobalSecondaryIndexes=one, LocalSecondaryIndexes=local)
        after = table(kind, GlobalSecondaryIndexes=other, LocalSecondaryIndexes=local[::-1])
        assert changes({"T": before}, {"T": after}) == []

    def test_a_new_table_has_any_number_of_indexes(self, kind: str) -> None:
        made = table(kind, GlobalSecondaryIndexes=[index("one"), index("two"), index("three", "h")])
        assert changes({}, {"T": made}) == []
        assert changes({"Other": table(kind, KeySchema=keys("id"))}, {"Other": table(kind, KeySchema=keys("id")), "T": made}) == []

    def test_another_table_may_change_at_the_same_time(self, kind: str) -> None:
        before, after = table(kind), table(kind, GlobalSecondaryIndexes=[index("one")])
        assert changes({"T": before, "U": before}, {"T": after, "U": after}) == []


class TestReplaced:
    ANEW = "; declare a second table and copy the items, or start empty with: gateleg local up --fresh"
    LOCAL: ClassVar = [index("l", "pk", "g")]

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"KeySchema": keys("pk")}, "its keys change from pk (S), sk (S) to pk (S)"),
            ({"KeySchema": keys("id", "sk")}, "its keys change from pk (S), sk (S) to id (S), sk (S)"),
            ({"types": {"pk": "N"}}, "its keys change from pk (S), sk (S) to pk (N), sk (S)"),
            ({"LocalSecondaryIndexes": LOCAL}, "its local indexes change from none to l (pk S, g S, ALL)"),
        ],
    )
    @pytest.mark.parametrize("kind", KINDS)
    def test_what_a_table_keeps_for_life_makes_it_a_new_one(self, kind: str, changed: Json, reason: str) -> None:
        left = (
            f"the table T of stack S: {reason}, for which AWS makes a new, empty table and leaves this one behind with its items{self.ANEW}"
        )
        assert answer(table(kind), table(kind, **changed)) == ("emptied", left)
        said = "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename n and update the stack again."
        named = f"the table T of stack S: {reason}, and AWS answers {said!r}{self.ANEW}"
        assert answer(table(kind, TableName="n"), table(kind, TableName="n", **changed)) == ("refused", named)

    @pytest.mark.parametrize(
        "after", [[], [index("l", "pk", "h")], [index("l", "pk", "g", include=("x",))], [*LOCAL, index("m", "pk", "h")]]
    )
    def test_any_change_of_local_indexes_counts(self, after: list[Json]) -> None:
        before = table(LocalSecondaryIndexes=self.LOCAL)
        kind, message = answer(before, table(LocalSecondaryIndexes=after))
        assert (kind, " to none, for which" in message) == ("emptied", not after)

    def test_the_type_of_a_local_indexs_key_counts(self) -> None:
        before = table(LocalSecondaryIndexes=self.LOCAL)
        assert answer(before, table(LocalSecondaryIndexes=self.LOCAL, types={"g": "N"}))[0] == "emptied"

    @pytest.mark.parametrize(("was", "now"), [(None, "n"), ("n", None), ("n", "m")])
    def test_a_name_makes_it_a_new_one(self, was: str | None, now: str | None) -> None:
        before, after = (table(**({"TableName": name} if name else {})) for name in (was, now))
        kind, message = answer(before, after)
        assert kind == "emptied"
        assert f"its name changes from {was or 'none'} to {now or 'none'}, for which AWS makes a new, empty table" in message

    def test_an_import_source_makes_it_a_new_one(self) -> None:
        assert answer(table(PLAIN), table(PLAIN, ImportSourceSpecification={"InputFormat": "CSV"}))[0] == "emptied"

    def test_without_a_policy_the_old_one_is_deleted_unless_it_is_protected(self) -> None:
        unprotected = table(policy="Delete", KeySchema=keys("id"))
        assert "deletes this one with its items" in answer(table(policy="Delete"), unprotected)[1]
        protected = table(policy="Delete", KeySchema=keys("id"), Replicas=replicas(DeletionProtectionEnabled=True))
        assert "leaves this one behind with its items" in answer(table(policy="Delete"), protected)[1]

    def test_the_new_one_has_any_number_of_indexes(self) -> None:
        assert answer(table(), both(index("one"), index("two"), KeySchema=keys("id")))[0] == "emptied"

    def test_every_value_of_the_table_is_renewed(self) -> None:
        [change] = changes({"T": table()}, {"T": table(KeySchema=keys("id"))})
        assert change.renewed == {"Ref", "Arn", "StreamArn"}

    @pytest.mark.parametrize("kinds", [KINDS, KINDS[::-1]])
    def test_a_table_keeps_its_type(self, kinds: list[str]) -> None:
        kind, message = answer(*(table(kind) for kind in kinds))
        assert kind == "refused"
        assert "and AWS answers 'Update of resource type is not permitted'" in message

    def test_what_is_said_for_the_own_region_counts_here(self) -> None:
        [made] = declared({"T": table(Replicas=[{"Region": "eu-west-2"}, {"Region": "eu-west-1", "TableClass": "X"}], TableClass="Y")})
        [plain] = declared({"T": table(PLAIN, TableClass="Y")})
        assert (made.home["TableClass"], plain.home["TableClass"]) == ("X", "Y")

    def test_a_second_table_passes(self) -> None:
        assert changes({"T": table()}, {"T": table(), "Second": table(KeySchema=keys("id"))}) == []


class TestMoved:
    def one(self, before: list[DeclaredTable], after: list[DeclaredTable], *stacks: tuple[str, ...]) -> TableChange:
        [change] = table_changes(before, after, stacks or {("S",)})
        return change

    def test_another_logical_id_is_another_table(self) -> None:
        change = self.one(declared({"Old": table(), "X": table()}), declared({"New": table(), "X": table()}))
        assert (change.answer, change.table.logical_id) == ("emptied", "Old")
        assert told(change) == (
            "the table Old of stack S gives way to New, for which AWS makes a new, empty table and leaves this one behind with its items; if it is "
            "the same table, write override_logical_id('Old') on its L1 construct; if it is another one, deploy without either first, or start "
            "empty with: gateleg local up --fresh"
        )

    def test_deployed_without_either_first_both_steps_pass(self) -> None:
        left = self.one(declared({"Old": table()}), [])
        assert (left.answer, left.message) == ("told", "the table Old of stack S is no longer declared: it stays behind, in no stack")
        assert changes({}, {"New": table()}) == []

    def test_a_table_that_may_be_deleted_is(self) -> None:
        left = self.one(declared({"Old": table(policy="Delete")}), [])
        assert left.message == "the table Old of stack S is no longer declared: it is deleted, with its items"
        assert "deletes this one with its items" in self.one(declared({"Old": table(policy="Delete")}), declared({"New": table()})).message

    def test_another_stack_is_another_table(self) -> None:
        change = self.one(declared({"T": table()}, "A"), declared({"T": table()}, "B"), ("A",), ("B",))
        assert change.answer == "emptied"
        assert "gives way to T of stack B, for which" in change.message
        assert "if it is the same table, leave it in its stack;" in change.message

    def test_a_nested_stack_takes_its_tables_along(self) -> None:
        change = self.one(declared({"T": table()}, "S", "Nested"), [])
        assert change.answer == "emptied"
        said = "the table T of stack S/Nested leaves with its nested stack, and the embedded AWS deletes it with its items, "
        assert f"{said}which AWS would leave behind" in change.message
        assert f"{said}as AWS would" in self.one(declared({"T": table(policy="Delete")}, "S", "Nested"), []).message
        assert self.one(declared({"T": table()}, "S", "Nested"), [], ("S",), ("S", "Nested")).answer == "told"

    def test_the_twin_of_the_same_stack_is_taken_first_and_each_once(self) -> None:
        before = [*declared({"A": table(), "B": table()}, "S"), *declared({"X": table()}, "R")]
        after = [*declared({"Q": table()}, "R"), *declared({"C": table(), "D": table()}, "S")]
        found = table_changes(before, after, {("S",), ("R",)})
        assert [change.message.split(",")[0] for change in found] == [
            "the table A of stack S gives way to C",
            "the table B of stack S gives way to D",
            "the table X of stack R gives way to Q",
        ]

    def test_a_table_of_other_keys_is_no_twin(self) -> None:
        assert self.one(declared({"Old": table()}), declared({"New": table(types={"pk": "N"})})).answer == "told"

    def test_a_name_is_taken_until_its_table_is_gone(self) -> None:
        found = changes({"Old": table(TableName="n")}, {"New": table(TableName="n", KeySchema=keys("id"))})
        assert [change.answer for change in found] == ["told", "refused"]
        assert found[1].message == (
            f"the table New of stack S takes the name of the table Old of stack S, and AWS answers \"Resource of type '{GLOBAL}' with identifier "
            "'n' already exists.\"; give it another name"
        )
        assert passes(table(TableName="n"), table(TableName="n", TableClass="STANDARD"))

    def test_two_tables_have_two_names(self) -> None:
        [change] = changes({}, {"A": table(TableName="n"), "B": table(TableName="n"), "C": table(TableName="m"), "D": table()})
        assert change.answer == "refused"
        assert "the table B of stack S takes the name of the table A of stack S" in change.message


class TestExports:
    NAME = "S:ExportsOutputRefT"

    def in_use(
        self, value: Json, *, renewed: frozenset[str] = frozenset({"Ref", "Arn"}), imported: bool = True, still: bool = True
    ) -> list[str]:
        exporting = {"Outputs": {"O": {"Value": value, "Export": {"Name": self.NAME}}, "Plain": {"Value": value}}}
        importing = {"Resources": {"F": {"Properties": {"Variables": [{"Fn::ImportValue": self.NAME}]}}}}
        before = {"S": exporting, "R": importing if imported else {}}
        return exports_in_use("S", "T", renewed, before, {"S": exporting, "R": importing if still else {}})

    @pytest.mark.parametrize("value", [{"Ref": "T"}, {"Fn::GetAtt": ["T", "Arn"]}, {"Fn::GetAtt": "T.Arn"}])
    def test_an_export_that_is_in_use_does_not_change(self, value: Json) -> None:
        assert self.in_use(value) == [f"Export {self.NAME} cannot be updated as it is in use by R"]

    @pytest.mark.parametrize("value", [{"Ref": "U"}, {"Fn::GetAtt": ["U", "Arn"]}, {"Fn::GetAtt": ["T", "StreamArn"]}, "T"])
    def test_another_value_stays(self, value: Any) -> None:
        assert self.in_use(value) == []

    def test_a_stream_is_a_value_of_its_own(self) -> None:
        renewed = frozenset({"StreamArn"})
        assert self.in_use({"Ref": "T"}, renewed=renewed) == []
        assert len(self.in_use({"Fn::GetAtt": ["T", "StreamArn"]}, renewed=renewed)) == 1

    def test_a_stack_that_is_not_deployed_now_goes_on_importing(self) -> None:
        exporting = {"Outputs": {"O": {"Value": {"Ref": "T"}, "Export": {"Name": self.NAME}}}}
        before: Json = {"S": exporting, "R": {"Resources": {"F": {"Fn::ImportValue": self.NAME}}}}
        assert len(exports_in_use("S", "T", frozenset({"Ref"}), before, {"S": exporting})) == 1

    def test_what_is_no_plain_name_is_no_use(self) -> None:
        name = {"Fn::Sub": "x"}
        exporting = {"Outputs": {"O": {"Value": {"Ref": "T"}, "Export": {"Name": name}}, "P": {"Value": {"Ref": "T"}}}}
        importing = {"Resources": {"F": {"Fn::ImportValue": name, "Name": self.NAME}}}
        both: Json = {"S": exporting, "R": importing}
        assert exports_in_use("S", "T", frozenset({"Ref"}), both, both) == []
        own: Json = {"S": {"Outputs": {"O": {"Value": {"Ref": "T"}, "Export": {"Name": self.NAME}}}, "R": {"Fn::ImportValue": self.NAME}}}
        assert exports_in_use("S", "T", frozenset({"Ref"}), own, own) == []
        named: Json = {**own, "R": {"Resources": {"Name": self.NAME}}}
        assert exports_in_use("S", "T", frozenset({"Ref"}), named, named) == []

    def test_an_import_that_is_new_or_goes_is_no_use(self) -> None:
        assert self.in_use({"Ref": "T"}, imported=False) == []
        assert self.in_use({"Ref": "T"}, still=False) == []
