"""`AsyncDirectTransport`: the same for asyncio, in threads. docs/adr/0005-direct-transport.md says why in threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from gateleg.store.direct.transport import DirectTransport
from gateleg.store.transport_threads import THREADS, ThreadTransport

if TYPE_CHECKING:
    from types import TracebackType

    from gateleg.aws.environment import Credentials


class AsyncDirectTransport(ThreadTransport):
    """`DirectTransport` for asyncio: `AsyncStore(CHAT, transport=AsyncDirectTransport())`.

    Its connections outlive the event loop, so a handler that runs `asyncio.run(...)` for each event finds them open. A task that is
    cancelled while it awaits an answer leaves the request under way: a write may be done all the same.

    Args:
        endpoint: The endpoint's URL; by default what the environment says, or the region's own.
        region: The region; by default the environment's.
        credentials: botocore's credentials; by default those it would find.
        threads: How many requests are under way at once; the others wait for their turn. As many connections are kept.
        connect_seconds: How long a connection may take to open.
        read_seconds: How long DynamoDB may be silent.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        credentials: Credentials | None = None,
        threads: int = THREADS,
        connect_seconds: float = 1.0,
        read_seconds: float = 3.0,
    ) -> None:
        self._direct = DirectTransport(
            endpoint=endpoint,
            region=region,
            credentials=credentials,
            connections=threads,
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
        )
        super().__init__(self._direct, threads)

    def __repr__(self) -> str:
        return f"Async{self._direct!r}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the connections; requests under way are answered first. Used after that, the transport opens one for each request."""
        self._direct.close()
