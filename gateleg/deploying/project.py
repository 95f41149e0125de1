"""A project that is deployed to AWS: planned, judged, walked and locked."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.changes.assembly import assembled_stacks
from gateleg.changes.judgement import judge_assembly
from gateleg.changes.lock import FILE, Entry, Lock
from gateleg.changes.shape import read_shape
from gateleg.changes.walk import walk
from gateleg.deploying.account import Account
from gateleg.deploying.text import plan_lines
from gateleg.errors import ChangeRefusedError, LockError
from gateleg.local.assembly import Assembly
from gateleg.local.cdk_cli import CdkCli
from gateleg.local.state import StateDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateleg.changes.assembly import AssembledStack
    from gateleg.changes.change import Change
    from gateleg.changes.judgement import Judgement
    from gateleg.changes.walk import Site

_CONTEXT = ("--context", "gateleg:changes=judged")


class DeployProject:
    """A project as the commands that deploy it see it.

    Args:
        project: The directory that holds `cdk.json` and the lock.
        app: The app command, in place of `cdk.json`'s.
        assembly: A directory that `cdk synth` wrote, in place of synthesizing.
        stacks: Names or patterns of stacks; all if there are none.
        stage: The stage, where stacks of one name are deployed to several places.
        profile: The profile of the user's AWS configuration.
        report: Takes one short line of progress at a time.
    """

    def __init__(
        self,
        project: Path | str = ".",
        *,
        app: str | None = None,
        assembly: Path | str | None = None,
        stacks: Sequence[str] = (),
        stage: str | None = None,
        profile: str | None = None,
        report: Callable[[str], None],
    ) -> None:
        self.project: Path = Path(project).resolve()
        self.file: Path = self.project / FILE
        self._directory = StateDirectory(self.project / ".gateleg" / "deploy")
        self._app = app
        self._assembly = Path(assembly).resolve() if assembly else None
        self._chosen = tuple(stacks)
        self._stage = stage
        self._profile = profile
        self._report = report
        self._all: list[AssembledStack] = []

    def plan(self, *, deployed: bool = False) -> tuple[list[str], bool]:
        """Say what a deploy would change.

        Args:
            deployed: Whether to compare with what CloudFormation says, and not with the lock.

        Returns:
            The lines of the plan, and whether a deploy is refused.

        Raises:
            LockError: The lock cannot be read.
            DeployError: Synthesis failed, or AWS cannot be asked.
        """
        with self._directory.locked():
            stacks = self._synthesized()
            lock = self._lock()
            before = self._deployed(lock, stacks, self._site(stacks, ())) if deployed else lock
        judgement = self._judged(before, stacks)
        lines = list(plan_lines(judgement, stacks, before, "what is deployed" if deployed else FILE, self._stage))
        return lines, bool(judgement.refused or judgement.stale)

    def lock(self, *, deployed: bool = False) -> None:
        """Write into the lock what the app declares, which the plan must not refuse, as what is deployed; or what CloudFormation says is.

        Raises:
            ChangeRefusedError: The lock has something that the app would lose.
            LockError: The lock cannot be read or written.
            DeployError: Synthesis failed, or AWS cannot be asked.
        """
        with self._directory.locked():
            stacks = self._synthesized()
            lock = self._lock()
            if deployed:
                found = self._deployed(lock, stacks, self._site(stacks, ()))
                fresh = {address: entry.shape for address, entry in found.entries.items() if entry is not lock.entries.get(address)}
                lock = Lock({address: entry for address, entry in lock.entries.items() if address in found.entries})
            else:
                judgement = self._judged(lock, stacks)
                self._refuse(
                    [*judgement.refused, *judgement.waves],
                    "nothing was written; deploy it first, or write what is deployed: gateleg lock --deployed",
                )
                fresh = {stack.address(self._stage): stack.shape for stack in stacks}
            lock.with_shapes(fresh).write(self.file)
            source = "as CloudFormation has it" if deployed else "as the app declares it"
            self._report(f"wrote {', '.join(sorted(fresh)) or 'nothing'} into {FILE}, {source}; commit it")

    def deploy(self, *, waves: bool = False, options: Sequence[str] = ()) -> None:
        """Deploy what the plan does not refuse, then write the lock.

        Args:
            waves: Whether index changes of a table are deployed one at a time.
            options: Further options of `cdk deploy`.

        Raises:
            ChangeRefusedError: A change would lose data or safety, or there are several index changes and no `waves`; nothing was deployed.
            LockError: The lock cannot be read or written.
            DeployError: Synthesis or the deploy failed.
        """
        with self._directory.locked():
            stacks = self._synthesized()
            site = self._site(stacks, options)
            lock = self._lock()
            self._judge(self._judged(self._deployed(lock, stacks, site), stacks), waves=waves)
            targets = {stack.name: stack.template for stack in stacks}
            if waves:
                walk(site, targets, self._report)
            else:
                site.deploy({}, list(targets))
            lock.with_shapes({stack.address(self._stage): stack.shape for stack in stacks}).write(self.file)
            self._report(f"wrote {FILE}; commit it")

    def _judged(self, lock: Lock, stacks: Sequence[AssembledStack]) -> Judgement:
        ids = {stack.id for stack in stacks}
        return judge_assembly(lock, stacks, self._stage, beside=[stack for stack in self._all if stack.id not in ids])

    def _judge(self, judgement: Judgement, *, waves: bool) -> None:
        for change in judgement.changes:
            if change.verdict == "told":
                self._report(f"note: {change.message}")
        refused = judgement.refused if waves else [*judgement.refused, *judgement.waves]
        self._refuse(refused, "nothing was deployed; to go on nevertheless: acknowledge_change(stack, '...', reason=...)")
        if judgement.stale:
            stale = ", ".join(repr(one.id) for one in judgement.stale)
            message = f"acknowledged and not changed: {stale}; take it out of the stack; nothing was deployed"
            raise ChangeRefusedError(message, changes=[one.id for one in judgement.stale], code="changes.stale")

    def _refuse(self, changes: Sequence[Change], instead: str) -> None:
        if changes:
            lines = "".join(f"\n- {change.id}: {change.message}" for change in changes)
            raise ChangeRefusedError(f"{instead}:{lines}", changes=[change.id for change in changes])

    def _deployed(self, lock: Lock, stacks: Sequence[AssembledStack], site: Site) -> Lock:
        """Return the lock as CloudFormation has it; what templates do not tell is what the lock says."""
        entries = dict(lock.entries)
        for stack in stacks:
            address = stack.address(self._stage)
            old, template = entries.pop(address, None), site.template(stack.name)
            if template is None:
                continue
            shape = read_shape(stack.name, template, stack.environment)
            if old is not None:
                nested = {name: resource for name, resource in old.shape.resources.items() if "/" in name}
                shape = replace(shape, resources={**shape.resources, **nested}, forms=old.shape.forms)
            entries[address] = Entry(shape, old.times if old else {})
        return Lock(entries)

    def _lock(self) -> Lock:
        return Lock.read(self.file) or Lock()

    def _site(self, stacks: Sequence[AssembledStack], options: Sequence[str]) -> Site:
        assembly = Assembly(self._assembly or self._directory.synthesized)
        return Account(self._cli(), assembly, self._directory.wave, stacks, profile=self._profile, options=options)

    def _synthesized(self) -> list[AssembledStack]:
        if self._assembly is None:
            stage = ["--context", f"gateleg:stage={self._stage}"] if self._stage else []
            profile = ["--profile", self._profile] if self._profile else []
            app = ["--app", self._app] if self._app else []
            output = str(self._directory.synthesized)
            self._cli().run_as_user(["synth", "--quiet", "--output", output, *_CONTEXT, *stage, *profile, *app])
        self._all = found = assembled_stacks(self._assembly or self._directory.synthesized)
        chosen = [
            stack
            for stack in found
            if not self._chosen or any(fnmatchcase(name, one) for name in (stack.id, stack.name) for one in self._chosen)
        ]
        if not chosen:
            message = f"no stack is called {', '.join(self._chosen)}; the assembly has {', '.join(stack.id for stack in found) or 'none'}"
            raise LockError(message, path="--stack", value=self._chosen)
        return chosen

    def _cli(self) -> CdkCli:
        return CdkCli(self.project, self._directory.path / "cdk-home")
