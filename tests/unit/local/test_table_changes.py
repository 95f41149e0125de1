"""What AWS answers to each change of a deployed table, and what happens when its reader does what the answer says."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from gateleg.local.intrinsics import evaluated
from gateleg.local.passes.tables import keep_tables
from gateleg.local.tables.changes import TableChange, table_changes
from gateleg.local.tables.declared import DeclaredTable, declared_tables
from gateleg.local.tables.exports import exports_in_use
from gateleg.local.template import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]
TARGET = Target(port=4600, region="eu-west-1")
GLOBAL, PLAIN = KINDS = ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"]
PROVISIONED = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
WARM = {"ReadUnitsPerSecond": 20_000, "WriteUnitsPerSecond": 5_000}
SCALED = {"WriteCapacityAutoScalingSettings": {"MinCapacity": 1, "MaxCapacity": 9}}
SEEDED = {"WriteCapacityAutoScalingSettings": {"MinCapacity": 1, "MaxCapacity": 9, "SeedCapacity": 2}}


def keys(*names: str) -> list[Json]:
    return [{"AttributeName": name, "KeyType": role} for name, role in zip(names, ("HASH", "RANGE"), strict=False)]


def index(name: str, *of: str, include: Sequence[str] = (), **more: Any) -> Json:
    projection: Json = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(include)} if include else {"ProjectionType": "ALL"}
    return {"IndexName": name, "KeySchema": keys(*(of or ("g",))), "Projection": projection, **more}


def replicas(*regions: str, **more: Any) -> list[Json]:
    return [{"Region": region, **more} for region in ("eu-west-1", *regions)]


def table(kind: Any = GLOBAL, *, policy: Any = "Retain", types: Any = None, **given: Any) -> Json:
    """A table whose definitions are those that its keys need, unless they are given."""
    properties: Json = {"KeySchema": keys("pk", "sk"), "BillingMode": "PAY_PER_REQUEST", **given}
    nodes = (properties, *properties.get("GlobalSecondaryIndexes", ()), *properties.get("LocalSecondaryIndexes", ()))
    used: Json = {key["AttributeName"]: "S" for node in nodes for key in node["KeySchema"]} | (types or {})
    properties.setdefault("AttributeDefinitions", [{"AttributeName": name, "AttributeType": kind} for name, kind in used.items()])
    if kind == GLOBAL:
        properties.setdefault("Replicas", replicas())
    return {"Type": kind, "DeletionPolicy": policy, "UpdateReplacePolicy": policy, "Properties": properties}


def both(*indexes: Json, **more: Any) -> Json:
    return table(GlobalSecondaryIndexes=list(indexes), **more)


def declared(resources: Json, *stack: str) -> list[DeclaredTable]:
    template = {"Resources": copy.deepcopy(resources)}
    return list(declared_tables(evaluated(keep_tables(template, TARGET), TARGET), stack or ("S",), TARGET.region))


def changes(before: Json, after: Json) -> list[TableChange]:
    return table_changes(declared(before), declared(after), {("S",)})


def answer(before: Json, after: Json) -> tuple[str, str]:
    """The one answer to the change of a table."""
    [change] = changes({"T": before}, {"T": after})
    return change.answer, change.message


def passes(before: Json, *steps: Json) -> bool:
    """Whether AWS makes each step."""
    stages = [before, *steps]
    return [change for was, now in pairwise(stages) for change in changes({"T": was}, {"T": now}) if change.answer != "told"] == []


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


class TestIndexes:
    ONE, TWO, THREE = index("one"), index("two"), index("three", "h")
    TEXT = "'Cannot perform more than one GSI creation or deletion in a single update'"

    @pytest.mark.parametrize(
        ("before", "after", "given"),
        [
            ([], [ONE, TWO], "2 indexes change in one update (created: one, two)"),
            ([ONE, TWO], [], "2 indexes change in one update (deleted: one, two)"),
            ([ONE], [TWO], "2 indexes change in one update (created: two; deleted: one)"),
            ([ONE], [TWO, THREE], "3 indexes change in one update (created: three, two; deleted: one)"),
        ],
    )
    def test_one_is_made_or_dropped_in_one_update(self, before: list[Json], after: list[Json], given: str) -> None:
        assert answer(both(*before), both(*after)) == (
            "refused",
            f"the table T of stack S: {given}, and AWS answers {self.TEXT}; deploy them one at a time",
        )

    def test_one_at_a_time_passes(self) -> None:
        assert passes(both(), both(self.ONE), both(self.ONE, self.TWO), both(self.TWO), both())

    @pytest.mark.parametrize(
        ("now", "given"),
        [
            (index("one", "h"), "the keys of its index one change from g to h"),
            (index("one", "g", "sk"), "the keys of its index one change from g to g, sk"),
            (index("one", include=("a", "b")), "the projection of its index one change from ALL to INCLUDE, a, b"),
        ],
    )
    def test_one_keeps_its_keys_and_projection(self, now: Json, given: str) -> None:
        kind, message = answer(both(self.ONE), both(now))
        assert kind == "refused"
        assert message == (
            f"the table T of stack S: {given}, and AWS answers \"Cannot update GSI's properties other than Provisioned Throughput and Contributor "
            'Insights Specification. You can create a new GSI with a different name."; declare the index under a new name, and drop one in a later '
            "deploy"
        )
        renamed = {**now, "IndexName": "other"}
        assert passes(both(self.ONE), both(self.ONE, renamed), both(renamed))

    def test_what_else_is_said_of_one_may_change(self) -> None:
        assert passes(both(self.ONE), both(index("one", ContributorInsightsSpecification={"Enabled": True})), both(self.ONE))

    def test_a_key_keeps_its_type(self) -> None:
        kind, message = answer(both(self.ONE), both(self.ONE, types={"g": "N"}))
        assert kind == "refused"
        assert "g, a key of its index one, changes its type from S to N" in message
        assert "write the value to a new attribute, with an index of its own" in message
        assert passes(both(self.ONE), both(self.ONE, self.THREE, types={"h": "N"}))

    def test_a_key_of_a_dropped_index_may_come_back_with_another_type(self) -> None:
        assert passes(both(self.ONE), both(), both(self.ONE, types={"g": "N"}))


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
        assert answer(before, table(LocalSecondaryIndexes=after))[0] == "emptied"

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

    def test_a_second_table_passes(self) -> None:
        assert changes({"T": table()}, {"T": table(), "Second": table(KeySchema=keys("id"))}) == []


class TestMoved:
    def one(self, before: list[DeclaredTable], after: list[DeclaredTable], *stacks: tuple[str, ...]) -> TableChange:
        [change] = table_changes(before, after, stacks or {("S",)})
        return change

    def test_another_logical_id_is_another_table(self) -> None:
        change = self.one(declared({"Old": table(), "X": table()}), declared({"New": table(), "X": table()}))
        assert (change.answer, change.table.logical_id) == ("emptied", "Old")
        assert change.message == (
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
        assert (
            "the table T of stack S/Nested leaves with its nested stack, and the embedded AWS deletes it with its items" in change.message
        )
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


class TestExpiry:
    @staticmethod
    def ttl(name: str, *, enabled: bool = True) -> Json:
        return table(TimeToLiveSpecification={"AttributeName": name, "Enabled": enabled})

    def test_it_keeps_its_attribute(self) -> None:
        assert answer(self.ttl("a"), self.ttl("b")) == (
            "refused",
            (
                "the table T of stack S: its TTL attribute changes from a to b, and AWS answers 'TimeToLive is active on a different "
                "AttributeName'; switch TTL off in a deploy of its own first; on AWS, wait an hour before it is switched on again"
            ),
        )

    def test_it_is_switched_off_first(self) -> None:
        assert passes(self.ttl("a"), self.ttl("a", enabled=False), self.ttl("b"))
        assert passes(self.ttl("a"), table(), self.ttl("b"))

    def test_switched_on_it_deletes(self) -> None:
        told = ("told", "the table T of stack S: items whose a has passed are deleted from now on")
        assert answer(table(), self.ttl("a")) == told
        assert answer(self.ttl("a", enabled=False), self.ttl("a")) == told

    def test_left_out_it_may_stay_on(self) -> None:
        kind, message = answer(self.ttl("a"), table())
        assert (kind, "AWS may leave it on until a deploy says Enabled: false with the attribute a" in message) == ("told", True)
        assert changes({"T": self.ttl("a")}, {"T": self.ttl("a", enabled=False)}) == []
        assert changes({"T": self.ttl("a", enabled=False)}, {"T": table()}) == []


class TestStream:
    @staticmethod
    def stream(view: str, *regions: str) -> Json:
        return table(StreamSpecification={"StreamViewType": view}, Replicas=replicas(*regions))

    def test_another_view_is_another_stream(self) -> None:
        [change] = changes({"T": self.stream("NEW_IMAGE")}, {"T": self.stream("KEYS_ONLY")})
        assert (change.answer, change.renewed) == ("told", frozenset({"StreamArn"}))
        assert "its stream has KEYS_ONLY now; AWS makes a new stream for that" in change.message

    def test_with_replicas_it_stays(self) -> None:
        refused, told = changes({"T": self.stream("NEW_IMAGE", "eu-west-2")}, {"T": self.stream("KEYS_ONLY", "eu-west-2")})
        assert (refused.answer, told.answer) == ("refused", "told")
        assert "which AWS refuses while the table has replicas in other regions; remove them first, one a deploy" in refused.message
        assert passes(self.stream("NEW_IMAGE", "eu-west-2"), self.stream("NEW_IMAGE"), self.stream("KEYS_ONLY"))

    def test_it_may_come_with_the_first_replica(self) -> None:
        assert passes(table(), self.stream("NEW_AND_OLD_IMAGES", "eu-west-2"))


class TestReplicas:
    @pytest.mark.parametrize(
        ("before", "after"), [([], ["eu-west-2", "eu-west-3"]), (["eu-west-2", "eu-west-3"], []), (["eu-west-2"], ["eu-west-3"])]
    )
    def test_one_is_made_or_dropped_in_one_update(self, before: list[str], after: list[str]) -> None:
        kind, message = answer(table(Replicas=replicas(*before)), table(Replicas=replicas(*after)))
        assert kind == "refused"
        assert (
            "2 replicas change in one update (eu-west-2, eu-west-3), and AWS answers 'more than one create or delete replica actions"
            in message
        )

    def test_one_at_a_time_passes(self) -> None:
        assert passes(*(table(Replicas=replicas(*also)) for also in ([], ["eu-west-2"], ["eu-west-2", "eu-west-3"], ["eu-west-3"])))

    @pytest.mark.parametrize("before", [{}, {"T": table()}])
    def test_the_stacks_own_region_has_one(self, before: Json) -> None:
        [change] = changes(before, {"T": table(Replicas=[{"Region": "eu-west-2"}] if not before else [])})
        assert change.answer == "refused"
        assert "'The Replicas section must contain an entry for the current region'; add one in eu-west-1" in change.message

    def test_a_region_that_only_a_deploy_tells_may_be_the_stacks_own(self) -> None:
        assert changes({}, {"T": table(Replicas=[{"Region": {"Ref": "Region"}}])}) == []

    def test_consistency_is_for_life(self) -> None:
        kind, message = answer(table(), table(MultiRegionConsistency="STRONG"))
        assert kind == "refused"
        assert "changes from EVENTUAL to STRONG, and AWS answers 'MultiRegionConsistency parameter is unsupported on existing" in message
        assert passes(table(), table(MultiRegionConsistency="EVENTUAL"))


class TestThroughput:
    def test_warmth_does_not_go_down(self) -> None:
        kind, message = answer(table(WarmThroughput=WARM), table(WarmThroughput={**WARM, "ReadUnitsPerSecond": 19_999}))
        assert kind == "refused"
        assert (
            "warm ReadUnitsPerSecond goes down from 20000 to 19999, and AWS answers 'decreasing WarmThroughput is not supported'" in message
        )
        assert passes(table(WarmThroughput=WARM), table(WarmThroughput={**WARM, "ReadUnitsPerSecond": 20_001}), table())

    @pytest.mark.parametrize(("kind", "needed"), [(GLOBAL, "WriteProvisionedThroughputSettings"), (PLAIN, "ProvisionedThroughput")])
    @pytest.mark.parametrize("billing", [{"BillingMode": "PROVISIONED"}, {"BillingMode": {"Ref": "AWS::NoValue"}}])
    def test_provisioned_needs_capacity_for_the_table_and_each_index(self, kind: str, needed: str, billing: Json) -> None:
        capacity: Json = {needed: PROVISIONED if kind == PLAIN else SEEDED}
        before = table(kind, GlobalSecondaryIndexes=[index("one")])
        for has, owner in (({}, "the table"), (capacity, "the index one")):
            after = table(kind, GlobalSecondaryIndexes=[index("one", **({} if has else capacity))], **has, **billing)
            assert f"{owner} is provisioned and has no {needed}, which AWS refuses" in answer(before, after)[1]
        assert passes(before, table(kind, GlobalSecondaryIndexes=[index("one", **capacity)], **capacity, **billing), before)

    def test_scaling_needs_a_capacity_to_begin_with(self) -> None:
        turned = {"BillingMode": "PROVISIONED", "WriteProvisionedThroughputSettings": SCALED}
        kind, message = answer(table(), table(**turned))
        assert (kind, "the table turns from on demand to provisioned without a capacity to begin with" in message) == ("refused", True)
        assert passes(table(), table(BillingMode="PROVISIONED", WriteProvisionedThroughputSettings=SEEDED), table(**turned))
        assert changes({}, {"T": table(**turned)}) == []


class TestForm:
    def test_keys_are_defined(self) -> None:
        definitions = [{"AttributeName": "pk", "AttributeType": "S"}]
        [change] = changes({}, {"T": table(AttributeDefinitions=definitions)})
        assert (
            "the key attributes sk are not in AttributeDefinitions, and AWS answers 'One or more parameter values were invalid: Some"
            in change.message
        )

    def test_a_key_of_a_new_index_is_defined(self) -> None:
        kind, message = answer(table(), both(index("one"), AttributeDefinitions=table()["Properties"]["AttributeDefinitions"]))
        assert (kind, "the key attributes g are not in AttributeDefinitions" in message) == ("refused", True)

    def test_a_new_table_defines_no_more_than_keys(self) -> None:
        [change] = changes({}, {"T": table(types={"x": "S"})})
        assert change.answer == "refused"
        assert "the attributes x are defined and no key, and AWS answers" in change.message
        assert passes(table(), table(types={"x": "S"}))
        assert changes({}, {"T": table(types={"x": "S"}, VectorIndexes=[{"IndexName": "v"}])}) == []

    def test_indexes_that_only_a_deploy_tells_may_use_any_definition(self) -> None:
        made = table(types={"x": "S"})
        made["Properties"]["GlobalSecondaryIndexes"] = {"Fn::If": ["Unknown", [index("one", "x")], {"Ref": "AWS::NoValue"}]}
        assert changes({}, {"T": made}) == []

    @pytest.mark.parametrize(
        ("indexes", "given"),
        [
            ([index(f"i{number:02}") for number in range(21)], "it has 21 global indexes, and AWS takes 20"),
            (
                [index("one", include=[f"a{number}" for number in range(101)])],
                "its indexes name 101 projected attributes, and AWS takes 100",
            ),
            (
                [{**index("one"), "KeySchema": [{"AttributeName": f"g{number}", "KeyType": "HASH"} for number in range(5)]}],
                "its index one has 5 key attributes, and AWS takes 4 of each role",
            ),
        ],
    )
    def test_a_table_stays_within_its_limits(self, indexes: list[Json], given: str) -> None:
        [change] = changes({}, {"T": both(*indexes)})
        assert (change.answer, given in change.message) == ("refused", True)
        fewer = [{**found, "KeySchema": found["KeySchema"][:4]} for found in indexes[:20]]
        for found in fewer:
            found["Projection"] = {"ProjectionType": "ALL"}
        assert changes({}, {"T": both(*fewer)}) == []


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

    def test_an_import_that_is_new_or_goes_is_no_use(self) -> None:
        assert self.in_use({"Ref": "T"}, imported=False) == []
        assert self.in_use({"Ref": "T"}, still=False) == []
