"""The pytest plugin: `synth`, `synth_settings`, `template_snapshot`, `dynamodb_name`, `dynamodb_engine` and `make_store`.

It is loaded by every pytest run in an environment that has gateleg, so nothing heavy is imported before a fixture is asked for.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.parts import require

require("testing", __name__, "pytest")

import pytest  # noqa: E402 (as above: only pytest itself loads this without it)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from syrupy.assertion import SnapshotAssertion

    from gateleg.store.dynamodb_client import DynamoDBClient
    from gateleg.testing.stores import MakeStore
    from gateleg.testing.synth import Synth, SynthSettings


_SPENT = pytest.StashKey[dict[str, list[float]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--dynamodb`."""
    what = "what `make_store` makes tables on: ministack, local (DynamoDB Local), aws (the account and region of the environment), or a URL"
    parser.getgroup("gateleg").addoption("--dynamodb", default="ministack", help=what)


@pytest.hookimpl(tryfirst=True)  # a conftest.py may import the CDK
def pytest_load_initial_conftests() -> None:
    """Let the CDK find the Node beside Python, which is not on the path where an editor runs tests without activating their environment."""
    beside = shutil.which("node", path=str(Path(sys.executable).parent))
    if beside is not None and shutil.which("node") is None:
        os.environ.setdefault("JSII_NODE", beside)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the tables of the tests took."""
    for where, spent in config.stash.get(_SPENT, dict[str, list[float]]()).items():
        each = 1000 * sum(spent) / len(spent)
        terminalreporter.write_line(
            f"gateleg: {len(spent)} tests with tables of their own on {where}, {each:.1f} ms each to make and delete"
        )


@pytest.fixture(scope="session")
def synth_settings(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> SynthSettings:
    """How `synth` synthesizes: with the context of the `cdk.json` at pytest's root, without bundling.

    Override it to change that, in the `conftest.py` above all tests that ask for `synth`: pytest makes one for the whole session, as the test that
    asks first has it overridden.
    """
    from gateleg.testing.synth import SynthSettings

    return SynthSettings(project=pytestconfig.rootpath, output=tmp_path_factory.mktemp("gateleg-synth"))


@pytest.fixture(scope="session")
def synth(synth_settings: SynthSettings) -> Synth:
    """Synthesizes stacks, each once per session: `synth(lambda app: ChatStack(app, "Chat"))` is a `TemplateView`."""
    from gateleg.testing.synth import Synth

    return Synth(synth_settings)


@pytest.fixture
def template_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """A syrupy snapshot, one JSON file per test, of a template in any form or of `logical_ids()`, with hashes masked."""
    __tracebackhide__ = True
    if not request.config.pluginmanager.has_plugin("syrupy"):
        from gateleg.errors import PartMissingError

        message = "`template_snapshot` needs syrupy, which is not loaded; run: pip install 'gateleg[testing]'"
        raise PartMissingError(message, path="template_snapshot", value="syrupy")
    from gateleg.testing.syrupy import TemplateSnapshotExtension

    snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
    return snapshot.use_extension(TemplateSnapshotExtension)


@pytest.fixture(scope="session")
def dynamodb_name(pytestconfig: pytest.Config) -> str:
    """What `--dynamodb` says. Override it with `params=["ministack", "local"]` to run each test on several engines."""
    return str(pytestconfig.getoption("--dynamodb"))


@pytest.fixture(scope="session")
def dynamodb_engines(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], DynamoDBClient]]:
    """Gives a client of an engine by its name; each is started once in a session, when it is first asked for, and ended with it."""
    from contextlib import ExitStack

    from gateleg.testing.engines import engine

    running: dict[str, DynamoDBClient] = {}
    with ExitStack() as stack:

        def client(name: str) -> DynamoDBClient:
            if name not in running:
                logs = tmp_path_factory.mktemp("gateleg-dynamodb")
                running[name] = stack.enter_context(engine(name, pytestconfig.rootpath, logs))
            return running[name]

        yield client


# Not of the session: pytest would give tests that override `dynamodb_name` the engine of those that do not.
@pytest.fixture(scope="module")
def dynamodb_engine(dynamodb_name: str, dynamodb_engines: Callable[[str], DynamoDBClient]) -> DynamoDBClient:
    """A client of the engine that `dynamodb_name` names, which all tests of a session share."""
    return dynamodb_engines(dynamodb_name)


@pytest.fixture
def make_store(dynamodb_name: str, dynamodb_engine: DynamoDBClient, pytestconfig: pytest.Config) -> Iterator[MakeStore]:
    """Makes stores on fresh tables, which go with the test: `make_store(CHAT)`."""
    from gateleg.testing.stores import MakeStore

    make = MakeStore(dynamodb_engine)
    yield make
    make.clear()
    if make.made:
        pytestconfig.stash.setdefault(_SPENT, dict[str, list[float]]()).setdefault(dynamodb_name, []).append(make.seconds)
