"""The way to DynamoDB by a DAX cluster, through Amazon's own client of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gateleg.description.names import DAX_VARIABLE
from gateleg.errors import BindingError, GatelegError
from gateleg.parts import require
from gateleg.store.transport import method_name

if TYPE_CHECKING:
    from typing import Self

_OPERATIONS = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
_NOT_SENT = frozenset({"NoRouteException"})
_UNANSWERED = frozenset(
    {"ConnectionException", "EndOfStreamException", "DecoderException", "MalformedResultException", "InternalServerErrorException"}
)


class DaxTransport:
    """Sends by a DAX cluster: reads that may be a little old come from its memory, writes go through it.

    It sends each request once; the store repeats those that may be sent twice. What the cluster does not answer is unknown, as it is with the
    other transports. There is no PartiQL. Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.client.html.

    Args:
        endpoint: The discovery endpoint, `daxs://...`; that of the function's cluster (`DaxCluster.connect`) unless given.
        client: An `AmazonDaxClient` that is there already; it should not try again by itself.

    Raises:
        BindingError: At the first request: nothing says where the cluster is.
        PartMissingError: At the first request: Amazon's client is not installed; `gateleg[dax]` brings it.
    """

    def __init__(self, endpoint: str | None = None, *, client: Any = None) -> None:
        self._endpoint = endpoint
        self._client = client

    def __enter__(self) -> Self:
        """The transport itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End its connections."""
        self.close()

    def close(self) -> None:
        """End its connections."""
        if self._client is not None:
            self._client.close()

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to an operation.

        Raises:
            BindingError: DAX does not have the operation, or nothing says where the cluster is.
            PartMissingError: Amazon's client is not installed.
        """
        if operation not in _OPERATIONS:
            message = f"DAX has no {operation}; let it go to the table itself, by a store without transport=DaxTransport()"
            raise BindingError(message, path="DaxTransport", value=operation)
        try:
            # The client looks for the cluster's nodes as it is made.
            answer: dict[str, Any] = getattr(self._bound(), method_name(operation))(**params)
        except GatelegError:
            raise
        except Exception as error:
            raise _as_botocore(error) from error
        return answer

    def _bound(self) -> Any:
        if self._client is None:
            endpoint = self._endpoint or os.environ.get(DAX_VARIABLE)
            if not endpoint:
                message = f"nothing says where the DAX cluster is: {DAX_VARIABLE} is not set; connect the function to a DaxCluster, or write DaxTransport('daxs://...')"
                raise BindingError(message, path=DAX_VARIABLE)
            self._client = _amazons(endpoint)
        return self._client


def _amazons(endpoint: str) -> Any:
    require("dax", "DaxTransport", "amazondax")
    from importlib import import_module

    from botocore.config import Config

    from gateleg.aws.session import session

    kind: Any = import_module("amazondax").AmazonDaxClient
    # Of itself it would send a write again that may be done.
    config = Config(retries={"max_attempts": 0}, connect_timeout=1, read_timeout=3)
    return kind(session(), endpoint_url=endpoint, config=config)


def _as_botocore(error: Exception) -> Exception:
    """The same failure as botocore tells it, so that what is known of a write is said by one table."""
    from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

    response: dict[str, Any] | None = getattr(error, "response", None)
    code = str(response.get("Error", {}).get("Code", "")) if response is not None else ""
    if code in _NOT_SENT:
        return EndpointConnectionError(endpoint_url="DAX", error=error)
    # What has neither a code nor a cause of its own says nothing of whether a write is done.
    if code in _UNANSWERED or isinstance(error, OSError) or (response is not None and not code):
        return ConnectionClosedError(endpoint_url="DAX", error=error)
    reasons: list[Any] = getattr(error, "cancellation_reasons", None) or []
    if response is not None and reasons and all(isinstance(reason, dict) for reason in reasons):
        response.setdefault("CancellationReasons", reasons)
    return error
