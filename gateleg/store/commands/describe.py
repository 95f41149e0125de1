"""Asking what a table is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from gateleg.store.commands.base import Command


@dataclass(frozen=True)
class DescribeTable(Command["dict[str, Any]"]):
    """What DynamoDB says of a table: its ARN, its id, its indexes, and about how much is in it."""

    operation: ClassVar[str] = "DescribeTable"

    @property
    def reads(self) -> bool:
        """Nothing is changed."""
        return True

    def params(self, table_name: str) -> dict[str, Any]:
        """The request."""
        return {"TableName": table_name}

    def result(self, response: dict[str, Any]) -> dict[str, Any]:
        """The description."""
        found: dict[str, Any] = response["Table"]
        return found
