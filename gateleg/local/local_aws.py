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
from gateleg.local.deploy import deploy, read_outputs
from gateleg.local.endpoints import Endpoint, endpoints
from gateleg.local.state import State, StateDirectory
from gateleg.local.template import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from gateleg.local.template import Json


def _silent(line: str) -> None:
    del line


class LocalAws:
    """A project deployed onto an embedded AWS on 127.0.0.1, by the real CDK CLI.

    As a context manager it is up inside the block and down after it::

        with LocalAws("path/to/project", port=0) as aws:
            httpx.get(aws.endpoint("rest").url)

    Args:
        project: The directory that holds `cdk.json`.
        port: The port of the embedded AWS. 0 takes a free one; `None` means the running one's, or 4566.
        auth: Whether IAM is enforced on every call, the functions' own included.
        app: The app command, in place of `cdk.json`'s.
        assembly: A directory that `cdk synth` wrote, in place of synthesizing.
        stacks: Names or patterns of the stacks to deploy; all if there are none.
        directory: Where state is kept; `.gateleg/local` of the project by default.
        report: Takes one short line of progress at a time; by default they go nowhere.
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
        report: Callable[[str], None] = _silent,
    ) -> None:
        self.project = Path(project).resolve()
        self.directory = StateDirectory(Path(directory or self.project / ".gateleg" / "local").resolve())
        self._port = port
        self._auth = auth
        self._app = app
        self._assembly = Path(assembly).resolve() if assembly else None
        self._stacks = tuple(stacks)
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
            LocalError: None runs.
        """
        state = self._running()
        if state is None:
            raise LocalError("no embedded AWS runs for this project; run: gateleg local up", code="local.not_running")
        return state

    @property
    def running(self) -> bool:
        """Whether an embedded AWS runs for this project."""
        return self._running() is not None

    @property
    def target(self) -> Target:
        """The running embedded AWS as port, account and region."""
        state = self.state
        return Target(state.port, state.account, state.region)

    @property
    def endpoint_url(self) -> str:
        """Where every AWS API answers, for a client's `endpoint_url`."""
        return self.target.endpoint_url

    @property
    def outputs(self) -> Mapping[str, Mapping[str, str]]:
        """The stacks' outputs, by stack and output name, with local URLs."""
        return self.state.outputs

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
        """Return the first endpoint of a kind: `rest`, `websocket` or `docs`.

        Raises:
            LocalError: No stack has an output with such a URL.
        """
        for endpoint in self.endpoints:
            if endpoint.kind == kind:
                return endpoint
        raise LocalError(f"no stack has an output with a {kind} URL; the outputs are: {dict(self.outputs)}", value=kind)

    def client(self, service: str) -> Any:
        """Return a boto3 client of the embedded AWS as its root, whom IAM refuses nothing."""
        return client(service, self.target)

    def up(self) -> None:
        """Start the embedded AWS unless it runs, synthesize, and deploy what changed.

        Raises:
            PortTakenError: Another program listens on the port.
            ToolMissingError: Node, the CDK CLI or the emulator is not installed.
            DeployError: Synthesis or the deploy failed.
            LocalError: Another command is at work, or the emulator does not start.
        """
        self._require_app()
        cli = self._cli()
        with self.directory.locked():
            before = self._usable()
            state = before or self._start()
            if self._assembly is None:
                self._report("synthesizing")
            try:
                if not self._deploy(cli, state):
                    self._report("nothing changed")
            except BaseException:
                if before is None:
                    self._stop(self.directory.read() or state)
                raise

    def redeploy(self, *, unless: Callable[[Assembly, Mapping[str, Json]], bool] | None = None) -> bool:
        """Synthesize again and deploy what changed onto the running embedded AWS; return whether anything was deployed.

        Args:
            unless: Given the synthesized assembly and the adapted templates of the last deploy by stack, says that all changes are live already.

        Raises:
            DeployError: Synthesis or the deploy failed.
            LocalError: None runs, or another command is at work.
        """
        with self.directory.locked():
            return self._deploy(self._cli(), self.state, unless)

    def down(self) -> bool:
        """Stop the embedded AWS and forget what was deployed; return whether one ran."""
        with self.directory.locked():
            state = self.directory.read()
            if state is None:
                return False
            ran = emulator.running(state.pid, state.port)
            self._stop(state)
            return ran

    def _require_app(self) -> None:
        if self._assembly is not None:
            Assembly(self._assembly)
        elif self._app is None and not (self.project / "cdk.json").is_file():
            raise LocalError(
                f"no cdk.json in {self.project}; go to the project's directory, or give --app or --assembly", value=str(self.project)
            )

    def _cli(self) -> CdkCli:
        return CdkCli(self.project, self.directory.path / "cdk-home")

    def _running(self) -> State | None:
        state = self.directory.read()
        return state if state and emulator.running(state.pid, state.port) else None

    def _usable(self) -> State | None:
        """Return the running emulator if it is as asked; stop one that enforces IAM otherwise; forget one that is gone."""
        state = self._running()
        if state is None:
            self.directory.forget()
            return None
        if self._port not in (None, 0, state.port):
            raise LocalError(f"the embedded AWS runs on port {state.port}, not {self._port}; run: gateleg local down", value=self._port)
        if state.auth != self._auth:
            self._report("starting the embedded AWS anew, for IAM is asked for otherwise than before")
            self._stop(state)
            self._port = state.port
            return None
        return state

    def _start(self) -> State:
        port = emulator.DEFAULT_PORT if self._port is None else self._port or emulator.free_port()
        self._report(f"starting the embedded AWS on 127.0.0.1:{port}" + ("" if self._auth else " without IAM"))
        return self._start_for(Target(port))

    def _start_for(self, target: Target) -> State:
        pid = emulator.start(target, auth=self._auth, log=self.directory.emulator_log, temporary=self.directory.temporary)
        state = State(pid=pid, port=target.port, auth=self._auth, account=target.account, region=target.region)
        self.directory.write(state)
        return state

    def _stop(self, state: State) -> None:
        emulator.stop(state.pid)
        self.directory.forget()
        self.directory.outputs.unlink(missing_ok=True)
        shutil.rmtree(self.directory.temporary, ignore_errors=True)
        self.directory.make()

    def _deploy(self, cli: CdkCli, state: State, unless: Callable[[Assembly, Mapping[str, Json]], bool] | None = None) -> bool:
        source = self._synthesize(cli, Target(state.port))
        account, region = source.environment(self._stacks)
        target = Target(state.port, account or Target.account, region or Target.region)
        if (state.account, state.region) != (target.account, target.region):
            self._stop(state)
            state = self._start_for(target)
        before = Assembly(self.directory.adapted).templates() if unless and state.signature else {}
        adapted = adapted_copy(source, self.directory.adapted, target)
        signature = adapted.signature(self._stacks)
        if signature == state.signature:
            return False
        if before and unless and unless(source, before):
            self.directory.write(replace(state, signature=signature))
            return False
        for left_out in source.left_out():
            self._report(f"left out, for the embedded AWS does not have it: {left_out}")
        self._report("deploying " + ", ".join(self._stacks or [stack.name for stack in source.stacks()]))
        deploy(cli, source, target, self.directory, stacks=self._stacks)
        outputs = {**state.outputs, **read_outputs(self.directory)}
        found = [vars(endpoint) for endpoint in endpoints(source.stacks(), outputs)]
        deployed = replace(state, outputs=outputs, endpoints=found, signature=signature)
        self.directory.write(deployed)
        return True

    def _synthesize(self, cli: CdkCli, target: Target) -> Assembly:
        if self._assembly is not None:
            return Assembly(self._assembly)
        self.directory.synth_began.touch()
        cli.synth(self.directory.synthesized, target, app=self._app)
        return self.synthesized
