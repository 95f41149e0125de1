"""All that templates need of an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.doctor.account import account
from gateleg.doctor.names import names
from gateleg.doctor.need import Need, merged
from gateleg.doctor.outside import outside
from gateleg.doctor.quotas import quotas
from gateleg.doctor.regions import regions
from gateleg.template.canonical import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateleg.template.stack_template import StackTemplate


def examined(templates: Sequence[StackTemplate], *, region: str | None = None) -> list[Need]:
    """What the templates need, each thing once, what matters first in front.

    Args:
        templates: Of one synth, or one.
        region: Where they are deployed to; what the assembly says of each stack without it.
    """
    return merged(need for template in templates for need in _of(template, region or region_of(template)))


def region_of(template: StackTemplate) -> str | None:
    """The region of a stack, where its assembly says one."""
    if template.assembly is None:
        return None
    for file in (template.assembly, *sorted(template.assembly.glob("assembly-*"))):
        artifacts = mapping(json.loads((Path(file) / "manifest.json").read_text(encoding="utf-8")).get("artifacts"))
        for name, artifact in artifacts.items():
            said = mapping(artifact).get("displayName", name)
            if str(said).partition(" ")[0] == template.name and "environment" in artifact:
                region = str(artifact["environment"]).rpartition("/")[2]
                return None if region == "unknown-region" else region
    return None


def _of(template: StackTemplate, region: str | None) -> Iterator[Need]:
    for check in (account, outside, names, quotas):
        yield from check(template)
    yield from regions(template, region)
