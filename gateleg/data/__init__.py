"""Operations on the data of whole tables: backfills, exports, imports, seeds."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateleg.data.backfilling import backfill
    from gateleg.data.exporting import export_items
    from gateleg.data.importing import import_items
    from gateleg.data.progress import Progress
    from gateleg.data.rate import Rate
    from gateleg.data.rejection import Rejection
    from gateleg.data.seeds import Seeds, seed

__all__ = ["Progress", "Rate", "Rejection", "Seeds", "backfill", "export_items", "import_items", "seed"]

_WHERE = {
    "Progress": "progress",
    "Rate": "rate",
    "Rejection": "rejection",
    "Seeds": "seeds",
    "backfill": "backfilling",
    "export_items": "exporting",
    "import_items": "importing",
    "seed": "seeds",
}


def __getattr__(name: str) -> Any:
    # The command line knows the names of all commands, and pays for the one that runs.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
