"""The pytest plugin: `synth`, `synth_settings` and `template_snapshot`.

It is loaded by every pytest run in an environment that has gateleg, so nothing heavy is imported before a fixture is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from gateleg.testing.synth import Synth, SynthSettings


@pytest.fixture(scope="session")
def synth_settings(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> SynthSettings:
    """How `synth` synthesizes: with the context of the `cdk.json` at pytest's root, without bundling. Override it to change that."""
    from gateleg.testing.synth import SynthSettings

    return SynthSettings(project=pytestconfig.rootpath, output=tmp_path_factory.mktemp("gateleg-synth"))


@pytest.fixture(scope="session")
def synth(synth_settings: SynthSettings) -> Synth:
    """Synthesizes stacks, each once per session: `synth(lambda app: ChatStack(app, "Chat"))` is a `TemplateView`."""
    from gateleg.testing.synth import Synth

    return Synth(synth_settings)


@pytest.fixture
def template_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """A syrupy snapshot, one JSON file per test, of a `TemplateView`, a template's JSON or `logical_ids()`, with hashes masked."""
    if not request.config.pluginmanager.has_plugin("syrupy"):
        pytest.fail("`template_snapshot` needs syrupy, which is not installed; install gateleg[testing]", pytrace=False)
    from gateleg.testing.syrupy import TemplateSnapshotExtension

    snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
    return snapshot.use_extension(TemplateSnapshotExtension)
