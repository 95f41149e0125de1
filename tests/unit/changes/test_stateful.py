"""What replaces a resource is what the service specification says that the pinned CDK CLI brings along."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from gateleg.changes.stateful import STATEFUL

SPECIFICATION = Path(__file__).parents[3] / "node_modules/aws-cdk/db.json.gz"
ELSEWHERE = {
    "AWS::CloudFormation::Stack", "AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::Logs::LogGroup",
}  # fmt: skip
"""What has rules of its own, and logs, which come and go with functions."""
GUARDED_BY_OTHERS = {
    "AWS::DocDB::DBInstance", "AWS::EC2::Volume", "AWS::EMR::Cluster", "AWS::ElastiCache::CacheCluster", "AWS::Elasticsearch::Domain",
    "AWS::Neptune::DBInstance", "AWS::Organizations::Account", "AWS::QLDB::Ledger", "AWS::SDB::Domain",
}  # fmt: skip
"""What a service of this library hardly has, or what holds nothing without its cluster."""


@pytest.mark.slow
def test_the_specification_says_the_same() -> None:
    with gzip.open(SPECIFICATION) as file:
        entities: list[Any] = json.load(file)["schema"]["resource"]["entities"]
    stateful = {one["cloudFormationType"]: one for one in entities if one.get("isStateful")}
    assert set(stateful) == {*STATEFUL, *ELSEWHERE, *GUARDED_BY_OTHERS}
    for kind, names in STATEFUL.items():
        replacing = {name for name, one in stateful[kind]["properties"].items() if one.get("causesReplacement") == "yes"}
        assert set(names) <= replacing, kind
