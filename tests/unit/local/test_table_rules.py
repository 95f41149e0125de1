"""What AWS refuses of a table's settings, one rule at a time, and what happens when its reader does what the answer says."""

from __future__ import annotations

import pytest

from tests.unit.local.table_forms import GLOBAL, PLAIN, WARM, Json, answer, both, changes, index, passes, replicas, table

PROVISIONED = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
SCALED = {"WriteCapacityAutoScalingSettings": {"MinCapacity": 1, "MaxCapacity": 9}}
SEEDED = {"WriteCapacityAutoScalingSettings": {"MinCapacity": 1, "MaxCapacity": 9, "SeedCapacity": 2}}


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
            f"the table T of stack S: {given}, and AWS answers {self.TEXT}; deploy them one at a time, or run: gateleg local up --waves",
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

    def test_a_definition_that_was_no_key_may_become_one_of_another_type(self) -> None:
        assert passes(both(types={"g": "N"}), both(self.ONE))

    def test_a_key_of_a_dropped_index_may_come_back_with_another_type(self) -> None:
        assert passes(both(self.ONE), both(), both(self.ONE, types={"g": "N"}))


class TestExpiry:
    @staticmethod
    def ttl(name: str, *, enabled: bool = True) -> Json:
        return table(TimeToLiveSpecification={"AttributeName": name, "Enabled": enabled})

    def test_it_keeps_its_attribute(self) -> None:
        assert answer(self.ttl("a"), self.ttl("b")) == (
            "refused",
            (
                "the table T of stack S: its TTL attribute changes from a to b, and AWS answers 'TimeToLive is active on a different "
                "AttributeName'; switch TTL off in a deploy of its own first, and on AWS wait an hour before it is switched on again"
            ),
        )

    def test_it_is_switched_off_first(self) -> None:
        assert passes(self.ttl("a"), self.ttl("a", enabled=False), self.ttl("b"))
        assert passes(self.ttl("a"), table(), self.ttl("b"))
        assert changes({"T": self.ttl("a")}, {"T": self.ttl("a")}) == []

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

    def test_the_same_view_is_the_same_stream(self) -> None:
        assert changes({"T": self.stream("NEW_IMAGE")}, {"T": self.stream("NEW_IMAGE")}) == []

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
        assert f"its replicas are in {'no region' if before else 'eu-west-2'}, and AWS answers" in change.message
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
        assert passes(table(WarmThroughput=WARM), table(WarmThroughput={**WARM, "ReadUnitsPerSecond": {"Ref": "Warm"}}))
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
        assert passes(table(), table(WriteProvisionedThroughputSettings=SCALED))
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

    def test_definitions_that_only_a_deploy_tells_may_hold_any_key(self) -> None:
        assert changes({}, {"T": table(AttributeDefinitions={"Fn::If": ["Unknown", [], []]})}) == []

    @pytest.mark.parametrize("part", ["KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"])
    def test_keys_that_only_a_deploy_tells_may_use_any_definition(self, part: str) -> None:
        made = table(types={"x": "S"})
        made["Properties"][part] = {"Fn::If": ["Unknown", [], {"Ref": "AWS::NoValue"}]}
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
            found["Projection"] = {**found["Projection"], "NonKeyAttributes": found["Projection"].get("NonKeyAttributes", [])[:100]}
        assert changes({}, {"T": both(*fewer)}) == []
