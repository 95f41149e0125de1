from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore
import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError

from gateleg.aws.session import session
from gateleg.errors import BindingError
from gateleg.store import Store, clients
from tests.unit.store.notes import TABLE, Script, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("GATELEG_TABLE_UNIT_1", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAGATELEGTESTS0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    clients.reset()
    yield
    clients.reset()


def test_a_store_finds_its_table_in_the_environment_at_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([{}])
    store = Store(TABLE, transport=script)
    monkeypatch.setenv("GATELEG_TABLE_UNIT_1", "stack-unit-1-xyz")
    assert store.get(Tally.key(name="a")) is None
    assert script.asked[0][1]["TableName"] == "stack-unit-1-xyz"


def test_a_missing_binding_names_the_variable_and_the_fix() -> None:
    store = Store(TABLE, transport=Script([]))
    with pytest.raises(BindingError, match=r"GATELEG_TABLE_UNIT_1 is not set.*tables=\[\.\.\.\]"):
        store.get(Tally.key(name="a"))


def test_a_missing_region_is_a_missing_binding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(BindingError, match="set AWS_DEFAULT_REGION"):
        Store(TABLE, table_name="t").get(Tally.key(name="a"))


def test_clients_are_made_once_with_timeouts_and_attempts_of_their_own() -> None:
    client = clients.dynamodb()
    assert clients.dynamodb() is client
    config: Any = client.meta.config
    assert (config.connect_timeout, config.read_timeout, config.tcp_keepalive) == (1, 3, True)
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    vault: Any = clients.secretsmanager()
    assert vault.meta.config.retries["total_max_attempts"] == 3


@pytest.mark.slow
def test_clients_name_themselves_as_botocore_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.13")
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "chat")
    sent: list[str] = []

    def note(request: Any, **_: object) -> None:
        sent.append(request.headers["User-Agent"].decode())
        raise ConnectionAbortedError

    client: Any = clients.dynamodb()
    client.meta.events.register("before-send.dynamodb", note)
    with pytest.raises(ConnectionAbortedError):
        client.list_tables()
    first, *others = sent[0].split()
    assert first == f"Botocore/{botocore.__version__}"
    assert {"exec-env/AWS_Lambda_python3.13", "app/chat"} <= set(others)
    assert len(set(others)) == len(others)


@pytest.mark.slow
@pytest.mark.parametrize("service", ["dynamodb", "secretsmanager", "apigatewaymanagementapi", "sts"])
def test_services_are_what_botocore_says_they_are(service: str) -> None:
    ours: Any = session()
    stock: Any = botocore.session.Session()
    assert ours.get_service_data(service) == stock.get_service_data(service)
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        assert ours.get_data(name) == stock.get_data(name)


def test_services_of_the_user_are_found_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "models/own/2026-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text('{"metadata": {"serviceId": "own"}}')
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / "models"))
    ours: Any = session()
    assert ours.get_service_data("own") == {"metadata": {"serviceId": "own"}}
    assert {"own", "dynamodb"} <= set(ours.get_available_services())
    with pytest.raises(UnknownServiceError):
        ours.get_service_data("nothing")
