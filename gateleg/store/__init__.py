"""How items are read and written. boto3 is imported with the first request, not before."""

from gateleg.model.reading import Reading
from gateleg.store.explanation import Explanation
from gateleg.store.prepared import Prepared
from gateleg.store.results import Results
from gateleg.store.scan import Scan
from gateleg.store.sender import Patience
from gateleg.store.store import Store
from gateleg.store.transaction import Transaction
from gateleg.store.transport import BotocoreTransport, Transport

__all__ = ["BotocoreTransport", "Explanation", "Patience", "Prepared", "Reading", "Results", "Scan", "Store", "Transaction", "Transport"]
