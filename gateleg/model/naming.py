"""The names that constructs and run time agree on."""

from __future__ import annotations

import re


def table_variable(table: str) -> str:
    """The environment variable that holds the physical name of the table declared as `table`: `GATELEG_TABLE_CHAT`."""
    return f"GATELEG_TABLE_{_shout(table)}"


def cursor_secret_variable(table: str) -> str:
    """The environment variable that holds the ARN of the secret that signs the table's cursors: `GATELEG_CURSOR_SECRET_CHAT`."""
    return f"GATELEG_CURSOR_SECRET_{_shout(table)}"


def _shout(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())
