"""A store that is bound by its environment alone, as in a deployed function; its cursors are signed by a real secret that rotates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from gateleg.errors import BindingError, CursorError
from gateleg.store import AsyncStore, Store, clients
from gateleg.store.secrets import SecretKeys
from gateleg.testing import MakeStore
from gateleg.testing.engines import engine
from tests.integration.store.chat import CHAT, Presence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.store import DynamoDBClient

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
QUERY = Presence.in_room(room="lobby")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoDBClient]:
    with engine("ministack", ROOT, tmp_path_factory.mktemp("aws"), services=["dynamodb", "secretsmanager"]) as client:
        yield client


@pytest.fixture(scope="module")
def table_name(aws: DynamoDBClient) -> str:
    return MakeStore(aws).fresh(CHAT)


@pytest.fixture
def environment(aws: DynamoDBClient, table_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Sets what the construct and Lambda set; gives the Secrets Manager client and the secret's ARN."""
    secrets: Any = boto3.client(  # pyright: ignore[reportUnknownMemberType]  (stubs name only the installed services)
        "secretsmanager",
        endpoint_url=aws.meta.endpoint_url,
        region_name="eu-north-1",
        aws_access_key_id="AKIAGATELEGTESTS0000",
        aws_secret_access_key="tests",
    )
    arn = secrets.create_secret(Name=f"cursors-{uuid4()}", SecretString="the first key of the table")["ARN"]
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": aws.meta.endpoint_url,
        "AWS_REGION": "eu-north-1",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "AKIAGATELEGTESTS0000",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "GATELEG_TABLE_CHAT": table_name,
        "GATELEG_CURSOR_SECRET_CHAT": arn,
    }.items():
        monkeypatch.setenv(name, value)
    clients.reset()
    yield secrets, arn
    clients.reset()


def test_the_environment_is_all_that_a_store_needs(environment: Any) -> None:
    del environment
    store = Store(CHAT)
    store.batch_put([Presence(room="lobby", user=user) for user in ("ann", "ben", "cy")])
    first = store.page(QUERY, limit=2)
    second = store.page(QUERY, limit=2, cursor=first.cursor)
    assert [[found.user for found in page.items] for page in (first, second)] == [["ann", "ben"], ["cy"]]
    assert second.cursor is None


def test_a_cursor_outlives_one_rotation_and_not_two(environment: Any) -> None:
    secrets, arn = environment
    Store(CHAT).batch_put([Presence(room="lobby", user=user) for user in ("ann", "ben", "cy")])
    cursor = Store(CHAT).page(QUERY, limit=2).cursor
    secrets.put_secret_value(SecretId=arn, SecretString="the second key of the table")
    assert [found.user for found in Store(CHAT).page(QUERY, limit=2, cursor=cursor).items] == ["cy"]
    secrets.put_secret_value(SecretId=arn, SecretString="the third key of the table")
    with pytest.raises(CursorError):
        Store(CHAT).page(QUERY, limit=2, cursor=cursor)


Page = Callable[[Any, str | None], Any]


def waits(store: Store, cursor: str | None) -> Any:
    return store.page(QUERY, limit=2, cursor=cursor)


def awaits(store: AsyncStore, cursor: str | None) -> Any:
    return asyncio.run(store.page(QUERY, limit=2, cursor=cursor))


def write_value(secrets: Any, arn: str, value: str) -> None:
    """As somebody does by hand: the new value is current at once."""
    secrets.put_secret_value(SecretId=arn, SecretString=value)


def rotate_in_steps(secrets: Any, arn: str, value: str) -> None:
    """As a rotation function does: a pending version is made, and becomes the current one when it has been tried."""
    versions = secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]
    [before] = [version for version, stages in versions.items() if "AWSCURRENT" in stages]
    pending = secrets.put_secret_value(SecretId=arn, SecretString=value, VersionStages=["AWSPENDING"])["VersionId"]
    secrets.update_secret_version_stage(SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=pending, RemoveFromVersionId=before)


@pytest.mark.parametrize(("kind", "page"), [(Store, waits), (AsyncStore, awaits)], ids=["waiting", "awaiting"])
@pytest.mark.parametrize("rotate", [write_value, rotate_in_steps])
def test_through_a_rotation_warm_and_fresh_stores_take_each_others_cursors(
    environment: Any, kind: Any, page: Page, rotate: Callable[[Any, str, str], None]
) -> None:
    secrets, arn = environment
    Store(CHAT).batch_put([Presence(room="lobby", user=user) for user in ("ann", "ben", "cy")])
    warm = kind(CHAT)
    old = page(warm, None).cursor
    rotate(secrets, arn, "the second key of the table")
    fresh = kind(CHAT)
    new = page(fresh, None).cursor
    assert old != new
    for store in (warm, fresh, kind(CHAT)):
        assert [[found.user for found in page(store, cursor).items] for cursor in (new, old)] == [["cy"], ["cy"]]


@pytest.mark.parametrize(("kind", "page"), [(Store, waits), (AsyncStore, awaits)], ids=["waiting", "awaiting"])
def test_invented_cursors_do_not_reach_secrets_manager_one_by_one(environment: Any, kind: Any, page: Page) -> None:
    del environment
    Store(CHAT).batch_put([Presence(room="lobby", user=user) for user in ("ann", "ben", "cy")])
    store = kind(CHAT)
    place, signature = page(store, None).cursor.split(".")
    asked: list[Any] = []

    def note(**event: Any) -> None:
        asked.append(event)

    client: Any = clients.secretsmanager()
    client.meta.events.register("before-send.secretsmanager", note)
    for number in range(50):
        with pytest.raises(CursorError):
            page(store, f"{place}.{number:04}{signature[4:]}")
    assert len(asked) == 3


def test_a_secret_that_is_not_there_is_named(environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    del environment
    monkeypatch.setenv("GATELEG_CURSOR_SECRET_CHAT", "arn:aws:secretsmanager:eu-north-1:000000000000:secret:none")
    with pytest.raises(BindingError, match="secret:none cannot be read"):
        SecretKeys("chat").signing()
