"""Changes of DynamoDB tables: what AWS answers to them, told before a deploy, and what the emulator leaves undone, done after it."""

from gateleg.local.tables.check import check_tables
from gateleg.local.tables.settings import settle_tables

__all__ = ["check_tables", "settle_tables"]
