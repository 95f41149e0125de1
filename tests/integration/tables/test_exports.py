"""The state machine of exports, run by the embedded AWS: on demand, of a time, of what changed, and of all where a table is too young for that.

It writes no objects and forgets the period, so that those are held by the definition alone.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from gateleg.cdk.tables.export_states import ExportStates
from gateleg.testing.engines import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration
ROLE = "arn:aws:iam::000000000000:role/export"


class Machine:
    """State machines on an embedded AWS, over one table and one bucket."""

    def __init__(self, url: str) -> None:
        keys: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-north-1"}
        session: Any = boto3.Session(**keys)
        self.dynamodb, self.s3, self.states = (session.client(name, endpoint_url=url) for name in ("dynamodb", "s3", "stepfunctions"))
        self.s3.create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
        key = [{"AttributeName": "pk", "KeyType": "HASH"}]
        types = [{"AttributeName": "pk", "AttributeType": "S"}]
        made = self.dynamodb.create_table(TableName="games", KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST")
        recovery = {"PointInTimeRecoveryEnabled": True}
        self.dynamodb.update_continuous_backups(TableName="games", PointInTimeRecoverySpecification=recovery)
        self.dynamodb.put_item(TableName="games", Item={"pk": {"S": "one"}})
        self.arn: str = made["TableDescription"]["TableArn"]

    def run(self, name: str, period: int | None = None, arn: str = "", **given: Any) -> tuple[str, list[Any]]:
        """How an execution ended, and the exports that it made."""
        before = {one["ExportArn"] for one in self.exports()}
        arguments = {"TableArn": arn or self.arn, "S3Bucket": "exports", "ExportFormat": "DYNAMODB_JSON", "S3Prefix": name}
        states = ExportStates("arn:aws:states:::aws-sdk:dynamodb:", "games", arguments, period, wait=1)
        made = self.states.create_state_machine(name=name, definition=json.dumps(states.definition()), roleArn=ROLE)
        begun = self.states.start_execution(stateMachineArn=made["stateMachineArn"], input=json.dumps(given))["executionArn"]
        ended = time.monotonic() + 30
        while (found := self.states.describe_execution(executionArn=begun))["status"] == "RUNNING" and time.monotonic() < ended:
            time.sleep(0.2)
        made_now = [one["ExportArn"] for one in self.exports() if one["ExportArn"] not in before]
        described = [self.dynamodb.describe_export(ExportArn=arn)["ExportDescription"] for arn in made_now]
        return f"{found['status']} {found.get('error', '')}".strip(), described

    def exports(self) -> list[Any]:
        found: list[Any] = self.dynamodb.list_exports(TableArn=self.arn)["ExportSummaries"]
        return found


@pytest.fixture(scope="module")
def machine(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    logs = tmp_path_factory.mktemp("engine")
    with engine("ministack", pytestconfig.rootpath, logs, services=("dynamodb", "s3", "states", "stepfunctions", "sts", "iam")) as client:
        meta: Any = cast("Any", client).meta
        yield Machine(meta.endpoint_url)


def test_an_export_on_demand_is_of_all_and_waited_for(machine: Machine) -> None:
    status, [export] = machine.run("full")
    assert status == "SUCCEEDED"
    assert (export["ExportStatus"], export["ExportType"]) == ("COMPLETED", "FULL_EXPORT")
    assert (export["S3Bucket"], export["S3Prefix"]) == ("exports", "full")


def test_an_export_of_a_time_is_of_that_time(machine: Machine) -> None:
    then = datetime.now(UTC).replace(microsecond=0)
    status, [export] = machine.run("time", time=then.isoformat().replace("+00:00", "Z"))
    assert status == "SUCCEEDED"
    assert export["ExportTime"].astimezone(UTC) == then


def test_a_table_that_is_too_young_is_exported_whole(machine: Machine) -> None:
    status, [export] = machine.run("young", period=3_600)
    assert (status, export["ExportType"]) == ("SUCCEEDED", "FULL_EXPORT")


def test_changes_of_a_given_period_are_exported(machine: Machine) -> None:
    earliest = machine.dynamodb.describe_continuous_backups(TableName="games")["ContinuousBackupsDescription"]
    begin = earliest["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"].astimezone(UTC) + timedelta(seconds=1)
    end = begin + timedelta(minutes=15)
    given = {name: moment.isoformat().replace("+00:00", "Z") for name, moment in (("from", begin), ("to", end))}
    status, [export] = machine.run("changes", period=900, **given)
    assert (status, export["ExportType"]) == ("SUCCEEDED", "INCREMENTAL_EXPORT")


def test_an_export_that_cannot_begin_is_an_execution_that_fails(machine: Machine) -> None:
    status, exports = machine.run("nowhere", arn=machine.arn.replace("games", "nobodys"))
    assert status.startswith("FAILED DynamoDb.")
    assert not exports
