"""Handlers run against a real HTTP server in the place of `@connections`."""

from collections.abc import Iterator

import pytest
from botocore.loaders import create_loader

from gateleg.aws.session import session
from gateleg.store import clients
from gateleg.websocket import transport
from tests.unit.websocket.management import Management

LOADER = create_loader()


@pytest.fixture
def management(monkeypatch: pytest.MonkeyPatch) -> Iterator[Management]:
    server = Management()
    monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", server.url)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    clients.reset()
    transport.reset()
    # Each test has a session of its own, and none needs to read botocore's models anew.
    session().register_component("data_loader", LOADER)
    yield server
    clients.reset()
    transport.reset()
    server.stop()
