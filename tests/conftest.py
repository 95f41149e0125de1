"""What several kinds of tests share: the chat, deployed once a session onto an embedded AWS that enforces IAM."""

from __future__ import annotations

import importlib
import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tests.seeds import SEARCHES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local import LocalAws
    from gateleg.testing import SynthSettings
    from tests.deployed_services import DeployedServices

ROOT = Path(__file__).parent.parent
SERVICES = "env SERVICE=dashboard,game,media,shop python app.py"

_SHARED = {
    "chat_service": "tests/browser/test_chat_page tests/browser/test_foreign_page tests/e2e/test_chat_clients tests/e2e/test_chat_rest tests/e2e/test_chat_socket tests/e2e/test_contract",
    "services": "tests/browser/test_service_pages tests/e2e/test_reference_services tests/e2e/test_scores",
    "local.aws": "tests/integration/local/test_guard tests/integration/local/test_narrow_run tests/integration/local/test_served_apis",
    "local.deployed": "tests/integration/local/test_life_of_a_run tests/integration/local/test_watch",
    "synth": "examples/guide/test_access examples/guide/test_template",
}
TOGETHER = {f"{file}.py": fixture for fixture, files in _SHARED.items() for file in files.split()}
"""By file, the fixture that it shares with others."""

# How long an example takes says how busy the machine is, and nothing of what it tests. What one run finds, every run finds, but for those that search.
settings.register_profile("gateleg", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=not SEARCHES)
settings.register_profile("quick", settings.get_profile("gateleg"), max_examples=10)
settings.load_profile("gateleg")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`, files that share a deployment go to one process, so that it is made once."""
    if config.getoption("dist") != "loadfile":
        return None
    scheduler = importlib.import_module("xdist.scheduler").LoadFileScheduling(config, log)

    def scope_of(nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return TOGETHER.get(file, file)

    scheduler._split_scope = scope_of
    return scheduler


def pytest_make_parametrize_id(val: object) -> str | None:
    """A token of CDK without its number, which differs from process to process, while all processes are to collect the same tests."""
    return re.sub(r"\.\d+\]\}", "]}", val) if isinstance(val, str) and "${Token[" in val else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests have one name in all processes, so that several can share them."""
    if " at 0x" in item.nodeid:
        raise pytest.UsageError(f"{item.nodeid} is named by where its parameter is in memory; give ids=")


@dataclass(frozen=True)
class DeployedChat:
    """The chat on the embedded AWS. `clients` closes those that `sign_in` opened."""

    aws: LocalAws
    clients: ExitStack

    @property
    def url(self) -> str:
        """The REST API's stage, with a slash at the end."""
        return self.aws.endpoint("rest").url.rstrip("/") + "/"

    def sign_in(self, name: str) -> Person:
        """A client that carries a session token of that name."""
        answer = httpx.post(self.url + "sessions", json={"name": name}, timeout=30)
        answer.raise_for_status()
        token = answer.json()["token"]
        client = httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {token}"}, timeout=30)
        return Person(name, token, self.clients.enter_context(client))

    def socket_url(self, token: str) -> str:
        """Where a WebSocket client with that token connects."""
        return f"{self.aws.endpoint('websocket').url}?token={quote(token)}"

    def items(self) -> list[dict[str, Any]]:
        """Every item of the table, read as the embedded AWS's root."""
        [table] = [name for name in self.aws.client("dynamodb").list_tables()["TableNames"] if "Table" in name]
        items: list[dict[str, Any]] = self.aws.client("dynamodb").scan(TableName=table)["Items"]
        return items


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    name: str
    token: str
    http: httpx.Client


@pytest.fixture(scope="session")
def synth_settings(synth_settings: SynthSettings) -> SynthSettings:
    """The plugin's, with the newest runtime, as the snapshots have it; what is deployed from here follows the interpreter."""
    return replace(synth_settings, context={"gateleg:runtime": "python3.14"})


@pytest.fixture(scope="session")
def chat_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedChat]:
    """The chat stack of this repository, deployed by the real CDK CLI, with IAM enforced on every call."""
    from gateleg.local import LocalAws

    with LocalAws(ROOT, port=0, directory=tmp_path_factory.mktemp("local")) as aws, ExitStack() as clients:
        yield DeployedChat(aws, clients)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedServices]:
    """The reference services beside the chat, all by one deployment."""
    from gateleg.local import LocalAws
    from tests.deployed_services import DeployedServices

    with LocalAws(ROOT, port=0, app=SERVICES, directory=tmp_path_factory.mktemp("services")) as aws:
        yield DeployedServices(aws)
