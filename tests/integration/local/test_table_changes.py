"""Tables are changed and deployed again, by the real CDK CLI onto the embedded AWS: their items stay, or nothing is deployed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, CfnElement, CfnOutput, NestedStack, Stack, Tags
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_ssm as ssm

from gateleg.cdk import ModelTable
from gateleg.errors import DeployError
from gateleg.local import LocalAws
from gateleg.local.functions import chosen_functions, log_lines
from gateleg.model import Index, LocalIndex, StreamView, Table, include

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = pytest.mark.integration

CODE = "def handler(event, context):\n    for record in event['Records']:\n        print('seen', record['dynamodb']['Keys']['pk']['S'])\n"
LETTER, NUMBER, LATEST = (
    Index("letter", partition_key="g"),
    Index("number", partition_key="n", sort_key="sk"),
    LocalIndex("latest", sort_key="g"),
)
MAIN, INNER, PLAIN = TABLES = ["Main", "Inner", "Plain"]
"""One whose name another stack imports, one of a nested stack, and a plain L2 table."""


class Project:
    """Three tables with a consumer, deployed again after each change."""

    def __init__(self, path: Path) -> None:
        self.told: list[str] = []
        self._assembly = path / "assembly"
        self.aws = LocalAws(path, port=0, assembly=self._assembly, report=self.told.append)

    def deploy(
        self,
        *,
        id: str = "Main",  # noqa: A002
        key: str = "pk",
        indexes: Sequence[Index | LocalIndex] = (LATEST,),
        stream: StreamView | None = None,
        ttl: str | None = None,
        inner_key: str = "pk",
        plain: bool = True,
        kept_as: str | None = None,
        fresh: bool = False,
        stacks: Sequence[str] = (),
        **options: Any,
    ) -> None:
        app = App(outdir=str(self._assembly))
        data = Stack(app, "Data")
        globals_ = [index for index in indexes if isinstance(index, Index)]
        declared = Table("main", partition_key=key, sort_key="sk", indexes=indexes, stream=stream, ttl=ttl)
        main = ModelTable(data, id, table=declared, **options)
        if kept_as is not None:
            cast("CfnElement", main.table.node.default_child).override_logical_id(kept_as)
        inner = ModelTable(NestedStack(data, "Nested"), "Inner", table=Table("inner", partition_key=inner_key, indexes=globals_))
        self._plain(data, globals_) if plain else None
        CfnOutput(data, "InnerName", value=inner.table.table_name)
        reader = Stack(app, "Reader")
        CfnOutput(reader, "MainName", value=ssm.StringParameter(reader, "Name", string_value=main.table.table_name).string_value)
        if stream is not None:
            self._consumer(data, main.table)
        Tags.of(main).add("view", str(stream))
        app.synth()
        self.told.clear()
        LocalAws(self._assembly.parent, port=0, assembly=self._assembly, fresh=fresh, stacks=stacks, report=self.told.append).up()

    @staticmethod
    def _plain(stack: Stack, indexes: Sequence[Index]) -> None:
        table = dynamodb.Table(stack, "Plain", partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING))
        for index in indexes:
            key = dynamodb.Attribute(name=index.partition_names[0], type=dynamodb.AttributeType.STRING)
            table.add_global_secondary_index(index_name=index.name, partition_key=key)
        CfnOutput(stack, "PlainName", value=table.table_name)

    @staticmethod
    def _consumer(stack: Stack, table: dynamodb.TableV2) -> None:
        code = lambda_.Code.from_inline(CODE)
        function = lambda_.Function(stack, "Consumer", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code)
        function.add_event_source(sources.DynamoEventSource(table, starting_position=lambda_.StartingPosition.TRIM_HORIZON))

    def name(self, table: str = MAIN) -> str:
        return self.aws.outputs["Reader" if table == MAIN else "Data"][table + "Name"]

    @property
    def client(self) -> Any:
        return self.aws.client("dynamodb")

    def put(self, table: str, pk: str) -> None:
        self.client.put_item(TableName=self.name(table), Item={"pk": {"S": pk}, "sk": {"S": "x"}, "g": {"S": "G"}, "n": {"S": "N"}})

    def items(self, table: str = MAIN) -> int:
        count: int = self.client.scan(TableName=self.name(table))["Count"]
        return count

    def queried(self, table: str, index: str, **key: str) -> int:
        [(name, value)] = key.items()
        values = {":value": {"S": value}}
        found: int = self.client.query(
            TableName=self.name(table), IndexName=index, KeyConditionExpression=f"{name} = :value", ExpressionAttributeValues=values
        )["Count"]
        return found

    def described(self) -> dict[str, Any]:
        """The main table and its settings, as the APIs tell them."""
        name, client = self.name(), self.client
        table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
        expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        insights = client.describe_contributor_insights(TableName=name)["ContributorInsightsStatus"]
        return {
            "ttl": expiry["AttributeName"] if expiry["TimeToLiveStatus"] == "ENABLED" else None,
            "backups": backups["PointInTimeRecoveryStatus"],
            "insights": insights,
            "protected": table["DeletionProtectionEnabled"],
            "indexes": sorted(index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())),
            "stream": table.get("StreamSpecification", {}).get("StreamViewType"),
            "tags": {tag["Key"]: tag["Value"] for tag in client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]},
        }

    def consumed(self, pk: str) -> bool:
        """Whether the consumer sees the item within some seconds."""
        for _ in range(100):
            if any(line.text == f"seen {pk}" for line in log_lines(self.aws.target, chosen_functions(self.aws.target, "Consumer"))):
                return True
            time.sleep(0.1)
        return False

    def refuses(self, text: str, **changed: Any) -> None:
        """The deploy is refused before it begins."""
        before = (self.described(), self.items(), self.client.list_tables()["TableNames"])
        with pytest.raises(DeployError, match=text) as refused:
            self.deploy(**changed)
        assert refused.value.code == "local.table_refused"
        assert (self.described(), self.items(), self.client.list_tables()["TableNames"]) == before


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    found = Project(tmp_path)
    yield found
    found.aws.down()


def test_tables_keep_their_items_through_every_change_that_aws_makes_in_place(project: Project) -> None:
    project.deploy()
    for table in TABLES:
        project.put(table, "first")
    names = [project.name(table) for table in TABLES]
    assert project.described() == {
        "ttl": None,
        "backups": "ENABLED",
        "insights": "DISABLED",
        "protected": True,
        "indexes": [],
        "stream": None,
        "tags": {"view": "None"},
    }

    for _ in range(2):  # however often it is asked for
        project.refuses("2 indexes change in one update .created: letter, number.", indexes=[LETTER, NUMBER, LATEST])
    project.deploy(indexes=[LETTER, LATEST], contributor_insights=True, point_in_time_recovery=False)
    assert [project.items(table) for table in TABLES] == [1, 1, 1]
    assert [project.queried(table, "letter", g="G") for table in TABLES] == [1, 1, 1]
    assert (project.described()["insights"], project.described()["backups"]) == ("ENABLED", "DISABLED")

    now: dict[str, Any] = {"indexes": [LETTER, LATEST], "stream": StreamView.KEYS_ONLY, "ttl": "expires"}
    project.deploy(**now)
    project.put(MAIN, "second")
    assert project.consumed("second")
    assert project.queried(MAIN, "letter", g="G") == project.items() == 2
    assert (project.described()["ttl"], project.described()["insights"]) == ("expires", "DISABLED")
    assert any("items whose expires has passed are deleted" in line for line in project.told)
    project.refuses("its TTL attribute changes from expires to gone", **now | {"ttl": "gone"})
    changed = Index("letter", partition_key="g", projection=include("n"))
    project.refuses("the projection of its index letter change from ALL to INCLUDE, n", **now | {"indexes": [changed, LATEST]})

    now = {"indexes": [LETTER, NUMBER, LATEST], "stream": StreamView.NEW_AND_OLD_IMAGES, "deletion_protection": False}
    project.deploy(**now)
    project.put(MAIN, "third")
    assert project.consumed("third")
    assert project.queried(MAIN, "number", n="N") == project.items() == 3
    assert project.described() == {
        "ttl": None,
        "backups": "ENABLED",
        "insights": "DISABLED",
        "protected": False,
        "indexes": ["letter", "number"],
        "stream": "NEW_AND_OLD_IMAGES",
        "tags": {"view": "NEW_AND_OLD_IMAGES"},
    }

    project.deploy(indexes=[NUMBER, LATEST], ttl="gone")
    assert [project.items(table) for table in TABLES] == [3, 1, 1]
    assert [project.name(table) for table in TABLES] == names
    assert sorted(project.client.list_tables()["TableNames"]) == sorted(names)
    assert (project.described()["indexes"], project.described()["ttl"], project.described()["stream"]) == (["number"], "gone", None)


def test_a_table_that_aws_would_make_anew_is_refused_while_it_holds_items(project: Project) -> None:
    project.deploy()
    project.put(MAIN, "first")
    project.put(PLAIN, "first")
    project.refuses("its keys change from pk .S., sk .S. to id .S., sk .S.", key="id")
    project.refuses("its local indexes change from latest", indexes=[])
    project.refuses("its name changes from none to mine", table_name="mine")
    for _ in range(2):
        project.refuses("override_logical_id.'Main[0-9A-F]{8}'.", id="Renamed")
    project.deploy(id="Renamed", kept_as=project.name().split("-")[1])
    assert project.items() == 1

    project.client.delete_item(TableName=project.name(), Key={"pk": {"S": "first"}, "sk": {"S": "x"}})
    project.refuses("'Export Data:.* cannot be updated as it is in use by Reader'", key="id")
    project.refuses("'Export Data:.* cannot be updated as it is in use by Reader'", key="id", stacks=["Data"])
    inner = project.name(INNER)
    project.deploy(inner_key="id", plain=False)
    assert any(line.endswith("leaves this one behind with its items; it was empty") for line in project.told)
    assert any("is no longer declared: it stays behind, in no stack" in line for line in project.told)
    assert project.client.describe_table(TableName=project.name(INNER))["Table"]["KeySchema"][0]["AttributeName"] == "id"
    assert project.name(INNER) != inner
    project.refuses("was declared before, and its items stayed behind", inner_key="id")
    project.deploy(inner_key="id", fresh=True)
    assert [project.items(table) for table in TABLES] == [0, 0, 0]
