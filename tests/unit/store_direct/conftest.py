from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.store.direct.transport import DirectTransport
from tests.unit.store_direct.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator


class StillKeys:
    """botocore's credentials, as far as they are asked."""

    access_key = "AKIAGATELEGTESTS0000"
    secret_key = "a secret of the tests"
    token: str | None = "a/token+of=the=tests"

    def get_frozen_credentials(self) -> StillKeys:
        return self


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Nothing of the user's settings."""
    import os

    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy") or name == "REQUESTS_CA_BUNDLE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def direct(server: Server) -> Iterator[DirectTransport]:
    with DirectTransport(endpoint=server.url, region="eu-north-1", credentials=StillKeys(), read_seconds=0.4) as transport:
        yield transport
