"""Walks the updates of `waves` one after the other, and waits for every index between them.

What is done is asked of AWS before each step, and nothing is remembered: a walk that was killed is begun anew and goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from gateleg.changes.tables import GLOBAL, text
from gateleg.changes.template import TABLES, listed, resources
from gateleg.changes.waves import Wave, waves
from gateleg.errors import ChangeRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateleg.changes.template import Json

_FIRST_PAUSE: Final = 2.0
"""CloudFormation does not wait for an index, and for a moment DynamoDB does not say that there is one."""
_LONGEST_PAUSE: Final = 30.0


@dataclass(frozen=True)
class LiveTable:
    """A table as DynamoDB describes it in one region.

    Attributes:
        name: Its physical name, and the region where there are several.
        status: `ACTIVE`, `UPDATING`, ...
        indexes: The status of each global index, by name.
        backfilling: The indexes that are being filled.
    """

    name: str
    status: str
    indexes: Mapping[str, str] = field(default_factory=dict[str, str])
    backfilling: frozenset[str] = frozenset()

    @property
    def waits(self) -> list[str]:
        """What is not ready, in words; nothing where all is."""
        own = [] if self.status == "ACTIVE" else [f"{self.name} is {self.status}"]
        late = {name: status for name, status in self.indexes.items() if status != "ACTIVE" or name in self.backfilling}
        return own + [
            f"index {name} of {self.name} is {'being filled' if name in self.backfilling else status}" for name, status in late.items()
        ]


class Site(Protocol):
    """Where stacks are deployed."""

    def template(self, stack: str) -> Json | None:
        """The template of a stack that stands, once no update of it is at work; `None` if there is none."""
        ...

    def tables(self, stack: str) -> Mapping[str, Sequence[LiveTable]]:
        """The tables of a stack as they are in each region, by logical id."""
        ...

    def deploy(self, templates: Mapping[str, Json], stacks: Sequence[str]) -> None:
        """Deploy stacks, some of them with other templates than the assembly's."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait."""
        ...


def walk(site: Site, targets: Mapping[str, Json], report: Callable[[str], None]) -> None:
    """Deploy stacks, one index change an update.

    Args:
        site: Where to.
        targets: The template that each stack shall have, by its name.
        report: Takes one short line of progress at a time.

    Raises:
        ChangeRefusedError: The indexes of a table are others than its template says, or those in between do not fit together.
    """
    for stack, target in targets.items():
        _steps(site, stack, target, report, "create")
    templates = dict(_switched(site, targets))
    if templates:
        report(f"deploying {', '.join(templates)}")
        site.deploy(templates, list(templates))
        site.pause(_FIRST_PAUSE)
    for stack, target in targets.items():
        _steps(site, stack, target, report, "drop")


def _steps(site: Site, stack: str, target: Json, report: Callable[[str], None], phase: str) -> None:
    while (deployed := site.template(stack)) is not None:
        left = [wave for wave in waves(deployed, target) if wave.phase == phase]
        # First, because who was killed before may have left an index that is still being made.
        _settle(site, stack, report)
        if not left:
            return
        _check_live(site, stack, deployed)
        report(f"{left[0].said} in {stack}" + (f", {len(left) - 1} more to come" if left[1:] else ""))
        site.deploy({stack: left[0].template(deployed, target)}, [stack])
        site.pause(_FIRST_PAUSE)


def _switched(site: Site, targets: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the stacks that are not yet as they shall be, but for indexes that are still to be dropped."""
    for stack, target in targets.items():
        deployed = site.template(stack)
        template = target if deployed is None else _switch(waves(deployed, target)).template(deployed, target)
        if deployed != template:
            yield stack, template


def _switch(found: Sequence[Wave]) -> Wave:
    return next(wave for wave in found if wave.phase == "switch")


def _settle(site: Site, stack: str, report: Callable[[str], None]) -> None:
    """Wait until no table of a stack is at work; a table that AWS takes hours for is waited for as long."""
    pause, told = _FIRST_PAUSE, ""
    while late := [line for tables in site.tables(stack).values() for table in tables for line in table.waits]:
        if (line := "; ".join(late)) != told:
            told = line
            report(f"waiting: {line}")
        site.pause(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _check_live(site: Site, stack: str, deployed: Json) -> None:
    declared = dict(resources(deployed, *TABLES))
    for name, tables in site.tables(stack).items():
        wanted = {text(index.get("IndexName")) for index in listed(declared.get(name, {}).get("Properties", {}), GLOBAL)}
        for table in tables:
            if stranded := sorted(table.indexes.keys() - wanted):
                message = (
                    f"{table.name} has the index {', '.join(stranded)}, which the deployed template of {stack} does not: a rollback left it, or "
                    "somebody made it; delete it, and run the command again"
                )
                raise ChangeRefusedError(message, path=table.name, value=stranded)
            if missing := sorted(wanted - table.indexes.keys()):
                message = (
                    f"{table.name} lacks the index {', '.join(missing)}, which the deployed template of {stack} has: somebody deleted it; make it "
                    "again as the template has it, and run the command again"
                )
                raise ChangeRefusedError(message, path=table.name, value=missing)
