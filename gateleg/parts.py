"""The parts of gateleg that its extras install, and what is said where one is missing."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def require(part: str, who: str, *modules: str) -> None:
    """Check that the modules of a part are installed.

    Args:
        part: The extra that installs them: `cdk`, `dax`, `local`, `monitoring`, `parquet` or `testing`.
        who: What needs them, for the message.
        modules: Their top-level names.

    Raises:
        PartMissingError: One of them is not there.
    """
    for module in modules:
        if module not in sys.modules and find_spec(module) is None:
            from gateleg.errors import PartMissingError

            message = f"{who} needs {module}, which is not installed; run: pip install 'gateleg[{part}]'"
            raise PartMissingError(message, path=who, value=module)
