"""One thing that an account needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCS = "https://docs.aws.amazon.com/"


class When(StrEnum):
    """When it matters."""

    REFUSED = "AWS would refuse this template"
    DEPLOY = "before deploying"
    LAUNCH = "before launching"
    LATER = "to keep in mind"


@dataclass(frozen=True)
class Need:
    """One thing that an account needs.

    Attributes:
        id: What it is called, such as `bootstrap`; the same from release to release.
        when: When it matters.
        title: What must be so.
        reason: Why, with what the template says.
        resources: The logical ids that it is about.
        check: The command that tells whether it is so; empty where none does.
        do: The command, or what else is to be done, where it is not so.
        page: AWS's page about it.
    """

    id: str
    when: When
    title: str
    reason: str
    resources: tuple[str, ...] = ()
    check: str = ""
    do: str = ""
    page: str = ""


def merged(needs: Iterable[Need]) -> list[Need]:
    """The needs, each once with the resources of all; what matters first comes first."""
    found: dict[Need, list[str]] = {}
    for need in needs:
        found.setdefault(replace(need, resources=()), []).extend(need.resources)
    once = [replace(need, resources=tuple(dict.fromkeys(names))) for need, names in found.items()]
    return sorted(once, key=lambda need: list(When).index(need.when))
