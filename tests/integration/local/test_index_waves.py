"""Several indexes change, one an update, by the real CDK CLI onto the embedded AWS, while items are written and the command is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import pytest
from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, Stack
from aws_cdk import aws_dynamodb as dynamodb

from gateleg.cdk import ModelTable
from gateleg.changes.lock import Lock
from gateleg.deploying.project import DeployProject
from gateleg.errors import ChangeRefusedError, DeployError
from gateleg.local import LocalAws
from gateleg.local.cdk_cli import credentials
from gateleg.model import Index, Table, include

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = pytest.mark.integration

OLD = Index("old", partition_key="a")
LETTER, NUMBER, LATEST = NEW = (
    Index("letter", partition_key="g"),
    Index("number", partition_key="n", sort_key="pk"),
    Index("latest", partition_key="a", sort_key="n", projection=include("g")),
)
TABLES = ["Main", "Plain"]


class Project:
    """A declared table and one of CDK's own, deployed again after each change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        self.assembly = path / "assembly"
        self.aws = LocalAws(path, port=0, assembly=self.assembly, report=self.told.append)

    def synthesize(self, *indexes: Index) -> None:
        app = App(outdir=str(self.assembly))
        data = Stack(app, "Data", stack_name="held-data")
        declared = ModelTable(data, "Main", table=Table("main", partition_key="pk", indexes=indexes))
        plain = dynamodb.Table(data, "Plain", partition_key=_attribute("pk"))
        for index in indexes:
            sort = _attribute(index.sort_names[0]) if index.sort_names else None
            plain.add_global_secondary_index(index_name=index.name, partition_key=_attribute(index.partition_names[0]), sort_key=sort)
        CfnOutput(data, "MainName", value=declared.table.table_name)
        CfnOutput(data, "PlainName", value=plain.table_name)
        app.synth()

    def up(self, *, waves: bool = False) -> None:
        self.told.clear()
        LocalAws(self.path, port=0, assembly=self.assembly, waves=waves, report=self.told.append).up()

    def names(self) -> list[str]:
        return [self.aws.outputs["held-data"][f"{table}Name"] for table in TABLES]

    def indexes(self, table: str) -> list[str]:
        described = self.aws.client("dynamodb").describe_table(TableName=table)["Table"]
        return sorted(index["IndexName"] for index in described.get("GlobalSecondaryIndexes", ()))

    def keys(self, table: str, index: str | None = None) -> set[str]:
        where = {} if index is None else {"IndexName": index}
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=table, **where)
        return {item["pk"]["S"] for page in pages for item in page["Items"]}


def _attribute(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


class Writer:
    """Writes items into tables until the block ends; each that was acknowledged counts."""

    def __init__(self, client: Any, tables: Sequence[str]) -> None:
        self._client = client
        self._tables = tables
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.written: dict[str, set[str]] = {table: set() for table in tables}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._ends.wait(0.01):
            number += 1
            item = {name: {"S": f"{name}{number % 7}"} for name in ("a", "g", "n")} | {"pk": {"S": str(number)}}
            for table in self._tables:
                self._client.put_item(TableName=table, Item=item)
                self.written[table].add(str(number))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    found = Project(tmp_path_factory.mktemp("waves"))
    yield found
    found.aws.down()


def test_three_indexes_are_made_and_one_is_dropped_while_items_are_written_and_nothing_is_lost(project: Project) -> None:
    project.synthesize(OLD)
    project.up()
    names = project.names()
    with Writer(project.aws.client("dynamodb"), names) as writer:
        time.sleep(0.3)
        project.synthesize(*NEW)
        with pytest.raises(DeployError, match=r"4 indexes change in one update .*or run: gateleg local up --waves"):
            project.up()
        assert project.indexes(names[0]) == ["old"]
        _killed_at_random(project)
        project.up(waves=True)
        project.up(waves=True)
        assert project.told == ["nothing changed"]
    assert project.names() == names
    for name in names:
        assert project.indexes(name) == ["latest", "letter", "number"]
        assert len(writer.written[name]) > 50
        assert project.keys(name) == writer.written[name]
        for index in NEW:
            assert project.keys(name, index.name) == writer.written[name]


def _killed_at_random(project: Project) -> None:
    """Begin three times, and kill the command, sometimes with the CDK CLI that it runs, sometimes without."""
    chance = random.Random(11)  # noqa: S311 (no secret)
    command = [
        sys.executable,
        "-m",
        "gateleg.cli",
        "local",
        "up",
        "--waves",
        "--project",
        str(project.path),
        "--assembly",
        str(project.assembly),
    ]
    for number in range(3):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            time.sleep(chance.uniform(1, 3.5))
            if number % 2:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        assert set(project.indexes(project.names()[0])) <= {"old", "letter", "number", "latest"}


def test_the_same_goes_by_the_users_own_credentials_and_the_lock_is_written(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on AWS, whose place the embedded one takes: the CLI, CloudFormation and DynamoDB are found by the environment alone."""
    if not project.aws.running:
        project.synthesize(OLD)
        project.up()
    target = project.aws.target
    for name, value in credentials(target).items():
        monkeypatch.setenv(name, value)
    project.aws.client("s3").create_bucket(Bucket=f"cdk-hnb659fds-assets-{target.account}-{target.region}")
    told: list[str] = []
    (tmp_path / "cdk.json").write_text("{}")

    def synthesized(*indexes: str) -> DeployProject:
        app = App(outdir=str(tmp_path / "assembly"), context={"gateleg:changes": "judged"})
        synthesizer = CliCredentialsStackSynthesizer()
        stack = Stack(app, "Own", stack_name="own-stack", synthesizer=synthesizer)
        table = dynamodb.Table(stack, "Table", table_name="own", partition_key=_attribute("pk"))
        for index in indexes:
            table.add_global_secondary_index(index_name=index, partition_key=_attribute(index))
        app.synth()
        told.clear()
        return DeployProject(tmp_path, assembly=tmp_path / "assembly", report=told.append)

    synthesized("old").deploy()
    assert told == ["wrote gateleg.lock.json; commit it"]
    first = (tmp_path / "gateleg.lock.json").read_text()
    project.aws.client("dynamodb").put_item(TableName="own", Item={name: {"S": name} for name in ("pk", "old", "one", "two")})
    changed = synthesized("one", "two")
    with pytest.raises(ChangeRefusedError, match="3 indexes change in one update") as refused:
        changed.deploy()
    assert refused.value.changes == ("index-count:TableCD117FA1",)
    assert (project.indexes("own"), (tmp_path / "gateleg.lock.json").read_text()) == (["old"], first)
    lines, is_refused = changed.plan(deployed=True)
    assert ("own-stack: compared with what is deployed" in lines, is_refused) == (True, False)
    changed.deploy(waves=True)
    assert [line for line in told if " in own-stack" in line or line.startswith("deploying")] == [
        "create index one of TableCD117FA1 in own-stack, 1 more to come",
        "create index two of TableCD117FA1 in own-stack",
        "deploying own-stack",
        "drop index old of TableCD117FA1 in own-stack",
    ]
    assert project.indexes("own") == ["one", "two"]
    assert project.keys("own", "one") == project.keys("own", "two") == {"pk"}
    lock = Lock.read(tmp_path / "gateleg.lock.json")
    assert lock is not None
    changed.lock(deployed=True)
    assert Lock.read(tmp_path / "gateleg.lock.json") == lock
