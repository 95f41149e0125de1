"""Changes of what is deployed, judged before they are made.

On plain data: constructs, the command line, the local run and your own tests ask the same rules. `docs/changes.md` says what they are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateleg.changes.assembly import AssembledStack, assembled_stacks
    from gateleg.changes.change import Acknowledgement, Change
    from gateleg.changes.judgement import Judgement, judge_assembly
    from gateleg.changes.lock import Lock

__all__ = ["Acknowledgement", "AssembledStack", "Change", "Judgement", "Lock", "assembled_stacks", "judge_assembly"]

_HOMES = {
    "Acknowledgement": "change",
    "AssembledStack": "assembly",
    "Change": "change",
    "Judgement": "judgement",
    "Lock": "lock",
    "assembled_stacks": "assembly",
    "judge_assembly": "judgement",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
