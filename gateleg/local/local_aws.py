"""A project's stacks on an embedded AWS: start, deploy, ask, stop."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gateleg.errors import LocalError
from gateleg.local import emulator
from gateleg.local.assembly import Assembly, adapted_copy
from gateleg.local.cdk_cli import CdkCli
from gateleg.local.clients import client
from gateleg.local.control import Control
from gateleg.local.deploy import deploy
from gateleg.local.deployed import deployed_outputs, deployed_templates
from gateleg.local.endpoints import Endpoint, endpoints
from gateleg.local.progress import step
from gateleg.local.state import State, StateDirectory
from gateleg.local.tables import check_tables
from gateleg.local.template import Target
from gateleg.parts import require

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from gateleg.local.template import Json


def _silent(line: str) -> None:
    del line


class LocalAws:
    """A project deployed onto an embedded AWS on 127.0.0.1, by the real CDK CLI.

    What it holds is kept between runs: `up` goes on where the last run of the same `directory` ended. As a context manager it is up
    inside the block and down after it; a test gives it a directory of its own, and is alone with it::

        with LocalAws("path/to/project", port=0, directory=tmp_path) as aws:
            httpx.get(aws.endpoint("rest").url)

    Args:
        project: The directory that holds `cdk.json`.
        port: The port of the embedded AWS. 0 takes a free one; `None` means the running one's, the last run's or 4566.
        auth: Whether IAM is enforced on every call, the functions' own included.
        app: The app command, in place of `cdk.json`'s.
        assembly: A directory that `cdk synth` wrote, in place of synthesizing.
        stacks: Names or patterns of the stacks to deploy; all if there are none.
        directory: Where state and data are kept; `.gateleg/local` of the project by default.
        fresh: Whether `up` starts empty, without what earlier runs kept.
        waves: Whether several index changes of a table are deployed one at a time; otherwise they are refused.
        report: Takes one short line of progress at a time; by default they go nowhere.

    Raises:
        PartMissingError: What `pip install 'gateleg[local]'` installs is not there.
    """

    def __init__(
        self,
        project: Path | str = ".",
        *,
        port: int | None = None,
        auth: bool = True,
        app: str | None = None,
        assembly: Path | str | None = None,
        stacks: Sequence[str] = (),
        directory: Path | str | None = None,
        fresh: bool = False,
        waves: bool = False,
        report: Callable[[str], None] = _silent,
    ) -> None:
        require("local", "the local run", "ministack", "psutil", "watchfiles", "airspeed")
        self.project = Path(project).resolve()
        self.directory = StateDirectory(Path(directory or self.project / ".gateleg" / "local").resolve())
        self._port = port
        self._auth = auth
        self._app = app
        self._assembly = Path(assembly).resolve() if assembly else None
        self._stacks = tuple(stacks)
        self._fresh = fresh
        self._waves = waves
        self._told: set[str] = set()
        self._report = report

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.down()

    @property
    def state(self) -> State:
        """The running emulator.

        Raises:
            LocalError: None runs, or it does not answer.
        """
        state = emulator.found(self.directory)
        if state is None:
            raise LocalError("no embedded AWS runs for this project; run: gateleg local up", code="local.not_running")
        return state

    @property
    def running(self) -> bool:
        """Whether an embedded AWS runs for this project.

        Raises:
            LocalError: It runs and does not answer.
        """
        return emulator.found(self.directory) is not None

    @property
    def stopped(self) -> bool:
        """Whether no embedded AWS runs, and no command is at work that may be starting one anew."""
        try:
            with self.directory.locked():
                return not self.running
        except LocalError:
            return False

    @property
    def target(self) -> Target:
        """The running embedded AWS as port, account and region."""
        return _target(self.state)

    @property
    def endpoint_url(self) -> str:
        """Where every AWS API answers, for a client's `endpoint_url`."""
        return self.target.endpoint_url

    @property
    def outputs(self) -> Mapping[str, Mapping[str, str]]:
        """The stacks' outputs, by stack and output name, with local URLs."""
        return deployed_outputs(self.target)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The URLs to open or call: REST, then WebSocket, then documentation."""
        return [Endpoint(**given) for given in self.state.endpoints]

    @property
    def synthesized(self) -> Assembly:
        """The cloud assembly as it was synthesized last, or as it was given."""
        return Assembly(self._assembly or self.directory.synthesized)

    @property
    def synthesized_at(self) -> float:
        """When the last synth began, in seconds since the epoch; a file saved later may not be in the assembly."""
        began = self._assembly / "manifest.json" if self._assembly else self.directory.synth_began
        return began.stat().st_mtime

    def endpoint(self, kind: str) -> Endpoint:
        """Return the first endpoint of a kind: `rest`, `http`, `websocket` or `docs`.

        Raises:
            LocalError: No stack has an output with such a URL.
        """
        for endpoint in self.endpoints:
            if endpoint.kind == kind:
                return endpoint
        raise LocalError(f"no stack has an output with a {kind} URL; the outputs are: {dict(self.outputs)}", value=kind)

    @property
    def control(self) -> Control:
        """What only the owner of the run may ask of it."""
        return Control(self.state)

    def client(self, service: str) -> Any:
        """Return a boto3 client of the embedded AWS as its root, whom IAM refuses nothing."""
        return client(service, self.target)

    def up(self) -> None:
        """Start the embedded AWS unless it runs, synthesize, and deploy what changed.

        Raises:
            PortTakenError: Another program listens on the port.
            ToolMissingError: Node or the CDK CLI is not installed.
            DeployError: Synthesis or the deploy failed.
            LocalError: Another command is at work, the emulator does not start, or its files cannot be written.
        """
        self._require_app()
        cli = self._cli()
        with self.directory.locked():
            before = self._usable()
            state = before or self._start()
            try:
                if not self._deploy(cli, state):
                    self._report("nothing changed")
            except BaseException:
                if before is None:
                    self._end()
                raise

    def redeploy(self, *, unless: Callable[[Assembly, Mapping[str, Json]], bool] | None = None) -> bool:
        """Synthesize again and deploy what changed onto the running embedded AWS; return whether anything was deployed.

        Args:
            unless: Given the synthesized assembly and the deployed templates by stack, says that all changes are live already.

        Raises:
            DeployError: Synthesis or the deploy failed.
            LocalError: None runs, or another command is at work.
        """
        with self.directory.locked():
            return self._deploy(self._cli(), self.state, unless)

    def down(self) -> bool:
        """Stop the embedded AWS, which keeps what it holds; return whether one ran.

        Raises:
            LocalError: Another command is at work.
        """
        with self.directory.locked():
            return self._end()

    def _require_app(self) -> None:
        if self._assembly is not None:
            Assembly(self._assembly)
        elif self._app is None and not (self.project / "cdk.json").is_file():
            raise LocalError(
                f"no cdk.json in {self.project}; go to the project's directory, or give --app or --assembly", value=str(self.project)
            )

    def _cli(self) -> CdkCli:
        return CdkCli(self.project, self.directory.path / "cdk-home")

    def _usable(self) -> State | None:
        """Return the running emulator if it is as asked; end one that is not, or that was forgotten and cannot be asked."""
        state = self._answering()
        if state is not None and not self._fresh:
            if self._port not in (None, 0, state.port):
                raise LocalError(f"the embedded AWS runs on port {state.port}, not {self._port}; run: gateleg local down", value=self._port)
            if state.auth == self._auth:
                return state
            self._report("starting the embedded AWS anew, for IAM is asked for otherwise than before")
        if self._end() and state is None:
            self._report("found an embedded AWS of this project that was forgotten, and ended it")
        if state is not None and self._port in (None, 0):
            self._port = state.port
        if self._fresh:
            self.directory.forget_data()
        return None

    def _start(self) -> State:
        port = self.directory.last_port or emulator.DEFAULT_PORT if self._port is None else self._port or emulator.free_port()
        if self.directory.data.is_dir():
            self._report("the data of the last run is kept; --fresh starts empty")
        elif others := self.directory.data_of_others:
            self._report(f"starting empty: the kept data is of {', '.join(others)}, and this is {self.directory.data.name}")
        with step(self._report, f"starting the embedded AWS on 127.0.0.1:{port}" + ("" if self._auth else " without IAM")):
            return emulator.start(Target(port), self.directory, auth=self._auth)

    def _answering(self) -> State | None:
        try:
            return emulator.found(self.directory)
        except LocalError as error:
            self._report(f"{error.message.partition(';')[0]}; it is ended")
            return None

    def _end(self) -> bool:
        ran = emulator.end(self.directory)
        shutil.rmtree(self.directory.temporary, ignore_errors=True)
        self.directory.make()
        return ran

    def _deploy(self, cli: CdkCli, state: State, unless: Callable[[Assembly, Mapping[str, Json]], bool] | None = None) -> bool:
        source = self._synthesize(cli, _target(state))
        account, region = source.environment(self._stacks)
        wanted = (account or Target.account, region or Target.region)
        if (state.account, state.region) != wanted:
            self._end()
            state = emulator.start(Target(state.port, *wanted), self.directory, auth=self._auth)
        target = _target(state)
        check_tables(source, target, stacks=self._stacks, report=self._report, waves=self._waves)
        before = deployed_templates(target)
        adapted = adapted_copy(source, self.directory.adapted, target)
        changed = [stack.name for stack in adapted.stacks(self._stacks) if before.get(stack.name) != stack.template]
        if changed and not (before and unless and unless(source, before)):
            for left_out in source.left_out():
                self._report(f"left out, for the embedded AWS does not have it: {left_out}")
            with step(self._report, f"deploying {', '.join(changed)}"):
                deploy(cli, source, target, self.directory, stacks=self._stacks, waves=self._report if self._waves else None)
            Control(state).save()
        else:
            changed = []
        found = [vars(endpoint) for endpoint in endpoints(source.stacks(), deployed_outputs(target))]
        self.directory.write(replace(state, endpoints=found))
        return bool(changed)

    def _synthesize(self, cli: CdkCli, target: Target) -> Assembly:
        if self._assembly is not None:
            return Assembly(self._assembly)
        self.directory.synth_began.touch()
        with step(self._report, "synthesizing"):
            cli.synth(self.directory.synthesized, target, app=self._app)
        for warning in self.synthesized.warnings():
            if warning not in self._told:
                self._told.add(warning)
                self._report(f"warning: {warning}")
        return self.synthesized


def _target(state: State) -> Target:
    return Target(state.port, state.account, state.region, state.secret)
