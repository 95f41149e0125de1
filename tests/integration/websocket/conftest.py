"""The registry on a real DynamoDB engine, and a real HTTP server in the place of `@connections`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from gateleg.model import Table
from gateleg.store import Patience, Store, clients
from gateleg.websocket import Connections
from tests.integration.store.conftest import create_table, ministack
from tests.unit.websocket.management import Management

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

CHAT = Table("chat", partition_key="pk", sort_key="sk", ttl="expires_at")


@pytest.fixture(scope="session")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoDBClient]:
    with ministack(tmp_path_factory.mktemp("engine")) as client:
        yield client


@pytest.fixture
def store(dynamodb: DynamoDBClient) -> Iterator[Store]:
    name = f"chat-{uuid.uuid4().hex[:12]}"
    registry = Connections(CHAT)  # declares the registry's entities before the table is made
    create_table(dynamodb, registry.table, name)
    yield Store(CHAT, table_name=name, client=dynamodb, patience=Patience(attempts=2, base=0))
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def connections(store: Store) -> Connections:
    return Connections(CHAT, store=store)


@pytest.fixture
def management(monkeypatch: pytest.MonkeyPatch) -> Iterator[Management]:
    server = Management()
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", server.url)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    clients.reset()
    yield server
    clients.reset()
    server.stop()
