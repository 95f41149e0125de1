"""The way to DynamoDB from asyncio: a transport that waits, in threads of its own, so that the event loop does not."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol

from gateleg.store.transport import taking

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store.transport import Transport

THREADS = 10
"""As many as a boto3 client keeps connections."""


class AsyncTransport(Protocol):
    """Sends one request, once, without holding up the event loop."""

    async def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to `operation`, as `gateleg.store.Transport.call` gives it.

        Raises:
            Exception: What `gateleg.store.Transport.call` raises.
        """
        ...


class ThreadTransport:
    """Sends through a transport that waits, each request in a thread. docs/adr/0001-async-client.md says why.

    A task that is cancelled while it awaits an answer leaves the request under way: a write may be done all the same.

    Args:
        inner: The transport; several threads use it at once.
        threads: How many requests are under way at once; the others wait for their turn. A client for more than 10 needs
            `Config(max_pool_connections=...)`.
    """

    def __init__(self, inner: Transport, threads: int = THREADS) -> None:
        self._inner = inner
        self._threads = threads

    async def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer to an operation."""
        return await self._threaded(partial(self._inner.call, operation, params))

    async def call_each(self, operation: str, params: dict[str, Any], each: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The answer to an operation; where the transport can, with a `transport_items.Taken` in place of its items.

        Args:
            operation: The operation.
            params: Its parameters.
            each: What is made of an item as soon as it is read, in the thread that reads it; it may be asked twice.
        """
        takes = taking(self._inner)
        ask = partial(self._inner.call, operation, params) if takes is None else partial(takes, operation, params, each)
        return await self._threaded(ask)

    async def _threaded(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        context = copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: context.run(ask))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "gateleg-store")
