"""How items are read and written. boto3 is imported with the first request, not before."""

from gateleg.store.results import Results
from gateleg.store.sender import Patience
from gateleg.store.store import Store
from gateleg.store.transaction import Transaction
from gateleg.store.transport import BotocoreTransport, Transport

__all__ = ["BotocoreTransport", "Patience", "Results", "Store", "Transaction", "Transport"]
