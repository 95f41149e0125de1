"""How items are read and written. botocore is imported with the first request, asyncio with `AsyncStore`, not before; boto3 never."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateleg.model.queries.consumed import Reading
from gateleg.store.patience import Patience
from gateleg.store.prepared import Prepared
from gateleg.store.results import Results
from gateleg.store.store import Store
from gateleg.store.transport import BotocoreTransport, Transport

if TYPE_CHECKING:
    from gateleg.store.async_results import AsyncResults
    from gateleg.store.async_store import AsyncStore, AsyncTransaction
    from gateleg.store.dax import DaxTransport
    from gateleg.store.direct.async_transport import AsyncDirectTransport
    from gateleg.store.direct.transport import DirectTransport
    from gateleg.store.dynamodb_client import DynamoDBClient
    from gateleg.store.explanation import Explanation
    from gateleg.store.scan import Scan
    from gateleg.store.tenants import Tenants
    from gateleg.store.transaction import Transaction
    from gateleg.store.transport_threads import AsyncTransport, ThreadTransport

__all__ = [
    "AsyncDirectTransport",
    "AsyncResults",
    "AsyncStore",
    "AsyncTransaction",
    "AsyncTransport",
    "BotocoreTransport",
    "DaxTransport",
    "DirectTransport",
    "DynamoDBClient",
    "Explanation",
    "Patience",
    "Prepared",
    "Reading",
    "Results",
    "Scan",
    "Store",
    "Tenants",
    "ThreadTransport",
    "Transaction",
    "Transport",
]

_LATER = {
    "AsyncDirectTransport": "direct.async_transport",
    "AsyncResults": "async_results",
    "AsyncStore": "async_store",
    "AsyncTransaction": "async_store",
    "AsyncTransport": "transport_threads",
    "DaxTransport": "dax",
    "DirectTransport": "direct.transport",
    "DynamoDBClient": "dynamodb_client",
    "Explanation": "explanation",
    "Scan": "scan",
    "Tenants": "tenants",
    "ThreadTransport": "transport_threads",
    "Transaction": "transaction",
}


def __getattr__(name: str) -> Any:
    # Most handlers await nothing, and many neither scan nor transact: they need not pay for that at their cold start.
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
